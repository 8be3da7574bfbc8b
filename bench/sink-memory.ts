import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { connectAnalytics, type Analytics } from '../analytics/client.ts';
import { migrate } from '../analytics/migrate.ts';
import { sampleAttempt, sampleContact } from '../analytics/samples.ts';
import { startSink } from '../analytics/sink.ts';
import { openEmbeddedBus } from '../core/bus/embedded.ts';
import { attemptsTopic } from '../core/bus/topics.ts';
import { garbageCollector } from './garbage-collector.ts';
import { mean, runIfMain, type BenchResult } from './result.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 16);
const ROWS = 100_000;
/** Until then caches fill: the engine's, and the code's own. */
const WARM_ROUNDS = 4;
const MERGING_MS = 30_000;

/**
 * Memory of a process that carries attempts from the embedded bus into the embedded ClickHouse, a million and more through one sink: what it holds after
 * garbage collection and merges, late against early. Of Linux the anonymous memory: the bus's file is mapped, and its pages are the system's to take.
 */
export async function benchSinkMemory(): Promise<BenchResult> {
  const collect = garbageCollector();
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-bench-sink-memory-'));
  const analytics = await connectAnalytics(`chdb:${join(dir, 'store')}`);
  const bus = await openEmbeddedBus({ dir: join(dir, 'bus'), nowMs: Date.now });
  try {
    await migrate(analytics);
    const sink = await startSink({ bus, analytics, log: { info: () => undefined, warn: (fields) => console.error(fields) } });
    const held: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (let from = 0; from < ROWS; from += 10_000) {
        await bus.publish(attemptsTopic, Array.from({ length: 10_000 }, (_, i) => {
          const n = round * ROWS + from + i;
          const value = sampleAttempt(sampleContact('bench', n >> 1), 1 + (n & 1));
          return { key: value.contactId, value };
        }));
      }
      await sink.caughtUp();
      await merged(analytics);
      collect();
      held.push(heldMb());
    }
    const written = sink.written()['attempts'];
    await sink.stop();
    if (written !== ROUNDS * ROWS) throw new Error(`the sink went wrong: ${written} rows of ${ROUNDS * ROWS}`);
    const [early, late] = [mean(held.slice(WARM_ROUNDS, WARM_ROUNDS + 3)), mean(held.slice(-3))];
    return {
      name: 'memory of the sink', unit: 'MB', ours: Math.round(late), peer: Math.round(early), peerName: `what it held after ${WARM_ROUNDS} to ${WARM_ROUNDS + 3} rounds`, ratio: early / late, target: 0.9,
      detail: `${ROUNDS} rounds of ${ROWS} attempts through one sink, after garbage collection and merges: ${held.map(Math.round).join(', ')} MB`,
    };
  } finally {
    await bus.close();
    await analytics.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function merged(analytics: Analytics): Promise<void> {
  const merges = async (): Promise<number> => (await analytics.query('SELECT count() AS n FROM system.merges', z.object({ n: z.number() })))[0]!.n;
  for (const since = Date.now(); Date.now() - since < MERGING_MS && (await merges()) > 0;) await sleep(100);
}

function heldMb(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss() / 2 ** 20;
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}

await runIfMain(import.meta.url, benchSinkMemory);
