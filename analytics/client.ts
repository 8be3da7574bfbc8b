import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ClickHouseLogLevel, createClient, type ClickHouseClient, type ClickHouseClientConfigOptions } from '@clickhouse/client';
import { drainPending } from 'chdb';
import { createChdbConnection } from 'chdb/connection';
import type { z } from 'zod';
import { ObzvonError } from '../core/errors.ts';

/** A value handed to `{name:Type}` in a statement. It is bound by the server and never becomes SQL. */
export type Parameter = string | number | boolean | readonly string[] | readonly number[];
export type Parameters = Readonly<Record<string, Parameter>>;

/** One cell as it is sent: times as ms since the epoch (DateTime64(3)), dates as `YYYY-MM-DD`. */
export type Cell = string | number | boolean | null | Readonly<Record<string, number>>;

/** A row as `insertLines` takes it. */
export const lineOf = (cells: readonly Cell[]): string => JSON.stringify(cells);

/**
 * The store that analysts query: ClickHouse over HTTP, or the same engine inside this process. Every statement is the
 * same on both. Errors are {@link ObzvonError}: `unreachable` if trying again can help, `storage` if not.
 */
export interface Analytics {
  readonly engine: 'chdb' | 'clickhouse';
  /** Where the data is, without user and password. */
  readonly place: string;
  /** Runs one statement that returns nothing. */
  command(sql: string, parameters?: Parameters): Promise<void>;
  /** Rows of a SELECT, each checked by `row`. 64-bit integers come as numbers: exact up to 2^53. */
  query<S extends z.ZodType>(sql: string, row: S, parameters?: Parameters): Promise<z.output<S>[]>;
  /** Adds rows, cells in the order of `columns`. Once it resolves they survive a crash of this process. */
  insert(table: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void>;
  /** As `insert`, of rows that are written out already: a line each, a JSON array of its cells ({@link lineOf}). */
  insertLines(table: string, columns: readonly string[], lines: string): Promise<void>;
  /** Waits for what is running and lets go of the store. */
  close(): Promise<void>;
}

/**
 * Opens the store named by a URL: `chdb:DIR`, or `http(s)://user:password@host:8123/database`.
 * @throws ObzvonError `bad_config` for a URL it cannot read, `locked` if another process has DIR open,
 *   `unreachable` if the server does not answer
 */
export async function connectAnalytics(url: string): Promise<Analytics> {
  if (url.startsWith('chdb:')) return openEmbedded(url.slice('chdb:'.length));
  if (/^https?:\/\//.test(url)) return openServer(url);
  throw new ObzvonError('bad_config', `analytics: found "${url.split(':')[0] ?? ''}:…", expected chdb:DIR or http(s)://user:password@host:8123/database`);
}

function openEmbedded(directory: string): Promise<Analytics> {
  if (directory === '' || directory.includes('\0')) throw new ObzvonError('bad_config', 'analytics: chdb: names no directory, expected chdb:DIR');
  const path = resolve(directory);
  let client: ClickHouseClient;
  try {
    mkdirSync(path, { recursive: true });
    // The client carries its own copy of the interface that chdb implements; they differ by a private member only.
    const connection = createChdbConnection({ path }) as unknown as NonNullable<ClickHouseClientConfigOptions['connection']>;
    client = createClient({ connection, json: JSON_HANDLING, log: { level: ClickHouseLogLevel.OFF } });
  } catch (error) {
    throw embeddedOpenError(path, error);
  }
  return Promise.resolve(new ClientAnalytics('chdb', `chdb:${directory}`, client));
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

async function openServer(text: string): Promise<Analytics> {
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
    request_timeout: 120_000,
    // Its log quotes the server's messages, and those quote rows.
    log: { level: ClickHouseLogLevel.OFF },
  });
  const ping = await client.ping({ select: true });
  if (!ping.success) {
    await client.close();
    throw clientError(place, 'connect', ping.error);
  }
  return new ClientAnalytics('clickhouse', place, client);
}

class ClientAnalytics implements Analytics {
  readonly engine: 'chdb' | 'clickhouse';
  readonly place: string;
  readonly #client: ClickHouseClient;
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(engine: 'chdb' | 'clickhouse', place: string, client: ClickHouseClient) {
    this.engine = engine;
    this.place = place;
    this.#client = client;
  }

