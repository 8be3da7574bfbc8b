import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { AMD_SUBPROTOCOL, amdFrameSchema, type AmdMessage } from '../core/amd-wire.ts';
import { startAmdServer, type AmdServer, type AmdServerLimits, type RefusalReason } from './server.ts';
import { silence, sine, joined } from './corpus/signals.ts';

const TOKEN = 'secret-of-this-test';
const START = { type: 'start', token: TOKEN, callId: 'call-1', sampleRate: 8000, language: 'ru', earlyMedia: false, latestDecisionMs: 4000 };
const log = { info: () => undefined, warn: () => undefined };

let server: AmdServer;
let refused: RefusalReason[];
let verdicts: number;

async function start(limits: Partial<AmdServerLimits> = {}): Promise<void> {
  server = await startAmdServer({
    host: '127.0.0.1', port: 0, token: TOKEN, log, limits,
    tell: (event) => {
      if (event.kind === 'refused') refused.push(event.reason);
      else if (event.kind === 'message' && event.message.type === 'verdict') verdicts++;
    },
  });
}

interface Talk {
  socket: WebSocket;
  messages: AmdMessage[];
  closed: Promise<number>;
  until: (type: AmdMessage['type']) => Promise<AmdMessage>;
}

async function connect(): Promise<Talk> {
  const socket = new WebSocket(server.url, AMD_SUBPROTOCOL);
  const messages: AmdMessage[] = [];
  socket.on('message', (data: Buffer) => messages.push(amdFrameSchema.parse(JSON.parse(data.toString('utf8'))).data));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const until = async (type: AmdMessage['type']): Promise<AmdMessage> => {
    for (;;) {
      const found = messages.find((message) => message.type === type);
      if (found !== undefined) return found;
      await new Promise((resolve) => socket.once('message', resolve));
    }
  };
  return { socket, messages, closed, until };
}

const bytesOf = (pcm: Int16Array): Buffer => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);

beforeEach(() => {
  refused = [];
  verdicts = 0;
});
afterEach(async () => server.close());

