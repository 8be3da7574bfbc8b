import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ObzvonError } from '../core/errors.ts';
import { DISPOSITIONS, OUTCOMES } from '../core/outcome.ts';
import type { Analytics, Parameters } from './client.ts';

export type QueryName = 'campaign-facts' | 'reach-funnel' | 'reach-refused' | 'reach-attempts' | 'reach-outcomes' | 'reach-hours' | 'reach-dispositions' | 'uplift-sums' | 'uplift-validity' | 'uplift-maturity' | 'uplift-days-to-pay' | 'uplift-before-after' | 'power-plan';

/** The text of one of the queries in analytics/queries, as an analyst would run it. */
export const readQuery = (name: QueryName): string => readFileSync(new URL(`./queries/${name}.sql`, import.meta.url), 'utf8');

/** Runs one of those queries. */
export function runQuery<S extends z.ZodType>(analytics: Analytics, name: QueryName, row: S, parameters: Parameters): Promise<z.output<S>[]> {
  return analytics.query(readQuery(name), row, parameters);
}

const count = z.coerce.number();

const factsSchema = z.object({
  name: z.string().nullable(),
  defined: count,
  campaign_currency: z.string().nullable(),
  currencies: z.array(z.string()),
  contacts: count,
  loads: count,
  attempts: count,
  held_out_called: count,
  first_call_ms: count,
  last_load_ms: count,
  data_until_ms: count,
});
export type CampaignFacts = z.output<typeof factsSchema> & { name: string };

/** @throws ObzvonError `not_found` if the store knows nothing of the campaign */
export async function campaignFacts(analytics: Analytics, campaignId: string): Promise<CampaignFacts> {
  const [facts] = await runQuery(analytics, 'campaign-facts', factsSchema, { campaign: campaignId });
  if (!facts || facts.defined + facts.contacts + facts.loads + facts.attempts === 0) {
    const known = await analytics.query('SELECT DISTINCT campaign_id FROM contacts ORDER BY campaign_id LIMIT 20', z.object({ campaign_id: z.string() }));
    const names = known.map((row) => row.campaign_id).join(', ');
    throw new ObzvonError('not_found', `the analytics know no campaign "${campaignId.slice(0, 100)}"; ${names === '' ? 'they are empty' : `known: ${names}`}`);
  }
  return { ...facts, name: facts.name === null || facts.name === '' ? campaignId : facts.name };
}

/** One step of the funnel: `count` of the `base` that `of` names. */
export interface FunnelStep {
  readonly step: 'rows' | 'refused' | 'duplicates' | 'contacts' | 'held_out' | 'to_call' | 'dialled' | 'answered' | 'human' | 'heard' | 'promised' | 'paid';
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
  readonly byAttemptNumber: readonly (AttemptsRow & { readonly attemptNumber: number; readonly promised: number; readonly outcomes: Readonly<Record<string, number>> })[];
  /** Hours of the callee's own clock. */
  readonly byHour: readonly (AttemptsRow & { readonly hour: number })[];
  readonly dispositions: readonly { readonly disposition: string; readonly contacts: number }[];
  /** Contacts that have not ended. */
  readonly open: number;
}

const funnelSchema = z.object({
  rows: count, refused: count, duplicates: count, contacts: count, held_out: count, to_call: count,
  dialled: count, attempts: count, answered: count, human: count, heard: count, promised: count, paid_called: count, paid_held_out: count,
});

/**
 * How far the campaign got: funnel, outcomes by attempt number, reach by hour, dispositions.
 * @throws ObzvonError `not_found` for a campaign nobody knows
 */
export async function reachReport(analytics: Analytics, campaignId: string): Promise<ReachReport> {
  const campaign = { campaign: campaignId };
  const facts = await campaignFacts(analytics, campaignId);
  const [funnel] = await runQuery(analytics, 'reach-funnel', funnelSchema, campaign);
  if (!funnel) throw new ObzvonError('storage', `analytics at ${analytics.place}: the funnel has no row`);
  const refused = await runQuery(analytics, 'reach-refused', z.object({ reason: z.string(), rows: count }), campaign);
  const attemptCounts = { attempts: count, answered: count, human: count, heard: count };
  const byAttempt = await runQuery(analytics, 'reach-attempts', z.object({ attempt_number: count, promised: count, ...attemptCounts }), campaign);
  const outcomes = await runQuery(analytics, 'reach-outcomes', z.object({ attempt_number: count, outcome: z.enum(OUTCOMES), attempts: count }), campaign);
  const hours = await runQuery(analytics, 'reach-hours', z.object({ local_hour: count, ...attemptCounts }), campaign);
  const dispositions = await runQuery(analytics, 'reach-dispositions', z.object({ disposition: z.enum(DISPOSITIONS), contacts: count }), campaign);
  const ended = dispositions.reduce((sum, row) => sum + row.contacts, 0);
  return {
    kind: 'reach',
    campaignId,
    name: facts.name,
    dataUntilMs: facts.data_until_ms,
    attempts: funnel.attempts,
    funnel: stepsOf(funnel),
    refused,
    byAttemptNumber: byAttempt.map(({ attempt_number: attemptNumber, ...row }) => ({
      attemptNumber,
      ...row,
      outcomes: Object.fromEntries(outcomes.filter((one) => one.attempt_number === attemptNumber).map((one) => [one.outcome, one.attempts])),
    })),
    byHour: hours.map(({ local_hour: hour, ...row }) => ({ hour, ...row })),
    dispositions,
    open: Math.max(0, funnel.contacts - ended),
  };
}

function stepsOf(f: z.output<typeof funnelSchema>): FunnelStep[] {
  return [
    { step: 'rows', count: f.rows, of: null, base: null },
    { step: 'refused', count: f.refused, of: 'rows', base: f.rows },
    { step: 'duplicates', count: f.duplicates, of: 'rows', base: f.rows },
    { step: 'contacts', count: f.contacts, of: 'rows', base: f.rows },
    { step: 'held_out', count: f.held_out, of: 'contacts', base: f.contacts },
    { step: 'to_call', count: f.to_call, of: 'contacts', base: f.contacts },
    { step: 'dialled', count: f.dialled, of: 'to_call', base: f.to_call },
    { step: 'answered', count: f.answered, of: 'dialled', base: f.dialled },
    { step: 'human', count: f.human, of: 'dialled', base: f.dialled },
    { step: 'heard', count: f.heard, of: 'human', base: f.human },
    { step: 'promised', count: f.promised, of: 'human', base: f.human },
    { step: 'paid', count: f.paid_called, of: 'to_call', base: f.to_call },
  ];
}
