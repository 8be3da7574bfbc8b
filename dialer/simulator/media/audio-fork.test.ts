import type { AddressInfo } from 'node:net';
import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { misbehaviourSchema } from '../options.ts';
import { CALLEE_URI, callOptions, hangUp, newEndpoint, persona } from '../testing/real-clients.ts';
import { requestOf, TestBench } from '../testing/test-bench.ts';

let bench: TestBench;

beforeEach(() => {
  bench = new TestBench();
});
afterEach(() => bench.close());

describe('audio forks', () => {
  interface Listening {
    readonly url: string;
    readonly texts: string[];
    readonly socket: Promise<WebSocket>;
    /** At least so many samples of what has come in. */
    samples(count: number): Promise<Int16Array>;
  }

  function listen(): Promise<Listening> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    bench.atEnd(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const texts: string[] = [];
    const audio: Buffer[] = [];
    let bytes = 0;
    let check = (): void => undefined;
    const socket = new Promise<WebSocket>((resolve) => {
      server.on('connection', (each, request) => {
        expect(request.headers['sec-websocket-protocol']).toBe('audio.drachtio.org');
        each.on('message', (data: Buffer, binary) => {
          if (!binary) return void texts.push(data.toString());
          audio.push(data);
          bytes += data.length;
          check();
        });
        resolve(each);
      });
    });
    const samples = (count: number): Promise<Int16Array> =>
      new Promise((resolve) => {
        check = () => {
          if (bytes < count * 2) return;
          const all = Buffer.concat(audio);
          resolve(new Int16Array(all.buffer.slice(all.byteOffset, all.byteOffset + all.length)));
        };
        check();
      });
    return new Promise((resolve) => {
      server.on('listening', () => resolve({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/amd`, texts, socket, samples }));
    });
  }

  const order = (url: string, sampling = '8000') => ({ wsUrl: url, mixType: 'mono' as const, sampling, bugname: 'amd', metadata: { callId: 'x|1' } });

  test('the callee is heard without a gap, texts go both ways', async () => {
    const simulator = await bench.start();
    const { endpoint, dialog } = await bench.answered(simulator);
    const amd = await listen();
    const reply = new Promise((resolve) => endpoint.addCustomEventListener('mod_audio_fork::json', resolve));
    const connected = new Promise((resolve) => endpoint.addCustomEventListener('mod_audio_fork::connect', resolve));
    await endpoint.forkAudioStart(order(amd.url));
    await connected;
    const heard = await amd.samples(3200);
    for (let i = 1; i < 3200; i++) expect(heard[i]! - heard[i - 1]!).toBe(1);
    // Only a frame of type `json` is passed on; these come before it and must not.
    for (const dropped of ['{"type":"verdict"}', '{"a":1}', 'not json', '[]', '']) (await amd.socket).send(dropped);
    (await amd.socket).send('{"type":"json","data":{"type":"verdict"}}');
    expect(await reply).toEqual({ type: 'json', data: { type: 'verdict' } });
    await endpoint.forkAudioSendText('amd', '{"a":1}');
    const closed = new Promise((resolve) => void amd.socket.then((socket) => socket.on('close', resolve)));
    await endpoint.forkAudioStop('amd', '{"bye":1}');
    expect(await closed).toBe(1000);
    expect(amd.texts).toEqual(['{"callId":"x|1"}', '{"a":1}', '{"bye":1}']);
    await expect(endpoint.forkAudioStop('amd')).rejects.toThrow('Operation Failed');
    await hangUp(dialog);
    await endpoint.destroy();
  });

  test('a fast clock sends more audio, from the same place in the greeting', async () => {
    const simulator = await bench.start({ speed: 50 });
    const { endpoint, dialog } = await bench.answered(simulator);
    const amd = await listen();
    await endpoint.forkAudioStart(order(amd.url));
    // Two simulated seconds; an unstretched start would already lie seconds into the greeting.
    const heard = await amd.samples(16_000);
    for (let i = 1; i < 16_000; i++) expect((heard[i]! - heard[i - 1]! + 30_000) % 30_000).toBe(1);
    await hangUp(dialog);
    await endpoint.destroy();
  });

  test('16 kHz has twice the samples', async () => {
    const simulator = await bench.start();
    bench.next = persona({ answerAudio: { read: (from, out) => out.forEach((_, i) => (out[i] = 2 * ((from + i) % 15_000))) } });
    const { endpoint, dialog } = await bench.answered(simulator);
    const amd = await listen();
    await endpoint.forkAudioStart(order(amd.url, '16000'));
    const heard = await amd.samples(3200);
    for (let i = 2; i < 3200; i++) expect(heard[i]! - heard[i - 1]!).toBe(1);
    await hangUp(dialog);
    await endpoint.destroy();
  });

  test('early media is heard before the answer', async () => {
    const simulator = await bench.start();
    bench.next = persona({ kind: 'announcement_early', earlyMedia: { read: (_, out) => out.fill(77) }, ringMs: 600_000, ringingAfterMs: 10 });
    const clients = await bench.clients(simulator);
    const endpoint = await newEndpoint(clients.media);
    const amd = await listen();
    let request: Srf.SrfRequest | undefined;
    const call = clients.srf
      .createUAC(CALLEE_URI, callOptions(endpoint.local.sdp), {
        cbRequest: (...args: unknown[]) => void (request = requestOf(args)),
        cbProvisional: (response) => {
          expect([response.status, response.body.includes('m=audio')]).toEqual([183, true]);
          void endpoint.forkAudioStart(order(amd.url));
        },
      })
      .catch((error: unknown) => (error as { status: number }).status);
    expect((await amd.samples(1600)).every((sample) => sample === 77)).toBe(true);
    request?.cancel(() => undefined);
    expect(await call).toBe(487);
    await endpoint.destroy();
  });

  test('a refused fork is an event, on request and for want of a listener', async () => {
    const simulator = await bench.start({ misbehaviour: misbehaviourSchema.parse({ forkRefusedShare: 1 }) });
    const { endpoint, dialog } = await bench.answered(simulator);
    const refusal = (): Promise<unknown> => new Promise((resolve) => endpoint.addCustomEventListener('mod_audio_fork::connect_failed', resolve));
    const refused = refusal();
    await endpoint.forkAudioStart(order('ws://127.0.0.1:9/amd'));
    expect(await refused).toEqual({ reason: 'Unable to connect' });
    simulator.setMisbehaviour(misbehaviourSchema.parse({}));
    const again = refusal();
    await endpoint.forkAudioStart(order('ws://127.0.0.1:9/amd'));
    expect(await again).toEqual({ reason: 'Unable to connect' });
    await hangUp(dialog);
    await endpoint.destroy();
  });
});

