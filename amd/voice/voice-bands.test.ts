import { expect, test } from 'vitest';
import { Frame } from '../audio/frame.ts';
import { BINS, spectrumPower, WINDOW_SAMPLES } from '../audio/spectrum.ts';
import { seededRandom } from '../corpus/signals.ts';
import { VOICE_BANDS, writeVoiceBands } from './voice-bands.ts';

function heard(hz: number, amplitude: number): Uint8Array {
  const frame = new Frame();
  frame.measure(Int16Array.from({ length: WINDOW_SAMPLES }, (_, index) => amplitude * Math.sin((2 * Math.PI * hz * index) / 8000)));
  const bands = new Uint8Array(VOICE_BANDS);
  writeVoiceBands(bands, 0);
  return bands;
}
const loudest = (bands: Uint8Array): number => bands.indexOf(Math.max(...bands));

test('a sine stands in the band of its frequency, the higher the further up', () => {
  const places = [125, 250, 500, 1000, 1500, 2000, 3000, 3700].map((hz) => loudest(heard(hz, 10_000)));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(new Set(places).size).toBe(places.length);
  expect(places.slice(0, 3)).toEqual([1, 5, 13]);
});

test('a byte is the level of its bins in half decibels over -120', () => {
  const random = seededRandom(4);
  for (let turn = 0; turn < 50; turn++) {
    const power = Float32Array.from({ length: BINS }, () => 10 ** (13 * random() - 13));
    const bands = new Uint8Array(VOICE_BANDS);
    spectrumPower.set(power);
    writeVoiceBands(bands, 0);
    const level = (from: number, to: number): number => 2 * (120 + 10 * Math.log10(power.subarray(from, to).reduce((sum, value) => sum + value, 1e-12)));
    expect(bands[0]! - level(3, 4)).toBeCloseTo(0, 0);
    expect(bands[29]! - level(32, 33)).toBeCloseTo(0, 0);
    expect(bands[30]! - level(33, 35)).toBeCloseTo(0, 0);
    expect(bands[51]! - level(115, 122)).toBeCloseTo(0, 0);
  }
});

test('half the amplitude is 12 steps (6 dB) less; silence is 0', () => {
  const [loud, soft] = [heard(500, 10_000), heard(500, 5000)];
  expect(loud[13]! - soft[13]!).toBe(12);
  expect(Math.max(...heard(500, 0))).toBe(0);
  const loudest = new Uint8Array(VOICE_BANDS);
  spectrumPower.fill(1e9);
  writeVoiceBands(loudest, 0);
  expect(Math.min(...loudest)).toBe(255);
});
