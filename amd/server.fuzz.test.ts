import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { AMD_SUBPROTOCOL, amdFrameSchema, type AmdMessage } from '../core/amd-wire.ts';
import { joined, seededRandom, silence } from './corpus/signals.ts';
import { startAmdServer, type AmdServer } from './server.ts';
import { AmdStream } from './stream.ts';
import { drawTone, TONE_SAMPLE_KINDS } from './tones/synthetic-tones.ts';

const TOKEN = 'secret-of-this-test';
const START = { type: 'start', token: TOKEN, callId: 'call-1', sampleRate: 8000, language: 'uk', earlyMedia: false, latestDecisionMs: 1200 } as const;
let server: AmdServer;
beforeAll(async () => {
  server = await startAmdServer({ host: '127.0.0.1', port: 0, token: TOKEN, log: { info: () => undefined, warn: () => undefined }, limits: { maxFrameBytes: 20_000 } });
});
afterAll(() => server.close());

/** Sends frames, then closes from this side. @returns what came back */
async function talk(frames: readonly (string | Uint8Array)[]): Promise<AmdMessage[]> {
  const socket = new WebSocket(server.url, AMD_SUBPROTOCOL);
  const messages: AmdMessage[] = [];
  socket.on('message', (data: Buffer) => messages.push(amdFrameSchema.parse(JSON.parse(data.toString('utf8'))).data));
  socket.on('error', () => undefined);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const frame of frames) if (socket.readyState === socket.OPEN) socket.send(frame);
  // The server answers frames in order, and its close after them.
  socket.close(1000);
  await closed;
  return messages;
}

const textFrame = fc.oneof(fc.string(), fc.json(), fc.constantFrom(JSON.stringify(START), `${JSON.stringify(START)}|true|false|`, '{"type":"answered"}', JSON.stringify({ ...START, sampleRate: 11_025 })));
const anyFrame = fc.oneof(textFrame, fc.uint8Array({ maxLength: 3000 }));

test('any frames in any order: every answer is one the wire knows, at most one verdict falls, and the next call is heard as ever', async () => {
  await fc.assert(fc.asyncProperty(fc.boolean(), fc.array(anyFrame, { maxLength: 12 }), async (begun, frames) => {
    const messages = await talk(begun ? [JSON.stringify(START), ...frames] : frames);
    expect(messages.filter(({ type }) => type === 'verdict').length).toBeLessThanOrEqual(1);
    expect(JSON.stringify(messages)).not.toContain(TOKEN);
  }), { numRuns: 60 });
  const last = await talk([JSON.stringify(START), new Uint8Array(19_800)]);
  expect(last).toMatchObject([{ type: 'verdict', verdict: 'silence' }]);
});

test('over the socket as without it: the same messages for the same samples, however they are cut', async () => {
  await fc.assert(fc.asyncProperty(fc.constantFrom(...TONE_SAMPLE_KINDS), fc.nat(500), fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 8 }), async (kind, seed, cuts) => {
    const { pcm } = drawTone(kind, seededRandom(seed), 7000, silence(0.2));
    const whole = joined(pcm, silence(1.5));
    const bytes = new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength);
    const frames: Uint8Array[] = [];
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const length = cuts[turn % cuts.length]!;
      frames.push(bytes.subarray(at, at + length));
      at += length;
      if (frames.length > 400) cuts = [9000];
    }
    expect(await talk([JSON.stringify(START), ...frames])).toEqual(new AmdStream({ ...START }).audio(bytes));
  }), { numRuns: 12 });
});
