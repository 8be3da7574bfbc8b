import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Contact } from '../core/contact.ts';
import { hashFraction } from '../core/ids.ts';
import type { Payment } from '../core/payment.ts';
import { formatReport } from './format.ts';
import { refreshLiveFigures } from './live.ts';
import { migrate } from './migrate.ts';
import { phoneMarks } from './phone-mark.ts';
import { reachReport } from './report.ts';
import { dataReport } from './reports/data.ts';
import { attemptRows, contactRows, paymentRows, type RowMaker } from './rows.ts';
import { SAMPLE_START_MS, sampleAttempt, sampleContact } from './samples.ts';
import { openTestStore, type TestStore } from './testing/stores.ts';
import { upliftReport } from './uplift.ts';

const HOUR_MS = 3_600_000;
let store: TestStore;
beforeAll(async () => {
  store = await openTestStore('chdb');
  await migrate(store.analytics);
}, 60_000);
afterAll(() => store.close());

const chance = (...parts: (string | number)[]): number => hashFraction('hostile', ...parts.map(String));
const mark = phoneMarks('test');
async function put<T>(maker: RowMaker<T>, values: readonly T[]): Promise<void> {
  await store.analytics.insert(maker.table, maker.columns, values.map((value) => maker.cells(value)!));
}
const list = (campaignId: string, size: number, over: (i: number) => Partial<Contact> = () => ({})): Contact[] => Array.from({ length: size }, (_, i) => sampleContact(campaignId, i, over(i)));
const paid = (accountId: string, over: Partial<Payment> = {}): Payment => ({ paymentId: `paid-${accountId}-${JSON.stringify(over)}`, accountId, amountMinor: 100, currency: 'UAH', paidAtMs: SAMPLE_START_MS + HOUR_MS, receivedAtMs: SAMPLE_START_MS + 2 * HOUR_MS, ...over });
const define = (campaignId: string, definedAtMs: number, holdOutShare: number): Promise<void> =>
  store.analytics.insert('campaigns', ['campaign_id', 'defined_at', 'name', 'starts_at', 'expires_at', 'currency', 'hold_out_share', 'max_calls_per_second', 'max_channels', 'max_attempts', 'machine_policy'], [[campaignId, definedAtMs, campaignId, definedAtMs, definedAtMs, 'UAH', holdOutShare, 1, 1, 3, 'hang_up']]);

describe('the groups', () => {
  test('who was held out because an earlier campaign did was not drawn here, and is in neither group', async () => {
    // The first 200 were on the earlier list, and half of them held out there.
    const contacts = list('second', 1000, (i) => (i < 100 ? { group: 'held_out', heldOutBefore: 'first' } : { group: chance('group', i) < 0.1 ? 'held_out' : 'called' }));
    await put(contactRows(mark), contacts);
    await define('second', SAMPLE_START_MS - 2 * HOUR_MS, 0.1);
    await put(paymentRows, contacts.slice(0, 100).map((contact) => paid(contact.accountId)));
    const report = await upliftReport(store.analytics, 'second');
    const drawn = contacts.filter((contact) => contact.heldOutBefore === undefined && contact.group === 'held_out').length;
    expect([report.called, report.heldOut, report.days.at(-1)!.heldOut.paid]).toEqual([900 - drawn, drawn, 0]);
    expect(report.validity.sampleRatio!.alarm).toBe(false);
    expect((await reachReport(store.analytics, 'second')).funnel.find((step) => step.step === 'held_out')!.count).toBe(100 + drawn);
  });

  test('each list is held against the share that held when it was loaded', async () => {
    const [first, second] = [SAMPLE_START_MS - 48 * HOUR_MS, SAMPLE_START_MS - 24 * HOUR_MS];
    await define('versions', first, 0.1);
    await define('versions', second, 0.5);
    await put(contactRows(mark), list('versions', 4000, (i) => ({ loadedAtMs: (i < 3000 ? first : second) + 60_000 + i, group: chance('version', i) < (i < 3000 ? 0.1 : 0.5) ? 'held_out' : 'called' })));
    const { sampleRatio } = (await upliftReport(store.analytics, 'versions')).validity;
    expect(sampleRatio!.plannedShare).toBeCloseTo((3000 * 0.1 + 1000 * 0.5) / 4000, 10);
    expect(sampleRatio!.alarm).toBe(false);
  });

  test('held out here, but called by another campaign in the same days, is told', async () => {
    const contacts = list('alone', 400, (i) => ({ accountId: `lone-${i}`, group: i % 2 === 0 ? 'held_out' : 'called' }));
    await put(contactRows(mark), contacts);
    await put(attemptRows(mark), contacts.filter((contact) => contact.group === 'called').map((contact) => sampleAttempt(contact, 1)));
    const other = list('beside', 30, (i) => ({ accountId: `lone-${i}`, group: 'called' }));
    await put(contactRows(mark), other);
    await put(attemptRows(mark), other.map((contact) => sampleAttempt(contact, 1, { startedAtMs: SAMPLE_START_MS + 24 * HOUR_MS, endedAtMs: SAMPLE_START_MS + 24 * HOUR_MS + 1000 })));
    // Long ago is another matter.
    const before = list('long-ago', 60, (i) => ({ accountId: `lone-${i}`, group: 'called' }));
    await put(contactRows(mark), before);
    await put(attemptRows(mark), before.map((contact) => sampleAttempt(contact, 1, { startedAtMs: SAMPLE_START_MS - 2400 * HOUR_MS, endedAtMs: SAMPLE_START_MS - 2400 * HOUR_MS + 1000 })));
    const { validity, warnings } = await upliftReport(store.analytics, 'alone');
    expect(validity.contamination).toMatchObject({ heldOutCalled: 0, heldOutCalledElsewhere: 15 });
    expect(warnings.join('\n')).toContain('15 held-out contacts were called by other campaigns');
  });
});

