import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Attempt } from '../core/attempt.ts';
import type { Contact } from '../core/contact.ts';
import { hashFraction } from '../core/ids.ts';
import type { Payment } from '../core/payment.ts';
import { formatReport } from './format.ts';
import { migrate } from './migrate.ts';
import { phoneMarks } from './phone-mark.ts';
import { formatPower, powerReport } from './power-report.ts';
import { attemptRows, contactRows, paymentRows, type RowMaker } from './rows.ts';
import { SAMPLE_START_MS, sampleAttempt, sampleContact } from './samples.ts';
import { addCluster, emptySums } from './statistics/cluster-sums.ts';
import type { Stratum } from './statistics/strata.ts';
import { openTestStore, type TestStore } from './testing/stores.ts';
import { addTouches } from './touches.ts';
import { upliftReport } from './uplift.ts';
import { readUpliftSums, strataAt } from './uplift-sums.ts';

const DAY_MS = 86_400_000;
const HORIZONS = [1, 3, 7, 14, 30, 60];
let store: TestStore;
const chance = (...parts: (string | number)[]): number => hashFraction('uplift-test', ...parts.map(String));

/** Every tenth contact shares the phone of the one before it, and its group: a household is drawn as one. Who was reached pays more often. */
const household = (i: number): number => (i % 10 === 9 ? i - 1 : i);
const contacts: Contact[] = Array.from({ length: 2400 }, (_, i) =>
  sampleContact('worth', i, { phones: [`+38067${1_000_000 + household(i)}`, ...(i % 3 === 0 ? [`+38050${1_000_000 + i}`] : [])], group: chance('group', household(i)) < 0.25 ? 'held_out' : 'called', loadedAtMs: SAMPLE_START_MS - DAY_MS }),
);
const attempts: Attempt[] = contacts.filter((contact) => contact.group === 'called').map((contact) => {
  const heard = chance('heard', contact.accountId) < 0.5;
  return sampleAttempt(contact, 1, { startedAtMs: SAMPLE_START_MS + Math.floor(chance('start', contact.accountId) * DAY_MS), outcome: heard ? 'human' : 'no_answer', heardWhole: heard });
});
const firstCallMs = Math.min(...attempts.map((attempt) => attempt.startedAtMs));
const heardBy = new Set(attempts.filter((attempt) => attempt.heardWhole).map((attempt) => attempt.contactId));
const payments: Payment[] = contacts.flatMap((contact, i) => {
  const pay = (name: string, amountMinor: number, day: number): Payment => ({ paymentId: `${name}-${i}`, accountId: contact.accountId, amountMinor, currency: 'UAH', paidAtMs: Math.floor(firstCallMs + day * DAY_MS), receivedAtMs: Math.floor(firstCallMs + day * DAY_MS + chance('lag', i) * 2 * DAY_MS) });
  const willing = chance('willing', i);
  const found: Payment[] = [];
  if (willing < 0.3) found.push(pay('before', 1 + Math.floor(contact.debtMinor * 0.4), -40 * chance('earlier', i) - 0.01));
  if (willing < (heardBy.has(contact.contactId) ? 0.5 : 0.25)) found.push(pay('now', contact.debtMinor, 20 * chance('when', i)));
  if (willing < 0.03) found.push(pay('reversed', -contact.debtMinor, 10));
  return found;
});
const dataUntilMs = firstCallMs + 40 * DAY_MS;

async function put<T>(maker: RowMaker<T>, values: readonly T[]): Promise<void> {
  await store.analytics.insert(maker.table, maker.columns, values.map((value) => maker.cells(value)!));
}

async function define(campaignId: string, holdOutShare: number): Promise<void> {
  const columns = ['campaign_id', 'defined_at', 'name', 'starts_at', 'expires_at', 'currency', 'hold_out_share', 'max_calls_per_second', 'max_channels', 'max_attempts', 'machine_policy'];
  await store.analytics.insert('campaigns', columns, [[campaignId, 1, campaignId, 1, 2, 'UAH', holdOutShare, 1, 1, 6, 'hang_up']]);
}

beforeAll(async () => {
  store = await openTestStore('chdb');
  await migrate(store.analytics);
  const mark = phoneMarks('test');
  await put(contactRows(mark), contacts);
  await put(attemptRows(mark), attempts);
  await put(paymentRows, [...payments, { paymentId: 'late', accountId: 'nobody', amountMinor: 1, currency: 'UAH', paidAtMs: dataUntilMs, receivedAtMs: dataUntilMs }]);
  await define('worth', 0.25);
});
afterAll(() => store.close());

