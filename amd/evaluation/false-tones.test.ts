import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CallBuilder } from '../corpus/calls.ts';
import { readClips } from '../corpus/clips.ts';
import { joined, silence, sine } from '../corpus/signals.ts';
import { classifyPcm } from '../wav.ts';
import { FalseToneTally, toneOf } from './false-tones.ts';

test('a verdict is known for that of a tone', async () => {
  const sit = (await readClips(fileURLToPath(new URL('../fixtures', import.meta.url)))).find(({ label }) => label === 'tone_sit')!;
  const busy = Array.from({ length: 6 }, () => joined(sine([425], 0.4), silence(0.4)));
  const told = (...parts: Int16Array[]): ReturnType<typeof toneOf> => toneOf(classifyPcm(joined(silence(0.5), ...parts, silence(3)), 8000, ''));
  expect([told(sit.pcm), told(...busy), told(sine([1100], 0.5)), told(silence(1))]).toEqual(['sit', 'progress', 'fax', null]);
});

test('a tone counts as false only where it is known that there is none', async () => {
  const builder = new CallBuilder(await readClips(fileURLToPath(new URL('../fixtures', import.meta.url))));
  const call = builder.build('human_short', () => 0.5);
  const busy = { verdict: 'announcement', cause: 'busy_tone' } as const;
  const tally = new FalseToneTally();
  tally.add(call, busy, 3600);
  tally.add({ ...call, kind: 'busy', truth: 'nobody' }, busy, 3600);
  // Whoever labelled it may have heard a busy tone.
  tally.add({ ...call, kind: 'labelled_silence', truth: 'nobody' }, busy, 3600);
  expect(tally.figures()).toEqual({ sit: { told: 0, hours: 2 }, fax: { told: 0, hours: 3 }, progress: { told: 1, hours: 1 } });
});
