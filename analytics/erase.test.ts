import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openEmbeddedBus } from '../core/bus/embedded.ts';
import { attemptsTopic, contactsTopic, dispositionsTopic, paymentsTopic } from '../core/bus/topics.ts';
import { ObzvonError } from '../core/errors.ts';
import { connectAnalytics, type Analytics } from './client.ts';
import { eraseAccount, idsOfAccount, renamed, rowsOfAccount } from './erase.ts';
import { migrate } from './migrate.ts';
import { SAMPLE_START_MS, sampleAttempt, sampleContact } from './samples.ts';
import { startSink } from './sink.ts';

const ACCOUNT = 'account-1';
const quiet = { info: () => undefined, warn: () => undefined };
let dir: string;
let analytics: Analytics;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-erase-'));
  analytics = await connectAnalytics(`chdb:${join(dir, 'store')}`);
  await migrate(analytics);
}, 60_000);
afterAll(async () => {
  await analytics.close();
  await rm(dir, { recursive: true, force: true });
});

/** A contact of the account with what became of it, told by way of the bus. */
async function load(campaignId: string): Promise<void> {
  const bus = await openEmbeddedBus({ dir: join(dir, campaignId), nowMs: Date.now });
  const contact = sampleContact(campaignId, 1, { arms: { firstHour: 10 } });
  const { contactId, accountId } = contact;
  await bus.publish(contactsTopic, [{ key: contactId, value: contact }]);
  await bus.publish(attemptsTopic, [1, 2].map((n) => ({ key: contactId, value: sampleAttempt(contact, n) })));
  await bus.publish(dispositionsTopic, [{ key: contactId, value: { contactId, campaignId, accountId, group: 'called', attempts: 2, disposition: 'reached', reason: 'heard', closedAtMs: SAMPLE_START_MS } }]);
  await bus.publish(paymentsTopic, [1, 2].map((n) => ({ key: accountId, value: { paymentId: `${campaignId}-${n}`, accountId, amountMinor: 100, currency: 'UAH', paidAtMs: SAMPLE_START_MS, receivedAtMs: SAMPLE_START_MS } })));
  const sink = await startSink({ bus, analytics, log: quiet });
  await sink.caughtUp();
  await sink.stop();
  await bus.close();
}

const figures = async (): Promise<unknown> => analytics.query(
  `SELECT (SELECT count() FROM contacts FINAL) AS contacts, (SELECT sum(first_hour) FROM contacts FINAL) AS hours, (SELECT count() FROM attempts FINAL) AS attempts,
    (SELECT count() FROM dispositions FINAL) AS dispositions, (SELECT sum(amount_minor) FROM payments FINAL) AS paid`,
  z.object({ contacts: z.number(), hours: z.number(), attempts: z.number(), dispositions: z.number(), paid: z.number() }),
);

/** One try; as `obzvon erase` does it, each knows only what is still to be found. */
async function erase(store: Analytics): Promise<void> {
  const { contactIds, paymentIds } = await idsOfAccount(analytics, ACCOUNT);
  await eraseAccount(store, renamed('key', ACCOUNT, contactIds, paymentIds), 1);
}

/** The store with a replica that goes away at the nth deletion. */
function awayAtDeletion(nth: number): Analytics {
  let deletions = 0;
  return {
    engine: analytics.engine, place: analytics.place, layout: analytics.layout,
    command: (sql, ...rest) => (/ DELETE WHERE /.test(sql) && ++deletions === nth ? Promise.reject(new ObzvonError('unreachable', 'a replica is away')) : analytics.command(sql, ...rest)),
    query: (...args) => analytics.query(...args), insert: (...args) => analytics.insert(...args), insertLines: (...args) => analytics.insertLines(...args), export: (...args) => analytics.export(...args), close: () => Promise.resolve(),
  };
}

test('however often erasing fails and is tried again, for whom it was loaded twice, every figure stays', async () => {
  await load('october');
  const before = await figures();
  expect(before).toEqual([{ contacts: 1, hours: 10, attempts: 2, dispositions: 1, paid: 200 }]);
  for (const nth of [1, 2, 4]) await expect(erase(awayAtDeletion(nth))).rejects.toMatchObject({ code: 'unreachable' });
  await erase(analytics);
  expect(await figures()).toEqual(before);

  await load('november');
  await erase(analytics);
  expect(await figures()).toEqual([{ contacts: 2, hours: 20, attempts: 4, dispositions: 2, paid: 400 }]);
  expect(Object.values(await rowsOfAccount(analytics, ACCOUNT, ['contact-october-1', 'contact-november-1'])).filter((n) => n > 0)).toEqual([]);
  expect(await analytics.query('SELECT contacts, attempts FROM v_erasures', z.object({ contacts: z.number(), attempts: z.number() }))).toEqual([{ contacts: 2, attempts: 4 }]);
}, 120_000);

test('marks tell nothing without the key', () => {
  const marks = renamed('key', ACCOUNT, ['c'], ['p']);
  expect(renamed('key', ACCOUNT, ['c'], ['p'])).toEqual(marks);
  expect(renamed('other', ACCOUNT, ['c'], ['p']).mark).not.toBe(marks.mark);
  expect(JSON.stringify([marks.mark, marks.contactMarks, marks.paymentMarks])).not.toContain(ACCOUNT);
});
