import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { throughCelp } from './celp.ts';
import { readClips, type Clip } from './clips.ts';
import { throughGsm } from './gsm.ts';
import { silence } from './signals.ts';

let voices: Clip[];
beforeAll(async () => {
  voices = (await readClips(fileURLToPath(new URL('../fixtures', import.meta.url)))).filter(({ label }) => label === 'machine_prompt' || label === 'human_long');
});

/** Signal over what the codec did to it, dB. */
function fidelityDb(codec: (samples: Float64Array) => void, pcm: Int16Array): number {
  const through = Float64Array.from(pcm);
  codec(through);
  let signal = 0;
  let error = 1;
  pcm.forEach((value, index) => {
    signal += value ** 2;
    error += (value - through[index]!) ** 2;
  });
  return 10 * Math.log10(signal / error);
}

describe.each([['GSM 06.10', throughGsm, 8], ['a code-excited coder', throughCelp, 5]])('%s', (_name, codec, leastDb) => {
  test('keeps a voice a voice, and does not leave it as it was', () => {
    expect(voices.length).toBeGreaterThan(10);
    for (const { pcm } of voices) {
      const db = fidelityDb(codec, pcm);
      expect(db).toBeGreaterThan(leastDb - 4);
      expect(db).toBeLessThan(30);
    }
    const mean = voices.reduce((sum, { pcm }) => sum + fidelityDb(codec, pcm), 0) / voices.length;
    expect(mean).toBeGreaterThan(leastDb);
  });

  test('keeps silence silent, and what is loudest finite', () => {
    const nothing = Float64Array.from(silence(1));
    codec(nothing);
    expect(nothing.every((value) => Math.abs(value) < 64)).toBe(true);
    const square = Float64Array.from({ length: 8000 }, (_, index) => (Math.floor(index / 20) % 2 === 0 ? 32_767 : -32_768));
    codec(square);
    expect(square.every((value) => Math.abs(value) < 1e6)).toBe(true);
  });
});
