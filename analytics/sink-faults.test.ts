import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openEmbeddedBus } from '../core/bus/embedded.ts';
import type { Bus } from '../core/bus/port.ts';
import { attemptsTopic } from '../core/bus/topics.ts';
import { connectAnalytics } from './client.ts';
import { migrate } from './migrate.ts';
import { sampleAttempt, sampleContact } from './samples.ts';
import { SINK_GROUP, startSink, type Sink, type SinkOptions } from './sink.ts';
import type { Misbehaviour } from './testing/chdb-http-server.ts';
import { openTestStore, type TestStore } from './testing/stores.ts';

const quiet = { info: () => undefined, warn: () => undefined };
let store: TestStore;
let bus: Bus;
let buses = 0;

beforeAll(async () => {
  store = await openTestStore('http');
  await migrate(store.analytics);
});
beforeEach(async () => {
  store.server!.misbehave({ kind: 'none' });
  await store.analytics.command('TRUNCATE TABLE attempts');
  bus = await openEmbeddedBus({ dir: join(store.dir, `bus-${buses++}`), nowMs: Date.now });
  return () => bus.close();
});
afterAll(() => store.close());

async function publish(count: number, first = 0): Promise<void> {
  const values = Array.from({ length: count }, (_, i) => sampleAttempt(sampleContact('november', first + i), 1));
  await bus.publish(attemptsTopic, values.map((value) => ({ key: value.contactId, value })));
}

/** Rows as they lie in the table, copies and all: no FINAL, no view. */
async function rowsStored(): Promise<{ rows: number; ids: number }> {
  const [found] = await store.analytics.query('SELECT count() AS rows, uniqExact(attempt_id) AS ids FROM attempts', z.object({ rows: z.number(), ids: z.number() }));
  return found!;
}

const start = (over: Partial<SinkOptions> = {}): Promise<Sink> => startSink({ bus, analytics: store.analytics, batchRows: 200, flushMs: 10, log: quiet, random: () => 0, ...over });

