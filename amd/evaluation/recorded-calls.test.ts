import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Labels } from '../label/labels.ts';
import { encodeWav } from '../wav.ts';
import { readRecordedCalls } from './recorded-calls.ts';
import type { EvaluatedCall } from './told.ts';

/** The calls that could be read, and what was said of the others. */
async function readAll(folder: string): Promise<{ calls: EvaluatedCall[]; faults: string[] }> {
  const calls: EvaluatedCall[] = [];
  const faults: string[] = [];
  for await (const call of (await readRecordedCalls(folder))!.read(({ message }) => faults.push(message))) calls.push(call);
  return { calls, faults };
}

test('a clipped recording of 16 kHz is brought down without its peaks turning over', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'recorded-calls-'));
  try {
    // A square wave at full scale, as clipped speech is: a low-pass overshoots at each edge.
    const square = Int16Array.from({ length: 16_000 }, (_, index) => (index % 160 < 80 ? 32_767 : -32_768));
    await writeFile(join(folder, 'loud.wav'), encodeWav(new Uint8Array(square.buffer), 16_000));
    await writeFile(join(folder, 'labels.jsonl'), '{"file":"loud.wav","label":"human"}\n');
    const { calls: [call] } = await readAll(folder);
    expect(call!.pcm).toHaveLength(8000);
    // The filter's delay is 7 samples; from there on each half wave has one sign.
    expect(Array.from(call!.pcm.subarray(7), Math.sign)).toEqual(Array.from({ length: 7993 }, (_, index) => (index % 80 < 40 ? 1 : -1)));
    expect(call!.pcm).toContain(32_767);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what was labelled is read as it was written, and what nobody could tell is left out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'recorded-calls-'));
  try {
    const labels = await Labels.open(folder);
    for (const [file, label] of [['a.wav', 'human'], ['b.wav', 'unsure'], ['c.wav', 'silence']] as const) {
      await writeFile(join(folder, file), encodeWav(new Uint8Array(1600), 8000));
      await labels.set(file, label, 1);
    }
    expect((await readAll(folder)).calls.map(({ kind, truth, voice, channel }) => [kind, truth, voice, channel])).toEqual([['labelled_human', 'human', 'a.wav', null], ['labelled_silence', 'nobody', 'c.wav', null]]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a recording that is not there, or of another rate, is left out by name and the next ones follow', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'recorded-calls-'));
  try {
    const rate = encodeWav(new Uint8Array(1600), 8000);
    rate.writeUInt32LE(44_100, 24);
    await writeFile(join(folder, 'rate.wav'), rate);
    await writeFile(join(folder, 'there.wav'), encodeWav(new Uint8Array(1600), 8000));
    await writeFile(join(folder, 'labels.jsonl'), ['gone.wav', 'rate.wav', 'there.wav'].map((file) => `${JSON.stringify({ file, label: 'human' })}\n`).join(''));
    const { calls, faults } = await readAll(folder);
    expect(calls.map(({ voice }) => voice)).toEqual(['there.wav']);
    expect(faults).toEqual([expect.stringMatching(/gone\.wav: cannot be read/), expect.stringMatching(/rate\.wav: 44100 samples a second/)]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a folder without the list is none of recorded calls; a list that labels nothing is bad input', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'recorded-calls-'));
  try {
    expect(await readRecordedCalls(folder)).toBeNull();
    expect(await readRecordedCalls(join(folder, 'missing'))).toBeNull();
    for (const [text, found] of [['', /found no label;/], ['\n{"file":"a.wav","label":"unsure"}\n', /found no label but "unsure"/]] as const) {
      await writeFile(join(folder, 'labels.jsonl'), text);
      await expect(readRecordedCalls(folder)).rejects.toThrow(found);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
