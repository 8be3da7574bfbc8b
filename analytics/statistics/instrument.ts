import { studentQuantile } from './distributions.ts';
import { effectOf, effectOfFigures, groupCovariances, groupFigures, REACHED_SHARE, type Measure } from './effect.ts';
import { fiellerInterval } from './fieller.ts';
import type { Stratum } from './strata.ts';

/** What being reached did to those reached because they were drawn to be called. */
export interface EffectOnReached {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Called reached less held out reached. */
  readonly reachedShare: number;
}

/** Too few were reached to divide by: every effect, however large, would fit. */
export type WaldResult = { readonly kind: 'bounded'; readonly effect: EffectOnReached } | { readonly kind: 'unbounded'; readonly reachedShare: number };

export const WALD_ASSUMPTION =
  'The draw decided who was called, and it changed what people paid only by reaching them: a call that nobody heard did nothing. The effect is that on people whom calling reached, not on everybody.';

/**
 * The effect on those reached: the effect of being drawn over the share that being drawn reached (Wald 1940; local average treatment effect of
 * Imbens and Angrist 1994, Econometrica 62, 467-475). Interval of Anderson and Rubin (1949, Annals of Mathematical Statistics 20, 46-63), here
 * Fieller's (1954): all effects b for which `measure - b reached` does not differ between the groups. It holds its level however few were reached. Null
 * if a group is empty.
 * @param measure per `n`
 */
export function effectOnReached(strata: readonly Stratum[], measure: Measure, confidence = 0.95): WaldResult | null {
  const outcome = effectOf(strata, measure, confidence);
  const shares = groupFigures(strata, REACHED_SHARE);
  if (!outcome || !shares) return null;
  const reached = effectOfFigures(shares, confidence);
  const quantile = studentQuantile(1 - (1 - confidence) / 2, outcome.degrees);
  const covariances = groupCovariances(strata, measure, REACHED_SHARE);
  const interval = fiellerInterval(
    {
      numerator: outcome.difference,
      denominator: reached.difference,
      numeratorVariance: outcome.standardError ** 2,
      denominatorVariance: reached.standardError ** 2,
      covariance: covariances.called + covariances.heldOut,
    },
    quantile,
  );
  if (!interval) return { kind: 'unbounded', reachedShare: reached.difference };
  return { kind: 'bounded', effect: { difference: outcome.difference / reached.difference, ...interval, reachedShare: reached.difference } };
}
