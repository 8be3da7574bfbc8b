import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { drainPending, Session, version } from 'chdb';
import { unreachable } from '../../core/errors.ts';
import { splitStatements } from '../statements.ts';
import { httpStatusOf } from './http-status.ts';

export interface ChdbHttpServerOptions {
  /** Directory of the data; a process has one at a time. */
  readonly path: string;
  /** 0: any free one. */
  readonly port?: number;
  /** Loopback unless it is said otherwise. */
  readonly host?: string;
  /** With a password: refused to everybody else, as ClickHouse does. Without: anybody, with any password. */
  readonly user?: string;
  readonly password?: string;
}

/**
 * What the server does wrong from now on. `times`: how many statements are treated so, then it is well again; absent:
 * until it is told otherwise.
 *
 * - `refuse`: a proxy's answer, no word of ClickHouse in it.
 * - `fail`: an error of ClickHouse, instead of running the statement.
 * - `hang`: takes the request and never answers.
 * - `cut`: runs the statement, then cuts the connection instead of answering.
 * - `reset`: cuts the connection and runs nothing.
 */
export type Misbehaviour = { readonly times?: number; readonly only?: 'inserts' } & (
  | { readonly kind: 'none' }
  | { readonly kind: 'refuse'; readonly status: number }
  | { readonly kind: 'fail'; readonly code: number; readonly type: string }
  | { readonly kind: 'hang' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'reset' }
);

export interface ChdbHttpServer {
  /** `http://user:password@host:port/default` */
  readonly url: string;
  readonly port: number;
  misbehave(misbehaviour: Misbehaviour): void;
  /** Statements received so far, those answered wrongly included. */
  statements(): number;
  /** Waits for running statements; hanging ones are cut. */
  close(): Promise<void>;
}

/** Of URL parameters, those that are no settings of the engine. */
const NOT_SETTINGS = new Set(['query', 'database', 'default_format', 'query_id', 'user', 'password', 'role', 'quota_key', 'compress', 'decompress', 'wait_end_of_query', 'buffer_size', 'session_timeout', 'session_check',
  'enable_http_compression', 'http_zlib_compression_level', 'send_progress_in_http_headers', 'http_headers_progress_interval_ms', 'http_response_buffer_size']);
const NOBODY_SUCH: ServerError = { code: 516, text: 'Authentication failed: password is incorrect, or there is no user with such name.', type: 'AUTHENTICATION_FAILED' };
const VERSION = version().libchdb.replaceAll('"', '');

interface ServerError {
  readonly code: number;
  readonly text: string;
  readonly type: string;
}

/**
 * A ClickHouse server for tests: ClickHouse's HTTP interface (https://clickhouse.com/docs/interfaces/http) in front of
 * chdb, which is the same engine. Each request runs in a session of its own, so its settings and parameters end with it.
 * Not there: HTTP sessions, progress headers, Native blocks, multipart bodies, users other than one.
 */
export async function startChdbHttpServer(options: ChdbHttpServerOptions): Promise<ChdbHttpServer> {
  const running = new RunningServer(options);
  await running.listen();
  return running;
}

class RunningServer implements ChdbHttpServer {
  readonly #options: ChdbHttpServerOptions;
  readonly #path: string;
  /** Keeps the engine open between requests. */
  readonly #base: Session;
  readonly #server: Server;
  readonly #busy = new Set<Promise<void>>();
  #misbehaviour: Misbehaviour = { kind: 'none' };
  #statements = 0;

  constructor(options: ChdbHttpServerOptions) {
    this.#options = options;
    this.#path = resolve(options.path);
    mkdirSync(this.#path, { recursive: true });
    this.#base = new Session(this.#path);
    // As ClickHouse's keep_alive_timeout.
    this.#server = createServer({ keepAliveTimeout: 10_000 }, (request, response) => {
      const work = this.#serve(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500).end(`Code: 1001. DB::Exception: ${error instanceof Error ? error.message : 'unknown'}. (STD_EXCEPTION) (version ${VERSION})\n`);
      });
      this.#busy.add(work);
      void work.finally(() => this.#busy.delete(work));
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#options.port ?? 0, this.#options.host ?? '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    const { user = 'default', password = '', host = '127.0.0.1' } = this.#options;
    return `http://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${this.port}/default`;
  }

