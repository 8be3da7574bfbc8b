import type { Bus, Consumer, EngineHealth, Topic } from '../core/bus/port.ts';
import { attemptsTopic, commandsTopic, contactsTopic, dispositionsTopic, loadsTopic, paymentsTopic } from '../core/bus/topics.ts';
import { lineOf, type Analytics } from './client.ts';
import { phoneMarks } from './phone-mark.ts';
import { startLiveFigures } from './live.ts';
import { attemptRows, campaignRows, contactRows, dispositionRows, loadRows, optOutRows, paymentRows, type RowMaker } from './rows.ts';
import { TableWriter, type WriterLog } from './table-writer.ts';

export interface SinkOptions {
  readonly bus: Bus;
  readonly analytics: Analytics;
  /** Rows of one insert, about; larger is faster and takes more memory. */
  readonly batchRows?: number;
  /** Longest that a row waits for others, ms: how far behind the reports are. */
  readonly flushMs?: number;
  /** How often the hours in which calls came in are counted anew (`v_hour_figures`), ms. */
  readonly liveEveryMs?: number;
  readonly log: WriterLog;
  /** Secret that phones are hashed with. Keep it the same for one store, or the hashes of one phone differ. */
  readonly phoneKey?: string;
  /** True: reject with `locked` if another sink is at work (see {@link ConsumeOptions.alone}). */
  readonly alone?: boolean;
  /** Chance for the pauses between tries; Math.random. */
  readonly random?: () => number;
}

/** A running sink: bus to tables. */
export interface Sink {
  /** Resolves when every message published before the call is in its table. Rejects if the sink failed. */
  caughtUp(): Promise<void>;
  /** Ends, also while the store does not answer: what is not yet durable stays on the bus. */
  stop(): Promise<void>;
  /** Rejects if a row cannot be stored at all (tables missing, rights lost). Never resolves. */
  readonly failed: Promise<never>;
  /** Rows inserted by table since the start; a message delivered twice counts twice here, and once in the views. */
  written(): Readonly<Record<string, number>>;
  /** Whether rows get through to the store: down from an insert that failed, or is not answered, until one succeeds. */
  health(): EngineHealth;
}

export const SINK_GROUP = 'analytics';
const DEFAULT_BATCH_ROWS = 20_000;
const DEFAULT_FLUSH_MS = 1_000;
const DEFAULT_LIVE_MS = 15_000;
/**
 * Batches of a topic that are at work at once. Together they make two inserts: while the store takes one, the next is
 * read. The more there are, the sooner what is read becomes one text (see {@link linesOf}).
 */
const LANES = 8;
/** How long a stopping sink gives the store to take the rows under way. */
const STOP_GRACE_MS = 3_000;

/**
 * Starts carrying contacts, attempts, dispositions, payments, loads and campaigns from the bus into the tables.
 *
 * A batch is committed after its insert. Two things bring a row to the store again, and each has its own cure:
 *
 * - An insert whose answer was lost (connection cut, time-out, quorum not reached in time) is tried again with the very
 *   same rows. Its deduplication token, made of topic, partitions and offsets, is the same too, and the table stores it once.
 * - After a crash between insert and commit, or when partitions move to another sink, the bus delivers from the last
 *   commit and batches are cut elsewhere: other rows together, another token. The tables themselves (ReplacingMergeTree,
 *   read through views with FINAL) keep one row for each key.
 *
 * So the tokens keep the tables free of copies in what happens daily, and the views are right whatever happens. While
 * the store is away the rows stay on the bus: as many batches as there are lanes wait for it, the bus hands out no more
 * meanwhile, and inserts are tried again with longer and longer pauses.
 */
