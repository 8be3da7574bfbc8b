import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChdbHttpServer, type ChdbHttpServer } from './chdb-http-server.ts';

let dir: string;
let server: ChdbHttpServer;
let origin: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-http-'));
  server = await startChdbHttpServer({ path: dir });
  origin = `http://127.0.0.1:${server.port}`;
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

const get = (query: string): Promise<Response> => fetch(`${origin}/?${query}`);
const post = (sql: string, query = ''): Promise<Response> => fetch(`${origin}/?${query}`, { method: 'POST', body: sql });

test('as ClickHouse: health, an unknown place, a query in the body or in the URL, its format and summary', async () => {
  expect(await (await fetch(`${origin}/ping`)).text()).toBe('Ok.\n');
  expect((await fetch(`${origin}/nowhere`)).status).toBe(404);
  expect(await (await get('query=SELECT%201')).text()).toBe('1\n');
  const answer = await post('SELECT {n:UInt8} + 1 AS m', 'param_n=4&default_format=JSONEachRow&query_id=q1');
  expect(await answer.text()).toBe('{"m":5}\n');
  expect(answer.headers.get('x-clickhouse-query-id')).toBe('q1');
  expect(answer.headers.get('x-clickhouse-format')).toBe('JSONEachRow');
  expect(JSON.parse(answer.headers.get('x-clickhouse-summary') ?? '{}')).toMatchObject({ written_rows: '0', elapsed_ns: expect.stringMatching(/^\d+$/) as string });
});

test('as ClickHouse: errors have a status, their number in a header, and the text with name and version', async () => {
  const unknown = await post('SELECT * FROM nowhere');
  expect([unknown.status, unknown.headers.get('x-clickhouse-exception-code')]).toEqual([404, '60']);
  expect(await unknown.text()).toMatch(/^Code: 60\. DB::Exception: .*nowhere.* \(UNKNOWN_TABLE\) \(version [\d.]+\)\n$/s);
  expect((await post('SELEC 1')).status).toBe(400);
  expect((await post('SELECT 1', 'no_such_setting=1')).status).toBe(404);
  expect((await post('SELECT 1; SELECT 2')).status).toBe(400);
  expect((await get(`query=${encodeURIComponent('CREATE TABLE g (x Int8) ENGINE = Memory')}`)).status).toBe(500);
});

test('settings and parameters end with their request', async () => {
  expect(await (await post("SELECT getSetting('max_threads')", 'max_threads=3')).text()).toBe('3\n');
  expect(await (await post("SELECT getSetting('max_threads') = 3")).text()).toBe('0\n');
  expect((await post('SELECT {n:UInt8}')).status).not.toBe(200);
});

test('an insert: rows in the body, also compressed; the answer compressed if asked for', async () => {
  await post('CREATE TABLE t (x UInt32, s String) ENGINE = MergeTree ORDER BY x');
  const into = `query=${encodeURIComponent('INSERT INTO t (x, s) FORMAT JSONCompactEachRow')}`;
  const plain = await post('[1,"a"]\n[2,"b;c"]\n', into);
  expect(JSON.parse(plain.headers.get('x-clickhouse-summary') ?? '{}')).toMatchObject({ written_rows: '2' });
  const zipped = await fetch(`${origin}/?${into}`, { method: 'POST', body: new Uint8Array(gzipSync('[3,"d"]\n')), headers: { 'content-encoding': 'gzip' } });
  expect(zipped.status).toBe(200);
  const answer = await fetch(`${origin}/?enable_http_compression=1`, { method: 'POST', body: 'SELECT count(), max(s) FROM t', headers: { 'accept-encoding': 'gzip' } });
  expect(answer.headers.get('content-encoding')).toBe('gzip');
  expect(await answer.text()).toBe('3\td\n');
});
