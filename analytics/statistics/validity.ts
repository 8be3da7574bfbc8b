import { chiSquareTail } from './distributions.ts';

export interface RatioMismatch {
  readonly chiSquare: number;
  readonly degrees: number;
  readonly p: number;
}

/**
 * Whether groups are of the sizes they were drawn for: Pearson's chi-square of counts against planned shares (Fabijan et al. 2019, "Diagnosing sample
 * ratio mismatch in online controlled experiments", KDD, 2156-2164, who alarm below 0.0005 to 0.01).
 * @param designEffect contacts drawn together count as fewer: the chi-square is divided by it (Rao and Scott 1981, JASA 76, 221-230)
 */
export function ratioMismatch(counts: readonly number[], shares: readonly number[], designEffect = 1): RatioMismatch {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const degrees = counts.length - 1;
  if (total === 0) return { chiSquare: 0, degrees, p: 1 };
  const chiSquare = counts.reduce((sum, count, i) => sum + (count - (total * shares[i]!) / whole) ** 2 / ((total * shares[i]!) / whole), 0) / designEffect;
  return { chiSquare, degrees, p: chiSquareTail(chiSquare, degrees) };
}

/**
 * Standardised difference of a covariate's means: over the root of the mean of both variances (Austin 2009, Statistics in Medicine 28, 3083-3107). It does not
 * grow with the number of contacts; up to 0.1 counts as balanced. Null if a group has fewer than two, or the covariate does not vary.
 */
export function standardisedDifference(first: { readonly n: number; readonly sum: number; readonly sumOfSquares: number }, second: { readonly n: number; readonly sum: number; readonly sumOfSquares: number }): number | null {
  if (first.n < 2 || second.n < 2) return null;
  const variance = ({ n, sum, sumOfSquares }: typeof first): number => Math.max(0, (sumOfSquares - (sum * sum) / n) / (n - 1));
  const spread = Math.sqrt((variance(first) + variance(second)) / 2);
  return spread > 0 ? (first.sum / first.n - second.sum / second.n) / spread : null;
}
