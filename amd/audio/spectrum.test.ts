import { describe, expect, test } from 'vitest';
import { seededRandom, sine, whiteNoise } from '../corpus/signals.ts';
import { decibels } from './decibels.ts';
import { BIN_HZ, BINS, FLATNESS_BINS, powerSpectrum, spectrumPower, WINDOW_SAMPLES, type SpectrumShape } from './spectrum.ts';

/** The textbook's sum, slowly. */
function slowPower(samples: Int16Array, bin: number): number {
  let real = 0;
  let imaginary = 0;
  for (let index = 0; index < WINDOW_SAMPLES; index++) {
    const angle = (2 * Math.PI * index) / WINDOW_SAMPLES;
    const value = samples[index]! * (0.5 - 0.5 * Math.cos(angle));
    real += value * Math.cos(bin * angle);
    imaginary -= value * Math.sin(bin * angle);
  }
  return (real * real + imaginary * imaginary) / (32_768 * 64) ** 2;
}

describe('the fast spectrum', () => {
  const noise = whiteNoise(0.05, 9000, seededRandom(3));
  const power = spectrumPower;
  const shape: SpectrumShape = { total: 0, peakBin: 0, logs: 0, sum: 0, speech: 0 };

  test('is that of the discrete Fourier transform, to what 32 bits can hold', () => {
    powerSpectrum(noise.subarray(0, WINDOW_SAMPLES), shape);
    for (let bin = 1; bin < BINS; bin++) expect(power[bin]! / slowPower(noise, bin)).toBeCloseTo(1, 5);
  });

  test('of a full-scale sine is 0 dB at its bin', () => {
    powerSpectrum(sine([1000], 0.05, 32_767).subarray(0, WINDOW_SAMPLES), shape);
    expect(decibels(power[32]!)).toBeCloseTo(0, 1);
  });

  test.each([1, 2, 3, 4, 5])('has the shape that its bins have (%i)', (seed) => {
    const random = seededRandom(seed);
    const strong = sine([300 + 3200 * random()], 0.05, 9000 * random());
    const samples = Int16Array.from(whiteNoise(0.05, 1000 * random(), random), (value, index) => value + strong[index]!);
    powerSpectrum(samples.subarray(0, WINDOW_SAMPLES), shape);
    const sum = (from: number, to: number): number => power.subarray(from, to).reduce((so, value) => so + value, 0);
    const low = Math.round(250 / BIN_HZ);
    expect(shape.total / sum(2, BINS)).toBeCloseTo(1, 5);
    expect(shape.speech / sum(Math.round(200 / BIN_HZ), Math.round(3500 / BIN_HZ))).toBeCloseTo(1, 5);
    expect(shape.sum / sum(low, low + FLATNESS_BINS)).toBeCloseTo(1, 5);
    expect(shape.peakBin).toBe(power.indexOf(Math.max(...power.subarray(6, BINS - 2)), 6));
    expect(shape.logs).toBeCloseTo(power.subarray(low, low + FLATNESS_BINS).reduce((so, value) => so + Math.log2(value + 1e-12), 0), 2);
  });

  test('of digital silence has no power and a peak at the first bin', () => {
    powerSpectrum(new Int16Array(WINDOW_SAMPLES), shape);
    expect(shape).toMatchObject({ total: 0, peakBin: 6, speech: 0 });
    expect(shape.logs / FLATNESS_BINS).toBeCloseTo(Math.log2(1e-12), 3);
  });

  test('of fewer samples is refused', () => {
    expect(() => { powerSpectrum(new Int16Array(80), shape); }).toThrow(/256 samples; found 80/);
  });
});

test('decibels by the bits are those of the logarithm to 0.005 dB', () => {
  const random = seededRandom(8);
  for (let turn = 0; turn < 2000; turn++) {
    const value = 10 ** (40 * random() - 30);
    expect(Math.abs(decibels(value) - 10 * Math.log10(value))).toBeLessThan(0.005);
  }
});