export async function startSink(options: SinkOptions): Promise<Sink> {
  const mark = phoneMarks(options.phoneKey ?? '');
  const streams: Stream[] = [];
  const start = async <T>(topic: Topic<T>, ...makers: RowMaker<T>[]): Promise<void> => {
    streams.push(await startStream(options, topic, makers));
  };
  try {
    await start(commandsTopic, campaignRows, optOutRows(mark));
    await start(loadsTopic, loadRows);
    await start(contactsTopic, contactRows(mark));
    await start(attemptsTopic, attemptRows(mark));
    await start(dispositionsTopic, dispositionRows);
    await start(paymentsTopic, paymentRows);
  } catch (error) {
    await stopAll(streams);
    throw error;
  }

  const live = startLiveFigures({ analytics: options.analytics, everyMs: options.liveEveryMs ?? DEFAULT_LIVE_MS, log: options.log });
  const failed = Promise.race(streams.map((stream) => stream.consumer.failed));
  failed.catch(() => undefined);
  return {
    failed,
    async caughtUp() {
      const relax = streams.flatMap((stream) => stream.writers.map((writer) => writer.hurry()));
      try {
        await Promise.race([failed, Promise.all(streams.map((stream) => stream.consumer.caughtUp()))]);
      } finally {
        for (const one of relax) one();
      }
    },
    async stop() {
      await live.stop();
      await stopAll(streams);
    },
    health() {
      for (const { trouble } of writersOf(streams)) if (trouble !== null) return { kind: 'down', reason: trouble };
      return { kind: 'up' };
    },
    written: () => Object.fromEntries(writersOf(streams).map((writer) => [writer.table, writer.written])),
  };
}

interface Stream {
  /** One for each table that the topic's messages go to. */
  readonly writers: readonly TableWriter[];
  readonly consumer: Consumer;
}

const writersOf = (streams: readonly Stream[]): TableWriter[] => streams.flatMap((stream) => [...stream.writers]);

/**
 * The topic read as rows written out, one for each table (null: no row of it). Each message becomes its text as it is read: 20,000
 * of them at once as objects and cells cost more in garbage collection than all the rest.
 */
function linesOf<T>(topic: Topic<T>, makers: readonly RowMaker<T>[]): Topic<readonly (string | null)[]> {
  return {
    name: topic.name,
    partitions: topic.partitions,
    encode() {
      throw new Error('rows are only read');
    },
    decode(text) {
      const read = topic.decode(text);
      if (read.kind === 'refused') return read;
      return {
        kind: 'ok',
        value: makers.map((maker) => {
          const cells = maker.cells(read.value);
          return cells === null ? null : lineOf(cells);
        }),
      };
    },
  };
}

async function startStream<T>(options: SinkOptions, topic: Topic<T>, makers: readonly RowMaker<T>[]): Promise<Stream> {
  const batchRows = options.batchRows ?? DEFAULT_BATCH_ROWS;
  const writers = makers.map((maker) => new TableWriter({
    analytics: options.analytics,
    table: maker.table,
    columns: maker.columns,
    batchRows,
    flushMs: options.flushMs ?? DEFAULT_FLUSH_MS,
    log: options.log,
    random: options.random ?? Math.random,
  }));
  const maxBatch = Math.max(1, Math.floor((2 * batchRows) / LANES));
  const consumer = await options.bus.consume(linesOf(topic, makers), { group: SINK_GROUP, maxBatch, lanes: LANES, alone: options.alone === true }, async ({ partition, messages }) => {
    const [first, last] = [messages[0], messages.at(-1)];
    if (first === undefined || last === undefined) return;
    const origin = { topic: topic.name, partition, firstOffset: first.offset, lastOffset: last.offset };
    await Promise.all(writers.map((writer, table) => {
      const lines: string[] = [];
      for (const { value } of messages) {
        const line = value[table];
        if (line !== null && line !== undefined) lines.push(line);
      }
      return writer.write(lines.join('\n'), lines.length, origin, messages.length >= maxBatch);
    }));
  });
  // It may fail before the sink is whole; whoever has the sink hears of it from `failed`.
  consumer.failed.catch(() => undefined);
  return { writers, consumer };
}

/**
 * Lets what is under way become durable, if the store takes it soon; if it is away, gives up: a consumer's `stop` waits
 * for its handler, and a handler may be waiting for the store.
 */
async function stopAll(streams: readonly Stream[]): Promise<void> {
  for (const writer of writersOf(streams)) writer.hurry();
  const giveUp = setTimeout(() => {
    for (const writer of writersOf(streams)) writer.stop();
  }, STOP_GRACE_MS);
  await Promise.all(streams.map((stream) => stream.consumer.stop()));
  clearTimeout(giveUp);
  for (const writer of writersOf(streams)) writer.stop();
}
