import { z } from 'zod';
import { ObzvonError } from '../core/errors.ts';
import { DISPOSITIONS, OUTCOMES } from '../core/outcome.ts';
import type { Analytics } from './client.ts';
import { refreshLiveFigures } from './live.ts';
import { runQuery } from './query.ts';

const count = z.coerce.number();

const factsSchema = z.object({
  name: z.string().nullable(),
  defined: count,
  campaign_currency: z.string().nullable(),
  currencies: z.array(z.string()),
  contacts: count,
  loads: count,
  any_called: count,
  held_out_called: count,
  first_call_ms: count,
  last_load_ms: count,
  data_until_ms: count,
});
export type CampaignFacts = z.output<typeof factsSchema> & { readonly name: string; /** Of the debts. */ readonly currency: string };

/** @throws ObzvonError `not_found` if the store knows nothing of the campaign */
export async function campaignFacts(analytics: Analytics, campaignId: string): Promise<CampaignFacts> {
  const [facts] = await runQuery(analytics, 'campaign-facts', factsSchema, { campaign: campaignId });
  if (!facts || facts.defined + facts.contacts + facts.loads + facts.any_called === 0) {
    const known = await analytics.query('SELECT DISTINCT campaign_id FROM contacts ORDER BY campaign_id LIMIT 20', z.object({ campaign_id: z.string() }));
    const names = known.map((row) => row.campaign_id).join(', ');
    throw new ObzvonError('not_found', `the analytics know no campaign "${campaignId.slice(0, 100)}"; ${names === '' ? 'they are empty' : `known: ${names}`}`);
  }
  const currency = facts.currencies[0] ?? facts.campaign_currency ?? '';
  return { ...facts, name: facts.name === null || facts.name === '' ? campaignId : facts.name, currency: currency === '' ? 'UAH' : currency };
}

/** One step of the funnel: `count` of the `base` that `of` names. `suppressed` ended before any call; `kept`: money came by the day promised. */
export interface FunnelStep {
  readonly step: 'rows' | 'refused' | 'duplicates' | 'contacts' | 'held_out' | 'to_call' | 'suppressed' | 'dialled' | 'answered' | 'human' | 'heard' | 'promised' | 'kept' | 'paid';
  readonly count: number;
  /** The step the share is of; null for the first. */
  readonly of: FunnelStep['step'] | null;
  readonly base: number | null;
}

export interface AttemptsRow {
  readonly attempts: number;
  readonly answered: number;
  readonly human: number;
  readonly heard: number;
}

/** What became of promises to pay; one a contact, its latest. */
export interface Promises {
  readonly promised: number;
  /** Money came by the day after the promised one. */
  readonly kept: number;
  /** It came after. */
  readonly late: number;
  /** That day is over, and none came. */
  readonly broken: number;
  readonly open: number;
  /** What came in time, minor units. */
  readonly keptMinor: number;
}

/** How far a campaign got. All counts are of contacts, save those named attempts or rows. */
export interface ReachReport {
  readonly kind: 'reach';
  readonly campaignId: string;
  readonly name: string;
  /** The latest event in the data, ms since the epoch. */
  readonly dataUntilMs: number;
  readonly attempts: number;
  readonly funnel: readonly FunnelStep[];
  readonly refused: readonly { readonly reason: string; readonly rows: number }[];
  /** Who was to be called and ended before any call. */
  readonly suppressed: readonly { readonly disposition: string; readonly reason: string; readonly contacts: number }[];
  readonly byAttemptNumber: readonly (AttemptsRow & { readonly attemptNumber: number; readonly promised: number; readonly outcomes: Readonly<Record<string, number>> })[];
  /** Hours of the callee's own clock. */
  readonly byHour: readonly (AttemptsRow & { readonly hour: number })[];
  /** The same by weekday, 1 Monday to 7 Sunday. */
  readonly byWeekHour: readonly (AttemptsRow & { readonly weekday: number; readonly hour: number })[];
  readonly promises: Promises;
  readonly dispositions: readonly { readonly disposition: string; readonly contacts: number }[];
  /** Contacts that have not ended. */
  readonly open: number;
}

const funnelSchema = z.object({
  rows: count, refused: count, duplicates: count, contacts: count, held_out: count, to_call: count, suppressed: count,
  dialled: count, attempts: count, answered: count, human: count, heard: count, promised: count, paid_called: count, paid_held_out: count,
});

const attemptCounts = { attempts: count, answered: count, human: count, heard: count };

/** How each attempt of the contacts ended, by its number. */
export async function attemptsByNumber(analytics: Analytics, campaignId: string): Promise<ReachReport['byAttemptNumber']> {
  const campaign = { campaign: campaignId };
  const byAttempt = await runQuery(analytics, 'reach-attempts', z.object({ attempt_number: count, promised: count, ...attemptCounts }), campaign);
  const outcomes = await runQuery(analytics, 'reach-outcomes', z.object({ attempt_number: count, outcome: z.enum(OUTCOMES), attempts: count }), campaign);
  return byAttempt.map(({ attempt_number: attemptNumber, ...row }) => ({
    attemptNumber,
    ...row,
    outcomes: Object.fromEntries(outcomes.filter((one) => one.attempt_number === attemptNumber).map((one) => [one.outcome, one.attempts])),
  }));
}

