import { anytimeInterval, anytimeQuantile } from './anytime.ts';
import { sumOf } from './cluster-sums.ts';
import type { Interval } from './comparison.ts';
import { effectOf, shareInterval, type Measure } from './effect.ts';
import type { Stratum } from './strata.ts';

/**
 * With fewer paying clusters in a group its mean is not near enough to normal for an asymptotic interval that has to hold at every look: looking
 * begins here (Waudby-Smith et al. 2021, section 2.4, on the time from which such a sequence holds).
 */
export const LEAST_PAYING = 50;

/** The interval for the effect on a share that holds at every look together: Newcombe's, as wide as the confidence sequence. */
export function shareAtEveryLook(strata: readonly Stratum[], measure: Measure, tunedAt: number): Interval | null {
  const contacts = contactsOf(strata);
  return contacts > 0 ? shareInterval(strata, measure, anytimeQuantile(contacts, tunedAt)) : null;
}

/** The same for a mean or a ratio; null while fewer than {@link LEAST_PAYING} clusters of a group pay. */
export function meanAtEveryLook(strata: readonly Stratum[], measure: Measure, tunedAt: number): Interval | null {
  const least = Math.min(...(['called', 'heldOut'] as const).map((side) => strata.reduce((sum, stratum) => sum + stratum[side].paying, 0)));
  if (least < LEAST_PAYING) return null;
  const effect = effectOf(strata, measure);
  return effect && anytimeInterval(effect, contactsOf(strata), tunedAt);
}

const contactsOf = (strata: readonly Stratum[]): number => strata.reduce((sum, { called, heldOut }) => sum + sumOf(called, 'n') + sumOf(heldOut, 'n'), 0);
