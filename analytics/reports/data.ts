import { z } from 'zod';
import { ObzvonError } from '../../core/errors.ts';
import type { Analytics } from '../client.ts';
import { runQuery } from '../query.ts';
import { campaignFacts } from '../report.ts';

const count = z.coerce.number();
const maybe = z.number().nullable().transform((value) => (value === null || !Number.isFinite(value) ? null : Math.round(value)));

/** Money of payments, minor units, of whatever currency each was in. */
export interface PaymentsKnown {
  /** Payments of the campaign's accounts since its first load. */
  readonly matched: number;
  readonly matchedMinor: number;
  /** Of them in another currency than the debt: they count for nobody. */
  readonly otherCurrency: number;
  /** Payments since then of accounts in no campaign. */
  readonly unmatched: number;
  readonly unmatchedMinor: number;
  /** Of the matched, those that take one back. */
  readonly reversed: number;
  readonly reversedMinor: number;
  readonly withPostingDate: number;
  /** From the payment to obzvon's hearing of it; null if there was none. */
  readonly knownAfterP50Ms: number | null;
  readonly knownAfterP95Ms: number | null;
  /** From the payment to its booking, where billing says when. */
  readonly postedAfterP50Ms: number | null;
  readonly postedAfterP95Ms: number | null;
}

/** How payments ended calls. Counts are of contacts, save `calls…`. */
export interface PaidButCalled {
  /** Contacts whose payments reached what ends the calls. */
  readonly paid: number;
  /** Of them ended as paid by it, ended before for another reason, and not ended. */
  readonly silenced: number;
  readonly endedBefore: number;
  readonly notEnded: number;
  /** Called after they had paid: the price of payments that are told late. */
  readonly calledAfterPaid: number;
  readonly callsAfterPaid: number;
  /** Called after obzvon knew: should be none, save a call that was being placed at that moment. */
  readonly calledAfterKnown: number;
  readonly callsAfterKnown: number;
  /** From the payment's being known to the contact's end. */
  readonly silentAfterP50Ms: number | null;
  readonly silentAfterP95Ms: number | null;
  readonly silentAfterMaxMs: number | null;
}

/** Whether the figures can be trusted: what came, how often and how late. */
export interface DataReport {
  readonly kind: 'data';
  readonly campaignId: string;
  readonly name: string;
  readonly currency: string;
  readonly dataUntilMs: number;
  /** Rows as stored, and once each is counted once: the rest are repeated deliveries. */
  readonly tables: readonly { readonly table: string; readonly stored: number; readonly rows: number; readonly untilMs: number }[];
  readonly payments: PaymentsKnown;
  readonly paidButCalled: PaidButCalled;
  /** Held-out contacts that were called all the same: should be none. */
  readonly heldOutCalled: number;
}

const deliveriesSchema = z.object({ name: z.string(), stored: count, rows: count, until_ms: count });
const paymentsSchema = z.object({
  matched: count, matched_minor: count, other_currency: count, unmatched: count, unmatched_minor: count, reversed: count, reversed_minor: count, with_posting_date: count,
  known_after_p50_ms: maybe, known_after_p95_ms: maybe, posted_after_p50_ms: maybe, posted_after_p95_ms: maybe,
});
const paidCalledSchema = z.object({
  paid: count, silenced: count, ended_before: count, not_ended: count, called_after_paid: count, calls_after_paid: count, called_after_known: count, calls_after_known: count,
  silent_after_p50_ms: maybe, silent_after_p95_ms: maybe, silent_after_max_ms: maybe,
});

/** @throws ObzvonError `not_found` for a campaign nobody knows */
export async function dataReport(analytics: Analytics, campaignId: string): Promise<DataReport> {
  const facts = await campaignFacts(analytics, campaignId);
  const campaign = { campaign: campaignId };
  const tables = await runQuery(analytics, 'data-deliveries', deliveriesSchema, campaign);
  const [p] = await runQuery(analytics, 'data-payments', paymentsSchema, campaign);
  const [c] = await runQuery(analytics, 'data-paid-called', paidCalledSchema, campaign);
  if (!p || !c) throw new ObzvonError('storage', `analytics at ${analytics.place}: the payments have no row`);
  const order = ['contacts', 'attempts', 'dispositions', 'payments'];
  const anySilenced = c.silenced > 0;
  return {
    kind: 'data',
    campaignId,
    name: facts.name,
    currency: facts.currency,
    dataUntilMs: facts.data_until_ms,
    tables: tables.map(({ name, until_ms, ...row }) => ({ table: name, ...row, untilMs: until_ms })).sort((a, b) => order.indexOf(a.table) - order.indexOf(b.table)),
    payments: {
      matched: p.matched, matchedMinor: p.matched_minor, otherCurrency: p.other_currency, unmatched: p.unmatched, unmatchedMinor: p.unmatched_minor, reversed: p.reversed, reversedMinor: p.reversed_minor,
      withPostingDate: p.with_posting_date,
      knownAfterP50Ms: p.matched > 0 ? p.known_after_p50_ms : null, knownAfterP95Ms: p.matched > 0 ? p.known_after_p95_ms : null,
      postedAfterP50Ms: p.with_posting_date > 0 ? p.posted_after_p50_ms : null, postedAfterP95Ms: p.with_posting_date > 0 ? p.posted_after_p95_ms : null,
    },
    paidButCalled: {
      paid: c.paid, silenced: c.silenced, endedBefore: c.ended_before, notEnded: c.not_ended,
      calledAfterPaid: c.called_after_paid, callsAfterPaid: c.calls_after_paid, calledAfterKnown: c.called_after_known, callsAfterKnown: c.calls_after_known,
      silentAfterP50Ms: anySilenced ? c.silent_after_p50_ms : null, silentAfterP95Ms: anySilenced ? c.silent_after_p95_ms : null, silentAfterMaxMs: anySilenced ? c.silent_after_max_ms : null,
    },
    heldOutCalled: facts.held_out_called,
  };
}
