import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChdbHttpServer } from '../analytics/testing/chdb-http-server.ts';
import { openRows } from '../campaign-loader/index.ts';
import type { ListRow } from '../campaign-loader/list-row.ts';
import { startMariadb, startPostgres } from '../deploy/local/databases.ts';
import type { LocalDatabase } from '../deploy/local/databases.ts';

async function read(url: string, query: string, sinceMs?: number): Promise<ListRow[]> {
  const open = await openRows({ kind: 'sql', url, query, ...(sinceMs === undefined ? {} : { sinceMs }) });
  try {
    const rows: ListRow[] = [];
    for await (const batch of open.rows) for (const row of batch) if (row.kind === 'row') rows.push(row.row);
    return rows;
  } finally {
    await open.close();
  }
}

/** What cannot be had is passed over by name; where the tests must be whole, it fails. */
const orSkip = async (start: () => Promise<LocalDatabase>): Promise<LocalDatabase | null> => {
  try {
    return await start();
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return null;
  }
};

const ROWS = 5000;

describe('rows of a query in PostgreSQL', () => {
  let database: LocalDatabase | null = null;
  beforeAll(async () => {
    database = await orSkip(startPostgres);
    if (database === null) return;
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(`create table debtors (account_id bigint, name text, phones text[], debt numeric(12,2), due_date date, changed timestamptz, disputed boolean)`);
    await client.query(`insert into debtors select n, 'Олена ' || n, array['0671234567', null, '050 "111" 22-33'], n + 0.50, date '2026-11-30', timestamptz '2026-11-01 10:00:00+00', n = 1 from generate_series(1, ${ROWS}) n`);
    await client.end();
  }, 120_000);
  afterAll(() => database?.stop());

  test('come by cursor, as the server writes them', async ({ skip }) => {
    if (database === null) return skip('PostgreSQL cannot be had here');
    const rows = await read(database.url, 'select * from debtors order by account_id');
    expect(rows.length).toBe(ROWS);
    expect(rows[0]).toMatchObject({ line: 1, accountId: '1', name: 'Олена 1', phones: [['phones', '0671234567; 050 "111" 22-33']], debt: '1.50', dueDate: '2026-11-30', disputed: 'true' });
    expect(rows.at(-1)).toMatchObject({ accountId: String(ROWS), debt: `${ROWS}.50`, disputed: 'false' });
  });

  test('may be those since a moment, which is a parameter of whatever type stands beside it', async ({ skip }) => {
    if (database === null) return skip('PostgreSQL cannot be had here');
    const changed = Date.parse('2026-11-01T10:00:00Z');
    // Another zone of the session changes nothing.
    const url = `${database.url}?options=-c%20TimeZone%3DAsia/Tokyo`;
    expect((await read(url, 'select * from debtors where changed >= {since} and due_date > {since}', changed)).length).toBe(ROWS);
    expect((await read(url, 'select * from debtors where changed >= {since} or account_id = 7', changed + 1000)).map(({ accountId }) => accountId)).toEqual(['7']);
  });

  test('are read only as far as they are asked for, and the query may not write', async ({ skip }) => {
    if (database === null) return skip('PostgreSQL cannot be had here');
    // Each row fetched costs a number of the sequence.
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const open = await openRows({ kind: 'sql', url: database.url, query: `select n as account_id, 'Олена' as name, '0671234567' as phone, 5 as debt from generate_series(1, 100000000) n` });
    let seen = 0;
    for await (const batch of open.rows) if ((seen += batch.length) > 1000) break;
    await open.close();
    expect(seen).toBeLessThan(2000);
    await expect(read(database.url, 'delete from debtors returning account_id, name, phones, debt')).rejects.toMatchObject({ code: 'bad_input', message: expect.stringMatching(/25006/) as string });
    expect((await client.query<{ n: string }>('select count(*) n from debtors')).rows[0]!.n).toBe(String(ROWS));
    await client.end();
  });

  test('that cannot be had are told without the password', async ({ skip }) => {
    if (database === null) return skip('PostgreSQL cannot be had here');
    const secret = database.url.replace('obzvon@', 'obzvon:verysecret@');
    await expect(read(secret, 'select nothing from nowhere')).rejects.toMatchObject({ code: 'bad_input', message: expect.stringMatching(/42P01.*nowhere/) as string });
    await expect(read(secret, 'select nothing from nowhere')).rejects.not.toThrow(/verysecret/);
    await expect(read('postgres://obzvon:verysecret@127.0.0.1:1/x', 'select 1')).rejects.toMatchObject({ code: 'unreachable', message: expect.not.stringContaining('verysecret') as string });
    await expect(read(database.url, 'select 1 as account_id, 2 as x')).rejects.toThrow(/missing headings name, debt/);
  });

  test('that break off in the middle are an error', async ({ skip }) => {
    if (database === null) return skip('PostgreSQL cannot be had here');
    const open = await openRows({ kind: 'sql', url: database.url, query: `select n as account_id, 'Олена' as name, '0671234567' as phone, 5 as debt, pg_backend_pid() as pid from generate_series(1, 100000) n` });
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const failing = async (): Promise<void> => {
      for await (const batch of open.rows) {
        const row = batch[0];
        if (row?.kind === 'row') await client.query('select pg_terminate_backend($1)', [Number(row.row.extra[0]![1])]);
      }
    };
    await expect(failing()).rejects.toMatchObject({ code: 'unreachable' });
    await open.close();
    await client.end();
  });
});