describe('the sums', () => {
  /** As a plain loop makes them: households added up first. */
  function strataByLoop(days: number): Stratum[] {
    const clusters = new Map<string, { called: boolean; largest: number; values: number[] }>();
    for (const contact of contacts) {
      const own = payments.filter((payment) => payment.accountId === contact.accountId);
      const within = own.filter((payment) => payment.paidAtMs >= firstCallMs && payment.paidAtMs < firstCallMs + days * DAY_MS);
      const money = within.reduce((sum, payment) => sum + payment.amountMinor, 0);
      const before = own.filter((payment) => payment.paidAtMs < firstCallMs && payment.paidAtMs >= firstCallMs - 90 * DAY_MS).reduce((sum, payment) => sum + payment.amountMinor, 0);
      const firstDay = Math.floor((Math.min(...own.filter((payment) => payment.paidAtMs >= firstCallMs && payment.amountMinor > 0).map((payment) => payment.paidAtMs)) - firstCallMs) / DAY_MS) + 1;
      const paid = money > 0 ? 1 : 0;
      const values = [1, contact.debtMinor, before, heardBy.has(contact.contactId) ? 1 : 0, paid, money, Math.min(Math.max(money, 0), contact.debtMinor), paid ? Math.max(0, days - firstDay) : 0];
      const key = `${contact.group} ${contact.phones[0]}`;
      const found = clusters.get(key);
      if (!found) clusters.set(key, { called: contact.group === 'called', largest: contact.debtMinor, values });
      else {
        found.largest = Math.max(found.largest, contact.debtMinor);
        values.forEach((value, k) => { found.values[k]! += value; });
      }
    }
    const strata = new Map<number, Stratum>();
    for (const { called, largest, values } of clusters.values()) {
      const debtClass = Math.floor(Math.log2(largest));
      const stratum = strata.get(debtClass) ?? { called: emptySums(), heldOut: emptySums() };
      strata.set(debtClass, stratum);
      addCluster(called ? stratum.called : stratum.heldOut, values);
    }
    return [...strata].sort(([a], [b]) => a - b).map(([, stratum]) => stratum);
  }

  /** Products that no estimate asks for are not read. */
  const READ = ['n.n', 'n.debt', 'n.before', 'n.reached', 'n.paid', 'n.money', 'n.early', 'debt.debt', 'debt.cleared', 'before.before', 'before.reached', 'before.paid', 'before.money', 'reached.reached', 'reached.paid', 'reached.money', 'paid.paid', 'money.money', 'cleared.cleared', 'early.early'];
  const NAMES = ['n', 'debt', 'before', 'reached', 'paid', 'money', 'cleared', 'early'];

  test.each([1, 7, 14, 60])('of %d days are those of a plain loop, households added up before they are multiplied', async (days) => {
    const found = strataAt(await readUpliftSums(store.analytics, 'worth', { horizons: HORIZONS, since: 'calling', firstCallMs, beforeDays: 90 }), days);
    const expected = strataByLoop(days);
    expect(found).toHaveLength(expected.length);
    found.forEach((stratum, h) => {
      for (const side of ['called', 'heldOut'] as const) {
        const [a, b] = [stratum[side], expected[h]![side]];
        expect([a.clusters, a.paying, ...a.sums]).toEqual([b.clusters, b.paying, ...b.sums]);
        for (const pair of READ) {
          const [i, j] = pair.split('.').map((name) => NAMES.indexOf(name)) as [number, number];
          expect(Math.abs(a.products[i * 8 + j]! - b.products[i * 8 + j]!), `${pair} of stratum ${h}, ${side}`).toBeLessThanOrEqual(1e-9 * Math.abs(b.products[i * 8 + j]!));
        }
      }
    });
  });
});

