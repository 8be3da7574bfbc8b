import { z } from 'zod';
import { groupSchema } from '../core/contact.ts';
import { ObzvonError } from '../core/errors.ts';
import type { Analytics } from './client.ts';
import { runQuery } from './query.ts';
import { campaignFacts } from './report.ts';
import { compareMeans, compareShares, type Difference } from './statistics/comparison.ts';

const DAY_MS = 86_400_000;
const CONFIDENCE = 0.95;
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
  /** Minor units for each contact; null if a group has fewer than two contacts. */
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
  readonly days: readonly UpliftDay[];
  /** Money the calls brought in by the last day: the effect for each contact times the contacts called; minor units. */
  readonly causedMinor: Difference | null;
  readonly warnings: readonly string[];
}

const number = z.coerce.number();
const groupsSchema = z.object({ contact_group: groupSchema, contacts: number, debt_minor: number });
const daySchema = z.object({ contact_group: groupSchema, day: number, paid: number, amount_minor: number, amount_squares: number });
type DayRow = z.output<typeof daySchema>;

/**
 * Paid share and money for each contact, called against held out, by day.
 * @throws ObzvonError `not_found` for a campaign nobody knows, `usage` for a horizon out of range
 */
export async function upliftReport(analytics: Analytics, campaignId: string, options: UpliftOptions = {}): Promise<UpliftReport> {
  const horizonDays = options.horizonDays ?? 14;
  const since = options.since ?? 'calling';
  if (!Number.isInteger(horizonDays) || horizonDays < 1 || horizonDays > 60) throw new ObzvonError('usage', `the horizon is ${horizonDays} days; expected a whole number from 1 to 60`);
  const facts = await campaignFacts(analytics, campaignId);
  const groups = await runQuery(analytics, 'uplift-groups', groupsSchema, { campaign: campaignId });
  const rows = await runQuery(analytics, 'uplift-days', daySchema, { campaign: campaignId, horizon: horizonDays, since });

  const sizeOf = (group: 'called' | 'held_out'): number => groups.find((row) => row.contact_group === group)?.contacts ?? 0;
  const called = sizeOf('called');
  const heldOut = sizeOf('held_out');
  const lastOriginMs = since === 'load' ? facts.last_load_ms : Math.max(facts.last_load_ms, facts.first_call_ms);
  const days: UpliftDay[] = [];
  for (let day = 1; day <= horizonDays; day++) {
    const rowOf = (group: 'called' | 'held_out'): DayRow | undefined => rows.find((row) => row.contact_group === group && row.day === day);
    days.push(compareDay(day, facts.data_until_ms >= lastOriginMs + day * DAY_MS, called, rowOf('called'), heldOut, rowOf('held_out')));
  }
  const last = days.at(-1);
  const money = last?.money ?? null;
  return {
    kind: 'uplift',
    campaignId,
    name: facts.name,
    currency: facts.currency,
    since,
    horizonDays,
    confidence: CONFIDENCE,
    firstCallMs: facts.first_call_ms > 0 ? facts.first_call_ms : null,
    dataUntilMs: facts.data_until_ms,
    called,
    heldOut,
    days,
    causedMinor: money && { difference: money.difference * called, low: money.low * called, high: money.high * called },
    warnings: warningsOf({ called, heldOut, last, facts }),
  };
}

function compareDay(day: number, complete: boolean, calledCount: number, calledRow: DayRow | undefined, heldOutCount: number, heldOutRow: DayRow | undefined): UpliftDay {
  const called = resultOf(calledCount, calledRow);
  const heldOut = resultOf(heldOutCount, heldOutRow);
  const share = calledCount > 0 && heldOutCount > 0 ? compareShares({ n: calledCount, count: called.paid }, { n: heldOutCount, count: heldOut.paid }, CONFIDENCE) : null;
  const money = compareMeans(
    { n: calledCount, sum: called.amountMinor, sumOfSquares: calledRow?.amount_squares ?? 0 },
    { n: heldOutCount, sum: heldOut.amountMinor, sumOfSquares: heldOutRow?.amount_squares ?? 0 },
    CONFIDENCE,
  );
  return { day, complete, called, heldOut, share: share && effectOf(share, heldOut.paidShare), money: money && effectOf(money, heldOut.perContactMinor) };
}

const effectOf = ({ difference, low, high }: Difference, base: number | null): Effect => ({ difference, low, high, relativeLift: base !== null && base > 0 ? difference / base : null });

function resultOf(contacts: number, row: DayRow | undefined): GroupResult {
  const paid = row?.paid ?? 0;
  const amountMinor = row?.amount_minor ?? 0;
  return { contacts, paid, paidShare: contacts > 0 ? paid / contacts : null, amountMinor, perContactMinor: contacts > 0 ? amountMinor / contacts : null };
}

function warningsOf({ called, heldOut, last, facts }: { called: number; heldOut: number; last: UpliftDay | undefined; facts: { held_out_called: number; currencies: string[]; attempts: number } }): string[] {
  const warnings: string[] = [];
  if (heldOut === 0) warnings.push('Nobody was held out: what the calls were worth cannot be said. Set holdOutShare in the next campaign.');
  else if (heldOut < SMALL_GROUP) warnings.push(`Only ${heldOut} contacts were held out: the intervals are wide; do not decide by the middle figure.`);
  if (called === 0) warnings.push('Nobody was drawn to be called.');
  if (facts.attempts === 0) warnings.push('Nobody was called yet; days count from the load.');
  if (last && called > 0 && heldOut > 0 && Math.min(last.called.paid, last.heldOut.paid) < FEW_PAYERS) {
    warnings.push(`Fewer than ${FEW_PAYERS} contacts of a group paid (${last.called.paid} called, ${last.heldOut.paid} held out): the interval for money cannot be trusted yet.`);
  }
  if (last && !last.complete) warnings.push(`The ${last.day} days are not over for every contact: the figures will grow, in both groups.`);
  if (facts.held_out_called > 0) warnings.push(`${facts.held_out_called} held-out contacts were called: the groups are mixed, and the effect shown is too small.`);
  if (facts.currencies.length > 1) warnings.push(`Debts are in ${facts.currencies.length} currencies (${[...facts.currencies].sort().join(', ')}): sums of money mix them; only the paid share can be trusted.`);
  return warnings;
}
