import { z } from 'zod';
import { groupSchema } from '../core/contact.ts';
import { ObzvonError } from '../core/errors.ts';
import type { Analytics } from './client.ts';
import { runQuery } from './query.ts';
import { campaignFacts, type CampaignFacts } from './report.ts';
import { BEFORE_AFTER_ASSUMPTION, BEFORE_AFTER_STAMP, differenceInDifferences, type BeforeAfter } from './statistics/before-after.ts';
import { sumOf, type ClusterSums } from './statistics/cluster-sums.ts';
import { spoken } from './table.ts';
import { wilsonInterval, type Difference, type Interval } from './statistics/comparison.ts';
import { effectOf, effectOnShare, MONEY_PER_CONTACT, PAID_SHARE } from './statistics/effect.ts';
import { WALD_ASSUMPTION } from './statistics/instrument.ts';
import { asOneStratum, type Stratum } from './statistics/strata.ts';
import { restrictedMean, restrictedMeanDifference, type DayAtRisk } from './statistics/survival.ts';
import { designEffects, effectsAt, segmentsAt, type HorizonEffects, type Segment } from './uplift-effects.ts';
import { readUpliftSums, strataAt } from './uplift-sums.ts';
import { armResults, type ArmResult } from './uplift-arms.ts';
import { readValidity, type Validity } from './uplift-validity.ts';

const DAY_MS = 86_400_000;
const CONFIDENCE = 0.95;
/** Days after which the effect is told. */
export const HORIZONS = [1, 3, 7, 14, 30, 60] as const;
/** Payments this long before the start tell what to expect of a contact. */
const BEFORE_DAYS = 90;
/** Below this many held out, or this many payers in either group, the interval is honest but too wide to decide by. */
const SMALL_GROUP = 100;
const FEW_PAYERS = 5;

export interface UpliftOptions {
  /** Days payments are followed, 1 to 60. */
  readonly horizonDays?: number;
  /** Where days count from, the same for both groups: the campaign's first call (or the contact's load if later), or the load. */
  readonly since?: 'calling' | 'load';
}

export interface GroupResult {
  readonly contacts: number;
  readonly paid: number;
  /** Null in an empty group. */
  readonly paidShare: number | null;
  /** The share's own interval (Wilson's), as wide as contacts drawn together make it. */
  readonly paidShareInterval: Interval | null;
  readonly amountMinor: number;
  readonly perContactMinor: number | null;
}

/** What calling caused: called minus held out, with its 95 % interval. */
export interface Effect extends Difference {
  /** `difference` as a part of the held-out figure; null if that is not above zero. */
  readonly relativeLift: number | null;
}

export interface UpliftDay {
  /** Payments within this many days. */
  readonly day: number;
  /** False while some contact's days are not over: both groups are still equally followed, but the figures will grow. */
  readonly complete: boolean;
  readonly called: GroupResult;
  readonly heldOut: GroupResult;
  /** Share of contacts who paid; null if a group is empty. */
  readonly share: Effect | null;
  /** Minor units for each contact; null if a group has fewer than two contacts, or while nobody has paid. */
  readonly money: Effect | null;
}

