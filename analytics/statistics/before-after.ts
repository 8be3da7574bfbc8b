import type { Difference } from './comparison.ts';
import { studentQuantile, studentTails } from './distributions.ts';
import { sampleVariance, type MeanStatistics } from './comparison.ts';

/** Payments per account in equal periods, the last of them after calling began. One account is in every period. */
export interface Panel {
  /** Of after less before, of each account. */
  readonly change: MeanStatistics;
  /** Of the changes between the periods before calling, oldest first: each period less the one before it. */
  readonly changesBefore: readonly MeanStatistics[];
}

export interface BeforeAfter extends Difference {
  /** Whether both went the same way before calling: differences of the changes, with p-values. */
  readonly trends: readonly { readonly difference: number; readonly p: number }[];
  /** False if any of the trends differs at the level of 0.05 (Bonferroni): the estimate is then not to be used. */
  readonly parallel: boolean;
}

export const BEFORE_AFTER_STAMP = 'indicative';
export const BEFORE_AFTER_ASSUMPTION =
  'Nobody was held out. Those called are compared with accounts that were not in the campaign, each with its own past; had nobody been called, both would have changed alike. Nothing in the data can prove that: the figure is indicative.';

/**
 * Difference in differences: the change of those called less the change of those compared with (Angrist and Pischke 2009, Mostly Harmless Econometrics, 5.2), on each
 * account's own change, so that repeated periods need no further clustering (Bertrand, Duflo and Mullainathan 2004, QJE 119, 249-275). The same difference
 * between the periods before calling is the check of parallel trends.
 */
export function differenceInDifferences(called: Panel, compared: Panel, confidence = 0.95): BeforeAfter | null {
  const main = welch(called.change, compared.change);
  if (!main) return null;
  const trends = called.changesBefore.flatMap((change, i) => {
    const other = compared.changesBefore[i];
    const found = other && welch(change, other);
    return found ? [{ difference: found.difference, p: found.error > 0 ? studentTails(found.difference / found.error, found.degrees) : found.difference === 0 ? 1 : 0 }] : [];
  });
  const reach = studentQuantile(1 - (1 - confidence) / 2, main.degrees) * main.error;
  return { difference: main.difference, low: main.difference - reach, high: main.difference + reach, trends, parallel: trends.every(({ p }) => p >= 0.05 / trends.length) };
}

function welch(a: MeanStatistics, b: MeanStatistics): { difference: number; error: number; degrees: number } | null {
  if (a.n < 2 || b.n < 2) return null;
  const [e1, e2] = [sampleVariance(a) / a.n, sampleVariance(b) / b.n];
  const spread = e1 ** 2 / (a.n - 1) + e2 ** 2 / (b.n - 1);
  return { difference: a.sum / a.n - b.sum / b.n, error: Math.sqrt(e1 + e2), degrees: spread > 0 ? (e1 + e2) ** 2 / spread : a.n + b.n - 2 };
}
