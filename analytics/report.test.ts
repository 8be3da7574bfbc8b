import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Attempt } from '../core/attempt.ts';
import type { Contact } from '../core/contact.ts';
import { hashFraction } from '../core/ids.ts';
import { loadSchema, type Load } from '../core/load.ts';
import type { Payment } from '../core/payment.ts';
import type { Analytics } from './client.ts';
import { formatReport, sheetOf } from './format.ts';
import { migrate } from './migrate.ts';
import { phoneMarks } from './phone-mark.ts';
import { reachReport } from './report.ts';
import { attemptRows, contactRows, dispositionRows, loadRows, paymentRows, type RowMaker } from './rows.ts';
import { SAMPLE_START_MS, sampleAttempt, sampleContact } from './samples.ts';
import { openTestStore, WAYS, type TestStore } from './testing/stores.ts';
import { upliftReport } from './uplift.ts';

const DAY_MS = 86_400_000;
const CAMPAIGN = 'november';
let store: TestStore;
let analytics: Analytics;

// A campaign by chance, beside another that shares its accounts; every row goes in twice.
const chance = (...parts: (string | number)[]): number => hashFraction('report-test', ...parts.map(String));
const contacts = Array.from({ length: 1500 }, (_, i) => sampleContact(CAMPAIGN, i, { loadedAtMs: SAMPLE_START_MS - DAY_MS + Math.floor(chance('loaded', i) * 3 * DAY_MS) }));
const called = contacts.filter((contact) => contact.group === 'called');
const attempts = called.flatMap((contact, i) => Array.from({ length: Math.floor(chance('attempts', i) * 4) }, (_, n) => sampleAttempt(contact, n + 1)));
const others = Array.from({ length: 300 }, (_, i) => sampleContact('october', i));
const payments: Payment[] = Array.from({ length: 1200 }, (_, i) => ({
  paymentId: `pay-${i}`,
  accountId: `account-${Math.floor(chance('account', i) * 1800)}`,
  amountMinor: Math.floor((chance('amount', i) - 0.1) * 500_000),
  currency: chance('currency', i) < 0.95 ? 'UAH' : 'EUR',
  paidAtMs: SAMPLE_START_MS - 2 * DAY_MS + Math.floor(chance('paid', i) * 20 * DAY_MS),
  receivedAtMs: SAMPLE_START_MS + 20 * DAY_MS,
}));
const loads: Load[] = [
  { loadId: 'l1', campaignId: CAMPAIGN, source: 'a.csv', rows: 1600, accepted: 1400, heldOut: 1, refused: { 'phone:shape': 150, 'debt:negative': 20 }, duplicates: 30, startedAtMs: 1, endedAtMs: 2 },
  { loadId: 'l2', campaignId: CAMPAIGN, source: 'b.csv', rows: 110, accepted: 100, heldOut: 1, refused: { 'phone:shape': 10 }, duplicates: 0, startedAtMs: 3, endedAtMs: 4 },
].map((load) => loadSchema.parse(load));
const closed = contacts.slice(0, 1300).map((contact, i) => ({
  contactId: contact.contactId, campaignId: CAMPAIGN, accountId: contact.accountId, group: contact.group, attempts: attempts.filter((attempt) => attempt.contactId === contact.contactId).length, reason: 'rule', closedAtMs: SAMPLE_START_MS,
  disposition: contact.group === 'held_out' ? ('held_out' as const) : chance('end', i) < 0.5 ? ('reached' as const) : ('exhausted' as const),
}));

async function put<T>(maker: RowMaker<T>, values: readonly T[]): Promise<void> {
  const rows = values.map((value) => maker.cells(value)!);
  await analytics.insert(maker.table, maker.columns, rows);
  await analytics.insert(maker.table, maker.columns, [...rows].reverse());
}

