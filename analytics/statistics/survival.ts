import { normalQuantile } from './distributions.ts';
import type { Difference } from './comparison.ts';

/** One day of a group: how many were followed through it without having paid before, and how many of them paid on it. */
export interface DayAtRisk {
  readonly atRisk: number;
  readonly paid: number;
}

export interface RestrictedMean {
  /** Days to the payment, counted at most `horizon` days. */
  readonly days: number;
  readonly variance: number;
  /** Share that had not paid by the end of each day. */
  readonly unpaid: readonly number[];
}

/**
 * Mean days to the payment within a horizon: the area under Kaplan and Meier's curve (1958, JASA 53, 457-481), which uses contacts that were not followed to the
 * end as far as they were; variance by Greenwood's formula for restricted means (Klein and Moeschberger 2003, Survival Analysis, eq. 4.5.2). A payment on day d
 * counts d days: 1 for the first 24 hours.
 */
export function restrictedMean(days: readonly DayAtRisk[]): RestrictedMean {
  const unpaid: number[] = [];
  let share = 1;
  for (const { atRisk, paid } of days) {
    if (atRisk > 0) share *= 1 - paid / atRisk;
    unpaid.push(share);
  }
  // Who has not paid by the end of day d waits day d + 1 whole: the first day is waited by all.
  const mean = 1 + unpaid.slice(0, -1).reduce((sum, one) => sum + one, 0);
  let variance = 0;
  let ahead = 0;
  for (let d = days.length - 2; d >= 0; d--) {
    ahead += unpaid[d]!;
    const { atRisk, paid } = days[d]!;
    if (paid > 0 && atRisk > paid) variance += (ahead * ahead * paid) / (atRisk * (atRisk - paid));
  }
  return { days: mean, variance, unpaid };
}

/**
 * Difference of restricted means, called minus held out: negative if calling brings payments earlier (Royston and Parmar 2013, BMC Medical Research Methodology 13:152).
 * @param designEffects by which shared phones enlarge each group's variance; 1 for none
 */
export function restrictedMeanDifference(called: RestrictedMean, heldOut: RestrictedMean, designEffects: { readonly called: number; readonly heldOut: number } = { called: 1, heldOut: 1 }, confidence = 0.95): Difference {
  const difference = called.days - heldOut.days;
  const reach = normalQuantile(1 - (1 - confidence) / 2) * Math.sqrt(called.variance * designEffects.called + heldOut.variance * designEffects.heldOut);
  return { difference, low: difference - reach, high: difference + reach };
}