describe('the report', () => {
  test('finds what was planted, in the whole group and in those reached, and says what must be true for it', async () => {
    const report = await upliftReport(store.analytics, 'worth');
    const effects = report.horizons.find(({ day }) => day === 30)!;
    expect(effects.complete).toBe(true);
    // Half were reached, and of them a quarter more pay: 0.125 of everybody.
    expect(effects.paidShare!.low).toBeLessThan(0.125);
    expect(effects.paidShare!.high).toBeGreaterThan(0.125);
    const reached = effects.onReached.paidShare!;
    if (reached.kind !== 'bounded') throw new Error('expected a bounded effect');
    expect(reached.effect.low).toBeLessThan(0.25);
    expect(reached.effect.high).toBeGreaterThan(0.25);
    expect(effects.adjusted.paidShare!.varianceExplained).toBeGreaterThan(0.02);
    expect(effects.paidShareScore!.low).toBeCloseTo(effects.paidShare!.low, 1);
    expect(report.assumptions.join(' ')).toMatch(/drawn by chance.*only by reaching them/);
    expect(report.daysToPay!.difference).toBeLessThan(0);
    expect(report.beforeAfter).toBeNull();
  });

  test('says whether the groups can be compared', async () => {
    const { validity, warnings } = await upliftReport(store.analytics, 'worth');
    expect(validity.sampleRatio).toMatchObject({ plannedShare: 0.25, alarm: false });
    expect(validity.balance.map(({ covariate }) => covariate)).toEqual(['debt', 'earlier_payments', 'phones', 'priority', 'language_uk', 'language_ru', 'language_en', 'due_date_known']);
    expect(validity.balance.every(({ balanced }) => balanced)).toBe(true);
    expect(validity.contamination).toEqual({ heldOutCalled: 0, heldOutCalledElsewhere: 0, heldOutSharingPhone: 0 });
    expect(validity.postingLag!.medianDays).toBeGreaterThan(0.8);
    expect(validity.postingLag!.p99Days).toBeLessThan(2.01);
    expect(warnings).toEqual([]);
  });

  test('of segments gives p-values that know how many there are', async () => {
    const { segments } = await upliftReport(store.analytics, 'worth');
    expect(segments.map(({ dimension, value }) => `${dimension} ${value}`).sort()).toEqual(['debt large', 'debt middle', 'debt small', 'language en', 'language ru', 'language uk', 'phones one', 'phones several']);
    for (const segment of segments) {
      expect(segment.holm).toBeGreaterThanOrEqual(segment.falseDiscovery);
      expect(segment.falseDiscovery).toBeGreaterThanOrEqual(segment.p);
      expect(segment.p < 0.05).toBe(segment.low > 0 || segment.high < 0);
    }
  });

  test('letters that reached the groups alike are strata and segments; letters to one group alone since the first call are told', async () => {
    const told = contacts.filter((_, i) => chance('letter', i) < 0.4);
    await addTouches(store.analytics, told.map((contact) => ({ accountId: contact.accountId, channel: 'letter', atMs: firstCallMs - 5 * DAY_MS })), dataUntilMs);
    const before = await upliftReport(store.analytics, 'worth');
    const inGroup = (group: string): number => told.filter((one) => one.group === group).length;
    expect(before.validity.otherChannels).toMatchObject([{ channel: 'letter', before: { called: inGroup('called'), heldOut: inGroup('held_out'), balanced: true }, since: { called: 0, heldOut: 0, difference: null, balanced: true } }]);
    expect(before.segments.filter(({ dimension }) => dimension === 'other_channels').map(({ value }) => value).sort()).toEqual(['before the first call', 'none']);
    expect(before.warnings).toEqual([]);
    await addTouches(store.analytics, contacts.filter((contact) => contact.group === 'called').map((contact) => ({ accountId: contact.accountId, channel: 'sms', atMs: firstCallMs + DAY_MS })), dataUntilMs);
    const since = await upliftReport(store.analytics, 'worth');
    expect(since.warnings.join()).toMatch(/Since the first call "sms" reached \d+ of those called and 0 of those held out: the effect is that of both together/);
  });

  test('days that are over are not mature before the posting lag is', async () => {
    const lag = (await upliftReport(store.analytics, 'worth')).validity.postingLag!.p99Days;
    const wholeDays = 39;
    const report = await upliftReport(store.analytics, 'worth', { horizonDays: wholeDays });
    expect(report.days.at(-1)!.complete).toBe(true);
    expect(report.validity.maturity).toEqual({ overAtMs: firstCallMs + wholeDays * DAY_MS, knownAtMs: firstCallMs + (wholeDays + lag) * DAY_MS, mature: false });
    expect(report.warnings.join()).toContain('Payments of the last days may not be known yet');
  });

  test('a draw that is not as planned, groups that differ and people who were called all the same are told before any figure is believed', async () => {
    const broken = contacts.map((contact): Contact => ({ ...contact, campaignId: 'broken', contactId: `broken-${contact.accountId}`, group: contact.debtMinor > 100_000 ? 'held_out' : 'called' }));
    await put(contactRows(phoneMarks('test')), broken);
    await put(attemptRows(phoneMarks('test')), broken.slice(0, 500).map((contact) => sampleAttempt(contact, 1)));
    await define('broken', 0.1);
    const report = await upliftReport(store.analytics, 'broken');
    expect(report.validity.sampleRatio!.alarm).toBe(true);
    expect(report.validity.contamination.heldOutCalled).toBeGreaterThan(0);
    expect(report.validity.contamination.heldOutSharingPhone).toBeGreaterThan(0);
    expect(report.warnings.join('\n')).toMatch(/were called[^]*held out where 10.00 % were planned[^]*differed before the first call: debt/);
    expect(formatReport(report, 'table')).toMatch(/NOT as planned[^]*NOT alike in debt/);
  });

  test('without a hold-out compares before and after with others, stamped indicative', async () => {
    const start = firstCallMs;
    const called = Array.from({ length: 400 }, (_, i) => sampleContact('alone', 10_000 + i, { group: 'called', loadedAtMs: start - DAY_MS }));
    await put(contactRows(phoneMarks('test')), called);
    await put(attemptRows(phoneMarks('test')), called.map((contact, i) => sampleAttempt(contact, 1, { startedAtMs: start + i })));
    const panel = (account: string, i: number, extra: number): Payment[] =>
      [-4, -3, -2, -1, 0].map((period) => ({ paymentId: `${account}${period}`, accountId: account, amountMinor: 1000 + Math.floor(500 * chance(account, period)) + (period === 0 ? extra : 0), currency: 'UAH', paidAtMs: start + (period * 14 + 5) * DAY_MS, receivedAtMs: start + 14 * DAY_MS + i }));
    await put(paymentRows, called.flatMap((contact, i) => panel(contact.accountId, i, 300)));
    await put(paymentRows, Array.from({ length: 400 }, (_, i) => panel(`other-${i}`, i, 0)).flat());
    const report = await upliftReport(store.analytics, 'alone');
    expect(report.beforeAfter).toMatchObject({ stamp: 'indicative', accounts: 400, parallel: true, periodDays: 14 });
    expect(report.beforeAfter!.comparedAccounts).toBeGreaterThanOrEqual(400);
    expect(report.beforeAfter!.low).toBeLessThan(300);
    expect(report.beforeAfter!.high).toBeGreaterThan(300);
    expect(formatReport(report, 'table')).toContain('INDICATIVE, for nobody was held out');
    expect(report.causedMinor).toBeNull();
  });

  test('what was tried by chance is told by the draw: each arm against those held out and against the first, with p-values that know how many there are', async () => {
    const start = firstCallMs;
    const arms = Array.from({ length: 3000 }, (_, i) => sampleContact('tried', 20_000 + i, {
      group: chance('tried-group', i) < 0.3 ? 'held_out' : 'called', loadedAtMs: start - DAY_MS, cluster: `c${i}`,
      arms: { attempts: chance('tried-attempts', i) < 0.5 ? 2 : 6, firstHour: chance('tried-hour', i) < 0.5 ? 9 : 18, message: chance('tried-message', i) < 0.5 ? 'main' : 'short' },
    }));
    await put(contactRows(phoneMarks('test')), arms);
    await put(attemptRows(phoneMarks('test')), arms.filter((contact) => contact.group === 'called').map((contact, i) => sampleAttempt(contact, 1, { startedAtMs: start + i })));
    // Six attempts make a quarter more pay; the hour and the message change nothing.
    const pays = arms.filter((contact, i) => chance('tried-pays', i) < 0.2 + (contact.group === 'called' && contact.arms!.attempts === 6 ? 0.25 : 0));
    await put(paymentRows, pays.map((contact, i) => ({ paymentId: `tried-${i}`, accountId: contact.accountId, amountMinor: 1000, currency: 'UAH', paidAtMs: start + DAY_MS + i, receivedAtMs: start + 2 * DAY_MS + i })));
    const report = await upliftReport(store.analytics, 'tried');
    expect(report.arms.map(({ tried, arm, isBase }) => `${tried} ${arm} ${isBase}`)).toEqual(['attempts 2 true', 'attempts 6 false', 'first_hour 9 true', 'first_hour 18 false', 'message main true', 'message short false']);
    const calledArms = arms.filter((contact) => contact.group === 'called');
    for (const one of report.arms) {
      const own = calledArms.filter(({ arms: drawn }) => String({ attempts: drawn!.attempts, first_hour: drawn!.firstHour, message: drawn!.message }[one.tried]) === one.arm);
      const paid = own.filter((contact) => pays.includes(contact)).length;
      expect([one.contacts, one.paidShare, one.perContactMinor]).toEqual([own.length, paid / own.length, (1000 * paid) / own.length]);
    }
    const [two, six, , hour, , message] = report.arms;
    expect(six!.againstBase!.paidShare!.low).toBeLessThan(0.25);
    expect(six!.againstBase!.paidShare!.high).toBeGreaterThan(0.25);
    expect(six!.againstBase!.paidShare!.holm).toBeLessThan(0.001);
    expect(six!.caused!.paidShare!.low).toBeGreaterThan(0);
    expect(two!.caused!.paidShare!.low).toBeLessThan(0);
    for (const nothing of [hour, message]) expect(nothing!.againstBase!.paidShare!.holm).toBeGreaterThan(0.05);
    const ps = report.arms.flatMap(({ againstBase }) => (againstBase === null ? [] : [againstBase.paidShare!, againstBase.moneyMinor!]));
    expect(ps).toHaveLength(6);
    // Holm's smallest p-value is multiplied by how many there are.
    const least = ps.reduce((a, b) => (a.p < b.p ? a : b));
    expect(least.holm).toBeCloseTo(6 * least.p, 12);
    expect(formatReport(report, 'table')).toMatch(/What was tried by chance[^]*attempts allowed: 6/);
  });

  test('the table tells the effect, what it rests on, and the assumptions', async () => {
    const text = formatReport(await upliftReport(store.analytics, 'worth'), 'table');
    expect(text).toMatch(/Each person whom calling reached paid [\d ]+\.\d\d UAH more for it \(95 % interval/);
    expect(text).toMatch(/Effect on the share who paid, %, weighted by class of debts\ndays +called/);
    expect(text).toMatch(/Can it be trusted\?\n- sizes of the groups: 2\d\.\d\d % held out, 25\.00 % planned, p = 0\.\d{4} \(as planned\)/);
    expect(text).toContain('What must be true for this\n- Who was held out was drawn by chance');
  });
});

describe('the smallest effect that will be found', () => {
  test('is reckoned from the list that is loaded and what it paid before', async () => {
    const report = await powerReport(store.analytics, 'worth', { horizonDays: 40 });
    const heldOut = contacts.filter((contact) => contact.group === 'held_out').length;
    expect(report).toMatchObject({ contacts: 2400, contactsFrom: 'loaded', paidShareFrom: 'earlier_payments', planned: { holdOutShare: 0.25, heldOut, called: 2400 - heldOut } });
    expect(report.designEffect).toBeCloseTo((240 * 4 + 1920) / 2400, 12);
    expect(report.planned.smallest!.share).toBeGreaterThan(0.04);
    expect(report.planned.smallest!.share).toBeLessThan(0.08);
    expect(formatPower(report)).toMatch(new RegExp(`With ${heldOut} held out: \\d\\.\\d\\d percentage points more who pay, or [\\d ]+\\.\\d\\d UAH in all`));
  });

  test('a list that is not loaded, and figures that make no sense', async () => {
    const report = await powerReport(store.analytics, 'none', { horizonDays: 14, holdOutShare: 0.1, contacts: 200_000 });
    expect(report).toMatchObject({ paidShare: 0.2, paidShareFrom: 'usual', planned: { heldOut: 20_000 } });
    expect(report.planned.smallest!.totalMinor).toBeNull();
    await expect(powerReport(store.analytics, 'none', { horizonDays: 14, holdOutShare: 0.1 })).rejects.toThrow(/no contact of "none" is loaded/);
    await expect(powerReport(store.analytics, 'none', { horizonDays: 14 })).rejects.toThrow(/no campaign "none" is defined/);
    await expect(powerReport(store.analytics, 'worth', { horizonDays: 14, paidShare: 1 })).rejects.toMatchObject({ code: 'usage' });
  });
});
