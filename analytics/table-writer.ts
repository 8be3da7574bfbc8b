import { setTimeout as sleep } from 'node:timers/promises';
import { ObzvonError } from '../core/errors.ts';
import { lineOf, type Analytics, type Cell } from './client.ts';
import { insertToken, type Origin } from './insert-token.ts';

export interface WriterLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface WriterOptions {
  readonly analytics: Analytics;
  readonly table: string;
  readonly columns: readonly string[];
  /** Rows of one insert, about. */
  readonly batchRows: number;
  /** Longest that a row waits for others before it is sent, ms. */
  readonly flushMs: number;
  readonly log: WriterLog;
  /** From 0 to 1, so that writers do not try again in step. */
  readonly random: () => number;
}

interface Waiting {
  /** The rows written out, a line each. */
  readonly lines: string;
  readonly rows: number;
  readonly origin: Origin;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Inserts at once: while the engine stores one batch, the next is handed over. A third would only wait.
 */
const MAX_INSERTS = 2;
/** With a backlog behind them rows do not wait for the flush time, only this long for the other partitions' rows. */
const BACKLOG_WAIT_MS = 5;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;
/** An insert that takes longer than this is told as trouble; one of 20,000 attempts takes some 0.2 s. */
const SILENT_MS = 15_000;

/**
 * Collects one table's rows from all partitions and inserts them together. `write` resolves when the rows are durable.
 *
 * - `collecting`: rows wait for `batchRows`, for `flushMs`, or for somebody who wants them through now (`hurry`).
 * - `away`: the store does not answer; the batch under way is tried again and again, later ones wait behind it.
 * - `stopped`: every write is rejected; the bus still has the rows.
 */
export class TableWriter {
  readonly #options: WriterOptions;
  #waiting: Waiting[] = [];
  #waitingRows = 0;
  #inserts = 0;
  #dueAtMs = Infinity;
  #timer: NodeJS.Timeout | undefined;
  #gathering: NodeJS.Immediate | undefined;
  #hurried = 0;
  #stopped = false;
  readonly #stop = new AbortController();
  /** When each try that is with the store was handed to it. */
  readonly #handedAtMs = new Set<{ readonly ms: number }>();
  #trouble: string | null = null;
  #written = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  get table(): string {
    return this.#options.table;
  }

  /** Rows inserted so far, repeated ones included. */
  get written(): number {
    return this.#written;
  }

