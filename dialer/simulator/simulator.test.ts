import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Mrf from 'drachtio-fsmrf';
import type { Endpoint, MediaServer } from 'drachtio-fsmrf';
import Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { SimulatedClock } from '../../core/clock.ts';
import type { EndedEntry } from './callee-call.ts';
import { readJournal } from './journal-file.ts';
import { misbehaviourSchema, simulatorOptionsSchema, type SimulatorOptions } from './options.ts';
import type { PersonaCall, PersonaEvent, Public } from './public-port.ts';
import { startSimulator, type Simulator } from './simulator.ts';

const PHONE = '+380671234567';
const CALLER_ID = '+380441112233';

/** A human who answers after 100 ms, hums one tone and does nothing. */
function persona(over: Partial<PersonaCall> = {}): PersonaCall {
  return {
    kind: 'human', ringingAfterMs: 20, ringMs: 100, final: { kind: 'answer' }, earlyMedia: null, hangUpAfterMs: null,
    answerAudio: { read: (from, out) => out.forEach((_, i) => (out[i] = (from + i) % 30000)) },
    react: () => null,
    ...over,
  };
}

/** A WAV of silence, 8 kHz mono 16 bit. */
function wav(ms: number): Buffer {
  const data = Buffer.alloc(ms * 16);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(16000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

let dir: string;
let closers: (() => Promise<void> | void)[];
let next: PersonaCall;
const everybody: Public = { personaOf: () => next };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'obzvon-simulator-'));
  closers = [];
  next = persona();
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  rmSync(dir, { recursive: true });
});

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator & { clock: SimulatedClock }> {
  const parsed = simulatorOptionsSchema.parse({ journal: join(dir, 'journal'), ...options });
  const clock = new SimulatedClock({ wallMs: Date.now(), simulatedMs: Date.parse('2026-11-23T10:00:00Z'), speed: parsed.speed });
  const simulator = await startSimulator(parsed, { public: everybody, clock });
  closers.push(() => simulator.close());
  return { ...simulator, clock };
}

async function signalling(simulator: Simulator): Promise<Srf> {
  const srf = new Srf();
  srf.on('error', () => undefined);
  const connected = new Promise<void>((resolve, reject) => srf.on('connect', (error: Error | null) => (error ? reject(error) : resolve())));
  srf.connect({ host: simulator.drachtio.host, port: simulator.drachtio.port, secret: simulator.drachtio.secret });
  await connected;
  closers.push(() => srf.disconnect());
  return srf;
}

async function media(simulator: Simulator, srf: Srf): Promise<MediaServer> {
  const server = await new Mrf(srf).connect({
    address: '127.0.0.1', port: simulator.freeswitch.port, secret: simulator.freeswitch.secret, listenAddress: '127.0.0.1',
  });
  server.conn.socket?.setNoDelay(true);
  closers.push(() => server.disconnect());
  return server;
}

const uri = `sip:${PHONE}@127.0.0.1:5090`;
const uac = (localSdp = 'v=0\r\nm=audio 40000 RTP/AVP 8\r\n', attemptId = 'a1'): Srf.CreateUACOptions => ({
  localSdp, headers: { From: `<sip:${CALLER_ID}@127.0.0.1>`, 'X-Attempt-Id': attemptId },
});

async function answered(simulator: Simulator): Promise<{ srf: Srf; endpoint: Endpoint; dialog: Srf.Dialog }> {
  const srf = await signalling(simulator);
  const server = await media(simulator, srf);
  const endpoint = await server.createEndpoint();
  endpoint.conn?.socket?.setNoDelay(true);
  const dialog = await srf.createUAC(uri, uac(endpoint.local.sdp));
  await endpoint.modify(dialog.remote.sdp);
  return { srf, endpoint, dialog };
}

const ended = (simulator: Simulator): Promise<EndedEntry> => new Promise((resolve) => simulator.onCallEnded(resolve));

describe('signalling', () => {
  test('a call that is answered and that we end', async () => {
    const simulator = await start();
    const srf = await signalling(simulator);
    const end = ended(simulator);
    const dialog = await srf.createUAC(uri, uac());
    expect(dialog.remote.sdp).toContain('m=audio');
    await dialog.destroy();
    expect(await end).toMatchObject({ attemptId: 'a1', phone: PHONE, answered: true, by: 'caller' });
    expect(readJournal(join(dir, 'journal')).map((entry) => entry.kind)).toEqual(['invite', 'answered', 'ended']);
    expect(readJournal(join(dir, 'journal'))[0]).toMatchObject({ callerId: CALLER_ID, phone: PHONE });
  });
});

describe('media', () => {
  test('endpoint, answer, modify, play to the end, both ended', async () => {
    const simulator = await start();
    const heard: PersonaEvent[] = [];
    next = persona({ react: (event) => (heard.push(event), null) });
    const { endpoint, dialog } = await answered(simulator);
    writeFileSync(join(dir, 'prompt.wav'), wav(300));
    const result = await endpoint.play(join(dir, 'prompt.wav'));
    expect(result.playbackLastOffsetPos).toBe('2400');
    await dialog.destroy();
    await endpoint.destroy();
    expect(heard.map((event) => event.kind)).toEqual(['answered', 'prompt_started', 'prompt_ended']);
    expect(simulator.stats()).toMatchObject({ concurrent: 0, channels: 0 });
    expect(readFileSync(join(dir, 'journal'), 'utf8')).toContain('"heardMs":300');
  });

  test('the callee is heard through a fork', async () => {
    const simulator = await start();
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    closers.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const texts: string[] = [];
    const audio: Buffer[] = [];
    const enough = new Promise<void>((resolve) => {
      server.on('connection', (socket, request) => {
        expect(request.headers['sec-websocket-protocol']).toBe('audio.drachtio.org');
        socket.on('message', (data: Buffer, binary) => {
          if (!binary) texts.push(data.toString());
          else if (audio.push(data) === 20) {
            socket.send('{"type":"verdict"}');
            resolve();
          }
        });
      });
    });
    const { endpoint, dialog } = await answered(simulator);
    const replied = new Promise((resolve) => endpoint.addCustomEventListener('mod_audio_fork::json', resolve));
    const port = (server.address() as AddressInfo).port;
    await endpoint.forkAudioStart({ wsUrl: `ws://127.0.0.1:${port}/amd`, mixType: 'mono', sampling: '8000', bugname: 'amd', metadata: { callId: 'x|1' } });
    await enough;
    expect(await replied).toEqual({ type: 'verdict' });
    expect(texts).toEqual(['{"callId":"x|1"}']);
    const samples = new Int16Array(Buffer.concat(audio).buffer.slice(0, 320));
    expect(samples[1]! - samples[0]!).toBe(1);
    await endpoint.forkAudioStop('amd');
    await dialog.destroy();
    await endpoint.destroy();
  });
});

void misbehaviourSchema;
