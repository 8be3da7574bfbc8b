import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Attempt } from '../core/attempt.ts';
import { openEmbeddedBus } from '../core/bus/embedded.ts';
import type { Bus, OutgoingMessage, Topic } from '../core/bus/port.ts';
import { attemptsTopic, contactsTopic, dispositionsTopic, paymentsTopic } from '../core/bus/topics.ts';
import type { ContactClosed } from '../core/contact.ts';
import { hashFraction } from '../core/ids.ts';
import type { Payment } from '../core/payment.ts';
import { connectAnalytics, type Analytics } from './client.ts';
import { refreshLiveFigures } from './live.ts';
import { migrate } from './migrate.ts';
import { pageReport, type PageReport } from './page/model.ts';
import { SAMPLE_START_MS, sampleAttempt, sampleContact } from './samples.ts';
import { startSink } from './sink.ts';
import { setTariff } from './tariffs.ts';

const CAMPAIGN = 'november';
const DAY_MS = 86_400_000;
const chance = (...parts: (string | number)[]): number => hashFraction('repeated', ...parts.map(String));
const contacts = Array.from({ length: 500 }, (_, i) => sampleContact(CAMPAIGN, i));
const called = contacts.filter((contact) => contact.group === 'called');
const attempts: Attempt[] = called.flatMap((contact, i) => Array.from({ length: Math.floor(chance('n', i) * 5) }, (_, n) => sampleAttempt(contact, n + 1)));
/** A tenth was first presumed lost: another start, no answer. */
const lost: Attempt[] = attempts.filter((_, i) => i % 10 === 0).map((attempt) => ({
  ...attempt, outcome: 'lost', endedBy: 'crash', sipStatus: 0, q850Cause: 0, endedAtMs: attempt.startedAtMs + 2 * 3_600_000, answeredAtMs: null, postDialDelayMs: null, ringMs: 0, verdict: null, verdictConfidence: null, verdictReason: null,
  verdictAudioMs: null, verdictLatencyMs: null, talkMs: 0, heardMs: 0, heardWhole: false, digits: '', response: { kind: 'none' },
}));
const payments: Payment[] = Array.from({ length: 200 }, (_, i) => ({ paymentId: `p${i}`, accountId: `account-${Math.floor(chance('who', i) * 500)}`, amountMinor: 100 + i, currency: 'UAH', paidAtMs: SAMPLE_START_MS + Math.floor(chance('at', i) * 14 * DAY_MS), receivedAtMs: SAMPLE_START_MS + 15 * DAY_MS }));
const closed: ContactClosed[] = called.filter((_, i) => i % 2 === 0).map((contact) => ({ contactId: contact.contactId, campaignId: CAMPAIGN, accountId: contact.accountId, group: 'called', attempts: 1, disposition: 'reached', reason: 'heard', closedAtMs: SAMPLE_START_MS + 5 * DAY_MS }));

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-repeated-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function storeOf(name: string): Promise<Analytics> {
  const analytics = await connectAnalytics(`chdb:${join(dir, name)}`);
  await migrate(analytics);
  for (const trunk of ['trunk-0', 'trunk-1', 'trunk-2']) await setTariff(analytics, { trunk, validFromMs: 0, currency: 'UAH', perMinuteMinor: 45, perCallMinor: 3, firstSeconds: 30, stepSeconds: 6, setAtMs: 1 });
  return analytics;
}

/** The store's figures of every report, and those that are kept ready; without what tells how often rows were stored. */
async function figuresOf(analytics: Analytics): Promise<object> {
  const { data, ...report }: PageReport = await pageReport(analytics, CAMPAIGN);
  return { ...report, data: { ...data, tables: data.tables.map(({ table, rows, untilMs }) => ({ table, rows, untilMs })) } };
}

async function publish<T>(bus: Bus, topic: Topic<T>, values: readonly T[], keyOf: (value: T) => string): Promise<void> {
  const messages = values.map((value): OutgoingMessage<T> => ({ key: keyOf(value), value }));
  for (let from = 0; from < messages.length; from += 200) await bus.publish(topic, messages.slice(from, from + 200));
}

