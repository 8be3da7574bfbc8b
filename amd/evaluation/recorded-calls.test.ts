import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeWav } from '../wav.ts';
import { readRecordedCalls } from './recorded-calls.ts';

test('a clipped recording of 16 kHz is brought down without its peaks turning over', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'recorded-calls-'));
  try {
    // A square wave at full scale, as clipped speech is: a low-pass overshoots at each edge.
    const square = Int16Array.from({ length: 16_000 }, (_, index) => (index % 160 < 80 ? 32_767 : -32_768));
    await writeFile(join(folder, 'loud.wav'), encodeWav(new Uint8Array(square.buffer), 16_000));
    await writeFile(join(folder, 'labels.jsonl'), '{"file":"loud.wav","label":"human"}\n');
    const [call] = (await readRecordedCalls(folder))!;
    expect(call!.pcm).toHaveLength(8000);
    // Away from the edges, and the filter's length after them, a half wave has one sign.
    const signs = Array.from(call!.pcm).flatMap((sample, index) => (index % 40 > 16 && index % 40 < 38 ? [Math.sign(sample) * (index % 80 < 40 ? 1 : -1)] : []));
    expect(new Set(signs)).toEqual(new Set([1]));
    expect(call!.pcm).toContain(32_767);
  } finally {
    await rm(folder, { recursive: true });
  }
});