describe('while nobody has paid', () => {
  test('the effect on money is not known, rather than nothing for certain', async () => {
    const contacts = list('nobody-paid', 600, (i) => ({ accountId: `unpaid-${i}`, group: i % 4 === 0 ? 'held_out' : 'called' }));
    await put(contactRows(mark), contacts);
    await put(attemptRows(mark), contacts.filter((contact) => contact.group === 'called').map((contact) => sampleAttempt(contact, 1)));
    const report = await upliftReport(store.analytics, 'nobody-paid');
    expect([report.causedMinor, report.daysToPay, report.days[13]!.money]).toEqual([null, null, null]);
    expect(report.days[13]!.share!.high).toBeGreaterThan(0);
    const text = formatReport(report, 'table');
    expect(text).toContain('So far (the 14 days are not over) too few paid to say what the calls were worth in money.');
    expect(text).not.toMatch(/0\.00 UAH more|0\.0 days earlier/);
  });
});

describe('counts', () => {
  test('an attempt presumed lost in one hour and told in the next counts once', async () => {
    const [contact] = list('border', 1);
    await put(contactRows(mark), [contact!]);
    const border = SAMPLE_START_MS + 3 * HOUR_MS;
    await put(attemptRows(mark), [sampleAttempt(contact!, 1, { outcome: 'lost', startedAtMs: border - 200, endedAtMs: border + 60_000, answeredAtMs: null })]);
    await refreshLiveFigures(store.analytics, 0);
    await put(attemptRows(mark), [sampleAttempt(contact!, 1, { outcome: 'human', startedAtMs: border + 300, endedAtMs: border + 40_000, answeredAtMs: border + 9000 })]);
    await refreshLiveFigures(store.analytics, 0);
    // Not by the report, which counts anew what came in within the last minute anyhow.
    expect(await store.analytics.query("SELECT outcome, sum(attempts) AS attempts FROM v_hour_figures WHERE campaign_id = 'border' GROUP BY outcome", z.unknown())).toEqual([{ outcome: 'human', attempts: 1 }]);
  });

  test('held-out people who were called all the same are no part of those dialled of whom to call', async () => {
    const contacts = list('mixed', 100, (i) => ({ group: i < 60 ? 'held_out' : 'called' }));
    await put(contactRows(mark), contacts);
    await put(attemptRows(mark), contacts.map((contact) => sampleAttempt(contact, 1, { outcome: 'human', answeredAtMs: SAMPLE_START_MS, heardWhole: true })));
    const report = await reachReport(store.analytics, 'mixed');
    const step = (name: string) => report.funnel.find((one) => one.step === name)!;
    expect([step('dialled').count, step('dialled').base, step('human').count, step('heard').count]).toEqual([40, 40, 40, 40]);
    expect(report.attempts).toBe(100);
    expect((await dataReport(store.analytics, 'mixed')).heldOutCalled).toBe(60);
  });
});

describe('paid, but called', () => {
  test('who had paid before the load, but was told of after it, is among them', async () => {
    const [contact] = list('early-payer', 1, () => ({ group: 'called', accountId: 'early-payer' }));
    const { loadedAtMs } = contact!;
    await put(contactRows(mark), [contact!]);
    await put(paymentRows, [paid('early-payer', { paidAtMs: loadedAtMs - HOUR_MS, receivedAtMs: loadedAtMs + HOUR_MS })]);
    await put(attemptRows(mark), [1, 2].map((n) => sampleAttempt(contact!, n, { startedAtMs: loadedAtMs + (n === 1 ? 0.5 : 2) * HOUR_MS })));
    expect((await dataReport(store.analytics, 'early-payer')).paidButCalled).toMatchObject({ paid: 1, calledAfterPaid: 1, callsAfterPaid: 2, calledAfterKnown: 1, callsAfterKnown: 1 });
  });
});

describe('currencies', () => {
  test('money in another currency than the debts is counted, never added up with theirs', async () => {
    const contacts = list('currencies', 10, () => ({ accountId: 'unused' })).map((contact, i) => ({ ...contact, accountId: `currency-${i}` }));
    await put(contactRows(mark), contacts);
    await put(paymentRows, [paid('currency-1', { amountMinor: 700 }), paid('currency-1', { amountMinor: 9_000_000, currency: 'JPY' }), paid('currency-2', { amountMinor: -50, currency: 'EUR' }), paid('nobody-of-it', { amountMinor: 33 }), paid('nobody-of-it', { amountMinor: 44, currency: 'EUR' })]);
    const { payments } = await dataReport(store.analytics, 'currencies');
    expect(payments).toMatchObject({ matched: 3, matchedMinor: 700, otherCurrency: 2, reversed: 1, reversedMinor: 0 });
  });

  test('a list of mixed currencies is told in the one of most debts, at every look the same', async () => {
    await put(contactRows(mark), list('mixed-money', 300, (i) => ({ currency: i % 3 === 0 ? 'EUR' : i % 100 === 1 ? 'CHF' : 'USD' })));
    const reports = await Promise.all(Array.from({ length: 3 }, () => upliftReport(store.analytics, 'mixed-money')));
    expect(reports.map((report) => report.currency)).toEqual(['USD', 'USD', 'USD']);
    expect(reports[0]!.warnings.join('\n')).toContain('Debts are in 3 currencies (CHF, EUR, USD)');
  });
});