/** What the calls were worth: everybody drawn to be called against everybody held out, reached or not (intention to treat). */
export interface UpliftReport {
  readonly kind: 'uplift';
  readonly campaignId: string;
  readonly name: string;
  readonly currency: string;
  readonly since: 'calling' | 'load';
  readonly horizonDays: number;
  readonly confidence: number;
  /** Null if nobody was called yet. */
  readonly firstCallMs: number | null;
  readonly dataUntilMs: number;
  readonly called: number;
  readonly heldOut: number;
  /** Day by day, all contacts of a group together. */
  readonly days: readonly UpliftDay[];
  /** The effects after 1, 3, 7, 14, 30 and 60 days, and after `horizonDays`. */
  readonly horizons: readonly HorizonEffects[];
  /** Mean days to the payment, counted at most `horizonDays`: called, held out, and called less held out (negative: earlier). Null without both groups, or while nobody has paid. */
  readonly daysToPay: (Difference & { readonly called: number; readonly heldOut: number }) | null;
  /** Effects on the paid share after `horizonDays` in parts of the campaign. */
  readonly segments: readonly Segment[];
  /** What the campaign tries (`experiment`), each value against those held out and against the first value. */
  readonly arms: readonly ArmResult[];
  readonly validity: Validity;
  /** Where nobody was held out: the change of those called beside that of others, in minor units an account. Never more than a hint. */
  readonly beforeAfter: (BeforeAfter & { readonly stamp: typeof BEFORE_AFTER_STAMP; readonly accounts: number; readonly comparedAccounts: number; readonly periodDays: number }) | null;
  /**
   * Money the calls brought in by the last day: the effect for each contact times the contacts called; minor units. The effect weighted by class of debts, and
   * less what earlier payments tell if there were any.
   */
  readonly causedMinor: Difference | null;
  /** What must be true for the figures to mean what they say. */
  readonly assumptions: readonly string[];
  readonly warnings: readonly string[];
}

const number = z.coerce.number();
type Group = 'called' | 'held_out';

/**
 * What calling was worth: paid share, money, debt cleared and days to pay, called against held out, with their intervals and whether they can be trusted.
 * @throws ObzvonError `not_found` for a campaign nobody knows, `usage` for a horizon out of range
 */
export async function upliftReport(analytics: Analytics, campaignId: string, options: UpliftOptions = {}): Promise<UpliftReport> {
  const horizonDays = options.horizonDays ?? 14;
  const since = options.since ?? 'calling';
  if (!Number.isInteger(horizonDays) || horizonDays < 1 || horizonDays > 60) throw new ObzvonError('usage', `the horizon is ${horizonDays} days; expected a whole number from 1 to 60`);
  const facts = await campaignFacts(analytics, campaignId);
  const origin = { since, firstCallMs: facts.first_call_ms };
  const everyDay = Array.from({ length: horizonDays }, (_, i) => i + 1);
  const horizons = [...new Set([...everyDay, ...HORIZONS])].sort((a, b) => a - b);
  const sums = await readUpliftSums(analytics, campaignId, { horizons, ...origin, beforeDays: BEFORE_DAYS });

  const lastOriginMs = since === 'load' ? facts.last_load_ms : Math.max(facts.last_load_ms, facts.first_call_ms);
  const isComplete = (day: number): boolean => facts.data_until_ms >= lastOriginMs + day * DAY_MS;
  const days = everyDay.map((day) => compareDay(day, isComplete(day), asOneStratum(strataAt(sums, day))));
  const one = asOneStratum(strataAt(sums, horizonDays));
  const called = sumOf(one.called, 'n');
  const heldOut = sumOf(one.heldOut, 'n');
  const told = horizons.filter((day) => day === horizonDays || (HORIZONS as readonly number[]).includes(day)).map((day) => effectsAt(sums, day, isComplete(day)));
  const last = told.find((effects) => effects.day === horizonDays)!;
  const money = last.adjusted.moneyMinor ?? last.moneyMinor;
  const { currency } = facts;
  const { validity, tried } = await readValidity(analytics, campaignId, one, { ...facts, lastOriginMs, horizonDays, beforeDays: BEFORE_DAYS });
  const beforeAfter = heldOut === 0 && called > 0 && facts.first_call_ms > 0 ? await compareBeforeAfter(analytics, campaignId, currency, facts.first_call_ms, horizonDays) : null;
  return {
    kind: 'uplift',
    campaignId,
    name: facts.name,
    currency,
    since,
    horizonDays,
    confidence: CONFIDENCE,
    firstCallMs: facts.first_call_ms > 0 ? facts.first_call_ms : null,
    dataUntilMs: facts.data_until_ms,
    called,
    heldOut,
    days,
    horizons: told,
    daysToPay: called > 1 && heldOut > 1 ? await daysToPay(analytics, { campaign: campaignId, since, first_call_ms: facts.first_call_ms, horizon: horizonDays, until_ms: facts.data_until_ms }, one) : null,
    segments: segmentsAt(sums, horizonDays),
    arms: await armResults(analytics, campaignId, tried, horizonDays, { ...origin, beforeDays: BEFORE_DAYS }),
    validity,
    beforeAfter,
    causedMinor: money && { difference: money.difference * called, low: money.low * called, high: money.high * called },
    assumptions: assumptionsOf(heldOut, last, beforeAfter !== null),
    warnings: warningsOf({ called, heldOut, last: days.at(-1), facts, validity }),
  };
}

