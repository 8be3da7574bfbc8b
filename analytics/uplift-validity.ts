import { z } from 'zod';
import { groupSchema } from '../core/contact.ts';
import type { Analytics } from './client.ts';
import { runQuery } from './query.ts';
import { productOf, sumOf, type ClusterSums } from './statistics/cluster-sums.ts';
import type { Stratum } from './statistics/strata.ts';
import type { Tried } from './uplift-arms.ts';
import { ratioMismatch, standardisedDifference, type RatioMismatch } from './statistics/validity.ts';

/** Below it groups of these sizes are no chance of the draw. */
export const MISMATCH_LEVEL = 0.001;
/** Beyond it a covariate's difference matters if it is more than chance: so many standard errors. */
const UNBALANCED = 0.1;
const UNBALANCED_ERRORS = 3;
const LAG_DAYS = 365;
const DAY_MS = 86_400_000;

export interface BalanceRow {
  readonly covariate: 'debt' | 'earlier_payments' | 'phones' | 'priority' | 'language_uk' | 'language_ru' | 'language_en' | 'due_date_known';
  readonly called: number;
  readonly heldOut: number;
  /** In standard deviations, called less held out; null if it does not vary. */
  readonly difference: number | null;
  /** False: larger than 0.1 and than three standard errors; or it varies in neither group, and they differ. */
  readonly balanced: boolean;
}

/** Whether the groups can be compared, and how much is known yet. */
export interface Validity {
  /** Sizes against the share that was planned when each list was loaded; null if the campaign's definition is not known. */
  readonly sampleRatio: (RatioMismatch & { readonly plannedShare: number; readonly heldOutShare: number; readonly alarm: boolean }) | null;
  readonly balance: readonly BalanceRow[];
  /** People who were to be left alone, and were not (called by this campaign, or in the same days by others), or whose phone is also that of somebody called. */
  readonly contamination: { readonly heldOutCalled: number; readonly heldOutCalledElsewhere: number; readonly heldOutSharingPhone: number };
  /** Days from a payment to the day it is known here; null if none is known. */
  readonly postingLag: { readonly payments: number; readonly medianDays: number; readonly p90Days: number; readonly p99Days: number } | null;
  /** When the horizon's days are over for every contact, and when 99 of 100 payments made in them will be known (by the posting lag); ms since the epoch. Null before the first load. */
  readonly maturity: { readonly overAtMs: number; readonly knownAtMs: number; readonly mature: boolean } | null;
  /** Contacts that letters, SMS and the like reached before the first call and since; empty if none were imported. */
  readonly otherChannels: readonly ChannelRow[];
}

export interface ChannelRow {
  readonly channel: string;
  readonly before: ChannelReach;
  /** From the first call to the end of the horizon. Not alike: the effect is that of calling together with what the channel did. */
  readonly since: ChannelReach;
}

/** Contacts reached; `difference` in standard deviations as for every covariate. */
export interface ChannelReach {
  readonly called: number;
  readonly heldOut: number;
  readonly difference: number | null;
  readonly balanced: boolean;
}

/** What the store says of the campaign that its validity hangs on. */
export interface ValidityFacts {
  readonly held_out_called: number;
  readonly data_until_ms: number;
  readonly first_call_ms: number;
  readonly defined: number;
  /** When the last contact's days began, ms since the epoch. */
  readonly lastOriginMs: number;
  readonly horizonDays: number;
  readonly beforeDays: number;
}

const number = z.coerce.number();
const groupRowSchema = z.object({
  contact_group: groupSchema, planned: number, contacts: number, debt: number, debt_squares: number, phones_sum: number, phones_squares: number,
  priority_sum: number, priority_squares: number, uk: number, ru: number, en: number, dated: number, in_mixed_clusters: number, drawn_alone: number,
  attempts_tried: z.array(number), hours_tried: z.array(number), messages_tried: z.array(z.string()),
});
const touchSchema = z.object({ channel: z.string(), contact_group: groupSchema, before: number, since: number });
const lagSchema = z.object({ payments: number, lag_days: z.array(number.nullable()) });

/** @param one all contacts as one stratum, for earlier payments and cluster sizes */
export async function readValidity(analytics: Analytics, campaignId: string, one: Stratum, facts: ValidityFacts): Promise<{ readonly validity: Validity; readonly tried: Tried }> {
  const rows = await runQuery(analytics, 'uplift-validity', groupRowSchema, { campaign: campaignId });
  const called = rows.find((row) => row.contact_group === 'called');
  const heldOut = rows.find((row) => row.contact_group === 'held_out');
  const [lag] = await runQuery(analytics, 'uplift-maturity', lagSchema, { until_ms: facts.data_until_ms, days: LAG_DAYS });
  const [median, p90, p99] = lag?.lag_days ?? [];
  const contacts = rows.reduce((sum, row) => sum + row.contacts, 0);
  const planned = contacts > 0 ? rows.reduce((sum, row) => sum + row.planned, 0) / contacts : 0;
  const mixed = rows.reduce((sum, row) => sum + row.in_mixed_clusters, 0);
  const overAtMs = facts.lastOriginMs + facts.horizonDays * DAY_MS;
  const knownAtMs = overAtMs + (p99 ?? 0) * DAY_MS;
  const validity: Validity = {
    sampleRatio: facts.defined > 0 && planned > 0 && planned < 1 ? sampleRatio(planned, one, mixed > 0 && rows.some((row) => row.drawn_alone > 0)) : null,
    balance: called && heldOut ? balanceOf(called, heldOut, one) : [],
    contamination: { heldOutCalled: facts.held_out_called, heldOutCalledElsewhere: await calledElsewhere(analytics, campaignId, facts.first_call_ms, overAtMs), heldOutSharingPhone: heldOut?.in_mixed_clusters ?? 0 },
    postingLag: lag && lag.payments > 0 ? { payments: lag.payments, medianDays: median ?? 0, p90Days: p90 ?? 0, p99Days: p99 ?? 0 } : null,
    maturity: facts.lastOriginMs > 0 ? { overAtMs, knownAtMs, mature: facts.data_until_ms >= knownAtMs } : null,
    otherChannels: await readOtherChannels(analytics, campaignId, facts, called?.contacts ?? 0, heldOut?.contacts ?? 0),
  };
  const values = <T extends string | number>(of: (row: GroupRow) => readonly T[], none: T): string[] => [...new Set(called === undefined ? [] : of(called))].filter((value) => value !== none).map(String);
  return { validity, tried: { attempts: values((row) => row.attempts_tried, 0), first_hour: values((row) => row.hours_tried, -1), message: values((row) => row.messages_tried, '').sort((a, b) => Number(b === 'main') - Number(a === 'main')) } };
}

