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

  test('a statement that fails says so, once as `storage`', async () => {
    const analytics = await connectAnalytics(`chdb:${dir}`);
    await expect(analytics.command('SELEC 1')).rejects.toMatchObject({ code: 'storage' });
    await expect(analytics.query('SELECT * FROM contacts', z.unknown())).rejects.toThrow(/obzvon analytics migrate/);
    await migrate(analytics);
    // The row itself stays out of the message.
    await expect(analytics.insert('payments', ['payment_id', 'amount_minor'], [['p', 'secret text']])).rejects.toMatchObject({ code: 'storage', message: expect.not.stringContaining('secret text') as string });
    await analytics.close();
  });
});

describe('migrations', () => {
  test('applied once; a second run has nothing to do', async () => {
    const analytics = await connectAnalytics(`chdb:${dir}`);
    expect(await migrate(analytics)).toEqual(readMigrations().map((migration) => migration.name));
    expect(await migrate(analytics)).toEqual([]);
    await analytics.close();
  });

  test('killed after the first statement of a file: the next run finishes it', async () => {
    const analytics = await connectAnalytics(`chdb:${dir}`);
    const [tables] = readMigrations();
    await analytics.command(tables!.sql.slice(0, tables!.sql.indexOf(';')));
    await migrate(analytics);
    expect(await analytics.query('SELECT count() AS n FROM v_attempts', z.object({ n: z.number() }))).toEqual([{ n: 0 }]);
    await analytics.close();
  });

  test('a file changed after it was applied, and a store newer than the program, are refused', async () => {
    const analytics = await connectAnalytics(`chdb:${dir}`);
    const one: Migration = { number: 1, name: '0001-a.sql', sql: 'CREATE TABLE IF NOT EXISTS a (x Int8) ENGINE = MergeTree ORDER BY x; -- first' };
    await migrate(analytics, [one]);
    await expect(migrate(analytics, [{ ...one, sql: `${one.sql} changed` }])).rejects.toThrow(/0001-a\.sql was changed after it was applied: found checksum [0-9a-f]{12}, expected [0-9a-f]{12}/);
    await expect(migrate(analytics, [])).rejects.toThrow(/0001-a\.sql, which this obzvon does not know/);
    await analytics.close();
  });

  test('every table and every column of it tells what it holds', async () => {
    const analytics = await connectAnalytics(`chdb:${dir}`);
    await migrate(analytics);
    const silent = await analytics.query("SELECT table, name FROM system.columns WHERE database = currentDatabase() AND table NOT LIKE 'v\\_%' AND comment = ''", z.unknown());
    expect(silent).toEqual([]);
    await analytics.close();
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
});
