import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connectAnalytics } from './client.ts';
import { migrate, readMigrations, type Migration } from './migrate.ts';
import { startChdbHttpServer } from './testing/chdb-http-server.ts';
import { openTestStore, WAYS, type TestStore } from './testing/stores.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-analytics-'));
  return () => rm(dir, { recursive: true, force: true });
});

test('a URL of no kind that is known', async () => {
  await expect(connectAnalytics('postgres://u:secret@h/db')).rejects.toMatchObject({ code: 'bad_config', message: expect.not.stringContaining('secret') as string });
  await expect(connectAnalytics('chdb:')).rejects.toMatchObject({ code: 'bad_config' });
  await expect(connectAnalytics('http://')).rejects.toMatchObject({ code: 'bad_config' });
});

describe('embedded', () => {
  test('what was inserted is there after the store was closed and opened again', async () => {
    const first = await connectAnalytics(`chdb:${dir}`);
    await migrate(first);
    await first.insert('migrations', ['number', 'name', 'checksum'], [[9000, "it's", 'x']]);
    await first.close();
    await first.close();
    const second = await connectAnalytics(`chdb:${dir}`);
    expect(await second.query('SELECT name FROM migrations WHERE number = {n:UInt32};', z.object({ name: z.string() }), { n: 9000 })).toEqual([{ name: "it's" }]);
    await second.close();
    await expect(second.command('SELECT 1')).rejects.toThrow(/closed/);
  });

  test('a directory that another process has open: the error names the process', async () => {
    const holder = spawn(
      process.execPath,
      ['--input-type=module', '-e', `import { createChdbConnection } from 'chdb/connection'; const c = createChdbConnection({ path: ${JSON.stringify(dir)} }); await c.ping({ select: true }); console.log('open'); process.stdin.on('end', () => process.exit(0)).resume();`],
      { cwd: new URL('..', import.meta.url), stdio: ['pipe', 'pipe', 'inherit'] },
    );
    try {
      await once(holder.stdout, 'data');
      await expect(connectAnalytics(`chdb:${dir}`)).rejects.toMatchObject({ code: 'locked', message: expect.stringContaining(`process ${String(holder.pid)}`) as string });
    } finally {
      const ended = once(holder, 'exit');
      holder.stdin.end();
      await ended;
    }
    const analytics = await connectAnalytics(`chdb:${dir}`);
    await analytics.close();
  });
});

describe.each(WAYS)('over %s', (way) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await openTestStore(way);
    return () => store.close();
  });

  test('a statement that fails says so, once as `storage`', async () => {
    const { analytics } = store;
    await expect(analytics.command('SELEC 1')).rejects.toMatchObject({ code: 'storage' });
    await expect(analytics.query('SELECT * FROM contacts', z.unknown())).rejects.toThrow(/obzvon analytics migrate/);
    await migrate(analytics);
    // The row itself stays out of the message.
    await expect(analytics.insert('payments', ['payment_id', 'amount_minor'], [['p', 'secret text']])).rejects.toMatchObject({ code: 'storage', message: expect.not.stringContaining('secret text') as string });
    await expect(analytics.query("SELECT throwIf(number = 100000, 'late') AS n FROM numbers(200000)", z.unknown())).rejects.toMatchObject({ code: 'storage', message: expect.stringContaining('late') as string });
  });

  test('numbers, times and hostile text come back as they went in', async () => {
    const { analytics } = store;
    await analytics.command('CREATE TABLE t (n UInt64, at DateTime64(3, \'UTC\'), text String, map Map(String, UInt64)) ENGINE = MergeTree ORDER BY n');
    const text = `x' \\ "\n\r\t\u0000 {a:String} 📞 ; DROP TABLE t --`;
    await analytics.insert('t', ['n', 'at', 'text', 'map'], [[2 ** 53 - 1, 1_762_156_800_123, text, { [text]: 7 }]]);
    const row = z.object({ n: z.number(), ms: z.number(), text: z.string(), map: z.record(z.string(), z.number()) });
    expect(await analytics.query('SELECT n, toUnixTimestamp64Milli(at) AS ms, text, map FROM t WHERE text = {text:String} AND n IN {ns:Array(UInt64)};', row, { text, ns: [1, 2 ** 53 - 1] })).toEqual([
      { n: 2 ** 53 - 1, ms: 1_762_156_800_123, text, map: { [text]: 7 } },
    ]);
  });

  test('rows under a token are stored once, whatever the second insert under it brings; without one, each time', async () => {
    const { analytics } = store;
    await migrate(analytics);
    const rows = async (): Promise<unknown> => analytics.query('SELECT count() AS n FROM payments', z.object({ n: z.number() }));
    const lines = (id: string): string => JSON.stringify([id, 1]);
    await analytics.insertLines('payments', ['payment_id', 'amount_minor'], lines('a'), { token: 'payments.0.0-0/x' });
    await analytics.insertLines('payments', ['payment_id', 'amount_minor'], lines('b'), { token: 'payments.0.0-0/x' });
    expect(await rows()).toEqual([{ n: 1 }]);
    await analytics.insertLines('payments', ['payment_id', 'amount_minor'], lines('b'), { token: 'payments.0.1-1/x' });
    expect(await rows()).toEqual([{ n: 2 }]);
    // The token of an insert ends with it.
    await analytics.insertLines('payments', ['payment_id', 'amount_minor'], lines('c'));
    expect(await rows()).toEqual([{ n: 3 }]);
  });

  test('migrations: applied once; a second run has nothing to do', async () => {
    expect(await migrate(store.analytics)).toEqual(readMigrations().map((migration) => migration.name));
    expect(await migrate(store.analytics)).toEqual([]);
  });

  test('migrations: killed after the first statement of a file, the next run finishes it', async () => {
    const [tables] = readMigrations();
    await store.analytics.command(tables!.sql.slice(0, tables!.sql.indexOf(';')));
    await migrate(store.analytics);
    expect(await store.analytics.query('SELECT count() AS n FROM v_attempts', z.object({ n: z.number() }))).toEqual([{ n: 0 }]);
  });

  test('migrations: a file changed after it was applied, and a store newer than the program, are refused', async () => {
    const one: Migration = { number: 1, name: '0001-a.sql', sql: 'CREATE TABLE IF NOT EXISTS a (x Int8) ENGINE = MergeTree ORDER BY x; -- first' };
    await migrate(store.analytics, [one]);
    await expect(migrate(store.analytics, [{ ...one, sql: `${one.sql} changed` }])).rejects.toThrow(/0001-a\.sql was changed after it was applied: found checksum [0-9a-f]{12}, expected [0-9a-f]{12}/);
    await expect(migrate(store.analytics, [])).rejects.toThrow(/0001-a\.sql, which this obzvon does not know/);
  });

  test('every table and every column of it tells what it holds', async () => {
    await migrate(store.analytics);
    // A view holds nothing itself: a materialized one writes to a table, whose columns are told.
    const silent = await store.analytics.query("SELECT table, name FROM system.columns WHERE database = currentDatabase() AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine NOT LIKE '%View') AND comment = ''", z.unknown());
    expect(silent).toEqual([]);
  });
});

