import { z } from 'zod';
import { OUTCOMES, verdictSchema } from '../../core/outcome.ts';
import { maskPhone } from '../../core/phone.ts';
import type { Analytics } from '../client.ts';
import { refreshLiveFigures } from '../live.ts';
import { runQuery } from '../query.ts';
import { campaignFacts } from '../report.ts';
import { compareShares } from '../statistics/comparison.ts';

const count = z.coerce.number();
/** A quantile of nothing comes as NaN, which JSON writes as null. */
const maybe = z.number().nullable().transform((value) => (value === null || !Number.isFinite(value) ? null : Math.round(value)));

/**
 * `falling`: answered less in the campaign's last seven days than before, beyond chance (Newcombe's 95 % interval of the difference lies below
 * zero) and by more than a tenth of what it was: carriers or telephones may mark the number as spam. `new`: nothing to compare with.
 */
export type CallerIdHealth = 'steady' | 'falling' | 'new';

export interface TrunkQuality {
  readonly trunk: string;
  readonly attempts: number;
  readonly answered: number;
  readonly human: number;
  /** Congestion, failures and lost attempts: ours or the carrier's. */
  readonly failed: number;
  /** Rejected, unreachable and invalid numbers: the callee's side. */
  readonly refused: number;
  readonly postDialDelayP50Ms: number | null;
  readonly postDialDelayP95Ms: number | null;
  readonly talkMs: number;
}

export interface CallerIdQuality {
  /** Its middle hidden: a number of our own, but of a SIM card perhaps. */
  readonly callerId: string;
  readonly attempts: number;
  readonly answered: number;
  readonly human: number;
  readonly rejected: number;
  /** Of the last seven days of calling, and of the days before. */
  readonly late: { readonly attempts: number; readonly answered: number };
  readonly early: { readonly attempts: number; readonly answered: number };
  readonly health: CallerIdHealth;
}

/** How well the calls were carried and understood. */
export interface QualityReport {
  readonly kind: 'quality';
  readonly campaignId: string;
  readonly name: string;
  readonly dataUntilMs: number;
  readonly trunks: readonly TrunkQuality[];
  readonly callerIds: readonly CallerIdQuality[];
  readonly verdicts: readonly { readonly verdict: string; readonly attempts: number; readonly human: number; readonly heard: number; readonly latencyP50Ms: number | null; readonly latencyP95Ms: number | null }[];
  /** Calls not answered, by what the network said. */
  readonly causes: readonly { readonly outcome: string; readonly sipStatus: number; readonly q850Cause: number; readonly attempts: number }[];
}

const trunkSchema = z.object({ trunk: z.string(), attempts: count, answered: count, human: count, failed: count, refused: count, post_dial_delay_p50_ms: maybe, post_dial_delay_p95_ms: maybe, talk_ms: count });
const callerIdSchema = z.object({ caller_id: z.string(), attempts: count, answered: count, human: count, rejected: count, late_attempts: count, late_answered: count, early_attempts: count, early_answered: count });
const verdictRowSchema = z.object({ verdict: verdictSchema, attempts: count, human: count, heard: count, latency_p50_ms: maybe, latency_p95_ms: maybe });
const causeSchema = z.object({ outcome: z.enum(OUTCOMES), sip_status: count, q850_cause: count, attempts: count });

const LEAST_CALLS = 50;
const LEAST_FALL = 0.1;

export function callerIdHealth(early: { attempts: number; answered: number }, late: { attempts: number; answered: number }): CallerIdHealth {
  if (early.attempts < LEAST_CALLS || late.attempts < LEAST_CALLS) return 'new';
  const change = compareShares({ n: late.attempts, count: late.answered }, { n: early.attempts, count: early.answered });
  return change.high < 0 && -change.difference > LEAST_FALL * (early.answered / early.attempts) ? 'falling' : 'steady';
}

/** @throws ObzvonError `not_found` for a campaign nobody knows */
export async function qualityReport(analytics: Analytics, campaignId: string): Promise<QualityReport> {
  await refreshLiveFigures(analytics);
  const facts = await campaignFacts(analytics, campaignId);
  const campaign = { campaign: campaignId };
  const trunks = await runQuery(analytics, 'quality-trunks', trunkSchema, campaign);
  const callerIds = await runQuery(analytics, 'quality-caller-ids', callerIdSchema, campaign);
  const verdicts = await runQuery(analytics, 'quality-verdicts', verdictRowSchema, campaign);
  const causes = await runQuery(analytics, 'quality-causes', causeSchema, campaign);
  return {
    kind: 'quality',
    campaignId,
    name: facts.name,
    dataUntilMs: facts.data_until_ms,
    trunks: trunks.map(({ post_dial_delay_p50_ms, post_dial_delay_p95_ms, talk_ms, ...row }) => ({ ...row, postDialDelayP50Ms: post_dial_delay_p50_ms, postDialDelayP95Ms: post_dial_delay_p95_ms, talkMs: talk_ms })),
    callerIds: callerIds.map((row) => {
      const late = { attempts: row.late_attempts, answered: row.late_answered };
      const early = { attempts: row.early_attempts, answered: row.early_answered };
      return { callerId: maskPhone(row.caller_id), attempts: row.attempts, answered: row.answered, human: row.human, rejected: row.rejected, late, early, health: callerIdHealth(early, late) };
    }),
    verdicts: verdicts.map(({ latency_p50_ms, latency_p95_ms, ...row }) => ({ ...row, latencyP50Ms: latency_p50_ms, latencyP95Ms: latency_p95_ms })),
    causes: causes.map(({ sip_status, q850_cause, ...row }) => ({ ...row, sipStatus: sip_status, q850Cause: q850_cause })),
  };
}