  misbehave(misbehaviour: Misbehaviour): void {
    this.#misbehaviour = misbehaviour;
  }

  statements(): number {
    return this.#statements;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    await Promise.allSettled(this.#busy);
    this.#server.closeAllConnections();
    await closed;
    this.#base.close();
    await drainPending();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://server');
    const body = await readBody(request);
    if (url.pathname === '/ping' || (url.pathname === '/' && request.method === 'GET' && !url.searchParams.has('query'))) { this.#pong(response); return; }
    if (url.pathname !== '/') {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=UTF-8' });
      response.end(`There is no handle ${request.url ?? ''}\n\nUse / or /ping for health checks.\nOr /replicas_status for more sophisticated health checks.\n\nSend queries from your program with POST method or GET /?query=...\n\n`);
      return;
    }
    if (!this.#knows(request, url.searchParams)) { fail(response, { ...NOBODY_SUCH, text: `${this.#options.user ?? 'default'}: ${NOBODY_SUCH.text}` }); return; }
    this.#statements += 1;
    const query = url.searchParams.get('query');
    const sql = query === null ? body.toString('utf8') : body.length === 0 ? query : `${query}\n${body.toString('utf8')}`;
    const insert = /^\s*INSERT\b/i.test(sql);
    const misbehaviour = this.#nextMisbehaviour(insert);
    switch (misbehaviour.kind) {
      case 'hang':
        // Answered by nobody; whoever waits gives up, or close() cuts it.
        return;
      case 'reset':
        request.socket.destroy();
        return;
      case 'refuse':
        response.writeHead(misbehaviour.status, { 'Content-Type': 'text/html' }).end(`<html><head><title>${misbehaviour.status}</title></head><body>the server behind this proxy is away</body></html>\n`);
        return;
      case 'fail':
        { fail(response, { ...misbehaviour, text: 'made for a test.' }); return; }
      case 'cut':
      case 'none':
        break;
      default:
        return unreachable(misbehaviour);
    }
    await this.#run(request, response, url.searchParams, sql, { insert, cut: misbehaviour.kind === 'cut' });
  }

  #pong(response: ServerResponse): void {
    const misbehaviour = this.#misbehaviour;
    if (misbehaviour.only === undefined && misbehaviour.kind === 'hang') return;
    if (misbehaviour.only === undefined && misbehaviour.kind === 'refuse') response.writeHead(misbehaviour.status).end();
    else response.writeHead(200, { 'Content-Type': 'text/html; charset=UTF-8' }).end('Ok.\n');
  }

  #nextMisbehaviour(insert: boolean): Misbehaviour {
    const now = this.#misbehaviour;
    if (now.only === 'inserts' && !insert) return { kind: 'none' };
    if (now.times !== undefined) this.#misbehaviour = now.times <= 1 ? { kind: 'none' } : { ...now, times: now.times - 1 };
    return now;
  }