/** What became of the promises to pay by the latest event in the data. */
export async function promisesKept(analytics: Analytics, campaignId: string, dataUntilMs: number): Promise<Promises> {
  const row = z.object({ promised: count, kept: count, late: count, broken: count, open: count, kept_minor: count });
  const [found] = await runQuery(analytics, 'promises', row, { campaign: campaignId, data_until_ms: dataUntilMs });
  if (!found) throw new ObzvonError('storage', `analytics at ${analytics.place}: the promises have no row`);
  const { kept_minor: keptMinor, ...counts } = found;
  return { ...counts, keptMinor };
}

function hoursOfDay(byWeekHour: ReachReport['byWeekHour']): ReachReport['byHour'] {
  const hours = new Map<number, AttemptsRow & { hour: number }>();
  for (const { hour, attempts, answered, human, heard } of byWeekHour) {
    const sum = hours.get(hour) ?? { hour, attempts: 0, answered: 0, human: 0, heard: 0 };
    hours.set(hour, { hour, attempts: sum.attempts + attempts, answered: sum.answered + answered, human: sum.human + human, heard: sum.heard + heard });
  }
  return [...hours.values()].sort((a, b) => a.hour - b.hour);
}

/**
 * How far the campaign got: funnel, outcomes by attempt number, reach by hour, dispositions.
 * @throws ObzvonError `not_found` for a campaign nobody knows
 */
export async function reachReport(analytics: Analytics, campaignId: string): Promise<ReachReport> {
  const campaign = { campaign: campaignId };
  await refreshLiveFigures(analytics);
  const facts = await campaignFacts(analytics, campaignId);
  const [funnel] = await runQuery(analytics, 'reach-funnel', funnelSchema, campaign);
  if (!funnel) throw new ObzvonError('storage', `analytics at ${analytics.place}: the funnel has no row`);
  const refused = await runQuery(analytics, 'reach-refused', z.object({ reason: z.string(), rows: count }), campaign);
  const suppressed = await runQuery(analytics, 'reach-suppressed', z.object({ disposition: z.enum(DISPOSITIONS), reason: z.string(), contacts: count }), campaign);
  const byAttemptNumber = await attemptsByNumber(analytics, campaignId);
  const byWeekHour = (await runQuery(analytics, 'reach-hours', z.object({ local_weekday: count, local_hour: count, ...attemptCounts }), campaign))
    .map(({ local_weekday: weekday, local_hour: hour, ...row }) => ({ weekday, hour, ...row }));
  const promises = await promisesKept(analytics, campaignId, facts.data_until_ms);
  const dispositions = await runQuery(analytics, 'reach-dispositions', z.object({ disposition: z.enum(DISPOSITIONS), contacts: count }), campaign);
  const ended = dispositions.reduce((sum, row) => sum + row.contacts, 0);
  return {
    kind: 'reach',
    campaignId,
    name: facts.name,
    dataUntilMs: facts.data_until_ms,
    attempts: funnel.attempts,
    funnel: stepsOf(funnel, promises),
    refused,
    suppressed,
    byAttemptNumber,
    byHour: hoursOfDay(byWeekHour),
    byWeekHour,
    promises,
    dispositions,
    open: Math.max(0, funnel.contacts - ended),
  };
}

function stepsOf(f: z.output<typeof funnelSchema>, promises: Promises): FunnelStep[] {
  return [
    { step: 'rows', count: f.rows, of: null, base: null },
    { step: 'refused', count: f.refused, of: 'rows', base: f.rows },
    { step: 'duplicates', count: f.duplicates, of: 'rows', base: f.rows },
    { step: 'contacts', count: f.contacts, of: 'rows', base: f.rows },
    { step: 'held_out', count: f.held_out, of: 'contacts', base: f.contacts },
    { step: 'to_call', count: f.to_call, of: 'contacts', base: f.contacts },
    { step: 'suppressed', count: f.suppressed, of: 'to_call', base: f.to_call },
    { step: 'dialled', count: f.dialled, of: 'to_call', base: f.to_call },
    { step: 'answered', count: f.answered, of: 'dialled', base: f.dialled },
    { step: 'human', count: f.human, of: 'dialled', base: f.dialled },
    { step: 'heard', count: f.heard, of: 'human', base: f.human },
    { step: 'promised', count: f.promised, of: 'human', base: f.human },
    { step: 'kept', count: promises.kept, of: 'promised', base: f.promised },
    { step: 'paid', count: f.paid_called, of: 'to_call', base: f.to_call },
  ];
}
