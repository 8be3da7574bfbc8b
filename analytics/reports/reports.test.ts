import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Attempt } from '../../core/attempt.ts';
import type { ContactClosed } from '../../core/contact.ts';
import { hashFraction } from '../../core/ids.ts';
import type { Payment } from '../../core/payment.ts';
import type { Analytics } from '../client.ts';
import { formatReport, sheetOf } from '../format.ts';
import { migrate } from '../migrate.ts';
import { phoneMarks } from '../phone-mark.ts';
import { attemptRows, contactRows, dispositionRows, paymentRows, type RowMaker } from '../rows.ts';
import { SAMPLE_START_MS, sampleAttempt, sampleContact } from '../samples.ts';
import { openTestStore, type TestStore } from '../testing/stores.ts';
import { setTariff } from '../tariffs.ts';
import { attemptsReport } from './attempts.ts';
import { costReport } from './cost.ts';
import { dataReport } from './data.ts';
import { callerIdHealth, qualityReport } from './quality.ts';

const CAMPAIGN = 'november';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let store: TestStore;
let analytics: Analytics;

const chance = (...parts: (string | number)[]): number => hashFraction('reports-test', ...parts.map(String));
const contacts = Array.from({ length: 600 }, (_, i) => sampleContact(CAMPAIGN, i));
const called = contacts.filter((contact) => contact.group === 'called');
const attempts: Attempt[] = called.flatMap((contact, i) =>
  Array.from({ length: Math.floor(chance('attempts', i) * 4) }, (_, n) =>
    sampleAttempt(contact, n + 1, { callerId: `+38044111223${i % 3}`, talkMs: Math.floor(chance('talk', i, n) * 90_000), postDialDelayMs: chance('pdd', i, n) < 0.1 ? null : Math.floor(chance('ms', i, n) * 4000) }),
  ),
);
/** Paid at a time by chance, told an hour to a day later; some taken back, some by strangers, some in another currency. */
const payments: Payment[] = Array.from({ length: 500 }, (_, i) => {
  const paidAtMs = SAMPLE_START_MS + Math.floor(chance('paid', i) * 4 * DAY_MS);
  return {
    paymentId: `pay-${i}`, accountId: `account-${Math.floor(chance('account', i) * 700)}`, amountMinor: chance('sign', i) < 0.1 ? -500 : 1 + Math.floor(chance('amount', i) * 90_000),
    currency: chance('currency', i) < 0.95 ? 'UAH' : 'EUR', paidAtMs, receivedAtMs: paidAtMs + Math.floor(HOUR_MS + chance('told', i) * DAY_MS), ...(i % 2 === 0 ? { postedAtMs: paidAtMs + 2 * HOUR_MS } : {}),
    ...(chance('sign', i) < 0.1 ? { reverses: `pay-${i + 1}` } : {}),
  };
});
/** What ended each called contact's calls, by a plain loop over what billing told in its order. */
function settledOf(accountId: string, loadedAtMs: number): { knownAtMs: number; paidAtMs: number } | null {
  let sum = 0;
  let paidAtMs = 0;
  for (const payment of payments.filter((one) => one.accountId === accountId && one.currency === 'UAH' && one.paidAtMs >= loadedAtMs).sort((a, b) => a.receivedAtMs - b.receivedAtMs)) {
    sum += payment.amountMinor;
    paidAtMs = Math.max(paidAtMs, payment.paidAtMs);
    if (sum > 0) return { knownAtMs: payment.receivedAtMs, paidAtMs };
  }
  return null;
}
const settled = called.flatMap((contact) => {
  const found = settledOf(contact.accountId, contact.loadedAtMs);
  return found === null ? [] : [{ contact, ...found }];
});
/** Of those who paid: a third ended before, most of the rest silenced after some seconds, a few not at all. */
const closed: ContactClosed[] = settled.flatMap(({ contact, knownAtMs }, i): ContactClosed[] => {
  if (i % 10 === 0) return [];
  const before = i % 3 === 0;
  return [{ contactId: contact.contactId, campaignId: CAMPAIGN, accountId: contact.accountId, group: 'called', attempts: 1, reason: before ? 'heard it' : 'payment arrived', disposition: before ? 'reached' : 'paid', closedAtMs: knownAtMs + (before ? -1000 : 500 + i * 10) }];
});

async function put<T>(maker: RowMaker<T>, values: readonly T[]): Promise<void> {
  const rows = values.map((value) => maker.cells(value)!);
  await analytics.insert(maker.table, maker.columns, rows);
  await analytics.insert(maker.table, maker.columns, [...rows].reverse());
}

beforeAll(async () => {
  store = await openTestStore('chdb');
  analytics = store.analytics;
  await migrate(analytics);
  const mark = phoneMarks('test');
  await put(contactRows(mark), contacts);
  await put(attemptRows(mark), attempts);
  await put(paymentRows, payments);
  await put(dispositionRows, closed);
});
afterAll(() => store.close());

