import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readWav } from '../amd/wav.ts';
import type { AmdStart } from '../core/amd-wire.ts';
import { createLogger } from '../core/log.ts';
import { isDrawn, openRecordings } from './amd-recordings.ts';

const log = createLogger({ level: 'silent' });
const start = (callId: string): AmdStart => ({ type: 'start', token: 't', callId, sampleRate: 8000, language: 'uk', earlyMedia: false, latestDecisionMs: 4000 });
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'obzvon-recordings-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('the first seconds of a drawn call are kept under the attempt\'s id, for their owner only', async () => {
  const recordings = await openRecordings({ recordShare: 1, recordDir: folder, recordSeconds: 1, recordDays: 30 }, log);
  const recording = recordings.open(start('attempt-7'))!;
  for (let frame = 0; frame < 100; frame++) recording.audio(Buffer.alloc(320, frame));
  recording.end();
  await recordings.close();
  expect(await readdir(folder)).toEqual(['attempt-7.wav']);
  expect((await stat(join(folder, 'attempt-7.wav'))).mode & 0o777).toBe(0o600);
  expect((await readWav(join(folder, 'attempt-7.wav'))).pcm).toHaveLength(8000);
});

test('a call is kept from its answer on; one that was not answered is not', async () => {
  const recordings = await openRecordings({ recordShare: 1, recordDir: folder, recordSeconds: 1, recordDays: 30 }, log);
  const [answered, refused] = ['answered', 'refused'].map((callId) => recordings.open({ ...start(callId), earlyMedia: true })!);
  for (let frame = 0; frame < 100; frame++) for (const recording of [answered!, refused!]) recording.audio(Buffer.alloc(320, 1));
  answered!.answered();
  for (let frame = 0; frame < 20; frame++) answered!.audio(Buffer.alloc(320, 2));
  answered!.end();
  refused!.end();
  await recordings.close();
  expect(await readdir(folder)).toEqual(['answered.wav']);
  const { pcm } = await readWav(join(folder, 'answered.wav'));
  expect([...new Set(pcm)]).toEqual([0x0202]);
  expect(pcm).toHaveLength(3200);
});

test('nothing is kept by default, of a call without audio, or under a name that leads elsewhere', async () => {
  const none = await openRecordings({ recordShare: 0, recordDir: folder, recordSeconds: 1, recordDays: 30 }, log);
  expect(none.open(start('a'))).toBeNull();
  await none.close();
  const all = await openRecordings({ recordShare: 1, recordDir: folder, recordSeconds: 1, recordDays: 30 }, log);
  expect(all.open(start('../../etc/x'))).toBeNull();
  all.open(start('silent'))!.end();
  await all.close();
  expect(await readdir(folder)).toEqual([]);
});

test('the draw is of about that share, and the same for all who ask', () => {
  const drawn = Array.from({ length: 4000 }, (_, index) => `call-${index}`).filter((id) => isDrawn(id, 0.25));
  expect(drawn.length).toBeGreaterThan(880);
  expect(drawn.length).toBeLessThan(1120);
  expect(drawn.every((id) => isDrawn(id, 0.25) && isDrawn(id, 0.5))).toBe(true);
});

test('what is older than its days is deleted, and nothing that is no recording', async () => {
  for (const name of ['old.wav', 'new.wav', 'labels.jsonl']) await writeFile(join(folder, name), 'x');
  const longAgo = new Date(Date.now() - 31 * 86_400_000);
  for (const name of ['old.wav', 'labels.jsonl']) await utimes(join(folder, name), longAgo, longAgo);
  await (await openRecordings({ recordShare: 0, recordDir: folder, recordSeconds: 1, recordDays: 30 }, log)).close();
  expect((await readdir(folder)).sort()).toEqual(['labels.jsonl', 'new.wav']);
});
