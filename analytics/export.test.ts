import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { writeWhole } from '../core/whole-file.ts';
import type { Analytics } from './client.ts';
import { withoutFormulas } from './csv-guard.ts';
import { exportFormOf, queryBytes, sheetBytes } from './export.ts';
import { migrate } from './migrate.ts';
import { sheetCsv, type Sheet } from './sheet.ts';
import { openTestStore, WAYS, type TestStore } from './testing/stores.ts';

const sheet: Sheet = {
  columns: [{ name: 'campaign', type: 'text' }, { name: 'value', type: 'number' }, { name: 'complete', type: 'boolean' }],
  rows: [['november', 12.5, true], ['=cmd|x', null, false], ['"quoted", and\nbroken', -3, true]],
};
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-export-'));
});
afterAll(() => rm(dir, { recursive: true }));

const whole = async (bytes: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
};

describe.each(WAYS)('over %s', (way) => {
  let store: TestStore;
  let analytics: Analytics;
  beforeAll(async () => {
    store = await openTestStore(way);
    analytics = store.analytics;
    await migrate(analytics);
  });
  afterAll(() => store.close());

  /** What ClickHouse itself reads in a Parquet file. */
  const readParquet = (path: string) => analytics.query('SELECT * FROM file({path:String}, Parquet)', z.unknown(), { path });

  test('Parquet holds the same cells, each in its type', async () => {
    const path = join(dir, `${way}.parquet`);
    await writeWhole(path, await sheetBytes(analytics, sheet, 'parquet'));
    expect((await readFile(path)).subarray(0, 4).toString()).toBe('PAR1');
    if (way === 'chdb') expect(await readParquet(path)).toEqual(sheet.rows.map(([campaign, value, complete]) => ({ campaign, value, complete })));
  });

  test('CSV and XLSX hold the same cells; text never becomes a formula', async () => {
    expect((await whole(await sheetBytes(analytics, sheet, 'csv'))).toString()).toBe(sheetCsv(sheet));
    expect(sheetCsv(sheet)).toContain("'=cmd|x,,false\n");
    const xlsx = await whole(await sheetBytes(analytics, sheet, 'xlsx'));
    expect(xlsx.subarray(0, 2).toString()).toBe('PK');
  });

  test('a saved query, with its parameters, in every form', async () => {
    const sql = '-- What is asked: SELECT.\nSELECT {name:String} AS name, toUInt32(number) AS n, number / 4 AS part FROM numbers(5);';
    expect((await whole(await queryBytes(analytics, sql, 'csv', { name: "o'x" }))).toString()).toBe('"name","n","part"\n"o\'x",0,0\n"o\'x",1,0.25\n"o\'x",2,0.5\n"o\'x",3,0.75\n"o\'x",4,1\n');
    expect((await whole(await queryBytes(analytics, sql, 'parquet', { name: 'x' }))).subarray(-4).toString()).toBe('PAR1');
    expect((await whole(await queryBytes(analytics, sql, 'xlsx', { name: 'x' }))).length).toBeGreaterThan(1000);
  });

  test('nor does text of a saved query become a formula in CSV; numbers below zero stay numbers', async () => {
    const sql = `SELECT arrayJoin(['=HYPERLINK("http://x")', '+1', '@a', '-b', '"=c', 'plain', '']) AS text, -1 AS below`;
    const texts = [`"'=HYPERLINK(""http://x"")"`, `"'+1"`, `"'@a"`, `"'-b"`, `"""=c"`, '"plain"', '""'];
    expect((await whole(await queryBytes(analytics, sql, 'csv'))).toString()).toBe(`"text","below"\n${texts.map((text) => `${text},-1\n`).join('')}`);
  });

  test.each([
    ['a statement that writes', 'INSERT INTO payments (payment_id) VALUES (1)', 'bad_input'],
    ['two statements', 'SELECT 1; DROP TABLE payments', 'bad_input'],
    ['one hidden behind brackets', 'SELECT 1) FORMAT Null; DROP TABLE payments; SELECT (1', 'bad_input'],
    ['a table that is not there', 'SELECT * FROM nowhere', 'storage'],
  ])('%s is refused, and nothing is changed', async (_name, sql, code) => {
    await expect(queryBytes(analytics, sql, 'csv').then(whole)).rejects.toMatchObject({ code });
    expect(await analytics.query('SELECT count() AS n FROM payments', z.object({ n: z.number() }))).toEqual([{ n: 0 }]);
  });

  test('the engine itself lets it read only, and still writes for who may', async () => {
    expect((await whole(await analytics.export("SELECT getSetting('readonly') AS r", 'CSV'))).toString()).toBe('2\n');
    await analytics.insert('payments', ['payment_id', 'account_id'], [['p', 'a']]);
    expect((await whole(await analytics.export('SELECT count() FROM payments', 'CSV'))).toString()).toBe('1\n');
  });
});

test('formulas are found wherever the bytes are cut', async () => {
  const csv = Buffer.from('"=a","b""=c"\n-1,"\t"\n"","+"\n');
  const cut = async function* (size: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let from = 0; from < csv.length; from += size) yield await Promise.resolve(csv.subarray(from, from + size));
  };
  for (const size of [1, 2, 3, 100]) expect((await whole(withoutFormulas(cut(size)))).toString()).toBe(`"'=a","b""=c"\n-1,"'\t"\n"","'+"\n`);
});

test('the form is by the ending', () => {
  expect([exportFormOf('a.csv'), exportFormOf('b.XLSX'), exportFormOf('/c.d/e.parquet')]).toEqual(['csv', 'xlsx', 'parquet']);
  expect(() => exportFormOf('report.doc')).toThrow(/found "\.doc"; expected a file that ends in \.csv, \.parquet, \.xlsx/);
});
