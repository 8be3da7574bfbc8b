import { describe, expect, test } from 'vitest';
import { incompleteBeta, logGamma, normalQuantile, studentCdf, studentQuantile } from './distributions.ts';

test('normal quantiles', () => {
  expect(normalQuantile(0.5)).toBe(0);
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 13);
  expect(normalQuantile(0.995)).toBeCloseTo(2.5758293035489004, 13);
  expect(normalQuantile(0.025)).toBeCloseTo(-1.959963984540054, 13);
  expect(normalQuantile(1e-12)).toBeCloseTo(-7.034483825301131, 9);
  expect(() => normalQuantile(1)).toThrow(RangeError);
});

test('ln gamma of whole numbers and of a half', () => {
  let factorial = 1;
  for (let n = 1; n <= 20; n++) {
    expect(logGamma(n)).toBeCloseTo(Math.log(factorial), 10);
    factorial *= n;
  }
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
});

test('incomplete beta where it has a closed form', () => {
  for (const x of [0.01, 0.2, 0.5, 0.77, 0.99]) {
    expect(incompleteBeta(x, 1, 1)).toBeCloseTo(x, 13);
    expect(incompleteBeta(x, 3, 1)).toBeCloseTo(x ** 3, 13);
    expect(incompleteBeta(x, 1, 4)).toBeCloseTo(1 - (1 - x) ** 4, 13);
    expect(incompleteBeta(x, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 12);
  }
});

describe("Student's t", () => {
  // The usual table of two-sided 95 % and 99 % quantiles.
  test.each([
    [1, 12.7062, 63.6567], [2, 4.30265, 9.92484], [3, 3.18245, 5.84091], [5, 2.57058, 4.03214],
    [10, 2.22814, 3.16927], [30, 2.04227, 2.75], [120, 1.97993, 2.61742], [1e12, 1.95996, 2.57583],
  ])('%d degrees', (degrees, at95, at99) => {
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(at95, 4);
    expect(studentQuantile(0.995, degrees)).toBeCloseTo(at99, 4);
    expect(studentQuantile(0.025, degrees)).toBeCloseTo(-at95, 4);
  });

  test('closed forms: one degree is Cauchy, two have a root', () => {
    for (const p of [0.6, 0.9, 0.975, 0.999]) {
      expect(studentQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 6);
      expect(studentQuantile(p, 2)).toBeCloseTo((2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 8);
    }
  });

  test('the quantile undoes the distribution, also between whole degrees and for many', () => {
    for (const degrees of [0.7, 5.88, 41.3, 12_345.6, 2e6]) {
      for (const p of [0.01, 0.3, 0.5, 0.8, 0.9999]) expect(studentCdf(studentQuantile(p, degrees), degrees)).toBeCloseTo(p, 9);
    }
  });
});