const countOf = (is: (attempt: Attempt) => boolean): number => attempts.filter(is).length;

test('attempts: what each further call brought', async () => {
  const report = await attemptsReport(analytics, CAMPAIGN);
  expect(report.attempts).toBe(attempts.length);
  for (const row of report.byAttemptNumber) {
    const number = row.attemptNumber;
    expect([row.attempts, row.human, row.promised]).toEqual([countOf((one) => one.attemptNumber === number), countOf((one) => one.attemptNumber === number && one.outcome === 'human'), countOf((one) => one.attemptNumber === number && one.response.kind === 'promise_to_pay')]);
  }
  for (const row of report.outcomes) expect(row.attempts).toBe(countOf((one) => one.outcome === row.outcome));
  expect(formatReport(report, 'table')).toContain('Attempts by their number for the contact');
});

test('quality: trunks, caller ids, verdicts and causes', async () => {
  const report = await qualityReport(analytics, CAMPAIGN);
  for (const row of report.trunks) {
    const these = attempts.filter((one) => one.trunk === row.trunk);
    const delays = these.flatMap((one) => one.postDialDelayMs ?? []).sort((a, b) => a - b);
    expect([row.attempts, row.answered, row.failed, row.talkMs]).toEqual([these.length, these.filter((one) => one.answeredAtMs !== null).length, these.filter((one) => ['congestion', 'failed', 'lost'].includes(one.outcome)).length, these.reduce((sum, one) => sum + one.talkMs, 0)]);
    // A quantile between two of the values that stand there.
    const middle = delays.length >> 1;
    expect(row.postDialDelayP50Ms).toBeGreaterThanOrEqual(delays[middle - 2]!);
    expect(row.postDialDelayP50Ms).toBeLessThanOrEqual(delays[middle + 2]!);
  }
  expect(report.callerIds).toHaveLength(3);
  expect(report.callerIds.map((one) => one.callerId).join()).not.toContain('+38044111223');
  expect(report.callerIds.reduce((sum, one) => sum + one.early.attempts + one.late.attempts, 0)).toBe(attempts.length);
  expect(report.verdicts).toEqual([{ verdict: 'human', attempts: countOf((one) => one.verdict === 'human'), human: countOf((one) => one.outcome === 'human'), heard: countOf((one) => one.heardWhole), latencyP50Ms: 1530, latencyP95Ms: 1530 }]);
  expect(report.causes.reduce((sum, one) => sum + one.attempts, 0)).toBe(countOf((one) => one.answeredAtMs === null));
});

test('a caller id is falling if it is answered less beyond chance and by a tenth', () => {
  expect(callerIdHealth({ attempts: 1000, answered: 500 }, { attempts: 1000, answered: 300 })).toBe('falling');
  expect(callerIdHealth({ attempts: 1000, answered: 500 }, { attempts: 1000, answered: 490 })).toBe('steady');
  expect(callerIdHealth({ attempts: 1_000_000, answered: 500_000 }, { attempts: 1_000_000, answered: 490_000 })).toBe('steady');
  expect(callerIdHealth({ attempts: 100, answered: 50 }, { attempts: 100, answered: 44 })).toBe('steady');
  expect(callerIdHealth({ attempts: 10, answered: 9 }, { attempts: 1000, answered: 1 })).toBe('new');
});

describe('cost', () => {
  test('without a tariff it is said that there is none', async () => {
    const report = await costReport(analytics, CAMPAIGN);
    expect(report.totals).toEqual([]);
    expect(report.withoutTariff).toBe(countOf((one) => one.answeredAtMs !== null));
    expect(formatReport(report, 'table')).toMatch(/Warning: [\d ]+ answered calls have no tariff/);
  });

  test('the first seconds, then begun steps; a new price from its day on; the last word of one day counts', async () => {
    const changeMs = SAMPLE_START_MS + DAY_MS;
    await setTariff(analytics, { trunk: 'trunk-0', validFromMs: 0, currency: 'UAH', perMinuteMinor: 60, perCallMinor: 5, firstSeconds: 30, stepSeconds: 6, setAtMs: 1 });
    await setTariff(analytics, { trunk: 'trunk-0', validFromMs: changeMs, currency: 'UAH', perMinuteMinor: 999, perCallMinor: 0, firstSeconds: 1, stepSeconds: 1, setAtMs: 2 });
    await setTariff(analytics, { trunk: 'trunk-0', validFromMs: changeMs, currency: 'UAH', perMinuteMinor: 120, perCallMinor: 0, firstSeconds: 1, stepSeconds: 1, setAtMs: 3 });
    const report = await costReport(analytics, CAMPAIGN);
    const these = attempts.filter((one) => one.trunk === 'trunk-0' && one.answeredAtMs !== null);
    const priceOf = ({ talkMs, startedAtMs }: Attempt): number => {
      const late = startedAtMs >= changeMs;
      const [first, step, minute, call] = late ? [1, 1, 120, 0] : [30, 6, 60, 5];
      const seconds = talkMs / 1000 <= first ? first : first + Math.ceil((talkMs / 1000 - first) / step) * step;
      return (seconds * minute) / 60 + call;
    };
    const row = report.trunks.find((one) => one.trunk === 'trunk-0')!;
    expect(row.costMinor).toBeCloseTo(these.reduce((sum, one) => sum + priceOf(one), 0), 6);
    expect(row.withoutTariff).toBe(0);
    expect(report.totals[0]!.perHumanMinor).toBeCloseTo(row.costMinor / row.human, 9);
  });
});

