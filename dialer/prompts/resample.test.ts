import { describe, expect, test } from 'vitest';
import { level, trimSilence } from './loudness.ts';
import { resample } from './resample.ts';
import { decodeWav, encodeWav } from './wav.ts';

const tone = (hz: number, rate: number, seconds: number, amplitude = 0.5): Float64Array =>
  Float64Array.from({ length: Math.round(rate * seconds) }, (_, index) => amplitude * Math.sin((2 * Math.PI * hz * index) / rate));
const rms = (samples: Float64Array): number => Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);
/** Without the filter's run-in and run-out. */
const middle = (samples: Float64Array): Float64Array => samples.subarray(400, -400);
const dB = (ratio: number): number => 20 * Math.log10(ratio);

describe('from the synthesiser\'s rate to the telephone\'s', () => {
  test.each([100, 300, 1000, 2500, 3400])('a tone of %i Hz passes', (hz) => {
    const out = middle(resample(tone(hz, 22_050, 1), 22_050, 8000));
    const wanted = middle(tone(hz, 8000, 1));
    const error = out.map((sample, index) => sample - wanted[index]!);
    expect(dB(rms(error) / rms(wanted))).toBeLessThan(-55);
  });

  test.each([4650, 5000, 7000, 10_000])('a tone of %i Hz does not come back in the telephone\'s band', (hz) => {
    expect(dB(rms(middle(resample(tone(hz, 22_050, 1), 22_050, 8000))) / rms(tone(hz, 22_050, 1)))).toBeLessThan(-60);
  });

  test('the length follows the rates, up and down', () => {
    expect(resample(new Float64Array(22_050), 22_050, 8000)).toHaveLength(8000);
    expect(resample(new Float64Array(8000), 8000, 16_000)).toHaveLength(16_000);
    expect(resample(new Float64Array(0), 44_100, 8000)).toHaveLength(0);
  });
});

describe('the level on the line', () => {
  test('silence is cut off both ends, a pause is left', () => {
    const samples = new Float64Array(16_000);
    samples.set(tone(500, 8000, 0.5), 6000);
    const trimmed = trimSilence(samples, 8000, 20, 200);
    expect(trimmed.length).toBeGreaterThanOrEqual(4000 + 160 + 1600);
    expect(trimmed.length).toBeLessThanOrEqual(4000 + 160 + 1600 + 160);
    expect(trimSilence(new Float64Array(100), 8000, 20, 200)).toHaveLength(0);
  });

  test.each([0.01, 0.1, 0.9])('speech of amplitude %f comes to -18 dBFS', (amplitude) => {
    expect(dB(rms(level(tone(500, 8000, 1, amplitude), 8000)))).toBeCloseTo(-18, 1);
    expect(level(new Float64Array(10), 8000)).toEqual(new Float64Array(10));
  });
});

test('a WAV file holds what was put in, and a foreign one is read or refused by name', () => {
  const samples = tone(440, 8000, 0.1);
  const read = decodeWav(encodeWav({ samples, sampleRate: 8000 }), 'x.wav');
  expect(read.sampleRate).toBe(8000);
  expect(Math.max(...read.samples.map((sample, index) => Math.abs(sample - samples[index]!)))).toBeLessThan(1e-4);
  const eightBit = encodeWav({ samples, sampleRate: 8000 });
  eightBit.writeUInt16LE(8, 34);
  expect(() => decodeWav(eightBit, 'x.wav')).toThrow('x.wav: found format 1 with 8 bits; expected a WAV file of 16-bit PCM');
  for (const cut of [0, 11, 20, 40]) expect(() => decodeWav(encodeWav({ samples, sampleRate: 8000 }).subarray(0, cut), 'x.wav')).toThrow('x.wav');
});
