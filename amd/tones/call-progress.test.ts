import { expect, test } from 'vitest';
import { Frame } from '../audio/frame.ts';
import { isBeep } from './call-progress.ts';
import { ToneTracker, type Tone } from './tone-tracker.ts';

/** The tone found in a pure sweep of 260 ms. */
function sweep(fromHz: number, toHz: number): Tone {
  const tracker = new ToneTracker();
  const frame = new Frame();
  let phase = 0;
  const pcm = Float64Array.from({ length: 8000 }, (_, index) => {
    const share = (index - 2000) / 2080;
    if (share < 0 || share > 1) return 0;
    phase += (2 * Math.PI * (fromHz + share * (toHz - fromHz))) / 8000;
    return 8000 * Math.sin(phase);
  });
  for (let hop = 0; hop * 80 + 256 <= pcm.length; hop++) {
    frame.measure(pcm, hop * 80);
    if (tracker.push(frame, (hop + 1) * 10)) return tracker.ended;
  }
  throw new Error('no tone was found');
}

test('a steady tone is a beep; one that glides, as the harmonic of a vowel does, is none', () => {
  expect(isBeep(sweep(495, 495))).toBe(true);
  expect(isBeep(sweep(1000, 1000))).toBe(true);
  expect(isBeep(sweep(485, 515))).toBe(false);
  expect(isBeep(sweep(555, 525))).toBe(false);
});