function compareDay(day: number, complete: boolean, one: Stratum): UpliftDay {
  const designs = designEffects([one]);
  const called = resultOf(one.called, designs.called);
  const heldOut = resultOf(one.heldOut, designs.heldOut);
  const share = effectOnShare([one], PAID_SHARE, CONFIDENCE);
  const money = effectOf([one], MONEY_PER_CONTACT, CONFIDENCE);
  return { day, complete, called, heldOut, share: share && effectOn(share, heldOut.paidShare), money: money && effectOn(money, heldOut.perContactMinor) };
}

const effectOn = ({ difference, low, high }: Difference, base: number | null): Effect => ({ difference, low, high, relativeLift: base !== null && base > 0 ? difference / base : null });

function resultOf(sums: ClusterSums, designEffect: number): GroupResult {
  const contacts = sumOf(sums, 'n');
  const paid = sumOf(sums, 'paid');
  const amountMinor = sumOf(sums, 'money');
  const paidShareInterval = contacts > 0 ? wilsonInterval({ n: contacts / designEffect, count: paid / designEffect }, CONFIDENCE) : null;
  return { contacts, paid, paidShare: contacts > 0 ? paid / contacts : null, paidShareInterval, amountMinor, perContactMinor: contacts > 0 ? amountMinor / contacts : null };
}

const dayRowSchema = z.object({ contact_group: groupSchema, day: number, has_paid: number, contacts: number });

async function daysToPay(analytics: Analytics, parameters: { campaign: string; since: string; first_call_ms: number; horizon: number; until_ms: number }, one: Stratum): Promise<UpliftReport['daysToPay']> {
  const rows = await runQuery(analytics, 'uplift-days-to-pay', dayRowSchema, parameters);
  const daysOf = (group: Group): DayAtRisk[] => {
    const own = rows.filter((row) => row.contact_group === group);
    return Array.from({ length: parameters.horizon }, (_, i) => ({
      atRisk: own.reduce((sum, row) => sum + (row.day > i ? row.contacts : 0), 0),
      paid: own.find((row) => row.day === i + 1 && row.has_paid > 0)?.contacts ?? 0,
    }));
  };
  const called = restrictedMean(daysOf('called'));
  const heldOut = restrictedMean(daysOf('held_out'));
  if (called.variance + heldOut.variance === 0) return null;
  return { called: called.days, heldOut: heldOut.days, ...restrictedMeanDifference(called, heldOut, designEffects([one]), CONFIDENCE) };
}

const panelSchema = z.object({ called: number, accounts: number, change_1: number, change_1_squares: number, change_2: number, change_2_squares: number, change_3: number, change_3_squares: number });

async function compareBeforeAfter(analytics: Analytics, campaignId: string, currency: string, startMs: number, periodDays: number): Promise<UpliftReport['beforeAfter']> {
  const rows = await runQuery(analytics, 'uplift-before-after', panelSchema, { campaign: campaignId, currency, start_ms: startMs, period: periodDays });
  const called = rows.find((row) => row.called > 0);
  const others = rows.find((row) => row.called === 0);
  if (!called || !others) return null;
  const panel = (row: z.output<typeof panelSchema>) => ({
    change: { n: row.accounts, sum: row.change_3, sumOfSquares: row.change_3_squares },
    changesBefore: [{ n: row.accounts, sum: row.change_1, sumOfSquares: row.change_1_squares }, { n: row.accounts, sum: row.change_2, sumOfSquares: row.change_2_squares }],
  });
  const found = differenceInDifferences(panel(called), panel(others), CONFIDENCE);
  return found && { ...found, stamp: BEFORE_AFTER_STAMP, accounts: called.accounts, comparedAccounts: others.accounts, periodDays };
}