/** Waits for what is sure to come. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

async function carried(sink: Sink): Promise<void> {
  try {
    await sink.caughtUp();
  } finally {
    await sink.stop();
  }
}

describe('a batch whose answer was lost', () => {
  test('is tried again and stored once, without FINAL', async () => {
    await publish(500);
    // Executed, and the connection cut before the answer: five times, over several inserts.
    store.server!.misbehave({ kind: 'cut', times: 5, only: 'inserts' });
    const tries: object[] = [];
    await carried(await start({ log: { info: () => undefined, warn: (fields) => tries.push(fields) } }));
    expect(tries).toHaveLength(5);
    expect(await rowsStored()).toEqual({ rows: 500, ids: 500 });
  });

  test('nor do a materialized view that an analyst hung on the table and its rows part', async () => {
    await store.analytics.command('CREATE TABLE calls_by_trunk (trunk String, calls UInt64) ENGINE = SummingMergeTree ORDER BY trunk SETTINGS non_replicated_deduplication_window = 1000');
    await store.analytics.command('CREATE MATERIALIZED VIEW count_calls TO calls_by_trunk AS SELECT trunk, count() AS calls FROM attempts GROUP BY trunk');
    try {
      await publish(300);
      store.server!.misbehave({ kind: 'cut', times: 3, only: 'inserts' });
      await carried(await start());
      expect(await rowsStored()).toEqual({ rows: 300, ids: 300 });
      expect(await store.analytics.query('SELECT sum(calls) AS calls FROM calls_by_trunk', z.object({ calls: z.number() }))).toEqual([{ calls: 300 }]);
    } finally {
      await store.analytics.command('DROP TABLE count_calls');
      await store.analytics.command('DROP TABLE calls_by_trunk');
    }
  });

  test('of another bus with the same offsets is not mistaken for it', async () => {
    await publish(100);
    await carried(await start());
    await bus.close();
    bus = await openEmbeddedBus({ dir: join(store.dir, `bus-${buses++}`), nowMs: Date.now });
    await publish(100, 1000);
    await carried(await start());
    expect(await rowsStored()).toEqual({ rows: 200, ids: 200 });
  });

  test('delivered again after a crash it is cut elsewhere: copies in the table, one row in the view', async () => {
    await publish(300);
    await carried(await start());
    await publish(10, 300);
    // A sink of another group reads all from the beginning, in other batches: as after commits that were lost.
    const second = openedAnew(bus);
    await carried(await start({ bus: second, batchRows: 60 }));
    const { rows, ids } = await rowsStored();
    expect(rows).toBeGreaterThan(310);
    expect(ids).toBe(310);
    expect(await store.analytics.query('SELECT count() AS n FROM v_attempts', z.object({ n: z.number() }))).toEqual([{ n: 310 }]);
  });
});

describe('the store away', () => {
  const away: [string, Misbehaviour][] = [
    ['a proxy answers 503', { kind: 'refuse', status: 503 }],
    ['a proxy answers 502', { kind: 'refuse', status: 502 }],
    ['connections are cut', { kind: 'reset' }],
    ['too many parts', { kind: 'fail', code: 252, type: 'TOO_MANY_PARTS' }],
    ['out of memory', { kind: 'fail', code: 241, type: 'MEMORY_LIMIT_EXCEEDED' }],
    ['a replica that is read-only', { kind: 'fail', code: 242, type: 'TABLE_IS_READ_ONLY' }],
    ['Keeper lost', { kind: 'fail', code: 999, type: 'KEEPER_EXCEPTION' }],
    ['too few replicas for the quorum', { kind: 'fail', code: 285, type: 'TOO_FEW_LIVE_REPLICAS' }],
    ['a disk that is full', { kind: 'fail', code: 243, type: 'NOT_ENOUGH_SPACE' }],
  ];

  test.each(away)('%s: the rows stay on the bus, health says why, and then they get through', async (_name, misbehaviour) => {
    const sink = await start();
    try {
      expect(sink.health()).toEqual({ kind: 'up' });
      store.server!.misbehave(misbehaviour);
      await publish(50);
      await until(() => sink.health().kind === 'down');
      expect(sink.health()).toMatchObject({ reason: expect.stringMatching(/^analytics at http:\/\/127\.0\.0\.1:\d+\/default: insert into attempts: /) as string });
      expect(JSON.stringify(sink.health())).not.toContain('p@ss');
      expect(await bus.lag(attemptsTopic, SINK_GROUP)).toBe(50);
      store.server!.misbehave({ kind: 'none' });
      await sink.caughtUp();
      expect(sink.health()).toEqual({ kind: 'up' });
    } finally {
      await sink.stop();
    }
    expect(await rowsStored()).toEqual({ rows: 50, ids: 50 });
    expect(await bus.lag(attemptsTopic, SINK_GROUP)).toBe(0);
  });

  test('a server that takes inserts and never answers: given up after the time-out, tried again', async () => {
    const impatient = await connectAnalytics(store.server!.url, { insertTimeoutMs: 2000 });
    await publish(50);
    store.server!.misbehave({ kind: 'hang', times: 2, only: 'inserts' });
    const sink = await start({ analytics: impatient });
    await carried(sink);
    await impatient.close();
    expect(await rowsStored()).toEqual({ rows: 50, ids: 50 });
  });

  test('one that hangs does not hold up the end of the sink', async () => {
    await publish(20);
    store.server!.misbehave({ kind: 'hang', only: 'inserts' });
    const before = store.server!.statements();
    const sink = await start();
    await until(() => store.server!.statements() > before);
    await sink.stop();
    expect(await bus.lag(attemptsTopic, SINK_GROUP)).toBe(20);
  });

  test('however much waits on the bus, the sink takes a bounded part of it into memory', async () => {
    await publish(5000);
    let delivered = 0;
    const counting: Bus = {
      ...openedAnew(bus),
      consume: (topic, options, handle) =>
        bus.consume(topic, options, (batch) => {
          delivered += batch.messages.length;
          return handle(batch);
        }),
    };
    store.server!.misbehave({ kind: 'refuse', status: 503 });
    let tries = 0;
    const sink = await start({ bus: counting, log: { info: () => undefined, warn: () => (tries += 1) } });
    await until(() => tries >= 8);
    // Twice the rows of an insert: while one is with the store the next is made.
    expect(delivered).toBeLessThanOrEqual(400);
    store.server!.misbehave({ kind: 'none' });
    await carried(sink);
    expect(await rowsStored()).toEqual({ rows: 5000, ids: 5000 });
  });

  test('pauses grow, up to a limit, and are drawn by chance', async () => {
    const pauses: number[] = [];
    const log = { info: () => undefined, warn: (fields: object) => pauses.push(z.object({ pauseMs: z.number() }).parse(fields).pauseMs) };
    store.server!.misbehave({ kind: 'fail', code: 252, type: 'TOO_MANY_PARTS', times: 5, only: 'inserts' });
    await publish(1);
    await carried(await start({ log, random: () => 0 }));
    expect(pauses).toEqual([100, 200, 400, 800, 1600]);
  });
});

describe('what trying again cannot mend ends the sink, with what and where', () => {
  const hopeless: [string, Misbehaviour, RegExp][] = [
    ['a password that was changed', { kind: 'fail', code: 516, type: 'AUTHENTICATION_FAILED' }, /insert into attempts: access refused \(516 AUTHENTICATION_FAILED\); check user, password and rights/],
    ['a user who may not write', { kind: 'fail', code: 497, type: 'ACCESS_DENIED' }, /insert into attempts: access refused \(497/],
    ['a table that is gone', { kind: 'fail', code: 60, type: 'UNKNOWN_TABLE' }, /insert into attempts: a table is missing \(60 UNKNOWN_TABLE\); run obzvon analytics migrate/],
    ['a column that is not there', { kind: 'fail', code: 16, type: 'NO_SUCH_COLUMN_IN_TABLE' }, /insert into attempts failed \(16 NO_SUCH_COLUMN_IN_TABLE\)/],
  ];

  test.each(hopeless)('%s', async (_name, misbehaviour, words) => {
    await publish(5);
    store.server!.misbehave(misbehaviour);
    const sink = await start();
    await expect(sink.failed).rejects.toThrow(words);
    expect(sink.health()).toMatchObject({ kind: 'down', reason: expect.stringMatching(words) as string });
    await sink.stop();
    expect(await bus.lag(attemptsTopic, SINK_GROUP)).toBe(5);
  });
});

/** The same bus under another name of the sink's group. */
function openedAnew(inner: Bus): Bus {
  const group = 'analytics-again';
  return {
    publish: (topic, messages) => inner.publish(topic, messages),
    consume: (topic, options, handle) => inner.consume(topic, { ...options, group }, handle),
    scan: (topic) => inner.scan(topic),
    rewrite: (topic, change) => inner.rewrite(topic, change),
    lag: (topic) => inner.lag(topic, group),
    hasCommitted: (topic) => inner.hasCommitted(topic, group),
    health: () => inner.health(),
    close: () => inner.close(),
  };
}
