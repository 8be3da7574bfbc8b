import type { Interval } from './comparison.ts';

/** Two estimates with their variances and covariance. */
export interface Pair {
  readonly numerator: number;
  readonly denominator: number;
  readonly numeratorVariance: number;
  readonly denominatorVariance: number;
  readonly covariance: number;
}

/**
 * Interval of a ratio: all b for which `numerator - b denominator` is within `quantile` standard errors of zero. Fieller (1954), Journal of the Royal
 * Statistical Society B 16, 175-185. Null if the denominator itself is not distinct from zero: then no ratio, however large, is excluded.
 */
export function fiellerInterval({ numerator, denominator, numeratorVariance, denominatorVariance, covariance }: Pair, quantile: number): Interval | null {
  const q = quantile * quantile;
  const a = denominator ** 2 - q * denominatorVariance;
  if (!(a > 0)) return null;
  const b = numerator * denominator - q * covariance;
  const c = numerator ** 2 - q * numeratorVariance;
  const root = Math.sqrt(Math.max(0, b * b - a * c));
  return { low: (b - root) / a, high: (b + root) / a };
}