describe('the AMD service', () => {
  test('agrees on the fork\'s subprotocol and answers audio with a verdict, whatever the frames are cut to', async () => {
    await start();
    const talk = await connect();
    expect(talk.socket.protocol).toBe(AMD_SUBPROTOCOL);
    talk.socket.send(JSON.stringify(START));
    const audio = bytesOf(joined(silence(0.5), sine([950], 0.33), sine([1400], 0.33), sine([1800], 0.33)));
    for (let at = 0; at < audio.length; at += 333) talk.socket.send(audio.subarray(at, at + 333));
    const verdict = await talk.until('verdict');
    expect(verdict).toMatchObject({ callId: 'call-1', verdict: 'announcement', earlyMedia: false });
    expect(verdicts).toBe(1);
    talk.socket.close();
    await talk.closed;
  });

  test('takes metadata with the flags that older forks append', async () => {
    await start();
    const talk = await connect();
    talk.socket.send(`${JSON.stringify(START)}|true|false|`);
    talk.socket.send(bytesOf(silence(5)));
    expect(await talk.until('verdict')).toMatchObject({ verdict: 'silence', audioMs: 4000 });
    talk.socket.close();
    await talk.closed;
  });

  test('in early media waits for `answered` and then starts the clock again', async () => {
    await start();
    const talk = await connect();
    talk.socket.send(JSON.stringify({ ...START, earlyMedia: true }));
    talk.socket.send(bytesOf(silence(9)));
    talk.socket.send(JSON.stringify({ type: 'answered' }));
    talk.socket.send(bytesOf(silence(4.1)));
    expect(await talk.until('verdict')).toMatchObject({ verdict: 'silence', audioMs: 4000, earlyMedia: false });
    talk.socket.close();
    await talk.closed;
  });

  test.each([
    ['a wrong token', JSON.stringify({ ...START, token: 'guess' }), 'bad_token'],
    ['no JSON', 'hello', 'bad_metadata'],
    ['a wrong rate', JSON.stringify({ ...START, sampleRate: 44100 }), 'bad_metadata'],
    ['code after the JSON', `${JSON.stringify(START)};rm`, 'bad_metadata'],
  ])('refuses %s with a message and code 1008', async (_name, metadata, reason) => {
    await start();
    const talk = await connect();
    talk.socket.send(metadata);
    expect(await talk.closed).toBe(1008);
    expect(talk.messages).toMatchObject([{ type: 'error' }]);
    expect(JSON.stringify(talk.messages)).not.toContain(TOKEN);
    expect(refused).toEqual([reason]);
  });

  test.each([
    [{ sampleRate: 44100 }, START.callId, /sampleRate: found 44100; expected 8000 or 16000/],
    [{ ringOdds: [{ fromMs: 0, logOdds: 9 }] }, START.callId, /ringOdds\.0\.logOdds: found 9; /],
    [{ callId: 7 }, 'unknown', /callId: found 7; /],
    [{ token: 12_345 }, START.callId, /token: found another; /],
  ])('says what is wrong with the metadata: %o', async (change, callId, reason) => {
    await start();
    const talk = await connect();
    talk.socket.send(JSON.stringify({ ...START, ...change }));
    expect(await talk.closed).toBe(1008);
    expect(talk.messages).toMatchObject([{ type: 'error', callId, reason: expect.stringMatching(reason) as string }]);
  });

  test('a frame that is too long is refused and counted', async () => {
    await start({ maxFrameBytes: 10_000 });
    const talk = await connect();
    talk.socket.send(JSON.stringify(START));
    talk.socket.send(Buffer.alloc(10_001));
    expect(await talk.closed).toBe(1009);
    await expect.poll(() => refused, { timeout: 5000 }).toEqual(['too_many_bytes']);
  });

  test('refuses audio before metadata', async () => {
    await start();
    const talk = await connect();
    talk.socket.send(bytesOf(silence(0.02)));
    expect(await talk.closed).toBe(1008);
  });

  test('ends a stream that sends too much, one that sends nothing, and one too many', async () => {
    await start({ maxBytesPerStream: 10_000, maxStreams: 2, idleTimeoutMs: 200 });
    const loud = await connect();
    const idle = await connect();
    const third = await connect();
    expect(await third.closed).toBe(1013);
    loud.socket.send(JSON.stringify(START));
    loud.socket.send(Buffer.alloc(10_001));
    expect(await loud.closed).toBe(1009);
    expect(await idle.closed).toBe(1001);
    expect(refused.sort()).toEqual(['idle', 'too_many_bytes', 'too_many_streams']);
  });

  test('a stream is idle from its last frame on, not from its first', async () => {
    await start({ idleTimeoutMs: 2000 });
    const talk = await connect();
    const lastMs = performance.now() + 3000;
    talk.socket.send(JSON.stringify({ ...START, latestDecisionMs: 60_000 }));
    while (performance.now() < lastMs) {
      talk.socket.send(bytesOf(silence(0.02)));
      await sleep(100);
    }
    expect(refused).toEqual([]);
    expect(await talk.closed).toBe(1001);
    expect(refused).toEqual(['idle']);
  });

  test('lives through a stream that is cut off and a frame past the limit', async () => {
    await start({ maxFrameBytes: 1000 });
    const cut = await connect();
    cut.socket.send(JSON.stringify(START));
    cut.socket.terminate();
    const large = await connect();
    large.socket.send(Buffer.alloc(2000));
    expect(await large.closed).toBe(1009);
    const good = await connect();
    good.socket.send(JSON.stringify(START));
    good.socket.send(JSON.stringify({ type: 'dance' }));
    expect(await good.until('error')).toMatchObject({ callId: 'call-1' });
    expect(server.activeStreams).toBe(1);
    good.socket.close();
    await good.closed;
  });

  test('will not start without a token', async () => {
    await start();
    await expect(startAmdServer({ host: '127.0.0.1', port: 0, token: '', log })).rejects.toThrow(/needs a token/);
  });
});
