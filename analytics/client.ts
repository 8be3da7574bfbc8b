import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ClickHouseLogLevel, createClient, type ClickHouseClient, type ClickHouseClientConfigOptions } from '@clickhouse/client';
import type { z } from 'zod';
import { clusterNameSchema, DEFAULT_REPLICA_PATH, replicaPathSchema } from '../core/config-schema.ts';
import { ObzvonError } from '../core/errors.ts';
import { clientError, messageOf } from './client-error.ts';
import { insertSettings, type Layout } from './layout.ts';
import { splitStatements } from './statements.ts';

/** A value handed to `{name:Type}` in a statement. It is bound by the server and never becomes SQL. */
export type Parameter = string | number | boolean | readonly string[] | readonly number[];
export type Parameters = Readonly<Record<string, Parameter>>;

/** One cell as it is sent: times as ms since the epoch (DateTime64(3)), dates as `YYYY-MM-DD`. */
export type Cell = string | number | boolean | null | Readonly<Record<string, number>>;

/** A row as `insertLines` takes it. */
export const lineOf = (cells: readonly Cell[]): string => JSON.stringify(cells);

export interface InsertOptions {
  /** Names these rows: if they are stored under it already (the answer was lost), nothing is added. */
  readonly token?: string;
  /** Gives up waiting for a server; whether the rows are stored is then unknown. The embedded engine is always waited for. */
  readonly signal?: AbortSignal;
}

/**
 * The store that analysts query: ClickHouse over HTTP, or the same engine inside this process. Every statement is the
 * same on both. Errors are {@link ObzvonError}: `unreachable` if trying again can help, `storage` if not.
 */
