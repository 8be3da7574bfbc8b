import { wilsonIntervalAt } from '../../core/wilson.ts';
import { normalQuantile, studentQuantile } from './distributions.ts';

/** What is known of a group for a yes or no: enough for every figure here, and two of them add up to one of both. */
export interface ShareStatistics {
  readonly n: number;
  /** How many of them said yes. */
  readonly count: number;
}

/** What is known of a group for a measure: n, sum and sum of squares. Two of them add up to one of both. */
export interface MeanStatistics {
  readonly n: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

/** A difference (first minus second) with its confidence interval. */
export interface Difference {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export const addMeans = (a: MeanStatistics, b: MeanStatistics): MeanStatistics => ({ n: a.n + b.n, sum: a.sum + b.sum, sumOfSquares: a.sumOfSquares + b.sumOfSquares });

/** Wilson's score interval for a share: {@link wilsonIntervalAt}. */
export const wilsonInterval = (share: ShareStatistics, confidence = 0.95): Interval => wilsonIntervalAt(share, normalQuantile(1 - (1 - confidence) / 2));

/**
 * Difference of two independent shares with Newcombe's hybrid score interval: Newcombe (1998), "Interval estimation for
 * the difference between independent proportions: comparison of eleven methods", Statistics in Medicine 17, 873-890,
 * method 10. It keeps its coverage for shares near 0 and for small groups, where the textbook (Wald) interval does not.
 */
export function compareShares(first: ShareStatistics, second: ShareStatistics, confidence = 0.95): Difference {
  const p1 = first.count / first.n;
  const p2 = second.count / second.n;
  const w1 = wilsonInterval(first, confidence);
  const w2 = wilsonInterval(second, confidence);
  const difference = p1 - p2;
  return {
    difference,
    low: difference - Math.hypot(p1 - w1.low, w2.high - p2),
    high: difference + Math.hypot(w1.high - p1, p2 - w2.low),
  };
}

/** Sample variance (divisor n - 1) from sufficient statistics. */
export function sampleVariance({ n, sum, sumOfSquares }: MeanStatistics): number {
  if (n < 2) return Number.NaN;
  // Rounding can leave a hair below zero where all values are equal.
  return Math.max(0, (sumOfSquares - (sum * sum) / n) / (n - 1));
}

/**
 * Difference of two means with Welch's interval, which does not ask for equal variances: Welch (1947), Biometrika 34,
 * 28-35; degrees of freedom by Satterthwaite (1946), Biometrics Bulletin 2, 110-114. Null if a group has fewer than two.
 */
export function compareMeans(first: MeanStatistics, second: MeanStatistics, confidence = 0.95): (Difference & { degrees: number }) | null {
  if (first.n < 2 || second.n < 2) return null;
  const e1 = sampleVariance(first) / first.n;
  const e2 = sampleVariance(second) / second.n;
  const difference = first.sum / first.n - second.sum / second.n;
  const error = e1 + e2;
  if (error === 0) return { difference, low: difference, high: difference, degrees: first.n + second.n - 2 };
  const degrees = error ** 2 / (e1 ** 2 / (first.n - 1) + e2 ** 2 / (second.n - 1));
  const reach = studentQuantile(1 - (1 - confidence) / 2, degrees) * Math.sqrt(error);
  return { difference, low: difference - reach, high: difference + reach, degrees };
}