async function calledElsewhere(analytics: Analytics, campaign: string, fromMs: number, untilMs: number): Promise<number> {
  if (fromMs === 0) return 0;
  const [found] = await runQuery(analytics, 'uplift-called-elsewhere', z.object({ contacts: number }), { campaign, from_ms: fromMs, until_ms: untilMs });
  return found?.contacts ?? 0;
}

async function readOtherChannels(analytics: Analytics, campaignId: string, facts: ValidityFacts, called: number, heldOut: number): Promise<ChannelRow[]> {
  const [known] = await analytics.query('SELECT count() AS n FROM touches', z.object({ n: number }));
  if ((known?.n ?? 0) === 0) return [];
  const rows = await runQuery(analytics, 'uplift-touches', touchSchema, { campaign: campaignId, first_call_ms: facts.first_call_ms, before: facts.beforeDays, horizon: facts.horizonDays });
  const reach = (channel: string, when: 'before' | 'since'): ChannelReach => {
    const of = (group: 'called' | 'held_out'): number => rows.find((row) => row.channel === channel && row.contact_group === group)?.[when] ?? 0;
    const [a, b] = [of('called'), of('held_out')];
    if (called === 0 || heldOut === 0) return { called: a, heldOut: b, difference: null, balanced: true };
    return { called: a, heldOut: b, ...compareMoments({ n: called, sum: a, sumOfSquares: a }, { n: heldOut, sum: b, sumOfSquares: b }) };
  };
  return [...new Set(rows.map((row) => row.channel))].map((channel) => ({ channel, before: reach(channel, 'before'), since: reach(channel, 'since') }));
}

/** What varies in neither group has no standard deviation to be measured in: it is alike or it is not. */
function compareMoments(a: Moments, b: Moments): { readonly difference: number | null; readonly balanced: boolean } {
  const difference = standardisedDifference(a, b);
  const balanced = difference === null ? a.sum / a.n === b.sum / b.n : Math.abs(difference) <= Math.max(UNBALANCED, UNBALANCED_ERRORS * Math.sqrt(1 / a.n + 1 / b.n));
  return { difference, balanced };
}

/** @param drawnAlone contacts that share a phone were drawn each alone, as some of them in both groups show */
function sampleRatio(planned: number, { called, heldOut }: Stratum, drawnAlone: boolean): NonNullable<Validity['sampleRatio']> {
  const counts = [sumOf(called, 'n'), sumOf(heldOut, 'n')] as const;
  const total = counts[0] + counts[1];
  const squares = productOf(called, 'n', 'n') + productOf(heldOut, 'n', 'n');
  const found = ratioMismatch(counts, [1 - planned, planned], drawnAlone || total === 0 ? 1 : squares / total);
  return { ...found, plannedShare: planned, heldOutShare: total === 0 ? 0 : counts[1] / total, alarm: found.p < MISMATCH_LEVEL };
}

type GroupRow = z.output<typeof groupRowSchema>;

function balanceOf(called: GroupRow, heldOut: GroupRow, one: Stratum): BalanceRow[] {
  const row = (covariate: BalanceRow['covariate'], a: Moments, b: Moments): BalanceRow => {
    return { covariate, called: a.sum / a.n, heldOut: b.sum / b.n, ...compareMoments(a, b) };
  };
  const counted = (of: (group: GroupRow) => [sum: number, sumOfSquares: number]) => (group: GroupRow): Moments => {
    const [sum, sumOfSquares] = of(group);
    return { n: group.contacts, sum, sumOfSquares };
  };
  const both = (covariate: BalanceRow['covariate'], of: (group: GroupRow) => Moments): BalanceRow => row(covariate, of(called), of(heldOut));
  const yes = (of: (group: GroupRow) => number) => counted((group) => [of(group), of(group)]);
  return [
    both('debt', counted((group) => [group.debt, group.debt_squares])),
    row('earlier_payments', earlierOf(one.called), earlierOf(one.heldOut)),
    both('phones', counted((group) => [group.phones_sum, group.phones_squares])),
    both('priority', counted((group) => [group.priority_sum, group.priority_squares])),
    both('language_uk', yes((group) => group.uk)),
    both('language_ru', yes((group) => group.ru)),
    both('language_en', yes((group) => group.en)),
    both('due_date_known', yes((group) => group.dated)),
  ];
}

interface Moments {
  readonly n: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

/** By cluster: what members of one paid before is added. */
const earlierOf = (group: ClusterSums): Moments => ({ n: group.clusters, sum: sumOf(group, 'before'), sumOfSquares: productOf(group, 'before', 'before') });
