import { productOf, sumOf, type ClusterSums } from './cluster-sums.ts';
import type { Difference } from './comparison.ts';
import { studentQuantile } from './distributions.ts';
import { effectOf, groupCovariances, groupFigures, type Effect, type LinearForm, type Measure } from './effect.ts';
import type { Stratum } from './strata.ts';

export interface AdjustedEffect extends Effect {
  /** How much of an earlier payment of 1 shows in the measure. */
  readonly theta: number;
  /** Part of the variance that earlier payments explain: 0 to 1; the interval is narrower by the root of what is left. */
  readonly varianceExplained: number;
}

/**
 * The effect after what earlier payments tell of a contact is taken off: CUPED, Deng, Xu, Kohavi and Walker (2013), "Improving the sensitivity
 * of online controlled experiments by utilizing pre-experiment data", WSDM, 123-132: y - theta (before - its mean), theta = cov(y, before) / var(before)
 * over both groups (here: within strata, over clusters). Earlier payments were made before the draw mattered, so the effect stays the same
 * and only its interval narrows. Null if nothing was paid before, or a group is empty.
 * @param measure per `n`
 */
export function adjustedEffect(strata: readonly Stratum[], measure: Measure, confidence = 0.95): AdjustedEffect | null {
  const theta = thetaOf(strata, measure.of);
  if (theta === null) return null;
  const adjusting: Measure = { of: { ...measure.of, before: -theta }, per: measure.per };
  const raw = effectOf(strata, measure, confidence);
  const adjusted = effectOf(strata, adjusting, confidence);
  if (!raw || !adjusted) return null;
  const varianceExplained = raw.standardError > 0 ? Math.max(0, 1 - (adjusted.standardError / raw.standardError) ** 2) : 0;
  // The groups' own figures are told, not those less theta times the payments before.
  return { ...adjusted, called: raw.heldOut + adjusted.difference, heldOut: raw.heldOut, relative: liftOf(strata, measure, adjusting, adjusted, confidence), theta, varianceExplained };
}

/**
 * The adjusted difference over the held-out group's figure as it was: the ratio (held out + difference) / held out on the log scale by the delta method, both
 * varying together.
 */
function liftOf(strata: readonly Stratum[], measure: Measure, adjusting: Measure, { difference, standardError, degrees }: Effect, confidence: number): Difference | null {
  const base = groupFigures(strata, measure)?.heldOut;
  if (!base || !(base.value > 0) || !(base.value + difference > 0)) return null;
  const withCalls = base.value + difference;
  const shared = base.variance - groupCovariances(strata, adjusting, measure).heldOut;
  const variance = (standardError ** 2 - base.variance + 2 * shared) / withCalls ** 2 + base.variance / base.value ** 2 - (2 * shared) / (withCalls * base.value);
  const factor = Math.exp(studentQuantile(1 - (1 - confidence) / 2, degrees) * Math.sqrt(Math.max(0, variance)));
  const ratio = withCalls / base.value;
  return { difference: ratio - 1, low: ratio / factor - 1, high: ratio * factor - 1 };
}

function thetaOf(strata: readonly Stratum[], form: LinearForm): number | null {
  let [covariance, variance] = [0, 0];
  for (const { called, heldOut } of strata) {
    const both = (of: (group: ClusterSums) => number): number => of(called) + of(heldOut);
    const n = both((group) => sumOf(group, 'n'));
    const nn = both((group) => productOf(group, 'n', 'n'));
    const b = both((group) => sumOf(group, 'before')) / n;
    const bn = both((group) => productOf(group, 'before', 'n'));
    variance += both((group) => productOf(group, 'before', 'before')) - 2 * b * bn + b * b * nn;
    for (const [component, factor] of Object.entries(form) as [keyof LinearForm, number][]) {
      const y = both((group) => sumOf(group, component)) / n;
      const yb = both((group) => productOf(group, component, 'before'));
      const yn = both((group) => productOf(group, component, 'n'));
      covariance += factor * (yb - b * yn - y * bn + y * b * nn);
    }
  }
  return variance > 0 ? covariance / variance : null;
}
