import { describe, expect, test } from 'vitest';
import { seededRandom, sine, whiteNoise } from '../corpus/signals.ts';
import { decibels } from './decibels.ts';
import { BINS, powerSpectrum, WINDOW_SAMPLES } from './spectrum.ts';

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
  const power = new Float64Array(BINS);
  powerSpectrum(Float32Array.from(noise), 0, power);

  test('is that of the discrete Fourier transform, to what 32 bits can hold', () => {
    for (let bin = 1; bin < BINS; bin++) expect(power[bin]! / slowPower(noise, bin)).toBeCloseTo(1, 5);
  });

  test('of a full-scale sine is 0 dB at its bin', () => {
    powerSpectrum(Float32Array.from(sine([1000], 0.05, 32_767)), 0, power);
    expect(decibels(power[32]!)).toBeCloseTo(0, 1);
  });
});

test('decibels by the bits are those of the logarithm to 0.005 dB', () => {
  const random = seededRandom(8);
  for (let turn = 0; turn < 2000; turn++) {
    const value = 10 ** (40 * random() - 30);
    expect(Math.abs(decibels(value) - 10 * Math.log10(value))).toBeLessThan(0.005);
  }
});
