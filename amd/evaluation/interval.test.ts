import { expect, test } from 'vitest';
import { wilsonIntervalAt } from '../../core/wilson.ts';
import { clusterOf, meanShare, quantile, shareOf, shareText } from './interval.ts';

// Wilson's interval of 8 of 10, from the textbook formula.
test('independent trials', () => {
  expect(shareText({ found: 8, of: 10, share: 0.8, ...wilsonIntervalAt({ n: 10, count: 8 }, 1.96) })).toBe('80.0 % [49.0-94.3], 8 of 10');
  expect(shareText(shareOf([]))).toBe('none');
});

const calls = (voices: number, each: number, hits: (voice: number, call: number) => boolean): Parameters<typeof shareOf>[0] =>
  Array.from({ length: voices * each }, (_, index) => ({ cluster: String(index % voices), hit: hits(index % voices, Math.floor(index / voices)) }));

test('a hundred calls of ten voices that each are always or never right tell no more than ten', () => {
  const alike = shareOf(calls(10, 10, (voice) => voice < 3));
  const apart = shareOf(calls(100, 1, (voice) => voice < 30));
  expect(alike.share).toBe(apart.share);
  expect(alike.high - alike.low).toBeGreaterThan(2.5 * (apart.high - apart.low));
});

test('calls of one voice that are no more alike than others count as so many', () => {
  const mixed = shareOf(calls(10, 10, (voice, call) => (voice + call) % 10 < 3));
  const apart = shareOf(calls(100, 1, (voice) => voice < 30));
  expect(mixed.low).toBeCloseTo(apart.low, 2);
  expect(mixed.high).toBeCloseTo(apart.high, 2);
});

test('no mistake on one voice says little', () => {
  expect(shareOf(calls(1, 1000, () => false)).high).toBeGreaterThan(0.7);
  expect(shareOf(calls(1000, 1, () => false)).high).toBeLessThan(0.005);
});

test('a thousand calls of one voice are one voice, whatever was told of them', () => {
  const alone = shareOf(calls(1, 1000, (_voice, call) => call < 300));
  expect(alone.share).toBe(0.3);
  expect(alone.high - alone.low).toBeGreaterThan(0.5);
});

test('the mean of two shares is surer than either, and of nothing if one is', () => {
  const share = (found: number, of: number): ReturnType<typeof shareOf> => shareOf(Array.from({ length: of }, (_, call) => ({ cluster: String(call), hit: call < found })));
  const [half, most] = [share(50, 100), share(90, 100)];
  const mean = meanShare(half, most);
  expect(mean.share).toBeCloseTo(0.7, 10);
  // Wilson's intervals are 0.4038-0.5962 and 0.8256-0.9448: sqrt(0.0962² + 0.0744²) / 2 and sqrt(0.0962² + 0.0448²) / 2.
  expect(mean.low).toBeCloseTo(0.7 - 0.0608, 3);
  expect(mean.high).toBeCloseTo(0.7 + 0.0531, 3);
  expect(meanShare(half, share(0, 0))).toEqual({ share: Number.NaN, low: 0, high: 1 });
});

test('calls without a voice are like no other', () => {
  expect([clusterOf('a', 0), clusterOf('a', 1)]).toEqual(['a', 'a']);
  expect(clusterOf('', 0)).not.toBe(clusterOf('', 1));
});

test('quantiles', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([], 0.5)).toBeNaN();
});
