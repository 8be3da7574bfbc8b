import type { Analytics } from '../client.ts';
import { refreshLiveFigures } from '../live.ts';
import { attemptsByNumber, campaignFacts, promisesKept, type Promises, type ReachReport } from '../report.ts';

/** What each further attempt of a contact brought, and what became of the promises. */
export interface AttemptsReport {
  readonly kind: 'attempts';
  readonly campaignId: string;
  readonly name: string;
  readonly currency: string;
  readonly dataUntilMs: number;
  readonly attempts: number;
  readonly byAttemptNumber: ReachReport['byAttemptNumber'];
  /** Attempts by how they ended, over all attempt numbers, the commonest first. */
  readonly outcomes: readonly { readonly outcome: string; readonly attempts: number }[];
  readonly promises: Promises;
}

/** @throws ObzvonError `not_found` for a campaign nobody knows */
export async function attemptsReport(analytics: Analytics, campaignId: string): Promise<AttemptsReport> {
  await refreshLiveFigures(analytics);
  const facts = await campaignFacts(analytics, campaignId);
  const byAttemptNumber = await attemptsByNumber(analytics, campaignId);
  const totals = new Map<string, number>();
  for (const row of byAttemptNumber) for (const [outcome, attempts] of Object.entries(row.outcomes)) totals.set(outcome, (totals.get(outcome) ?? 0) + attempts);
  return {
    kind: 'attempts',
    campaignId,
    name: facts.name,
    currency: facts.currency,
    dataUntilMs: facts.data_until_ms,
    attempts: byAttemptNumber.reduce((sum, row) => sum + row.attempts, 0),
    byAttemptNumber,
    outcomes: [...totals].map(([outcome, attempts]) => ({ outcome, attempts })).sort((a, b) => b.attempts - a.attempts || (a.outcome < b.outcome ? -1 : 1)),
    promises: await promisesKept(analytics, campaignId, facts.data_until_ms),
  };
}
