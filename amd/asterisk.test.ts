import { expect, test } from 'vitest';
import { asteriskAmd } from './asterisk.ts';
import { joined, repeated, silence, sine } from './corpus/signals.ts';

const word = (seconds: number): Int16Array => sine([300], seconds);

// The causes of app_amd, each by the shortest call that gives it with the defaults.
test.each([
  ['silence from the start', silence(5), 'machine', 'INITIALSILENCE', 2500],
  ['a word, then silence', joined(silence(0.5), word(0.4), silence(3)), 'human', 'HUMAN', 1700],
  ['three words', joined(silence(0.5), repeated(joined(word(0.2), silence(0.2)), 3)), 'machine', 'MAXWORDS', 1400],
  ['one long word', joined(silence(0.5), word(3)), 'machine', 'LONGGREETING', 2000],
  ['clicks too short to be words', repeated(joined(silence(0.4), word(0.06)), 20), 'machine', 'INITIALSILENCE', null],
] as const)('%s', (_name, pcm, verdict, cause, audioMs) => {
  const found = asteriskAmd(pcm);
  expect(found).toMatchObject({ verdict, cause });
  if (audioMs !== null) expect(Math.abs(found.audioMs - audioMs)).toBeLessThanOrEqual(20);
});
