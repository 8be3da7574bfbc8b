import { sumOf, type ClusterSums } from './statistics/cluster-sums.ts';
import type { Difference, Interval, ShareStatistics } from './statistics/comparison.ts';
import { adjustedEffect } from './statistics/covariate.ts';
import { studentTails } from './statistics/distributions.ts';
import { DAYS_EARLIER, DEBT_CLEARED, effectiveCount, effectOf, effectOnShare, groupFigures, MONEY_PER_CONTACT, PAID_SHARE, type Effect, type Measure } from './statistics/effect.ts';
import { meanAtEveryLook, shareAtEveryLook } from './statistics/daily-looks.ts';
import { effectOnReached, type WaldResult } from './statistics/instrument.ts';
import { benjaminiHochberg, holm } from './statistics/multiplicity.ts';
import { scoreDifference } from './statistics/score-interval.ts';
import { asOneStratum, joinThinStrata, type Stratum } from './statistics/strata.ts';
import { strataAt, type Cell, type UpliftSums } from './uplift-sums.ts';

const CONFIDENCE = 0.95;

/** Called minus held out, weighted by class of debts, with its interval, and the interval for those who look every day. */
export interface Estimate {
  readonly called: number;
  readonly heldOut: number;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** As a part of the held-out figure, with an interval of its own; null if a figure is not above zero. */
  readonly relative: Difference | null;
  /** Holds at all looks together; null while too few paid. */
  readonly anytime: Interval | null;
}

/** After what earlier payments tell was taken off (CUPED). */
export interface AdjustedEstimate extends Estimate {
  readonly theta: number;
  readonly varianceExplained: number;
}

/** The effects of being drawn to be called, payments of so many days taken together; money in minor units. */
export interface HorizonEffects {
  readonly day: number;
  /** False while some contact's days are not over. */
  readonly complete: boolean;
  readonly paidShare: Estimate | null;
  /** The same by Miettinen and Nurminen, not weighted. */
  readonly paidShareScore: Difference | null;
  readonly moneyMinor: Estimate | null;
  readonly debtCleared: Estimate | null;
  /** Mean of the days that the payments of a contact came before the end of the horizon: larger is better. */
  readonly daysEarlier: Estimate | null;
  /** Null if nobody paid anything before. */
  readonly adjusted: { readonly paidShare: AdjustedEstimate | null; readonly moneyMinor: AdjustedEstimate | null };
  /** On those whom calling reached; see the report's assumptions. */
  readonly onReached: { readonly paidShare: WaldResult | null; readonly moneyMinor: WaldResult | null };
}

/** The effects after `day` days. Anytime-valid intervals are narrowest at as many contacts as there are. */
export function effectsAt(sums: UpliftSums, day: number, complete: boolean): HorizonEffects {
  const all = strataAt(sums, day);
  const one = [asOneStratum(all)];
  const strata = joinThinStrata(all);
  const contacts = strata.reduce((sum, { called, heldOut }) => sum + sumOf(called, 'n') + sumOf(heldOut, 'n'), 0);
  const mean = (measure: Measure): Estimate | null => {
    const effect = effectOf(strata, measure, CONFIDENCE);
    return effect && estimateOf(effect, meanAtEveryLook(strata, measure, contacts));
  };
  const adjusted = (measure: Measure): AdjustedEstimate | null => {
    const effect = adjustedEffect(strata, measure, CONFIDENCE);
    if (!effect) return null;
    const adjusting: Measure = { of: { ...measure.of, before: -effect.theta }, per: measure.per };
    return { ...estimateOf(effect, meanAtEveryLook(strata, adjusting, contacts)), theta: effect.theta, varianceExplained: effect.varianceExplained };
  };
  const reached = (measure: Measure): WaldResult | null => (sumOf(one[0]!.called, 'reached') > 0 ? effectOnReached(strata, measure, CONFIDENCE) : null);
  const share = effectOnShare(strata, PAID_SHARE, CONFIDENCE);
  return {
    day,
    complete,
    paidShare: share && estimateOf(share, shareAtEveryLook(strata, PAID_SHARE, contacts)),
    paidShareScore: scoreOf(one),
    moneyMinor: mean(MONEY_PER_CONTACT),
    debtCleared: mean(DEBT_CLEARED),
    daysEarlier: mean(DAYS_EARLIER),
    adjusted: { paidShare: adjusted(PAID_SHARE), moneyMinor: adjusted(MONEY_PER_CONTACT) },
    onReached: { paidShare: reached(PAID_SHARE), moneyMinor: reached(MONEY_PER_CONTACT) },
  };
}

