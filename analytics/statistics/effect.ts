import type { Difference, Interval } from './comparison.ts';
import { wilsonIntervalAt } from '../../core/wilson.ts';
import { emptySums, mergeSums, productOf, sumOf, type ClusterSums, type Component } from './cluster-sums.ts';
import { normalQuantile, studentQuantile } from './distributions.ts';
import type { Stratum } from './strata.ts';
import { isHeavy, productWithTails } from './tails.ts';

/** A weighted sum of components, such as `money - 0.3 before`. */
export type LinearForm = Readonly<Partial<Record<Component, number>>>;

/** A ratio of sums: `of` for each `per`. */
export interface Measure {
  readonly of: LinearForm;
  readonly per: 'n' | 'debt';
}

export const PAID_SHARE: Measure = { of: { paid: 1 }, per: 'n' };
export const MONEY_PER_CONTACT: Measure = { of: { money: 1 }, per: 'n' };
export const DEBT_CLEARED: Measure = { of: { cleared: 1 }, per: 'debt' };
export const DAYS_EARLIER: Measure = { of: { early: 1 }, per: 'n' };
export const REACHED_SHARE: Measure = { of: { reached: 1 }, per: 'n' };

/** One group's figure with what the interval needs. */
export interface GroupFigure {
  readonly value: number;
  readonly variance: number;
  readonly degrees: number;
}

export interface GroupFigures {
  readonly called: GroupFigure;
  readonly heldOut: GroupFigure;
}

/** Called minus held out. `relative` is the difference as a part of the held-out figure; null if a figure is not above zero. */
export interface Effect extends Difference {
  readonly called: number;
  readonly heldOut: number;
  readonly standardError: number;
  readonly degrees: number;
  readonly relative: Difference | null;
}

/**
 * Both groups' figures, weighted after the draw by stratum: the sum over strata h of W_h r_h, where r_h is the group's ratio
 * in the stratum and W_h the stratum's part of the denominator over both groups together, which are alike by the draw
 * (post-stratification, Cochran 1977, 5A.9; with `per: 'debt'` the separate ratio estimator of 6.10). One stratum: the plain ratio.
 * Variance by linearisation (the delta method) over clusters: the sum of W_h² G/(G-1) S(u²)/(S per)², u = of - r_h per of a cluster,
 * G the clusters; that is CR1 of Liang and Zeger (1986), and s²/n where each contact is alone. See {@link productWithTails} for how tails are met.
 * Null if a group is empty in a stratum.
 */
export function groupFigures(strata: readonly Stratum[], measure: Measure): GroupFigures | null {
  const total = strata.reduce((sum, { called, heldOut }) => sum + sumOf(called, measure.per) + sumOf(heldOut, measure.per), 0);
  if (!(total > 0)) return null;
  const figure = (side: (stratum: Stratum) => ClusterSums): GroupFigure | null => {
    let [value, variance, spread] = [0, 0, 0];
    for (const stratum of strata) {
      const own = side(stratum);
      const base = sumOf(own, measure.per);
      if (!(base > 0) || own.clusters < 2) return null;
      const weight = (sumOf(stratum.called, measure.per) + sumOf(stratum.heldOut, measure.per)) / total;
      const ratio = sumOfForm(own, measure.of) / base;
      const part = (weight / base) ** 2 * residualProduct(own, poolOf(stratum), measure, measure);
      value += weight * ratio;
      variance += part;
      spread += part ** 2 / degreesOf(own, stratum, measure);
    }
    return { value, variance, degrees: variance > 0 ? variance ** 2 / spread : Number.POSITIVE_INFINITY };
  };
  const called = figure((stratum) => stratum.called);
  const heldOut = figure((stratum) => stratum.heldOut);
  return called && heldOut && { called, heldOut };
}

/** Covariance of two measures' figures in each group; both measures must be per the same. */
export function groupCovariances(strata: readonly Stratum[], a: Measure, b: Measure): { readonly called: number; readonly heldOut: number } {
  const total = strata.reduce((sum, { called, heldOut }) => sum + sumOf(called, a.per) + sumOf(heldOut, a.per), 0);
  const covariance = (side: (stratum: Stratum) => ClusterSums): number =>
    strata.reduce((sum, stratum) => {
      const own = side(stratum);
      const weight = (sumOf(stratum.called, a.per) + sumOf(stratum.heldOut, a.per)) / total;
      return sum + (weight / sumOf(own, a.per)) ** 2 * residualProduct(own, poolOf(stratum), a, b);
    }, 0);
  return { called: covariance((stratum) => stratum.called), heldOut: covariance((stratum) => stratum.heldOut) };
}

/**
 * The effect on a mean or a ratio: Welch's interval (Biometrika 34, 28-35, 1947) with Satterthwaite's degrees over groups and strata.
 * Null if a group is empty, or if no value differs from another (nobody has paid yet): how far the figures scatter is then not known, and is not zero.
 * The relative lift's interval is the ratio's on the log scale by the delta method (Katz et al. 1978, Biometrics 34, 469-474, for any means).
 */
export function effectOf(strata: readonly Stratum[], measure: Measure, confidence = 0.95): Effect | null {
  const figures = groupFigures(strata, measure);
  return figures && figures.called.variance + figures.heldOut.variance > 0 ? effectOfFigures(figures, confidence) : null;
}