function assumptionsOf(heldOut: number, last: HorizonEffects, hasBeforeAfter: boolean): string[] {
  if (heldOut === 0) return hasBeforeAfter ? [BEFORE_AFTER_ASSUMPTION] : [];
  const stated = [
    'Who was held out was drawn by chance before the first call; everybody counts in the group that was drawn, reached or not (intention to treat).',
    'Calling one person does not change what another pays; people with the same first phone count as one draw.',
    'The groups lend one another how large payments are for the width of the intervals of money, class of debts by class; never how many paid.',
  ];
  if (last.onReached.paidShare) stated.push(WALD_ASSUMPTION);
  return stated;
}

function warningsOf({ called, heldOut, last, facts, validity }: { called: number; heldOut: number; last: UpliftDay | undefined; facts: CampaignFacts; validity: Validity }): string[] {
  const warnings: string[] = [];
  if (heldOut === 0) warnings.push('Nobody was held out: what the calls were worth cannot be said. Set holdOutShare in the next campaign.');
  else if (heldOut < SMALL_GROUP) warnings.push(`Only ${heldOut} contacts were held out: the intervals are wide; do not decide by the middle figure.`);
  if (called === 0) warnings.push('Nobody was drawn to be called.');
  if (facts.any_called === 0) warnings.push('Nobody was called yet; days count from the load.');
  if (last && called > 0 && heldOut > 0 && Math.min(last.called.paid, last.heldOut.paid) < FEW_PAYERS) {
    warnings.push(`Fewer than ${FEW_PAYERS} contacts of a group paid (${last.called.paid} called, ${last.heldOut.paid} held out): the interval for money cannot be trusted yet.`);
  }
  if (last && !last.complete) warnings.push(`The ${last.day} days are not over for every contact: the figures will grow, in both groups.`);
  if (facts.held_out_called > 0) warnings.push(`${facts.held_out_called} held-out contacts were called: the groups are mixed, and the effect shown is too small.`);
  const elsewhere = validity.contamination.heldOutCalledElsewhere;
  if (elsewhere > 0) warnings.push(`${elsewhere} held-out contacts were called by other campaigns in the same days: the effect shown is of these calls beside those, and perhaps too small.`);
  if (facts.currencies.length > 1) warnings.push(`Debts are in ${facts.currencies.length} currencies (${[...facts.currencies].sort().join(', ')}): sums of money mix them; only the paid share can be trusted.`);
  const { sampleRatio, balance, maturity, otherChannels } = validity;
  if (last?.complete === true && maturity !== null && !maturity.mature) warnings.push(`Payments of the last days may not be known yet: by the posting lag 99 of 100 are from ${new Date(maturity.knownAtMs).toISOString().slice(0, 10)} on.`);
  for (const { channel, before, since } of otherChannels) {
    if (!before.balanced) warnings.push(`The groups differed before the first call: "${channel}" reached ${before.called} of those called and ${before.heldOut} of those held out.`);
    if (!since.balanced) warnings.push(`Since the first call "${channel}" reached ${since.called} of those called and ${since.heldOut} of those held out: the effect is that of both together, not of calling.`);
  }
  if (sampleRatio?.alarm) {
    warnings.push(`${(100 * sampleRatio.heldOutShare).toFixed(2)} % were held out where ${(100 * sampleRatio.plannedShare).toFixed(2)} % were planned (p = ${sampleRatio.p.toExponential(1)}): the draw or the data is broken; do not use the figures before it is known why.`);
  }
  for (const row of balance) {
    if (!row.balanced) warnings.push(`The groups differed before the first call: ${spoken(row.covariate)}, by ${row.difference?.toFixed(2)} standard deviations.`);
  }
  return warnings;
}
