/**
 * The whole load (decode, split, check, phones, ids, hold-out, publish) of a Windows-1251 CSV with 2 % damage into Kafka, against
 * (a) a bare kafkajs producer that sends the same messages in the same batches, and (b) csv-parse alone reading the same file, decoded by
 * TextDecoder. The loader has a process of its own, so that its memory is its own; the peers have one each. Rounds alternate, so
 * that a busy machine slows all; the ratio is the median of the rounds' ratios.
 *
 * `loader.js`; BENCH_LOADER_ROWS (default 1,000,000) for the rates, BENCH_LOADER_MEMORY_ROWS (default five times that) for the memory,
 * BENCH_LOADER_ROUNDS (default 3).
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { z } from 'zod';
import { openBus } from '../core/bus/open.ts';
import { contactsTopic } from '../core/bus/topics.ts';
import { startKafka } from '../deploy/local/kafka.ts';
import { loadForBench, writeDamagedList } from './loader-list.ts';
import { median, runIfMain, type BenchResult } from './result.ts';

const ROWS = Number(process.env['BENCH_LOADER_ROWS'] ?? 1_000_000);
const MEMORY_ROWS = Number(process.env['BENCH_LOADER_MEMORY_ROWS'] ?? 5 * ROWS);
const ROUNDS = Number(process.env['BENCH_LOADER_ROUNDS'] ?? 3);
/** Messages that the bare producer keeps ready, sent over and over: those of the load, as many as fit well into memory. */
const SAMPLE = 100_000;
/** What a request of the bus's publisher holds of such messages. */
const BATCH = 1000;
const MEMORY_LIMIT_MB = 300;

const taskSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('load'), path: z.string(), url: z.string(), refused: z.string() }),
  z.object({ kind: z.literal('csv-parse'), path: z.string() }),
  z.object({ kind: z.literal('bare'), url: z.string(), broker: z.string(), topic: z.string(), messages: z.number() }),
]);
type Task = z.infer<typeof taskSchema>;
const doneSchema = z.object({ rows: z.number(), accepted: z.number(), seconds: z.number(), cpuSeconds: z.number(), peakMb: z.number() });
type Done = z.infer<typeof doneSchema>;

/** Highest resident memory of this process so far (VmHWM of proc(5)), MB. */
function peakMb(): number {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

async function timed(work: () => Promise<{ rows: number; accepted: number }>): Promise<Done> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const { rows, accepted } = await work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { rows, accepted, seconds, cpuSeconds: (user + system) / 1e6, peakMb: peakMb() };
}

async function perform(task: Task): Promise<Done> {
  switch (task.kind) {
    case 'load': {
      const bus = await openBus(task.url, { nowMs: Date.now });
      try {
        return await timed(() => loadForBench(task.path, bus, task.refused));
      } finally {
        await bus.close();
      }
    }
    case 'csv-parse':
      return timed(async () => {
        let rows = -1;
        const decoder = new TextDecoder('windows-1251');
        const text = async function* (): AsyncGenerator<string> {
          for await (const bytes of createReadStream(task.path)) yield decoder.decode(bytes as Buffer, { stream: true });
        };
        const parser = parse({ delimiter: ';' });
        const reading = (async () => {
          for await (const piece of text()) if (!parser.write(piece)) await once(parser, 'drain');
          parser.end();
        })();
        for await (const row of parser) if (Array.isArray(row)) rows += 1;
        await reading;
        return { rows, accepted: rows };
      });
    case 'bare':
      return bareProducer(task);
  }
}

async function bareProducer(task: Extract<Task, { kind: 'bare' }>): Promise<Done> {
  const bus = await openBus(task.url, { nowMs: Date.now });
  const sample: { key: string; value: string }[] = [];
  for await (const { key, value } of bus.scan(contactsTopic)) if (sample.push({ key, value: contactsTopic.encode(value) }) >= SAMPLE) break;
  await bus.close();
  const kafka = new Kafka({ clientId: 'bare', brokers: [task.broker], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: task.topic, numPartitions: contactsTopic.partitions, replicationFactor: 1 }] });
  const producer = kafka.producer();
  await producer.connect();
  try {
    return await timed(async () => {
      for (let sent = 0; sent < task.messages; ) {
        const from = sent % sample.length;
        const messages = sample.slice(from, Math.min(from + BATCH, from + task.messages - sent));
        await producer.send({ topic: task.topic, messages, acks: -1, compression: CompressionTypes.None });
        sent += messages.length;
      }
      return { rows: task.messages, accepted: task.messages };
    });
  } finally {
    await producer.disconnect();
    // What it stored is not needed again, and the disk is finite.
    await admin.deleteTopics({ topics: [task.topic] });
    await admin.disconnect();
  }
}