export interface Analytics {
  readonly engine: 'chdb' | 'clickhouse';
  /** Where the data is, without user and password. */
  readonly place: string;
  /** How its tables lie; migrations are rendered for it. */
  readonly layout: Layout;
  /** Runs one statement that returns nothing. `signal` gives up waiting for a server; the embedded engine is always waited for. */
  command(sql: string, parameters?: Parameters, signal?: AbortSignal): Promise<void>;
  /** Rows of a SELECT, each checked by `row`. 64-bit integers come as numbers: exact up to 2^53. */
  query<S extends z.ZodType>(sql: string, row: S, parameters?: Parameters): Promise<z.output<S>[]>;
  /** Adds rows, cells in the order of `columns`. Once it resolves they survive a crash of this process. */
  insert(table: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void>;
  /**
   * As `insert`, of rows that are written out already: a line each, a JSON array of its cells ({@link lineOf}).
   */
  insertLines(table: string, columns: readonly string[], lines: string, options?: InsertOptions): Promise<void>;
  /**
   * The answer to one SELECT in one of ClickHouse's output formats (CSV, Parquet, …), for whom the engine refuses to change anything
   * (`readonly = 2`: no insert, no definition, no setting that would lift it).
   * @throws ObzvonError `bad_input` if the statement is none that reads
   */
  export(sql: string, format: string, parameters?: Parameters): Promise<AsyncIterable<Uint8Array>>;
  /** Waits for what is running and lets go of the store. */
  close(): Promise<void>;
}

/** As in the configuration's `analytics` group. */
export interface AnalyticsOptions {
  /** Name of a cluster of one shard: the tables are made on all its replicas. Absent: on the server that answers. */
  readonly cluster?: string | undefined;
  /** Where Keeper keeps each table; {@link DEFAULT_REPLICA_PATH}. */
  readonly replicaPath?: string | undefined;
  /** Default `auto`, see {@link Layout}. */
  readonly insertQuorum?: number | 'auto' | undefined;
  /** How long a server gets to answer an insert before it is tried again, ms. */
  readonly insertTimeoutMs?: number | undefined;
  /** How long a server gets to answer at the opening, ms. */
  readonly connectTimeoutMs?: number | undefined;
}

const DEFAULT_INSERT_TIMEOUT_MS = 60_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** Of reports and of statements that a whole cluster carries out (ClickHouse gives those 180 s). */
const STATEMENT_TIMEOUT_MS = 240_000;

/**
 * Opens the store named by a URL: `chdb:DIR`, or `http(s)://user:password@host:8123/database`.
 * @throws ObzvonError `bad_config` for a URL it cannot read, `locked` if another process has DIR open,
 *   `unreachable` if the server does not answer
 */
export async function connectAnalytics(url: string, options: AnalyticsOptions = {}): Promise<Analytics> {
  const layout = layoutOf(options);
  if (url.startsWith('chdb:')) {
    if (layout.kind !== 'single') throw new ObzvonError('bad_config', `analytics.cluster: found "${layout.cluster}" with an embedded store, expected http(s)://host:8123 in analytics.url`);
    return openEmbedded(url.slice('chdb:'.length));
  }
  if (/^https?:\/\//.test(url)) return openServer(url, layout, options);
  throw new ObzvonError('bad_config', `analytics: found "${url.split(':')[0] ?? ''}:…", expected chdb:DIR or http(s)://user:password@host:8123/database`);
}

function layoutOf({ cluster, replicaPath = DEFAULT_REPLICA_PATH, insertQuorum = 'auto' }: AnalyticsOptions): Layout {
  if (cluster === undefined) return { kind: 'single' };
  if (!clusterNameSchema.safeParse(cluster).success) throw new ObzvonError('bad_config', `analytics.cluster: found "${cluster.slice(0, 100)}", expected the name of a cluster`);
  if (!replicaPathSchema.safeParse(replicaPath).success) throw new ObzvonError('bad_config', `analytics.replicaPath: found "${replicaPath.slice(0, 300)}", expected a path with {table} in it, such as ${DEFAULT_REPLICA_PATH}`);
  return { kind: 'replicated', cluster, replicaPath, insertQuorum };
}

async function openEmbedded(directory: string): Promise<Analytics> {
  if (directory === '' || directory.includes('\0')) throw new ObzvonError('bad_config', 'analytics: chdb: names no directory, expected chdb:DIR');
  const path = resolve(directory);
  const [{ createChdbConnection }, { drainPending }] = await loadChdb();
  const open = (): ClickHouseClient => {
    // The client carries its own copy of the interface that chdb implements; they differ by a private member only.
    const connection = createChdbConnection({ path }) as unknown as NonNullable<ClickHouseClientConfigOptions['connection']>;
    return createClient({ connection, json: JSON_HANDLING, log: { level: ClickHouseLogLevel.OFF } });
  };
  let client: ClickHouseClient;
  try {
    mkdirSync(path, { recursive: true });
    client = open();
  } catch (error) {
    throw embeddedOpenError(path, error);
  }
  // What only reads has a session of its own: a setting outlasts its statement there.
  return new ClientAnalytics({ engine: 'chdb', place: `chdb:${directory}`, layout: { kind: 'single' }, client, openReader: open, insertTimeoutMs: 0, afterClose: drainPending });
}

/** The engine is half a gigabyte of library: only who runs it in the process loads it, and an image for servers may leave it out. */
async function loadChdb(): Promise<[typeof import('chdb/connection'), typeof import('chdb')]> {
  try {
    return await Promise.all([import('chdb/connection'), import('chdb')]);
  } catch (cause) {
    throw new ObzvonError('unsupported', `analytics.url: chdb: needs the package chdb, which is not installed here (${messageOf(cause)}); expected it, or http(s)://host:8123 of a ClickHouse server`, { cause });
  }
}

/** The engine locks `status` in its directory and writes its process id there. */
function embeddedOpenError(path: string, cause: unknown): ObzvonError {
  const status = join(path, 'status');
  const holder = existsSync(status) ? /^PID: (\d+)/m.exec(readFileSync(status, 'utf8'))?.[1] : undefined;
  if (holder !== undefined && isRunning(Number(holder))) {
    const who = Number(holder) === process.pid ? 'this process, under another name' : `process ${holder}`;
    return new ObzvonError('locked', `analytics: ${path} is open in ${who}; the embedded store serves one process at a time: wait for it to end, or use a ClickHouse server`, { cause });
  }
  return new ObzvonError('storage', `analytics: cannot open ${path}: ${messageOf(cause)}`, { cause });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function openServer(text: string, layout: Layout, options: AnalyticsOptions): Promise<Analytics> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new ObzvonError('bad_config', 'analytics: the URL cannot be read, expected http(s)://user:password@host:8123/database');
  const database = decodeURIComponent(url.pathname.replace(/^\//, '')) || 'default';
  const place = `${url.protocol}//${url.host}/${database}`;
  const client = createClient({
    url: `${url.protocol}//${url.host}`,
    username: decodeURIComponent(url.username) || 'default',
    password: decodeURIComponent(url.password),
    database,
    json: JSON_HANDLING,
    application: 'obzvon',
    request_timeout: STATEMENT_TIMEOUT_MS,
    // Not compressed on the way: the sink's one core is what limits it, not the network to the store.
    compression: { request: false, response: false },
    clickhouse_settings: {
      // An error found while the answer is being made must not come as a second half of it.
      wait_end_of_query: 1,
      // As the embedded engine answers; servers before 25.8 quote by default.
      output_format_json_quote_64bit_integers: 0,
    },
    // Its log quotes the server's messages, and those quote rows.
    log: { level: ClickHouseLogLevel.OFF },
  });
  try {
    // The client's own ping names no database, and so would not miss it.
    await client.command({ query: 'SELECT 1', abort_signal: AbortSignal.timeout(options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS) });
  } catch (error) {
    await client.close();
    throw clientError(place, 'connect', error);
  }
  return new ClientAnalytics({ engine: 'clickhouse', place, layout, client, insertTimeoutMs: options.insertTimeoutMs ?? DEFAULT_INSERT_TIMEOUT_MS });
}

interface Opened {
  readonly engine: Analytics['engine'];
  readonly place: string;
  readonly layout: Layout;
  readonly client: ClickHouseClient;
  /** Of the embedded engine: a session beside. */
  readonly openReader?: () => ClickHouseClient;
  /** Of a server. */
  readonly insertTimeoutMs: number;
  /** Of the embedded engine: what must end after its connection. */
  readonly afterClose?: () => Promise<unknown>;
}

class ClientAnalytics implements Analytics {
  readonly engine: Analytics['engine'];
  readonly place: string;
  readonly layout: Layout;
  readonly #client: ClickHouseClient;
  readonly #openReader: Opened['openReader'];
  readonly #insertTimeoutMs: number;
  readonly #afterClose: Opened['afterClose'];
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(opened: Opened) {
    this.engine = opened.engine;
    this.place = opened.place;
    this.layout = opened.layout;
    this.#client = opened.client;
    this.#openReader = opened.openReader;
    this.#insertTimeoutMs = opened.insertTimeoutMs;
    this.#afterClose = opened.afterClose;
  }

  async command(sql: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<void> {
    const giveUp = signal === undefined || this.engine === 'chdb' ? {} : { abort_signal: signal };
    await this.#run('command', () => this.#client.command({ query: sql, query_params: { ...parameters }, ...giveUp }));
  }

  async query<S extends z.ZodType>(sql: string, row: S, parameters: Parameters = {}): Promise<z.output<S>[]> {
    const found = await this.#run('query', async () => {
      // No settings here: the embedded connection turns a statement's setting into a SET that lasts.
      const result = await this.#client.query({ query: withoutSemicolon(sql), format: 'JSONEachRow', query_params: { ...parameters } });
      return result.json();
    });
    return found.map((one) => row.parse(one));
  }

  async insert(table: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void> {
    if (rows.length > 0) await this.#insert(table, columns, rows, {});
  }

  async insertLines(table: string, columns: readonly string[], lines: string, options: InsertOptions = {}): Promise<void> {
    if (lines !== '') await this.#insert(table, columns, [new WrittenLines(lines)], options);
  }

  async #insert(table: string, columns: readonly string[], values: readonly unknown[], { token, signal }: InsertOptions): Promise<void> {
    const giveUp = this.engine === 'chdb' ? [] : [AbortSignal.timeout(this.#insertTimeoutMs), ...(signal ? [signal] : [])];
    await this.#run(`insert into ${table}`, () =>
      this.#client.insert({
        // The client writes `INSERT INTO <table> FORMAT …`; columns and settings stand between the two.
        table: `${table} (${columns.join(', ')}) SETTINGS ${insertSettings(this.layout, token)}`,
        format: 'JSONCompactEachRow',
        values,
        ...(giveUp.length === 0 ? {} : { abort_signal: AbortSignal.any(giveUp) }),
      }),
    );
  }

  async export(sql: string, format: string, parameters: Parameters = {}): Promise<AsyncIterable<Uint8Array>> {
    const query = withoutSemicolon(sql);
    const statement = readingStatement(query);
    const reader = this.#openReader?.();
    try {
      const stream = await this.#run('export', async () => {
        const result = await (reader ?? this.#client).exec({ query: `SELECT * FROM (\n${statement}\n) FORMAT ${format}`, query_params: { ...parameters }, clickhouse_settings: { readonly: '2' } });
        // The embedded engine has the whole answer by now; a server's is waited for whole (`wait_end_of_query`).
        return result.stream as AsyncIterable<Uint8Array>;
      });
      return stream;
    } finally {
      await reader?.close();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // The engine ends the whole process if its connection is closed under a running statement.
    await Promise.allSettled(this.#running);
    await this.#client.close();
    await this.#afterClose?.();
  }

  async #run<T>(what: string, start: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new ObzvonError('storage', `analytics: ${what} after the store was closed`);
    const running = start();
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw clientError(this.place, what, error);
    } finally {
      this.#running.delete(running);
    }
  }
}

/** Lines on their way through the client, which must not write them out a second time. */
class WrittenLines {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** How the client reads and writes JSON. */
const JSON_HANDLING = {
  parse: JSON.parse,
  stringify: (value: unknown): string => (value instanceof WrittenLines ? value.text : JSON.stringify(value)),
};

/** One statement that reads, as it may stand in brackets; what it reads is the engine's to judge. */
function readingStatement(sql: string): string {
  const statements = splitStatements(sql);
  const [statement] = statements;
  if (statement === undefined || statements.length > 1) throw new ObzvonError('bad_input', `found ${statements.length} statements; expected one SELECT`);
  const words = statement.replace(/^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)+/, '');
  if (!/^(?:SELECT|WITH)\b/i.test(words)) throw new ObzvonError('bad_input', `found "${words.slice(0, 40)}"; expected SELECT or WITH … SELECT`);
  return statement;
}

const withoutSemicolon = (sql: string): string => sql.trimEnd().replace(/;$/, '');