describe('rows of a query in MySQL (MariaDB)', () => {
  let database: LocalDatabase | null = null;
  beforeAll(async () => {
    database = await orSkip(startMariadb);
    if (database === null) return;
    const connection = await createConnection({ uri: database.url });
    await connection.query('create database billing character set utf8mb4');
    await connection.query('create table billing.debtors (account_id bigint, name varchar(100), phone varchar(30), debt decimal(12,2), due_date date)');
    await connection.query(`insert into billing.debtors select seq, concat('Ґанна ', seq), if(seq = 2, null, '0671234567'), seq + 0.50, '2026-11-30' from billing.seq_1_to_${ROWS}`).catch(async () => {
      const rows = Array.from({ length: ROWS }, (_, index) => [index + 1, `Ґанна ${index + 1}`, index === 1 ? null : '0671234567', index + 1.5, '2026-11-30']);
      await connection.query('insert into billing.debtors values ?', [rows]);
    });
    await connection.end();
  }, 120_000);
  afterAll(() => database?.stop());

  test('stream, as the server writes them', async ({ skip }) => {
    if (database === null) return skip('MariaDB cannot be had here');
    const rows = await read(`${database.url}/billing`, 'select * from debtors order by account_id');
    expect(rows.length).toBe(ROWS);
    expect(rows[1]).toMatchObject({ line: 2, accountId: '2', name: 'Ґанна 2', phones: [['phone', '']], debt: '2.50', dueDate: '2026-11-30' });
    expect(rows.at(-1)).toMatchObject({ accountId: String(ROWS), debt: `${ROWS}.50` });
  });

  test('may be those since a moment, which is a parameter; their texts are the same as without it', async ({ skip }) => {
    if (database === null) return skip('MariaDB cannot be had here');
    const url = `${database.url}/billing`;
    const all = await read(url, `select *, '?' as "mark's \\?" from debtors order by account_id`.replaceAll('"', '`'));
    const since = Date.parse('2026-11-30T00:00:00Z');
    const ask = `select *, '?' as "mark's \\?" from debtors where due_date >= {since} and due_date >= {since} order by account_id`.replaceAll('"', '`');
    expect(await read(url, ask, since)).toEqual(all);
    expect((await read(url, 'select * from debtors where due_date >= {since} or account_id = 7', since + 86_400_000)).map(({ accountId }) => accountId)).toEqual(['7']);
  });

  test('may not write, and tell their faults without the password', async ({ skip }) => {
    if (database === null) return skip('MariaDB cannot be had here');
    await expect(read(`${database.url}/billing`, 'delete from debtors')).rejects.toMatchObject({ code: 'bad_input', message: expect.stringMatching(/READ_ONLY/i) as string });
    await expect(read(`${database.url.replace('root@', 'root:verysecret@')}/billing`, 'select x from debtors')).rejects.toMatchObject({ code: 'bad_input', message: expect.not.stringContaining('verysecret') as string });
    await expect(read('mysql://root:verysecret@127.0.0.1:1/x', 'select 1')).rejects.toMatchObject({ code: 'unreachable' });
  });
});

describe('rows of a query in ClickHouse', () => {
  let dir: string;
  let server: Awaited<ReturnType<typeof startChdbHttpServer>>;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'obzvon-query-'));
    server = await startChdbHttpServer({ path: join(dir, 'chdb'), user: 'clerk', password: 'verysecret' });
  });
  afterAll(async () => {
    await server.close();
    await rm(dir, { recursive: true, force: true });
  });

  test('stream, with no digit lost', async () => {
    const url = server.url.replace('http:', 'clickhouse:');
    const rows = await read(url, `select 9007199254740993 + number as account_id, concat('Олена ', toString(number)) as name, ['0671234567', '0501112233'] as phones, toDecimal64(number, 2) + toDecimal64('0.50', 2) as debt, null as language from numbers(${ROWS}) order by number`);
    expect(rows.length).toBe(ROWS);
    expect(rows[0]).toMatchObject({ accountId: '9007199254740993', name: 'Олена 0', phones: [['phones', '0671234567; 0501112233']], language: '' });
    expect(Number(rows[1]!.debt)).toBe(1.5);
    const since = (sinceMs: number): Promise<ListRow[]> => read(url, `select number as account_id, 'Олена' as name, '0671234567' as phone, 5 as debt, toDateTime('2026-11-01 10:00:00', 'UTC') as changed from numbers(3) where changed >= {since} or number = 2`, sinceMs);
    expect((await since(Date.parse('2026-11-01T10:00:00Z'))).length).toBe(3);
    expect((await since(Date.parse('2026-11-01T10:00:01Z'))).map(({ accountId }) => accountId)).toEqual(['2']);
    await expect(read(url, 'select x from nowhere')).rejects.toMatchObject({ code: 'bad_input', message: expect.not.stringContaining('verysecret') as string });
    await expect(read(url.replace('verysecret', 'guess'), 'select 1')).rejects.toMatchObject({ code: 'bad_input', message: expect.not.stringContaining('guess') as string });
  });
});