export function effectOfFigures({ called, heldOut }: GroupFigures, confidence = 0.95): Effect {
  const difference = called.value - heldOut.value;
  const variance = called.variance + heldOut.variance;
  const spread = called.variance ** 2 / called.degrees + heldOut.variance ** 2 / heldOut.degrees;
  const degrees = spread > 0 ? variance ** 2 / spread : Number.POSITIVE_INFINITY;
  const standardError = Math.sqrt(variance);
  const quantile = studentQuantile(1 - (1 - confidence) / 2, degrees);
  const reach = quantile * standardError;
  return { difference, low: difference - reach, high: difference + reach, called: called.value, heldOut: heldOut.value, standardError, degrees, relative: relativeLift(called, heldOut, quantile) };
}

function relativeLift(called: GroupFigure, heldOut: GroupFigure, quantile: number): Difference | null {
  if (!(called.value > 0) || !(heldOut.value > 0)) return null;
  const ratio = called.value / heldOut.value;
  const factor = Math.exp(quantile * Math.sqrt(called.variance / called.value ** 2 + heldOut.variance / heldOut.value ** 2));
  return { difference: ratio - 1, low: ratio / factor - 1, high: ratio * factor - 1 };
}

/**
 * The effect on a share: Newcombe's hybrid score interval (1998, Statistics in Medicine 17, 873-890, method 10) on effective counts,
 * that is, on as many independent contacts as would give the group's variance (Kish 1965, Survey Sampling, 8.2; for Wilson's interval
 * Korn and Graubard 1998, Survey Methodology 24, 193-201). One stratum without shared phones: Newcombe's interval itself.
 */
export function effectOnShare(strata: readonly Stratum[], measure: Measure, confidence = 0.95): Effect | null {
  const figures = groupFigures(strata, measure);
  return figures && { ...effectOfFigures(figures, confidence), ...hybridInterval(strata, figures, normalQuantile(1 - (1 - confidence) / 2)) };
}

/** That interval for a normal quantile that is given, such as one that holds at many looks. */
export function shareInterval(strata: readonly Stratum[], measure: Measure, quantile: number): Interval | null {
  const figures = groupFigures(strata, measure);
  return figures && hybridInterval(strata, figures, quantile);
}

function hybridInterval(strata: readonly Stratum[], { called, heldOut }: GroupFigures, quantile: number): Interval {
  const a = scoreInterval(called, strata.map((stratum) => stratum.called), quantile);
  const b = scoreInterval(heldOut, strata.map((stratum) => stratum.heldOut), quantile);
  const difference = called.value - heldOut.value;
  return { low: difference - Math.hypot(called.value - a.low, b.high - heldOut.value), high: difference + Math.hypot(a.high - called.value, heldOut.value - b.low) };
}

/** Contacts of one group as if they were independent: what its share's variance amounts to. */
export function effectiveCount(share: GroupFigure, groups: readonly ClusterSums[]): number {
  const contacts = groups.reduce((sum, group) => sum + sumOf(group, 'n'), 0);
  if (!(share.value > 0 && share.value < 1) || share.variance <= 0) {
    const squares = groups.reduce((sum, group) => sum + productOf(group, 'n', 'n'), 0);
    return contacts ** 2 / squares;
  }
  // The sample variance divides by G - 1 where the binomial has G.
  const clusters = groups.reduce((sum, group) => sum + group.clusters, 0);
  return ((share.value * (1 - share.value)) / share.variance) * (clusters / Math.max(1, clusters - groups.length));
}

function scoreInterval(share: GroupFigure, groups: readonly ClusterSums[], quantile: number): Interval {
  const n = effectiveCount(share, groups);
  return wilsonIntervalAt({ n, count: Math.min(n, n * share.value) }, quantile);
}

const terms = (form: LinearForm): [Component, number][] => Object.entries(form) as [Component, number][];

const sumOfForm = (of: ClusterSums, form: LinearForm): number => terms(form).reduce((sum, [component, factor]) => sum + factor * sumOf(of, component), 0);

/** Sum over clusters of u_a u_b with u = of - r per, times G/(G-1). */
function residualProduct(own: ClusterSums, pool: ClusterSums, a: Measure, b: Measure): number {
  const product = ofMoney(a) || ofMoney(b) ? (i: Component, j: Component) => productWithTails(own, pool, i, j) : (i: Component, j: Component) => productOf(own, i, j);
  const right = residual(own, b);
  let sum = 0;
  for (const [i, factor] of residual(own, a)) for (const [j, other] of right) sum += factor * other * product(i, j);
  const corrected = (sum * own.clusters) / (own.clusters - 1);
  return a === b ? Math.max(0, corrected) : corrected;
}

const ofMoney = ({ of }: Measure): boolean => terms(of).some(([component]) => isHeavy(component));

const residual = (own: ClusterSums, { of, per }: Measure): [Component, number][] => [...terms(of), [per, -sumOfForm(own, of) / sumOf(own, per)]];

function poolOf({ called, heldOut }: Stratum): ClusterSums {
  const pool = emptySums();
  mergeSums(pool, called);
  mergeSums(pool, heldOut);
  return pool;
}

/** Of a mean square that both groups share, the degrees of both. */
const degreesOf = (own: ClusterSums, stratum: Stratum, measure: Measure): number => (ofMoney(measure) ? stratum.called.clusters + stratum.heldOut.clusters - 2 : own.clusters - 1);