describe('data', () => {
  test('what was delivered twice, who paid whose money, and how late it was known', async () => {
    const report = await dataReport(analytics, CAMPAIGN);
    expect(report.tables.find((one) => one.table === 'attempts')).toMatchObject({ rows: attempts.length });
    expect(report.tables.find((one) => one.table === 'payments')).toMatchObject({ rows: payments.length });
    const ours = payments.filter((one) => Number(one.accountId.slice(8)) < 600);
    expect(report.payments).toMatchObject({
      matched: ours.length, matchedMinor: ours.reduce((sum, one) => sum + (one.currency === 'UAH' ? one.amountMinor : 0), 0), otherCurrency: ours.filter((one) => one.currency === 'EUR').length,
      unmatched: payments.length - ours.length, reversed: ours.filter((one) => one.amountMinor < 0).length, withPostingDate: ours.filter((one) => one.postedAtMs !== undefined).length, postedAfterP50Ms: 2 * HOUR_MS,
    });
    expect(report.payments.knownAfterP50Ms).toBeGreaterThan(HOUR_MS);
  });

  test('from a payment known to the contact silenced, and who was called after paying, by both dates', async () => {
    const { paidButCalled } = await dataReport(analytics, CAMPAIGN);
    const ends = new Map(closed.map((one) => [one.contactId, one]));
    const silenced = settled.filter(({ contact }) => ends.get(contact.contactId)?.disposition === 'paid').map(({ contact, knownAtMs }) => ends.get(contact.contactId)!.closedAtMs - knownAtMs).sort((a, b) => a - b);
    const after = (moment: 'paidAtMs' | 'knownAtMs') => settled.map((one) => attempts.filter((attempt) => attempt.contactId === one.contact.contactId && attempt.startedAtMs > one[moment]).length).filter((calls) => calls > 0);
    expect(paidButCalled).toMatchObject({
      paid: settled.length, silenced: silenced.length, notEnded: settled.filter(({ contact }) => !ends.has(contact.contactId)).length, endedBefore: closed.filter((one) => one.disposition === 'reached').length,
      calledAfterPaid: after('paidAtMs').length, callsAfterPaid: after('paidAtMs').reduce((sum, calls) => sum + calls, 0),
      calledAfterKnown: after('knownAtMs').length, callsAfterKnown: after('knownAtMs').reduce((sum, calls) => sum + calls, 0), silentAfterMaxMs: silenced.at(-1),
    });
    expect(paidButCalled.calledAfterPaid).toBeGreaterThan(paidButCalled.calledAfterKnown);
  });
});

test('every form of a report carries the same figures', async () => {
  for (const make of [attemptsReport, qualityReport, costReport, dataReport]) {
    const report = await make(analytics, CAMPAIGN);
    expect(JSON.parse(formatReport(report, 'json'))).toEqual(report);
    const sheet = sheetOf(report);
    expect(formatReport(report, 'csv').trimEnd().split('\n')).toHaveLength(sheet.rows.length + 1);
    expect(sheet.rows.length).toBeGreaterThan(0);
  }
});

test('debts over time: as stated, less what was paid since, until stated again', async () => {
  const one = { ...contacts[0]!, accountId: 'debtor', contactId: 'd1', campaignId: 'a', debtMinor: 1000, loadedAtMs: SAMPLE_START_MS };
  await put(contactRows(phoneMarks('')), [one, { ...one, contactId: 'd2', campaignId: 'b', debtMinor: 700, loadedAtMs: SAMPLE_START_MS + 2 * DAY_MS }]);
  const pay = (paymentId: string, amountMinor: number, day: number): Payment => ({ paymentId, accountId: 'debtor', amountMinor, currency: 'UAH', paidAtMs: SAMPLE_START_MS + day * DAY_MS, receivedAtMs: SAMPLE_START_MS + 9 * DAY_MS });
  await put(paymentRows, [pay('x', 400, 1), pay('y', 200, 3), pay('z', -200, 4), pay('w', 50, -1)]);
  const rows = await analytics.query("SELECT kind, balance_minor FROM v_debts WHERE account_id = 'debtor' ORDER BY at", z.object({ kind: z.string(), balance_minor: z.number().nullable() }));
  expect(rows.map((row) => row.balance_minor)).toEqual([null, 1000, 600, 700, 500, 700]);
});