describe('server', () => {
  let server: Server;
  let asked: { url: URL; user: string; body: string }[];
  let answer: { status: number; body: string; headers?: Record<string, string> };
  let url: string;

  beforeEach(async () => {
    asked = [];
    answer = { status: 200, body: '' };
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        asked.push({ url: new URL(request.url ?? '/', 'http://h'), user: String(request.headers.authorization), body: Buffer.concat(chunks).toString() });
        response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://ann:p%40ss@127.0.0.1:${(server.address() as AddressInfo).port}/calls`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  test('user, password and database come from the URL; parameters go beside the statement, never into it', async () => {
    const analytics = await connectAnalytics(url);
    expect(analytics.place).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/calls$/);
    answer = { status: 200, body: '{"n":3}\n' };
    const evil = "x' OR 1=1; DROP TABLE attempts --\n{campaign:String}";
    expect(await analytics.query('SELECT 3 AS n WHERE {c:String} != 1;', z.object({ n: z.number() }), { c: evil })).toEqual([{ n: 3 }]);
    const last = asked.at(-1)!;
    expect(last.url.searchParams.get('database')).toBe('calls');
    expect(Buffer.from(last.user.replace('Basic ', ''), 'base64').toString()).toBe('ann:p@ss');
    expect(last.body).toContain('{c:String}');
    expect(last.body).not.toContain('DROP TABLE');
    expect(last.url.searchParams.get('param_c')).toContain('DROP TABLE');
    await analytics.insert('attempts', ['a', 'b'], [['x\n', 1]]);
    expect(asked.at(-1)!.url.searchParams.get('query')).toMatch(/^INSERT INTO attempts \(a, b\) SETTINGS async_insert = 0 FORMAT JSONCompactEachRow/);
    expect(asked.at(-1)!.body).toBe('["x\\n",1]\n');
    await analytics.close();
  });

  test('an error of the server: passing ones can be tried again, others not', async () => {
    const analytics = await connectAnalytics(url);
    const failing = (code: number, type: string): void => {
      answer = { status: 500, body: `Code: ${code}. DB::Exception: words. (${type}) (version 25.1)`, headers: { 'x-clickhouse-exception-code': String(code) } };
    };
    failing(252, 'TOO_MANY_PARTS');
    await expect(analytics.insert('a', ['b'], [[1]])).rejects.toMatchObject({ code: 'unreachable', retryable: true });
    failing(27, 'CANNOT_PARSE_INPUT_ASSERTION_FAILED');
    await expect(analytics.insert('a', ['b'], [[1]])).rejects.toMatchObject({ code: 'storage', retryable: false });
    failing(516, 'AUTHENTICATION_FAILED');
    await expect(analytics.command('SELECT 1')).rejects.toMatchObject({ code: 'bad_config' });
    await analytics.close();
  });

  test('nobody at home', async () => {
    await expect(connectAnalytics('http://ann:secret@127.0.0.1:1/calls')).rejects.toMatchObject({ code: 'unreachable', message: expect.not.stringContaining('secret') as string });
  });

  test('a server that takes the connection and says nothing, a web server that is no ClickHouse', async () => {
    const silent = await startChdbHttpServer({ path: join(dir, 'store') });
    silent.misbehave({ kind: 'hang' });
    await expect(connectAnalytics(silent.url, { connectTimeoutMs: 50 })).rejects.toMatchObject({ code: 'unreachable', message: expect.stringMatching(/^analytics at http:\/\/127\.0\.0\.1:\d+\/default: connect: no answer/) as string });
    await silent.close();
    answer = { status: 404, body: '<html>not found</html>' };
    await expect(connectAnalytics(url)).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining("not ClickHouse's") as string });
  });

  test('a wrong password, and a database that is not there, are said at the opening', async () => {
    const real = await startChdbHttpServer({ path: join(dir, 'store'), user: 'ann', password: 'right' });
    await expect(connectAnalytics(real.url.replace('right', 'wrong'))).rejects.toMatchObject({ code: 'bad_config', message: expect.stringMatching(/access refused \(516 AUTHENTICATION_FAILED\)/) as string });
    await expect(connectAnalytics(real.url.replace('/default', '/elsewhere'))).rejects.toMatchObject({ code: 'bad_config', message: expect.stringContaining('no such database') as string });
    await real.close();
  });
});
