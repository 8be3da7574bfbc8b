import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { addMeans, compareMeans, compareShares, sampleVariance, wilsonInterval, type MeanStatistics } from './comparison.ts';

const statisticsOf = (values: readonly number[]): MeanStatistics => ({
  n: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  sumOfSquares: values.reduce((sum, value) => sum + value * value, 0),
});

describe('difference of shares', () => {
  // Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
  test.each([
    { a: 56, m: 70, b: 48, n: 80, low: 0.0524, high: 0.3339 },
    { a: 9, m: 10, b: 3, n: 10, low: 0.1705, high: 0.809 },
    { a: 6, m: 7, b: 2, n: 7, low: 0.0582, high: 0.8062 },
    { a: 5, m: 56, b: 0, n: 29, low: -0.0381, high: 0.1926 },
    { a: 0, m: 10, b: 0, n: 20, low: -0.1611, high: 0.2775 },
    { a: 0, m: 10, b: 0, n: 10, low: -0.2775, high: 0.2775 },
    { a: 10, m: 10, b: 0, n: 20, low: 0.6791, high: 1 },
    { a: 10, m: 10, b: 0, n: 10, low: 0.6075, high: 1 },
  ])('$a/$m against $b/$n', ({ a, m, b, n, low, high }) => {
    const found = compareShares({ n: m, count: a }, { n, count: b });
    expect(found.difference).toBeCloseTo(a / m - b / n, 12);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  });

  // Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
  test.each([
    { r: 81, n: 263, low: 0.2553, high: 0.3662 },
    { r: 15, n: 148, low: 0.0624, high: 0.1605 },
    { r: 0, n: 20, low: 0, high: 0.1611 },
    { r: 1, n: 29, low: 0.0061, high: 0.1718 },
  ])('one share, $r of $n', ({ r, n, low, high }) => {
    const found = wilsonInterval({ n, count: r });
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  });

  test('turned round, the interval is its mirror; it holds the difference and stays within -1 and 1', () => {
    const share = fc.integer({ min: 1, max: 5000 }).chain((n) => fc.record({ n: fc.constant(n), count: fc.integer({ min: 0, max: n }) }));
    fc.assert(
      fc.property(share, share, (a, b) => {
        const there = compareShares(a, b);
        const back = compareShares(b, a);
        expect(back.low).toBeCloseTo(-there.high, 10);
        expect(there.low).toBeLessThanOrEqual(there.difference);
        expect(there.high).toBeGreaterThanOrEqual(there.difference);
        expect(there.low).toBeGreaterThanOrEqual(-1 - 1e-12);
        expect(there.high).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  test('an empty group is refused', () => {
    expect(() => compareShares({ n: 0, count: 0 }, { n: 5, count: 1 })).toThrow(RangeError);
    expect(() => wilsonInterval({ n: 3, count: 4 })).toThrow(/4 of 3/);
  });
});

describe('difference of means', () => {
  test('by hand: 1..5 against 2, 4, 6, 8, 10', () => {
    // Means 3 and 6, variances 2.5 and 10, squared errors 0.5 and 2: error sqrt(2.5), degrees 2.5^2 / (0.25/4 + 4/4) = 5.882352941.
    const found = compareMeans(statisticsOf([1, 2, 3, 4, 5]), statisticsOf([2, 4, 6, 8, 10]))!;
    expect(found.difference).toBeCloseTo(-3, 12);
    expect(found.degrees).toBeCloseTo(5.882352941176, 10);
    expect((found.high - found.low) / 2 / Math.sqrt(2.5)).toBeCloseTo(2.459, 2);
  });

  test('equal sizes and variances: the degrees are those of the plain t test', () => {
    // Each group 1, 2, 3 (variance 1, error 1/3): degrees 4, quantile 2.776445105 (any t table), half width 2.776445105 * sqrt(2/3).
    const found = compareMeans(statisticsOf([1, 2, 3]), statisticsOf([11, 12, 13]))!;
    expect(found.degrees).toBeCloseTo(4, 12);
    expect(found.high - found.difference).toBeCloseTo(2.7764451051978 * Math.sqrt(2 / 3), 8);
  });

  test('no spread: no width; fewer than two: no interval', () => {
    expect(compareMeans(statisticsOf([0, 0, 0]), statisticsOf([0, 0]))).toMatchObject({ difference: 0, low: 0, high: 0 });
    expect(compareMeans(statisticsOf([1]), statisticsOf([1, 2]))).toBeNull();
  });

  test('statistics of parts add up to those of the whole', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 100_000 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const whole = [...a, ...b];
        const mean = whole.reduce((sum, value) => sum + value, 0) / whole.length;
        const variance = whole.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (whole.length - 1);
        const merged = sampleVariance(addMeans(statisticsOf(a), statisticsOf(b)));
        expect(Math.abs(merged - variance)).toBeLessThanOrEqual(1e-6 * Math.max(1, variance));
      }),
    );
  });
});