  #knows(request: IncomingMessage, parameters: URLSearchParams): boolean {
    const { user = 'default', password } = this.#options;
    if (password === undefined) return true;
    const [name, given] = credentialsOf(request, parameters);
    const expected = Buffer.from(password);
    const found = Buffer.from(given);
    return name === user && expected.length === found.length && timingSafeEqual(expected, found);
  }

  async #run(request: IncomingMessage, response: ServerResponse, parameters: URLSearchParams, sql: string, how: { insert: boolean; cut: boolean }): Promise<void> {
    if (parameters.has('session_id')) { fail(response, { code: 48, text: 'HTTP sessions are not served here', type: 'NOT_IMPLEMENTED' }); return; }
    if (!how.insert && splitStatements(sql).length > 1) { fail(response, { code: 62, text: 'Syntax error (Multi-statements are not allowed)', type: 'SYNTAX_ERROR' }); return; }
    const started = process.hrtime.bigint();
    const session = new Session(this.#path);
    try {
      const format = formatOf(sql, parameters);
      const result = await session.queryAsync(`${preamble(request, parameters)}${sql}`, { format });
      if (how.cut) {
        request.socket.destroy();
        return;
      }
      const rows = how.insert ? sql.slice(sql.indexOf('\n') + 1).split('\n').filter((line) => line.trim() !== '').length : 0;
      this.#answer(request, response, parameters, result.bytes(), {
        'Content-Type': CONTENT_TYPES[format] ?? 'text/plain; charset=UTF-8',
        'X-ClickHouse-Format': format,
        'X-ClickHouse-Query-Id': parameters.get('query_id') ?? '',
        'X-ClickHouse-Server-Display-Name': 'chdb',
        'X-ClickHouse-Timezone': 'UTC',
        'X-ClickHouse-Summary': JSON.stringify({
          read_rows: String(result.rowsRead), read_bytes: String(result.bytesRead), written_rows: String(rows), written_bytes: how.insert ? String(sql.length) : '0',
          total_rows_to_read: '0', result_rows: String(rows), result_bytes: String(result.bytes().length), elapsed_ns: String(process.hrtime.bigint() - started),
        }),
      });
    } catch (error) {
      if (how.cut) request.socket.destroy();
      else fail(response, errorOf(error));
    } finally {
      session.close();
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse, parameters: URLSearchParams, body: Uint8Array, headers: Record<string, string>): void {
    const zip = parameters.get('enable_http_compression') === '1' && /\bgzip\b/.test(String(request.headers['accept-encoding']));
    response.writeHead(200, { ...headers, ...(zip ? { 'Content-Encoding': 'gzip' } : {}) }).end(zip ? gzipSync(body) : body);
  }
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  JSON: 'application/json; charset=UTF-8',
  JSONEachRow: 'application/x-ndjson; charset=UTF-8',
  JSONCompactEachRow: 'application/x-ndjson; charset=UTF-8',
  CSV: 'text/csv; charset=UTF-8; header=absent',
  TabSeparated: 'text/tab-separated-values; charset=UTF-8',
};

const formatOf = (sql: string, parameters: URLSearchParams): string =>
  /\bFORMAT\s+(\w+)\s*;?\s*$/i.exec(sql)?.[1] ?? parameters.get('default_format') ?? 'TabSeparated';

/** The statements that put a request's database, settings and parameters into its session. */
function preamble(request: IncomingMessage, parameters: URLSearchParams): string {
  const sets: string[] = [];
  const database = parameters.get('database');
  if (database !== null && database !== '') sets.push(`USE \`${database.replaceAll('`', '``')}\``);
  for (const [name, value] of parameters) {
    if (NOT_SETTINGS.has(name) || !/^\w+$/.test(name)) continue;
    sets.push(`SET ${name} = ${quoted(value)}`);
  }
  // ClickHouse lets GET read only.
  if (request.method === 'GET') sets.push('SET readonly = 2');
  return sets.map((set) => `${set};\n`).join('');
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

function credentialsOf(request: IncomingMessage, parameters: URLSearchParams): [user: string, password: string] {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const text = Buffer.from(basic, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    return [text.slice(0, colon), text.slice(colon + 1)];
  }
  const header = (name: string): string | undefined => request.headers[name]?.toString();
  return [header('x-clickhouse-user') ?? parameters.get('user') ?? 'default', header('x-clickhouse-key') ?? parameters.get('password') ?? ''];
}

/** chdb throws ClickHouse's text without the version that a server adds to it. */
function errorOf(error: unknown): ServerError {
  const message = error instanceof Error ? error.message : String(error);
  const found = /^Code: (\d+)\. DB::Exception: (.*?)(?: \(([A-Z0-9_]+)\))?\s*$/s.exec(message);
  return found ? { code: Number(found[1]), text: found[2] ?? '', type: found[3] ?? 'UNKNOWN_EXCEPTION' } : { code: 1001, text: message, type: 'STD_EXCEPTION' };
}

function fail(response: ServerResponse, error: ServerError): void {
  response.writeHead(httpStatusOf(error.code), {
    'Content-Type': 'text/plain; charset=UTF-8',
    'X-ClickHouse-Exception-Code': String(error.code),
    ...(error.code === 194 ? { 'WWW-Authenticate': 'Basic realm="ClickHouse server HTTP API"' } : {}),
  });
  response.end(`Code: ${error.code}. DB::Exception: ${error.text} (${error.type}) (version ${VERSION})\n`);
}
