import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Attempt } from '../core/attempt.ts';
import { openEmbeddedBus } from '../core/bus/embedded.ts';
import type { Bus } from '../core/bus/port.ts';
import { attemptsTopic, contactsTopic, dispositionsTopic, loadsTopic, paymentsTopic } from '../core/bus/topics.ts';
import { loadSchema } from '../core/load.ts';
import { ObzvonError } from '../core/errors.ts';
import { attemptIds, countAttempts, countDispositions } from './audit.ts';
import type { Analytics } from './client.ts';
import { migrate } from './migrate.ts';
import { sampleAttempt, sampleContact } from './samples.ts';
import { startSink } from './sink.ts';
import { openTestStore, WAYS, type TestStore } from './testing/stores.ts';

const quiet = { info: () => undefined, warn: () => undefined };
let store: TestStore;
let analytics: Analytics;
let bus: Bus;
let buses = 0;

const attempts = (count: number): Attempt[] => Array.from({ length: count }, (_, i) => sampleAttempt(sampleContact('november', i >> 1), 1 + (i & 1)));
const publish = (values: readonly Attempt[]): Promise<void> => bus.publish(attemptsTopic, values.map((value) => ({ key: value.contactId, value })));

/** Every figure of the attempts in one row; equal figures, equal tables. */
async function figures(): Promise<unknown> {
  return analytics.query(
    `SELECT count() AS n, uniqExact(attempt_id) AS ids, sum(talk_ms) AS talk, countIf(human) AS human, countIf(promised) AS promised,
            groupBitXor(cityHash64(* EXCEPT (answered, human, promised))) AS every_cell FROM v_attempts`,
    z.looseObject({ n: z.coerce.number(), every_cell: z.coerce.string() }),
  );
}

async function runSink(into: Analytics = analytics): Promise<void> {
  const sink = await startSink({ bus, analytics: into, batchRows: 200, flushMs: 20, log: quiet });
  try {
    await sink.caughtUp();
  } finally {
    await sink.stop();
  }
}