test('told three times, out of order, late by days, and a sink killed in mid-batch: every figure of every report is the same', async () => {
  const quiet = { info: () => undefined, warn: () => undefined };
  // Once, in order.
  const onceBus = await openEmbeddedBus({ dir: join(dir, 'bus-once'), nowMs: Date.now });
  await publish(onceBus, contactsTopic, contacts, (one) => one.contactId);
  await publish(onceBus, attemptsTopic, attempts, (one) => one.contactId);
  await publish(onceBus, dispositionsTopic, closed, (one) => one.contactId);
  await publish(onceBus, paymentsTopic, payments, (one) => one.accountId);
  const onceStore = await storeOf('once');
  const once = await startSink({ bus: onceBus, analytics: onceStore, log: quiet });
  await once.caughtUp();
  await once.stop();
  const expected = await figuresOf(onceStore);
  await onceStore.close();
  await onceBus.close();

  // Three times: backwards, by chance, and again after everything was counted once; the lost before and after what they were.
  const bus = await openEmbeddedBus({ dir: join(dir, 'bus-thrice'), nowMs: Date.now });
  const shuffled = <T>(values: readonly T[], seed: string): T[] => values.map((value, i) => ({ value, at: chance(seed, i) })).sort((a, b) => a.at - b.at).map(({ value }) => value);
  const tell = async (order: <T>(values: readonly T[]) => readonly T[]): Promise<void> => {
    await publish(bus, paymentsTopic, order(payments), (one) => one.accountId);
    await publish(bus, dispositionsTopic, order(closed), (one) => one.contactId);
    await publish(bus, attemptsTopic, order([...attempts, ...lost]), (one) => one.contactId);
    await publish(bus, contactsTopic, order(contacts), (one) => one.contactId);
  };
  const analytics = await storeOf('thrice');
  // ClickHouse merges so few rows at once, and with them the copies that the views must see through: not before they were looked at.
  await analytics.command('SYSTEM STOP MERGES');
  await tell((values) => [...values].reverse());
  // Killed between insert and commit: the rows are stored, their batch is not let go of, and the next sink gets it again, cut elsewhere.
  let inserts = 0;
  const killed: Analytics = new Proxy(analytics, {
    get(target, name) {
      if (name === 'insertLines') {
        return async (...args: Parameters<Analytics['insertLines']>) => {
          await target.insertLines(...args);
          inserts += 1;
          if (inserts >= 3) throw new Error('killed in mid-batch');
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
  const dying = await startSink({ bus, analytics: killed, log: quiet, batchRows: 150 });
  await expect(dying.failed).rejects.toThrow('killed');
  await dying.stop();
  expect(inserts).toBeGreaterThanOrEqual(3);

  const sink = await startSink({ bus, analytics, log: quiet, batchRows: 90 });
  await tell((values) => shuffled(values, 'second'));
  await sink.caughtUp();
  // Days later the figures have been counted; then everything comes once more.
  await refreshLiveFigures(analytics, 0);
  await tell((values) => shuffled(values, 'third'));
  await sink.caughtUp();
  await sink.stop();
  const [stored] = await analytics.query('SELECT count() AS n FROM attempts', z.object({ n: z.coerce.number() }));
  expect(stored!.n).toBeGreaterThan(2 * attempts.length);
  expect(await figuresOf(analytics)).toEqual(expected);
  await analytics.command('SYSTEM START MERGES');
  // And once ClickHouse has merged what it likes.
  for (const table of ['attempts', 'contact_progress', 'hour_figures', 'payments', 'contacts', 'dispositions']) await analytics.command(`OPTIMIZE TABLE ${table} FINAL`);
  expect(await figuresOf(analytics)).toEqual(expected);

  // Whoever looks while hours are counted anew, between the new figures and the note of their count, sees no hour without its calls.
  const callsShown = async (): Promise<number> => (await analytics.query('SELECT sum(attempts) AS n FROM v_hour_figures', z.object({ n: z.coerce.number() })))[0]!.n;
  const before = await callsShown();
  const between: number[] = [];
  const watched: Analytics = new Proxy(analytics, {
    get(target, name) {
      if (name === 'command') {
        return async (...args: Parameters<Analytics['command']>) => {
          if (args[0].includes('INTO counted_hours')) between.push(await callsShown());
          await target.command(...args);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
  const EVERY_HOUR_SECONDS = 1e9;
  expect(await refreshLiveFigures(watched, EVERY_HOUR_SECONDS)).toBeGreaterThan(0);
  expect(new Set(between)).toEqual(new Set([before]));
  await analytics.close();
  await bus.close();
}, 120_000);
