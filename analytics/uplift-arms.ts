import type { Analytics } from './client.ts';
import type { Difference } from './statistics/comparison.ts';
import { studentTails } from './statistics/distributions.ts';
import { effectOf, effectOnShare, MONEY_PER_CONTACT, PAID_SHARE, type Effect } from './statistics/effect.ts';
import { holm } from './statistics/multiplicity.ts';
import { joinThinStrata } from './statistics/strata.ts';
import { sumOf } from './statistics/cluster-sums.ts';
import { readUpliftSums, strataAt, type DrawnFor, type SumsOptions, type UpliftSums } from './uplift-sums.ts';

const CONFIDENCE = 0.95;

/** A difference that two draws made: its interval, and a p-value. */
export interface ArmEffect extends Difference {
  readonly p: number;
}

/** What was tried on some of those called, drawn by chance at the load: how many attempts, the hour of the first call, the version of the message. */
export interface ArmResult {
  readonly tried: Exclude<DrawnFor, 'group'>;
  /** The number of attempts, the hour, or the name of the version. */
  readonly arm: string;
  /** The first that the campaign names; the others are held against it. */
  readonly isBase: boolean;
  readonly contacts: number;
  readonly paidShare: number;
  readonly perContactMinor: number;
  /** Against those held out; null without a hold-out. */
  readonly caused: { readonly paidShare: Difference | null; readonly moneyMinor: Difference | null } | null;
  /** Against the base; null for the base itself. `holm`: p-values corrected for all that is told here. */
  readonly againstBase: { readonly paidShare: (ArmEffect & { readonly holm: number }) | null; readonly moneyMinor: (ArmEffect & { readonly holm: number }) | null } | null;
}

/** What the campaign tries, as its contacts tell. */
export interface Tried {
  readonly attempts: readonly string[];
  readonly first_hour: readonly string[];
  readonly message: readonly string[];
}

const pOf = ({ difference, standardError, degrees }: Effect): number => (standardError > 0 ? studentTails(difference / standardError, degrees) : 1);
const armEffect = (effect: Effect | null): ArmEffect | null => effect && { difference: effect.difference, low: effect.low, high: effect.high, p: pOf(effect) };
const plain = (effect: Effect | null): Difference | null => effect && { difference: effect.difference, low: effect.low, high: effect.high };

/**
 * What each arm of what was tried was worth after `day` days: everybody who was drawn for it counts, whatever became of the calls, so a difference between two arms
 * is one that the draw made. This, not the outcomes of first, second, third attempts, tells what further attempts are worth: whom the third attempt reaches is
 * another kind of person than whom the first does.
 */
export async function armResults(analytics: Analytics, campaignId: string, tried: Tried, day: number, options: Pick<SumsOptions, 'since' | 'firstCallMs' | 'beforeDays'>): Promise<ArmResult[]> {
  const found: ArmResult[] = [];
  for (const what of ['attempts', 'first_hour', 'message'] as const) {
    const arms = tried[what];
    if (arms.length < 2) continue;
    const sums = await readUpliftSums(analytics, campaignId, { ...options, horizons: [day], drawn: { for: what, arms: [...arms, 'held_out'] } });
    found.push(...arms.map((arm, i) => resultOf(sums, what, day, arm, i === 0 ? null : arms[0]!)));
  }
  return corrected(found);
}

function resultOf(sums: UpliftSums, tried: ArmResult['tried'], day: number, arm: string, base: string | null): ArmResult {
  const compare = (against: string) => {
    const strata = joinThinStrata(strataAt(sums, day, () => true, { called: arm, heldOut: against }));
    return { paidShare: effectOnShare(strata, PAID_SHARE, CONFIDENCE), moneyMinor: effectOf(strata, MONEY_PER_CONTACT, CONFIDENCE) };
  };
  const own = strataAt(sums, day, () => true, { called: arm, heldOut: '' }).map((stratum) => stratum.called);
  const total = (component: 'n' | 'paid' | 'money'): number => own.reduce((sum, group) => sum + sumOf(group, component), 0);
  const caused = compare('held_out');
  const beside = base === null ? null : compare(base);
  const zero = (effect: ArmEffect | null) => effect && { ...effect, holm: effect.p };
  return {
    tried, arm, isBase: base === null, contacts: total('n'), paidShare: total('n') > 0 ? total('paid') / total('n') : 0, perContactMinor: total('n') > 0 ? total('money') / total('n') : 0,
    caused: caused.paidShare === null && caused.moneyMinor === null ? null : { paidShare: plain(caused.paidShare), moneyMinor: plain(caused.moneyMinor) },
    againstBase: beside && { paidShare: zero(armEffect(beside.paidShare)), moneyMinor: zero(armEffect(beside.moneyMinor)) },
  };
}

function corrected(found: readonly ArmResult[]): ArmResult[] {
  const ps = found.flatMap(({ againstBase }) => [againstBase?.paidShare?.p, againstBase?.moneyMinor?.p]);
  const given = ps.filter((p) => p !== undefined);
  const adjusted = holm(given);
  let at = 0;
  const next = <T extends ArmEffect>(effect: T | null) => effect && { ...effect, holm: adjusted[at++]! };
  return found.map((one) => ({ ...one, againstBase: one.againstBase && { paidShare: next(one.againstBase.paidShare), moneyMinor: next(one.againstBase.moneyMinor) } }));
}
