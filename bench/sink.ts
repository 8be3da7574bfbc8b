import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAnalytics, type Analytics, type Cell } from '../analytics/client.ts';
import { migrate } from '../analytics/migrate.ts';
import { phoneMarks } from '../analytics/phone-mark.ts';
import { attemptRows, type RowMaker } from '../analytics/rows.ts';
import { sampleAttempt, sampleContact } from '../analytics/samples.ts';
import { startSink } from '../analytics/sink.ts';
import type { Attempt } from '../core/attempt.ts';
import { openEmbeddedBus } from '../core/bus/embedded.ts';
import { attemptsTopic } from '../core/bus/topics.ts';
import { median, runIfMain, type BenchResult } from './result.ts';

const ROWS = Number(process.env['BENCH_ROWS'] ?? 120_000);
const BATCH_ROWS = 20_000;
const ROUNDS = 5;

/**
 * Attempts per second from the embedded bus into the embedded ClickHouse, against `client.insert` alone putting rows
 * that are already made into the same table in batches of the same size. In turn, several rounds;
 * medians of the rates, and of the rounds' ratios. The sink decodes and checks every message while the engine inserts on
 * another core: where there is no second core free, the ratio falls.
 */
export async function benchSink(): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-bench-sink-'));
  const analytics = await connectAnalytics(`chdb:${join(dir, 'store')}`);
  try {
    await migrate(analytics);
    const maker = attemptRows(phoneMarks('bench'));
    const bare: number[] = [];
    const ours: number[] = [];
    let memoryMb = 0;
    const busDir = join(dir, 'bus');
    await publishAttempts(busDir);
    // The first round warms up and does not count.
    for (let round = 0; round <= ROUNDS; round++) {
      await empty(analytics);
      const bareSeconds = await insertBare(analytics, maker.columns, await rowsOnBus(busDir, maker));
      await empty(analytics);
      const copy = join(dir, `bus-${round}`);
      await cp(busDir, copy, { recursive: true });
      const ourSeconds = await throughSink(analytics, copy);
      await rm(copy, { recursive: true });
      if (round === 0) continue;
      bare.push(ROWS / bareSeconds);
      ours.push(ROWS / ourSeconds);
      memoryMb = Math.max(memoryMb, process.memoryUsage().rss / 2 ** 20);
    }
    // Each round's two runs stand side by side in time, so a busy machine slows both alike.
    const ratio = median(ours.map((rate, round) => rate / bare[round]!));
    return {
      name: 'sink',
      unit: 'attempts/s',
      ours: Math.round(median(ours)),
      peer: Math.round(median(bare)),
      peerName: 'bare client.insert of the same rows',
      ratio,
      target: 0.8,
      detail: `${ROWS} attempts in batches of ${BATCH_ROWS}, ${ROUNDS} rounds: sink ${ours.map(Math.round).join(', ')}; bare ${bare.map(Math.round).join(', ')}; memory ${Math.round(memoryMb)} MB`,
    };
  } finally {
    await analytics.close();
    await rm(dir, { recursive: true, force: true });
  }
}

const attempt = (i: number): Attempt => sampleAttempt(sampleContact('bench', i >> 1), 1 + (i & 1));

/** The attempts as they lie on the bus before a round; every round's sink gets a copy of it. */
async function publishAttempts(dir: string): Promise<void> {
  const bus = await openEmbeddedBus({ dir, nowMs: Date.now });
  try {
    for (let from = 0; from < ROWS; from += 10_000) {
      const values = Array.from({ length: Math.min(10_000, ROWS - from) }, (_, i) => attempt(from + i));
      await bus.publish(attemptsTopic, values.map((value) => ({ key: value.contactId, value })));
    }
  } finally {
    await bus.close();
  }
}

/** The very rows that the sink will make, in the order of the bus. */
async function rowsOnBus(dir: string, maker: RowMaker<Attempt>): Promise<(readonly Cell[])[]> {
  const bus = await openEmbeddedBus({ dir, nowMs: Date.now });
  try {
    const rows: (readonly Cell[])[] = [];
    for await (const { value } of bus.scan(attemptsTopic)) {
      const cells = maker.cells(value);
      if (cells) rows.push(cells);
    }
    return rows;
  } finally {
    await bus.close();
  }
}

function insertBare(analytics: Analytics, columns: readonly string[], rows: readonly (readonly Cell[])[]): Promise<number> {
  return seconds(async () => {
    for (let i = 0; i < rows.length; i += BATCH_ROWS) await analytics.insert('attempts', columns, rows.slice(i, i + BATCH_ROWS));
  });
}

async function throughSink(analytics: Analytics, dir: string): Promise<number> {
  const bus = await openEmbeddedBus({ dir, nowMs: Date.now });
  try {
    return await seconds(async () => {
      const sink = await startSink({ bus, analytics, batchRows: BATCH_ROWS, log: { info: () => undefined, warn: (fields) => console.error(fields) } });
      await sink.caughtUp();
      await sink.stop();
      if (sink.written()['attempts'] !== ROWS) throw new Error(`the sink went wrong: ${sink.written()['attempts']} rows of ${ROWS}`);
    });
  } finally {
    await bus.close();
  }
}

const empty = (analytics: Analytics): Promise<void> => analytics.command('TRUNCATE TABLE attempts');

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

await runIfMain(import.meta.url, benchSink);