  /** Why rows do not get through just now; null if they do, or if there are none to show it. */
  get trouble(): string | null {
    if (this.#trouble !== null) return this.#trouble;
    const silentMs = Math.max(0, ...[...this.#handedAtMs].map(({ ms }) => Date.now() - ms));
    return silentMs < SILENT_MS ? null : `analytics at ${this.#options.analytics.place}: insert into ${this.table}: no answer for ${Math.round(silentMs / 1000)} s`;
  }

  /**
   * @param lines rows written out by `lineOf`, a line each. One text, for as such it is not moved by the garbage collector
   * @param rows how many
   * @param origin where they came from
   * @param backlog true if more rows are known to stand behind these
   */
  write(lines: string, rows: number, origin: Origin, backlog: boolean): Promise<void> {
    if (rows === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (this.#stopped) {
        reject(stoppedError());
        return;
      }
      this.#waiting.push({ lines, rows, origin, resolve, reject });
      this.#waitingRows += rows;
      this.#dueAtMs = Math.min(this.#dueAtMs, Date.now() + (backlog ? Math.min(BACKLOG_WAIT_MS, this.#options.flushMs) : this.#options.flushMs));
      this.#pump();
    });
  }

  /** From now until the returned function is called no row waits for company. */
  hurry(): () => void {
    this.#hurried += 1;
    this.#pump();
    return () => {
      this.#hurried -= 1;
    };
  }

  /** Rejects what waits and gives up retries, and inserts that a server does not answer; the embedded engine ends its own. */
  stop(): void {
    this.#stopped = true;
    this.#stop.abort();
    clearTimeout(this.#timer);
    clearImmediate(this.#gathering);
    for (const { reject } of this.#waiting.splice(0)) reject(stoppedError());
    this.#waitingRows = 0;
  }

  /** @param gathered true if those who had rows at hand have been let to add them */
  #pump(gathered = false): void {
    while (this.#waiting.length > 0 && this.#inserts < MAX_INSERTS) {
      const waitMs = this.#dueAtMs - Date.now();
      const due = this.#hurried > 0 || waitMs <= 0 || this.#waitingRows >= this.#options.batchRows;
      if (!due) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#pump(), waitMs);
        return;
      }
      if (this.#waitingRows < this.#options.batchRows && !gathered) {
        // Consumers that were woken together read one after another, each at once: what they read goes together.
        this.#gathering ??= setImmediate(() => {
          this.#gathering = undefined;
          this.#pump(true);
        });
        return;
      }
      void this.#send(this.#take());
    }
  }

  /** The first waiting writes, whole, up to about `batchRows`. */
  #take(): Waiting[] {
    let rows = 0;
    let writes = 0;
    while (writes < this.#waiting.length && (writes === 0 || rows + this.#waiting[writes]!.rows <= this.#options.batchRows)) {
      rows += this.#waiting[writes]!.rows;
      writes += 1;
    }
    const taken = this.#waiting.splice(0, writes);
    this.#waitingRows -= rows;
    if (this.#waiting.length === 0) this.#dueAtMs = Infinity;
    return taken;
  }

  async #send(writes: readonly Waiting[]): Promise<void> {
    this.#inserts += 1;
    const rows = writes.reduce((sum, write) => sum + write.rows, 0);
    try {
      const lines = writes.map((write) => write.lines).join('\n');
      await this.#insertUntilDurable(lines, rows, insertToken(writes.map((write) => write.origin), lines));
      this.#written += rows;
      for (const { resolve } of writes) resolve();
    } catch (error) {
      for (const { reject } of writes) reject(error);
    } finally {
      this.#inserts -= 1;
      this.#pump();
    }
  }

  /** Every try has the same token, so one whose answer was lost is not stored a second time. */
  async #insertUntilDurable(lines: string, rows: number, token: string): Promise<void> {
    const { table, log } = this.#options;
    let toSend = lines;
    let mended = false;
    for (let retryMs = FIRST_RETRY_MS, tries = 1; ; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS), tries++) {
      try {
        await this.#try(toSend, token);
        this.#trouble = null;
        if (tries > 1) log.info({ table, rows, tries }, 'the analytics store took the rows');
        return;
      } catch (error) {
        if (this.#stopped) throw stoppedError();
        if (!(error instanceof ObzvonError)) throw error;
        if (error.retryable) {
          const pauseMs = Math.round(retryMs * (0.5 + this.#options.random() / 2));
          this.#trouble = error.message;
          log.warn({ table, rows, tries, pauseMs, reason: error.message }, 'the analytics store did not take the rows; they stay on the bus and are tried again');
          await sleep(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => {
            throw stoppedError();
          });
        } else if (!mended && error.code === 'storage') {
          // Half of a UTF-16 pair is valid JSON and invalid text; looking for one in every row would cost more than this second try.
          mended = true;
          toSend = lines.split('\n').map((line) => lineOf((JSON.parse(line) as Cell[]).map(wellFormed))).join('\n');
        } else {
          this.#trouble = error.message;
          throw error;
        }
      }
    }
  }

  async #try(lines: string, token: string): Promise<void> {
    const { analytics, table, columns } = this.#options;
    const handed = { ms: Date.now() };
    this.#handedAtMs.add(handed);
    try {
      await analytics.insertLines(table, columns, lines, { token, signal: this.#stop.signal });
    } finally {
      this.#handedAtMs.delete(handed);
    }
  }
}

function wellFormed(cell: Cell): Cell {
  if (typeof cell === 'string') return Buffer.from(cell, 'utf8').toString('utf8');
  if (cell === null || typeof cell !== 'object') return cell;
  return Object.fromEntries(Object.entries(cell).map(([key, value]) => [Buffer.from(key, 'utf8').toString('utf8'), value]));
}

const stoppedError = (): ObzvonError => new ObzvonError('unreachable', 'the sink was stopped; the rows stay on the bus');
