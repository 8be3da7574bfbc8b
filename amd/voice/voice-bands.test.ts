import { expect, test } from 'vitest';
import { Frame } from '../audio/frame.ts';
import { WINDOW_SAMPLES } from '../audio/spectrum.ts';
import { VOICE_BANDS, writeVoiceBands } from './voice-bands.ts';

function heard(hz: number, amplitude: number): Uint8Array {
  const frame = new Frame();
  frame.measure(Float32Array.from({ length: WINDOW_SAMPLES }, (_, index) => amplitude * Math.sin((2 * Math.PI * hz * index) / 8000)), 0);
  const bands = new Uint8Array(VOICE_BANDS);
  writeVoiceBands(frame.power, bands);
  return bands;
}
const loudest = (bands: Uint8Array): number => bands.indexOf(Math.max(...bands));

test('a sine stands in the band of its frequency, the higher the further up', () => {
  const places = [125, 250, 500, 1000, 1500, 2000, 3000, 3700].map((hz) => loudest(heard(hz, 10_000)));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(new Set(places).size).toBe(places.length);
  expect(places.slice(0, 3)).toEqual([1, 5, 13]);
});

test('half the amplitude is 12 steps (6 dB) less; silence is 0', () => {
  const [loud, soft] = [heard(500, 10_000), heard(500, 5000)];
  expect(loud[13]! - soft[13]!).toBe(12);
  expect(Math.max(...heard(500, 0))).toBe(0);
});

test('a spectrum of another size is refused', () => {
  expect(() => { writeVoiceBands(new Float64Array(64), new Uint8Array(VOICE_BANDS)); }).toThrow(/128 bins; found 64/);
});