const estimateOf = ({ called, heldOut, difference, low, high, relative }: Effect, anytime: Interval | null): Estimate => ({ called, heldOut, difference, low, high, relative, anytime });

/** Shares as if of independent contacts. */
export function effectiveShares(strata: readonly Stratum[]): { called: ShareStatistics; heldOut: ShareStatistics } | null {
  const figures = groupFigures(strata, PAID_SHARE);
  if (!figures) return null;
  const share = (side: 'called' | 'heldOut'): ShareStatistics => {
    const n = effectiveCount(figures[side], strata.map((stratum) => stratum[side]));
    return { n, count: Math.min(n, n * figures[side].value) };
  };
  return { called: share('called'), heldOut: share('heldOut') };
}

/** By how much shared phones enlarge the variance of a group's paid share; 1 if they do not. */
export function designEffects(strata: readonly Stratum[]): { called: number; heldOut: number } {
  const effective = effectiveShares(strata);
  const effect = (side: 'called' | 'heldOut'): number => {
    const contacts = strata.reduce((sum, stratum) => sum + sumOf(stratum[side], 'n'), 0);
    return effective && effective[side].n > 0 ? contacts / effective[side].n : 1;
  };
  return { called: effect('called'), heldOut: effect('heldOut') };
}

function scoreOf(one: readonly Stratum[]): Difference | null {
  const shares = effectiveShares(one);
  return shares && scoreDifference(shares.called, shares.heldOut, CONFIDENCE);
}

/** The effect on the paid share in one segment, with p-values for as many segments as were looked at. */
export interface Segment extends Difference {
  readonly dimension: 'language' | 'phones' | 'debt' | 'other_channels';
  readonly value: string;
  readonly called: number;
  readonly heldOut: number;
  readonly p: number;
  /** Adjusted by Holm: the chance of one false finding in all. */
  readonly holm: number;
  /** Adjusted by Benjamini and Hochberg: the expected part of false ones among the findings. */
  readonly falseDiscovery: number;
}

/** Effects on the paid share by what was known of a contact before the first call; segments too small for an interval are left out. */
export function segmentsAt(sums: UpliftSums, day: number): Segment[] {
  const thirds = thirdsOfDebt(sums);
  const dimensions: { dimension: Segment['dimension']; of: (cell: Cell) => string }[] = [
    { dimension: 'language', of: (cell) => cell.language },
    { dimension: 'phones', of: (cell) => (cell.severalPhones ? 'several' : 'one') },
    { dimension: 'debt', of: (cell) => thirds(cell.debtClass) },
    { dimension: 'other_channels', of: (cell) => (cell.touched ? 'before the first call' : 'none') },
  ];
  const found = dimensions.flatMap(({ dimension, of }) => {
    const values = [...new Set(sums.cells.map(of))];
    if (values.length < 2) return [];
    return values.flatMap((value) => {
      const one = asOneStratum(strataAt(sums, day, (cell) => of(cell) === value));
      const enough = (group: ClusterSums): boolean => group.clusters >= 20;
      const effect = enough(one.called) && enough(one.heldOut) ? effectOnShare([one], PAID_SHARE, CONFIDENCE) : null;
      if (!effect || effect.standardError === 0) return [];
      const { difference, low, high, called, heldOut } = effect;
      return [{ dimension, value, called, heldOut, difference, low, high, p: studentTails(effect.difference / effect.standardError, effect.degrees) }];
    });
  });
  const ps = found.map(({ p }) => p);
  const [byHolm, byDiscovery] = [holm(ps), benjaminiHochberg(ps)];
  return found.map((segment, i) => ({ ...segment, holm: byHolm[i]!, falseDiscovery: byDiscovery[i]! }));
}

/** Small, middle and large debts: thirds of the contacts, as far as classes allow. */
function thirdsOfDebt({ cells }: UpliftSums): (debtClass: number) => string {
  const byClass = new Map<number, number>();
  for (const { debtClass, contacts } of cells) byClass.set(debtClass, (byClass.get(debtClass) ?? 0) + contacts);
  const all = [...byClass.values()].reduce((sum, n) => sum + n, 0);
  const names = new Map<number, string>();
  let below = 0;
  for (const [debtClass, n] of [...byClass].sort(([a], [b]) => a - b)) {
    const middle = (below + n / 2) / all;
    names.set(debtClass, middle < 1 / 3 ? 'small' : middle < 2 / 3 ? 'middle' : 'large');
    below += n;
  }
  return (debtClass) => names.get(debtClass)!;
}
