import type { Difference, ShareStatistics } from './comparison.ts';
import { normalQuantile } from './distributions.ts';

/**
 * Difference of two independent shares with the score interval of Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226: all
 * differences that the score test with variance times N/(N-1) does not reject. It holds its level where shares are near 0, where
 * groups are small and where they differ much in size. Counts need not be whole (effective counts).
 * @throws RangeError for an empty group or a count beyond it
 */
export function scoreDifference(first: ShareStatistics, second: ShareStatistics, confidence = 0.95): Difference {
  for (const { n, count } of [first, second]) if (!(n > 0) || !(count >= 0) || count > n) throw new RangeError(`a share needs 0 <= count <= n and n > 0, found ${count} of ${n}`);
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const difference = first.count / first.n - second.count / second.n;
  const isKept = (delta: number): boolean => {
    const gap = difference - delta;
    const variance = restrictedVariance(first, second, delta);
    return gap * gap <= z * z * variance;
  };
  return { difference, low: boundary(difference, -1, isKept), high: boundary(difference, 1, isKept) };
}

/** The last value from `from` towards `to` that is kept, by bisection: what is kept is an interval. */
function boundary(from: number, to: number, isKept: (delta: number) => boolean): number {
  if (isKept(to)) return to;
  let [kept, out] = [from, to];
  for (let i = 0; i < 60 && Math.abs(out - kept) > 1e-13; i++) {
    const middle = (kept + out) / 2;
    if (isKept(middle)) kept = middle;
    else out = middle;
  }
  return kept;
}

/** Variance of the difference at the most likely shares that differ by `delta`: the closed root of the cubic in the paper's appendix I. */
function restrictedVariance({ n: n1, count: x1 }: ShareStatistics, { n: n2, count: x2 }: ShareStatistics, delta: number): number {
  const n = n1 + n2;
  const l3 = n;
  const l2 = (n1 + 2 * n2) * delta - n - (x1 + x2);
  const l1 = (n2 * delta - n - 2 * x2) * delta + x1 + x2;
  const l0 = x2 * delta * (1 - delta);
  const q = (l2 / (3 * l3)) ** 3 - (l1 * l2) / (6 * l3 * l3) + l0 / (2 * l3);
  const p = (q < 0 ? -1 : 1) * Math.sqrt(Math.max(0, (l2 / (3 * l3)) ** 2 - l1 / (3 * l3)));
  const cosine = p === 0 ? 0 : q / p ** 3;
  const angle = (Math.PI + Math.acos(Math.min(1, Math.max(-1, cosine)))) / 3;
  const p2 = Math.min(1, Math.max(0, 2 * p * Math.cos(angle) - l2 / (3 * l3)));
  const p1 = Math.min(1, Math.max(0, p2 + delta));
  return (((p1 * (1 - p1)) / n1 + (p2 * (1 - p2)) / n2) * n) / (n - 1);
}