  async command(sql: string, parameters: Parameters = {}): Promise<void> {
    await this.#run('command', () => this.#client.command({ query: sql, query_params: { ...parameters } }));
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
    const [first, ...others] = columns;
    if (rows.length === 0 || first === undefined) return;
    await this.#run(`insert into ${table}`, () =>
      this.#client.insert({ table, columns: [first, ...others], format: 'JSONCompactEachRow', values: rows }),
    );
  }

  async insertLines(table: string, columns: readonly string[], lines: string): Promise<void> {
    const [first, ...others] = columns;
    if (lines === '' || first === undefined) return;
    await this.#run(`insert into ${table}`, () =>
      this.#client.insert({ table, columns: [first, ...others], format: 'JSONCompactEachRow', values: [new WrittenLines(lines)] }),
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // The engine ends the whole process if its connection is closed under a running statement.
    await Promise.allSettled(this.#running);
    await this.#client.close();
    if (this.engine === 'chdb') await drainPending();
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

const withoutSemicolon = (sql: string): string => sql.trimEnd().replace(/;$/, '');

/** ClickHouse's error numbers that pass by themselves: too busy, too many parts, out of memory or disk for now, read-only replica, no keeper. */
const PASSING_CODES = new Set(['159', '160', '164', '202', '203', '209', '210', '225', '236', '241', '242', '243', '252', '285', '319', '425', '439', '473', '999']);
const ACCESS_CODES = new Set(['192', '193', '194', '497', '516']);

/**
 * Says what a failed statement means. ClickHouse quotes rows in its messages: of a failed insert only the error's
 * number and name are told, and its cause is left out, for causes are logged too.
 */
function clientError(place: string, what: string, error: unknown): ObzvonError {
  if (error instanceof ObzvonError) return error;
  const cause = what.startsWith('insert') ? undefined : error;
  if (isClickHouseError(error)) {
    const name = `${error.code} ${error.type}`.trim();
    if (PASSING_CODES.has(error.code)) return new ObzvonError('unreachable', `analytics at ${place}: ${what}: ClickHouse cannot now (${name})`, { cause });
    if (ACCESS_CODES.has(error.code)) return new ObzvonError('bad_config', `analytics at ${place}: ${what}: access refused (${name}); check user, password and rights`, { cause });
    if (error.code === '81') return new ObzvonError('bad_config', `analytics at ${place}: there is no such database; make it with CREATE DATABASE`, { cause });
    if (error.code === '60') return new ObzvonError('storage', `analytics at ${place}: ${what}: a table is missing (${name}); run obzvon analytics migrate`, { cause });
    const detail = what.startsWith('insert') ? '' : `: ${error.message.split('\n')[0]?.slice(0, 300) ?? ''}`;
    return new ObzvonError('storage', `analytics at ${place}: ${what} failed (${name})${detail}`, { cause });
  }
  if (isNetworkError(error)) return new ObzvonError('unreachable', `analytics at ${place}: ${what}: no answer (${messageOf(error)})`, { cause });
  return new ObzvonError('storage', `analytics at ${place}: ${what} failed: ${messageOf(error)}`, { cause });
}

interface NumberedError extends Error {
  readonly code: string;
  readonly type: string;
}

/** By shape: the embedded connection and the client each have a class of this name. */
function isClickHouseError(error: unknown): error is NumberedError {
  return error instanceof Error && error.constructor.name === 'ClickHouseError' && 'code' in error && typeof error.code === 'string' && 'type' in error && typeof error.type === 'string';
}

const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNABORTED']);

function isNetworkError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isNetworkError);
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && NETWORK_CODES.has(error.code)) return true;
  return /timeout|socket hang up/i.test(error.message);
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message.slice(0, 300) : 'unknown failure';
}