describe.each(WAYS)('over %s', (way) => {
  beforeAll(async () => {
    store = await openTestStore(way);
    analytics = store.analytics;
    await migrate(analytics);
  });
  beforeEach(async () => {
    for (const table of ['campaigns', 'contacts', 'attempts', 'dispositions', 'payments', 'loads']) await analytics.command(`TRUNCATE TABLE ${table}`);
    bus = await openEmbeddedBus({ dir: join(store.dir, `bus-${buses++}`), nowMs: Date.now });
    return () => bus.close();
  });
  afterAll(() => store.close());

  describe('each attempt once', () => {
    test('delivered three times, out of order: the same figures as once', async () => {
      const all = attempts(600);
      await publish(all);
      await runSink();
      const once = await figures();
      expect(once).toMatchObject([{ n: 600, ids: 600 }]);

      await publish([...all].reverse());
      await runSink();
      await publish(all.toSorted((a, b) => a.startedAtMs - b.startedAtMs));
      await runSink();
      expect(await figures()).toEqual(once);
      expect(await countAttempts(analytics, 'november')).toBe(600);
    });

    test('what the dialer reported beats what was presumed lost, whichever comes first', async () => {
      const contact = sampleContact('november', 1);
      const real = sampleAttempt(contact, 1, { outcome: 'human', endedBy: 'callee' });
      const presumed = { ...real, outcome: 'lost', endedBy: 'crash', endedAtMs: real.endedAtMs + 900_000, answeredAtMs: null } as const;
      const found = (): Promise<unknown> => analytics.query('SELECT outcome FROM v_attempts', z.object({ outcome: z.string() }));
      await publish([presumed]);
      await runSink();
      expect(await found()).toEqual([{ outcome: 'lost' }]);
      await publish([real]);
      await runSink();
      expect(await found()).toEqual([{ outcome: 'human' }]);
      await publish([presumed]);
      await runSink();
      expect(await found()).toEqual([{ outcome: 'human' }]);
    });

    test('killed after the insert and before the commit: the rows come again and count once', async () => {
      await publish(attempts(500));
      let inserts = 0;
      const dying: Analytics = {
        ...forwarding(analytics),
        async insertLines(table, columns, rows) {
          await analytics.insertLines(table, columns, rows);
          if (++inserts >= 2) throw new Error('killed');
        },
      };
      await expect(runSink(dying)).rejects.toThrow('killed');
      expect(await bus.lag(attemptsTopic, 'analytics')).toBeGreaterThan(0);
      await runSink();
      expect(await bus.lag(attemptsTopic, 'analytics')).toBe(0);
      expect(await figures()).toMatchObject([{ n: 500, ids: 500 }]);
      const fresh = await figures();
      await analytics.command('TRUNCATE TABLE attempts');
      await publish(attempts(500));
      await runSink();
      expect(await figures()).toEqual(fresh);
    });

    test('the store away for a while: nothing is lost, and the log says what happens without a phone in it', async () => {
      const all = attempts(50);
      await publish(all);
      let refusals = 3;
      const away: Analytics = {
        ...forwarding(analytics),
        insertLines: (table, columns, rows) => (refusals-- > 0 ? Promise.reject(new ObzvonError('unreachable', 'no answer')) : analytics.insertLines(table, columns, rows)),
      };
      const told: string[] = [];
      const log = { info: (fields: object, message: string) => told.push(JSON.stringify(fields) + message), warn: (fields: object, message: string) => told.push(JSON.stringify(fields) + message) };
      const sink = await startSink({ bus, analytics: away, flushMs: 10, log });
      await sink.caughtUp();
      await sink.stop();
      expect(await figures()).toMatchObject([{ n: 50 }]);
      expect(told.length).toBeGreaterThanOrEqual(3);
      expect(told.join('')).not.toContain(all[0]!.phone.slice(1));
    });

    test('stopped while the store is away: the sink ends and the bus keeps the rows', async () => {
      await publish(attempts(20));
      const away: Analytics = { ...forwarding(analytics), insertLines: () => Promise.reject(new ObzvonError('unreachable', 'no answer')) };
      const sink = await startSink({ bus, analytics: away, flushMs: 10, log: quiet });
      await sink.stop();
      expect(await bus.lag(attemptsTopic, 'analytics')).toBe(20);
      await runSink();
      expect(await figures()).toMatchObject([{ n: 20 }]);
    });

    test('tables missing: the sink fails, loudly, and says what to do', async () => {
      await publish(attempts(1));
      const bare: Analytics = { ...forwarding(analytics), insertLines: (_table, columns, rows) => analytics.insertLines('nowhere', columns, rows) };
      await expect(runSink(bare)).rejects.toThrow(/obzvon analytics migrate/);
    });
  });

  describe('hostile and absurd values', () => {
    const evil = [`x'; DROP TABLE attempts; --`, 'a\\', '`\'"\n\r\t;\n\nSELECT 1', '{campaign:String}', '\u0000nul', '\ud83d half a pair', "\\'); INSERT INTO attempts VALUES", '--', '/*'];

    test('text stays text in rows and in parameters', async () => {
      for (const [i, text] of evil.entries()) {
        const contact = sampleContact('c', i, { campaignId: text, accountId: text, contactId: `contact-${i}` });
        await bus.publish(contactsTopic, [{ key: contact.contactId, value: contact }]);
        await publish([sampleAttempt(contact, 1, { attemptId: `${text}-${i}`, trunk: text, verdictReason: text })]);
        await bus.publish(loadsTopic, [{ key: text, value: loadSchema.parse({ loadId: `l${i}`, campaignId: text, source: text, rows: 1, accepted: 0, heldOut: 0, refused: { [text]: 1 }, duplicates: 0, startedAtMs: 1, endedAtMs: 2 }) }]);
      }
      await runSink();
      expect(await figures()).toMatchObject([{ n: evil.length }]);
      for (const [i, text] of evil.entries()) {
        const stored = Buffer.from(text, 'utf8').toString('utf8');
        expect(await countAttempts(analytics, stored)).toBe(1);
        const ids: string[] = [];
        for await (const id of attemptIds(analytics, stored)) ids.push(id);
        expect(ids).toEqual([`${stored}-${i}`]);
      }
    });

    test('numbers and dates beyond their columns are held at the end of the column', async () => {
      const contact = sampleContact('november', 1, { dueDate: '9999-12-31', debtMinor: Number.MAX_SAFE_INTEGER });
      const most = Number.MAX_SAFE_INTEGER;
      await bus.publish(contactsTopic, [{ key: 'a', value: contact }]);
      await publish([
        sampleAttempt(contact, 1, {
          attemptNumber: most, phoneIndex: most, startedAtMs: most, endedAtMs: most, answeredAtMs: most, ringMs: most, talkMs: most, heardMs: most,
          postDialDelayMs: most, verdictAudioMs: most, timezone: 'No/Where', response: { kind: 'promise_to_pay', promisedDate: '0001-01-01' },
        }),
      ]);
      await bus.publish(paymentsTopic, [{ key: 'a', value: { paymentId: 'p', accountId: 'a', amountMinor: -most, currency: 'UAH', paidAtMs: most, receivedAtMs: most } }]);
      await runSink();
      expect(await analytics.query('SELECT attempt_number, ring_ms, toYear(started_at) AS year, promised_date FROM v_attempts', z.unknown())).toEqual([
        { attempt_number: 65535, ring_ms: 4294967295, year: 2299, promised_date: '1900-01-01' },
      ]);
      expect(await analytics.query('SELECT amount_minor FROM v_payments', z.unknown())).toEqual([{ amount_minor: -most }]);
    });

    test('no name and no phone in clear is stored', async () => {
      const contact = sampleContact('november', 1, { name: 'Тарас Шевченко' });
      await bus.publish(contactsTopic, [{ key: 'a', value: contact }]);
      await publish([sampleAttempt(contact, 1)]);
      await runSink();
      const stored = JSON.stringify([await analytics.query('SELECT * FROM v_contacts', z.unknown()), await analytics.query('SELECT * FROM v_attempts', z.unknown())]);
      expect(stored).not.toContain('Шевченко');
      expect(stored).not.toContain(contact.phones[0]!.slice(1));
      const hashes = await analytics.query('SELECT c.phone_hash = a.phone_hash AS same FROM v_contacts AS c, v_attempts AS a', z.unknown());
      expect(hashes).toEqual([{ same: 1 }]);
    });
  });

  test('a contact ends once: the first disposition counts', async () => {
    const { contactId, campaignId, accountId } = sampleContact('november', 1);
    const closed = (disposition: 'reached' | 'expired', closedAtMs: number) => ({ key: contactId, value: { contactId, campaignId, accountId, group: 'called' as const, disposition, reason: 'rule', attempts: 1, closedAtMs } });
    await bus.publish(dispositionsTopic, [closed('expired', 5000), closed('reached', 4000)]);
    await runSink();
    expect(await countDispositions(analytics, 'november')).toEqual({ reached: 1 });
  });
});

const forwarding = (inner: Analytics): Analytics => ({
  engine: inner.engine,
  place: inner.place,
  layout: inner.layout,
  command: (sql, parameters, signal) => inner.command(sql, parameters, signal),
  query: (sql, row, parameters) => inner.query(sql, row, parameters),
  insert: (table, columns, rows) => inner.insert(table, columns, rows),
  insertLines: (table, columns, lines, options) => inner.insertLines(table, columns, lines, options),
  export: (sql, format, parameters) => inner.export(sql, format, parameters),
  close: () => inner.close(),
});