/** Performs the task in a process of its own. */
async function apart(task: Task): Promise<Done> {
  const child = fork(fileURLToPath(import.meta.url), [], { env: { ...process.env, OBZVON_BENCH_TASK: JSON.stringify(task) } });
  const told: Done[] = [];
  child.on('message', (message) => told.push(doneSchema.parse(message)));
  const [code] = (await once(child, 'exit')) as [number | null];
  const [done] = told;
  if (code !== 0 || done === undefined) throw new Error(`the process of ${task.kind} ended with ${String(code)}`);
  return done;
}

const rateOf = ({ rows, seconds }: Done): number => rows / seconds;

/** Targets: 0.4 of the bare producer, 0.5 of csv-parse, 300 MB, and no more than a tenth more at five times the rows. */
export async function benchLoader(): Promise<BenchResult[]> {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-bench-loader-'));
  const kafka = await startKafka({ dir: join(dir, 'kafka') });
  const broker = `127.0.0.1:${kafka.port}`;
  try {
    const path = join(dir, 'list.csv');
    const bad = await writeDamagedList(path, ROWS);
    const loads: Done[] = [];
    const csv: Done[] = [];
    const bare: Done[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // A prefix is a cluster of its own: nobody is known there yet.
      const url = `${kafka.url}/round${round}`;
      csv.push(await apart({ kind: 'csv-parse', path }));
      const load = await apart({ kind: 'load', path, url, refused: join(dir, 'list.refused.csv') });
      if (load.rows !== ROWS || load.accepted !== ROWS - bad) throw new Error(`the load went wrong: ${load.rows} rows, ${load.accepted} accepted; expected ${ROWS} and ${ROWS - bad}`);
      loads.push(load);
      bare.push(await apart({ kind: 'bare', url, broker, topic: `bare-${round}`, messages: ROWS - bad }));
    }
    const rate = median(loads.map(rateOf));
    const cpu = median(loads.map(({ cpuSeconds, rows }) => (cpuSeconds / rows) * 1e6));
    const peak = Math.max(...loads.map((load) => load.peakMb));
    const detail = `${ROWS} rows of Windows-1251, ${bad} of them damaged, ${ROUNDS} rounds in turn; ${cpu.toFixed(1)} µs of processor a row; loads ${loads.map((load) => Math.round(rateOf(load))).join(', ')}`;
    const against = (peer: readonly Done[], peerName: string, target: number): BenchResult => ({
      name: `list into Kafka, ${peerName}`, unit: 'rows/s', ours: Math.round(rate), peer: Math.round(median(peer.map(rateOf))), peerName,
      ratio: median(loads.map((load, round) => rateOf(load) / rateOf(peer[round]!))), target, detail: `${detail}; ${peerName} ${peer.map((each) => Math.round(rateOf(each))).join(', ')}`,
    });
    const results = [
      against(bare, 'a bare kafkajs producer of the same messages', 0.4),
      against(csv, 'csv-parse alone', 0.5),
      {
        name: 'peak memory of the loader', unit: 'MB', ours: Math.round(peak), peer: null, peerName: `the limit of ${MEMORY_LIMIT_MB} MB`, ratio: MEMORY_LIMIT_MB / peak, target: 1,
        detail: `VmHWM of its process at ${ROWS} rows, highest of ${ROUNDS}`,
      },
    ];
    if (MEMORY_ROWS > ROWS) {
      await writeDamagedList(path, MEMORY_ROWS);
      const large = await apart({ kind: 'load', path, url: `${kafka.url}/large`, refused: join(dir, 'list.refused.csv') });
      results.push({
        name: `peak memory of the loader at ${MEMORY_ROWS / ROWS} times the rows`, unit: 'MB', ours: Math.round(large.peakMb), peer: Math.round(peak), peerName: `its peak at ${ROWS} rows`, ratio: peak / large.peakMb, target: 0.9,
        detail: `VmHWM at ${large.rows} rows, ${Math.round(rateOf(large))} rows/s`,
      });
    }
    return results;
  } finally {
    await kafka.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

const task = process.env['OBZVON_BENCH_TASK'];
if (task === undefined) await runIfMain(import.meta.url, benchLoader);
else {
  const done = await perform(taskSchema.parse(JSON.parse(task)));
  process.send?.(done, undefined, undefined, () => process.disconnect());
}