describe.each(WAYS)('over %s', (way) => {
  beforeAll(async () => {
    store = await openTestStore(way);
    analytics = store.analytics;
    await migrate(analytics);
    const mark = phoneMarks('test');
    await put(contactRows(mark), [...contacts, ...others]);
    await put(attemptRows(mark), [...attempts, ...others.map((contact) => sampleAttempt(contact, 1))]);
    await put(paymentRows, payments);
    await put(loadRows, loads);
    await put(dispositionRows, closed);
  });
  afterAll(() => store.close());

  const contactsWith = (is: (attempt: Attempt) => boolean): number => new Set(attempts.filter(is).map((attempt) => attempt.contactId)).size;

  /** What an account paid into a contact's debt from `fromMs` on, before `toMs`. */
  function paidBy(contact: Contact, fromMs: number, toMs: number): number {
    return payments.filter((one) => one.accountId === contact.accountId && one.currency === contact.currency && one.paidAtMs >= fromMs && one.paidAtMs < toMs).reduce((sum, one) => sum + one.amountMinor, 0);
  }

  /** Contacts whose latest promise was followed by money to the end of the day after the promised one. */
  function promisesOf(is: (paidInTime: number, paidEver: number) => boolean): number {
    return contacts.filter((contact) => {
      const [promise] = attempts.filter((one) => one.contactId === contact.contactId && one.response.kind === 'promise_to_pay').sort((a, b) => b.startedAtMs - a.startedAtMs);
      if (promise?.response.kind !== 'promise_to_pay') return false;
      const fromMs = Math.floor(promise.startedAtMs / DAY_MS) * DAY_MS;
      return is(paidBy(contact, fromMs, Date.parse(promise.response.promisedDate) + 2 * DAY_MS), paidBy(contact, fromMs, Infinity));
    }).length;
  }

  test('the reach report counts what a plain loop counts', async () => {
    const report = await reachReport(analytics, CAMPAIGN);
    expect(Object.fromEntries(report.funnel.map((one) => [one.step, one.count]))).toEqual({
      rows: 1710,
      refused: 180,
      duplicates: 30,
      contacts: contacts.length,
      held_out: contacts.length - called.length,
      to_call: called.length,
      suppressed: closed.filter((one) => one.group === 'called' && one.attempts === 0).length,
      dialled: contactsWith(() => true),
      answered: contactsWith((attempt) => attempt.answeredAtMs !== null),
      human: contactsWith((attempt) => attempt.outcome === 'human'),
      heard: contactsWith((attempt) => attempt.heardWhole),
      promised: contactsWith((attempt) => attempt.response.kind === 'promise_to_pay'),
      kept: promisesOf((inTime) => inTime > 0),
      paid: called.filter((contact) => paidBy(contact, contact.loadedAtMs, Infinity) > 0).length,
    });
    expect(report.attempts).toBe(attempts.length);
    expect(report.refused).toEqual([{ reason: 'phone:shape', rows: 160 }, { reason: 'debt:negative', rows: 20 }]);
    expect(report.open).toBe(200);
    for (const row of report.byAttemptNumber) {
      const these = attempts.filter((attempt) => attempt.attemptNumber === row.attemptNumber);
      expect(row.attempts).toBe(these.length);
      expect(row.outcomes['busy'] ?? 0).toBe(these.filter((attempt) => attempt.outcome === 'busy').length);
      expect(Object.values(row.outcomes).reduce((sum, one) => sum + one, 0)).toBe(these.length);
    }
    const hours = new Map(attempts.map((attempt) => [attempt, Number(new Intl.DateTimeFormat('en-GB', { timeZone: attempt.timezone, hour: '2-digit', hourCycle: 'h23' }).format(attempt.startedAtMs))]));
    for (const row of report.byHour) {
      const these = attempts.filter((attempt) => hours.get(attempt) === row.hour);
      expect([row.attempts, row.human]).toEqual([these.length, these.filter((attempt) => attempt.outcome === 'human').length]);
    }
    expect(report.byHour.reduce((sum, row) => sum + row.attempts, 0)).toBe(attempts.length);
    expect(report.byWeekHour.reduce((sum, row) => sum + row.human, 0)).toBe(attempts.filter((attempt) => attempt.outcome === 'human').length);
    const { promised, kept, late, broken, open } = report.promises;
    expect({ late, broken, open, all: kept + late + broken + open }).toEqual({ late: promisesOf((inTime, ever) => inTime <= 0 && ever > 0), broken: promisesOf((_, ever) => ever <= 0), open: 0, all: promised });
    expect(report.suppressed.reduce((sum, one) => sum + one.contacts, 0)).toBe(report.funnel.find((one) => one.step === 'suppressed')!.count);
  });

  test.each(['calling', 'load'] as const)('the uplift report since the %s finds what a plain loop finds', async (since) => {
    const report = await upliftReport(analytics, CAMPAIGN, { horizonDays: 14, since });
    const firstCallMs = Math.min(...attempts.map((attempt) => attempt.startedAtMs));
    expect(report.firstCallMs).toBe(firstCallMs);
    expect([report.called, report.heldOut]).toEqual([called.length, contacts.length - called.length]);
    expect(report.days).toHaveLength(14);
    for (const day of report.days) {
      for (const [group, result] of [['called', day.called], ['held_out', day.heldOut]] as const) {
        const amounts = contacts.filter((contact) => contact.group === group).map((contact) => {
          const originMs = since === 'load' ? contact.loadedAtMs : Math.max(contact.loadedAtMs, firstCallMs);
          return paidBy(contact, originMs, originMs + day.day * DAY_MS);
        });
        expect(result.paid).toBe(amounts.filter((amount) => amount > 0).length);
        expect(result.amountMinor).toBe(amounts.reduce((sum, amount) => sum + amount, 0));
        expect(result.paidShare).toBeCloseTo(result.paid / amounts.length, 12);
      }
      expect(day.share!.difference).toBeCloseTo(day.called.paidShare! - day.heldOut.paidShare!, 12);
    }

    // The last day's interval for money, from the contacts themselves: how many pay is the group's own, how large payments are that of both groups.
    const amountsOf = (group: 'called' | 'held_out'): number[] => contacts.filter((contact) => contact.group === group).map((contact) => {
      const originMs = since === 'load' ? contact.loadedAtMs : Math.max(contact.loadedAtMs, firstCallMs);
      return paidBy(contact, originMs, originMs + 14 * DAY_MS);
    });
    const both = { called: amountsOf('called'), held_out: amountsOf('held_out') };
    const sum = (amounts: readonly number[], of: (amount: number) => number): number => amounts.reduce((total, amount) => total + of(amount), 0);
    const payers = (amounts: readonly number[]): number => amounts.filter((amount) => amount !== 0).length;
    const all = [...both.called, ...both.held_out];
    const spread = (group: 'called' | 'held_out'): { mean: number; error: number } => {
      const amounts = both[group];
      const mean = amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length;
      const residuals = (sum(all, (amount) => amount * amount - 2 * mean * amount) * payers(amounts)) / payers(all);
      return { mean, error: (residuals + amounts.length * mean * mean) / (amounts.length - 1) / amounts.length };
    };
    const [a, b] = [spread('called'), spread('held_out')];
    const money = report.days.at(-1)!.money!;
    expect(money.difference).toBeCloseTo(a.mean - b.mean, 6);
    const quantile = (money.high - money.difference) / Math.sqrt(a.error + b.error);
    expect(quantile).toBeGreaterThan(1.96);
    expect(quantile).toBeLessThan(1.972);

    // What was caused is the effect weighted by class of debts and less what earlier payments tell; the plain one is not far from it.
    const [effects] = report.horizons.filter(({ day }) => day === 14);
    expect(report.horizons.map(({ day }) => day)).toEqual([1, 3, 7, 14, 30, 60]);
    expect(report.causedMinor!.difference / report.called).toBeCloseTo(effects!.adjusted.moneyMinor!.difference, 6);
    expect(Math.abs(effects!.moneyMinor!.difference - money.difference)).toBeLessThan((money.high - money.difference) / 2);
    for (const one of [effects!.paidShare!, effects!.moneyMinor!, effects!.debtCleared!]) {
      expect(one.low).toBeLessThan(one.difference);
      expect(one.anytime!.low).toBeLessThan(one.low);
      expect(one.anytime!.high).toBeGreaterThan(one.high);
    }

    // Days to the first payment, counted at most 14, by a plain loop: everybody was followed for longer.
    const waited = (group: 'called' | 'held_out'): number => {
      const own = contacts.filter((contact) => contact.group === group);
      const days = own.map((contact) => {
        const originMs = since === 'load' ? contact.loadedAtMs : Math.max(contact.loadedAtMs, firstCallMs);
        const times = payments.filter((one) => one.accountId === contact.accountId && one.currency === contact.currency && one.paidAtMs >= originMs && one.amountMinor > 0).map((one) => one.paidAtMs);
        return Math.min(14, Math.floor((Math.min(...times) - originMs) / DAY_MS) + 1);
      });
      return days.reduce((sum, one) => sum + one, 0) / own.length;
    };
    expect(report.daysToPay!.called).toBeCloseTo(waited('called'), 9);
    expect(report.daysToPay!.heldOut).toBeCloseTo(waited('held_out'), 9);
    // The other campaign called some of those held out here; and these payments are told weeks after they were made.
    const elsewhere = contacts.filter((contact) => contact.group === 'held_out' && others.some((other) => other.accountId === contact.accountId)).length;
    expect(report.validity.contamination).toMatchObject({ heldOutCalled: 0, heldOutCalledElsewhere: elsewhere });
    expect(report.warnings).toHaveLength(2);
    expect(report.warnings.join('\n')).toMatch(/^\d+ held-out contacts were called by other campaigns[^]*may not be known yet/);
  });

  test('a small hold-out, none at all, and days that are not over are said aloud', async () => {
    const plain = await upliftReport(analytics, 'october');
    expect(plain.warnings.join(' ')).toMatch(/Only \d+ contacts were held out/);
    const only = contacts[0]!;
    await put(contactRows(phoneMarks('')), [{ ...only, campaignId: 'none-held', group: 'called', loadedAtMs: SAMPLE_START_MS + 15 * DAY_MS }]);
    const none = await upliftReport(analytics, 'none-held');
    expect(none.warnings.join(' ')).toMatch(/Nobody was held out.*Nobody was called yet.*not over/);
    expect(none.days.every((day) => day.share === null && day.money === null)).toBe(true);
    expect(formatReport(none, 'table')).toContain('Warning: Nobody was held out');
    expect(sheetOf(none).rows.filter((row) => row[1] === 'day' && row[3] === 'complete')).toHaveLength(14);
    expect(formatReport(none, 'csv')).toMatch(/^none-held,warning,"?Nobody was held out.*,given,1,,$/m);
  });

  test('a campaign nobody knows, hostile names included', async () => {
    await expect(reachReport(analytics, "x' OR 1=1 --")).rejects.toMatchObject({ code: 'not_found' });
    await expect(upliftReport(analytics, '{campaign:String}')).rejects.toThrow(/known: november, october|known: .*november/);
    await expect(upliftReport(analytics, CAMPAIGN, { horizonDays: 0 })).rejects.toMatchObject({ code: 'usage' });
  });

  test('the effect is told in words, with its interval, also when it is a loss', async () => {
    const text = formatReport(await upliftReport(analytics, CAMPAIGN), 'table');
    expect(text).toMatch(/Within 14 days those called paid [\d .]+ UAH (more|less) than they would have without calls \(95 % interval -?[\d .]+ UAH to -?[\d .]+ UAH\)\./);
    expect(text).toMatch(/percentage points (more|fewer) of them paid/);
  });

  test('every form of the reports carries the same figures', async () => {
    const reach = await reachReport(analytics, CAMPAIGN);
    const uplift = await upliftReport(analytics, CAMPAIGN);
    expect(JSON.parse(formatReport(reach, 'json'))).toEqual(reach);
    expect(JSON.parse(formatReport(uplift, 'json'))).toEqual(uplift);
    const human = reach.funnel.find((one) => one.step === 'human')!;
    expect(formatReport(reach, 'csv')).toContain(`november,funnel,human,count,${human.count},${human.base},\n`);
    expect(formatReport(reach, 'table')).toMatch(new RegExp(`human answered +${human.count} +${((100 * human.count) / human.base!).toFixed(1)} %`));
    const last = uplift.days.at(-1)!;
    const csv = formatReport(uplift, 'csv');
    expect(csv).toContain(`november,day,14,called_paid,${last.called.paid},,\n`);
    expect(csv).toContain(`november,day,14,money_low,${last.money!.low},,UAH\n`);
    // Every number of every part of the report, for spreadsheets too.
    const told = new Set(sheetOf(uplift).rows.map((row) => row[4]));
    const numbersIn = (value: unknown): number[] => (typeof value === 'number' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []);
    const named = { ...uplift, days: uplift.days.map(({ day: _, ...rest }) => rest), horizons: uplift.horizons.map(({ day: _, ...rest }) => rest) };
    expect(numbersIn(named).length).toBeGreaterThan(300);
    expect(numbersIn(named).filter((value) => !told.has(value))).toEqual([]);
    expect(formatReport(uplift, 'table')).toContain(`${last.called.paid} (${((100 * last.called.paid) / called.length).toFixed(1)} %)`);
  });
});
