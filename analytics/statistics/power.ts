import { normalQuantile } from './distributions.ts';

/** What is known of a campaign before its first call. */
export interface Plan {
  readonly called: number;
  readonly heldOut: number;
  /** Contacts that share phones are worth fewer: sum of squared cluster sizes over contacts; 1 if nobody shares. */
  readonly designEffect: number;
  /** Expected share of those held out that pays within the horizon, above 0 and below 1. */
  readonly paidShare: number;
  /** Mean of the debts, and of their squares, in minor units. Absent: only shares can be told. */
  readonly debts?: { readonly mean: number; readonly meanOfSquares: number };
  /** Part of the debt that who pays clears; default 1: what the variance is largest with. */
  readonly clearedShare?: number;
}

export interface SmallestEffect {
  /** Of the paid share, as a fraction. */
  readonly share: number;
  /** Of the money per contact, minor units, if the effect is that more people pay; null without debts. */
  readonly moneyMinor: number | null;
  /** The same for all contacts called. */
  readonly totalMinor: number | null;
}

/**
 * The smallest effect that a two-sided test of the level finds with the power: (z_(1 - alpha/2) + z_power) standard errors, the called group's share
 * being the held out one's plus the effect (Fleiss, Levin and Paik 2003, Statistical Methods for Rates and Proportions, 4.2; unequal groups, no continuity correction). For
 * money: who pays pays `clearedShare` of the debt, so a payment's mean square is that of the debts. Null if no effect up to everybody paying is found.
 * @throws RangeError for an empty group or shares out of range
 */
export function smallestEffect(plan: Plan, { level = 0.05, power = 0.8 } = {}): SmallestEffect | null {
  const { called, heldOut, designEffect, paidShare: p, debts, clearedShare = 1 } = plan;
  if (!(called > 0) || !(heldOut > 0)) throw new RangeError(`both groups need contacts, found ${called} called and ${heldOut} held out`);
  if (!(p > 0 && p < 1)) throw new RangeError(`the paid share must lie between 0 and 1, found ${p}`);
  const z = normalQuantile(1 - level / 2) + normalQuantile(power);
  const enough = (share: number): number => z * Math.sqrt(designEffect * ((p * (1 - p)) / heldOut + ((p + share) * (1 - p - share)) / called));
  const share = fixedPoint(enough, 1 - p);
  if (share === null) return null;
  if (!debts) return { share, moneyMinor: null, totalMinor: null };
  const mean = clearedShare * debts.mean;
  const square = clearedShare ** 2 * debts.meanOfSquares;
  const variance = (paid: number): number => paid * square - (paid * mean) ** 2;
  const more = fixedPoint((extra) => (z * Math.sqrt(designEffect * (variance(p) / heldOut + variance(p + extra) / called))) / mean, 1 - p);
  return { share, moneyMinor: more === null ? null : more * mean, totalMinor: more === null ? null : more * mean * called };
}

/** The least x up to `most` with x >= needed(x), by bisection; null if there is none. */
function fixedPoint(needed: (x: number) => number, most: number): number | null {
  if (!(needed(most) <= most)) return null;
  let [low, high] = [0, most];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (needed(middle) <= middle) high = middle;
    else low = middle;
  }
  return high;
}
