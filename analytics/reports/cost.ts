import { z } from 'zod';
import type { Analytics } from '../client.ts';
import { runQuery } from '../query.ts';
import { campaignFacts } from '../report.ts';

const count = z.coerce.number();

export interface TrunkCost {
  readonly trunk: string;
  /** Of its tariff; null where it has none. */
  readonly currency: string | null;
  readonly attempts: number;
  readonly answered: number;
  readonly human: number;
  readonly promised: number;
  /** Answered calls that began before any tariff of the trunk: their price is not in `costMinor`. */
  readonly withoutTariff: number;
  readonly talkMs: number;
  readonly paidSeconds: number;
  readonly costMinor: number;
}

/** What the calls cost. */
export interface CostReport {
  readonly kind: 'cost';
  readonly campaignId: string;
  readonly name: string;
  readonly dataUntilMs: number;
  readonly trunks: readonly TrunkCost[];
  /** Sums by currency of the tariffs, each with what one human answer and one promise cost; null if there was none. */
  readonly totals: readonly { readonly currency: string; readonly costMinor: number; readonly perHumanMinor: number | null; readonly perPromiseMinor: number | null; readonly perAttemptMinor: number | null }[];
  /** Answered calls without a tariff, over all trunks. */
  readonly withoutTariff: number;
}

const rowSchema = z.object({ trunk: z.string(), currency: z.string(), attempts: count, answered: count, human: count, promised: count, without_tariff: count, talk_ms: count, paid_seconds: count, cost_minor: count });

/** @throws ObzvonError `not_found` for a campaign nobody knows */
export async function costReport(analytics: Analytics, campaignId: string): Promise<CostReport> {
  const facts = await campaignFacts(analytics, campaignId);
  const rows = await runQuery(analytics, 'cost-trunks', rowSchema, { campaign: campaignId });
  const trunks = rows.map((row): TrunkCost => ({
    trunk: row.trunk, currency: row.currency === '' ? null : row.currency, attempts: row.attempts, answered: row.answered, human: row.human, promised: row.promised,
    withoutTariff: row.without_tariff, talkMs: row.talk_ms, paidSeconds: row.paid_seconds, costMinor: row.cost_minor,
  }));
  const currencies = [...new Set(trunks.flatMap((one) => (one.currency === null ? [] : [one.currency])))].sort();
  const totals = currencies.map((currency) => {
    const these = trunks.filter((one) => one.currency === currency);
    const sum = (of: (one: TrunkCost) => number): number => these.reduce((total, one) => total + of(one), 0);
    const costMinor = sum((one) => one.costMinor);
    const each = (n: number): number | null => (n > 0 ? costMinor / n : null);
    return { currency, costMinor, perHumanMinor: each(sum((one) => one.human)), perPromiseMinor: each(sum((one) => one.promised)), perAttemptMinor: each(sum((one) => one.attempts)) };
  });
  return { kind: 'cost', campaignId, name: facts.name, dataUntilMs: facts.data_until_ms, trunks, totals, withoutTariff: trunks.reduce((total, one) => total + one.withoutTariff, 0) };
}
