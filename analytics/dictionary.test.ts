import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hashFraction } from '../core/ids.ts';
import { dictionary, withDictionary } from './dictionary.ts';
import { refreshLiveFigures } from './live.ts';
import { migrate } from './migrate.ts';
import { phoneMarks } from './phone-mark.ts';
import { applyRetention } from './retention.ts';
import { roleStatements } from './role.ts';
import { attemptRows, contactRows, dispositionRows, paymentRows, type RowMaker } from './rows.ts';
import { SAMPLE_START_MS, sampleAttempt, sampleContact } from './samples.ts';
import { openTestStore, type TestStore } from './testing/stores.ts';
import { upliftReport } from './uplift.ts';

const PAGE = new URL('../docs/analytics.md', import.meta.url);
const DAY_MS = 86_400_000;
const CAMPAIGN = 'november';
const page = readFileSync(PAGE, 'utf8');
const queries = [...page.matchAll(/^\*\*(\d+)\. (.*?)\*\*[^]*?^```sql\n([^]*?)^```/gm)].map((found) => ({ number: Number(found[1]), question: found[2]!, sql: found[3]! }));

let store: TestStore;
const contacts = Array.from({ length: 800 }, (_, i) => sampleContact(CAMPAIGN, i));
const attempts = contacts.filter((contact) => contact.group === 'called').flatMap((contact, i) => Array.from({ length: Math.floor(hashFraction('n', String(i)) * 5) }, (_, n) => sampleAttempt(contact, n + 1)));

beforeAll(async () => {
  store = await openTestStore('chdb');
  await migrate(store.analytics);
  const put = <T>(maker: RowMaker<T>, values: readonly T[]): Promise<void> => store.analytics.insert(maker.table, maker.columns, values.map((value) => maker.cells(value)!));
  await put(contactRows(phoneMarks('test')), contacts);
  await put(attemptRows(phoneMarks('test')), attempts);
  await put(paymentRows, contacts.filter((_, i) => i % 4 === 0).map((contact, i) => ({ paymentId: `p${i}`, accountId: contact.accountId, amountMinor: 100, currency: 'UAH', paidAtMs: SAMPLE_START_MS + i * 3_600_000, receivedAtMs: SAMPLE_START_MS + 20 * DAY_MS })));
  await put(dispositionRows, contacts.slice(0, 100).map((contact) => ({ contactId: contact.contactId, campaignId: CAMPAIGN, accountId: contact.accountId, group: contact.group, disposition: 'exhausted' as const, reason: 'three attempts', attempts: 3, closedAtMs: SAMPLE_START_MS })));
  await refreshLiveFigures(store.analytics, 0);
});
afterAll(() => store.close());

const ask = (number: number) => store.analytics.query(queries.find((one) => one.number === number)!.sql, z.record(z.string(), z.unknown()), { campaign: CAMPAIGN });

describe('docs/analytics.md', () => {
  test('has ten worked queries', () => {
    expect(queries.map((one) => one.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test.each(queries)('$number. $question', async ({ number }) => {
    expect((await ask(number)).length).toBeGreaterThan(0);
  });

  test('its answer to "which hour reached most people" is what a plain loop finds', async () => {
    const hours = new Map<number, { calls: number; humans: number }>();
    for (const attempt of attempts) {
      const hour = Number(new Intl.DateTimeFormat('en-GB', { timeZone: attempt.timezone, hour: '2-digit', hourCycle: 'h23' }).format(attempt.startedAtMs));
      const sum = hours.get(hour) ?? { calls: 0, humans: 0 };
      hours.set(hour, { calls: sum.calls + 1, humans: sum.humans + (attempt.outcome === 'human' ? 1 : 0) });
    }
    const rows = (await ask(1)) as { local_hour: number; calls: number; humans: number; human_percent: number }[];
    for (const row of rows) expect([row.calls, row.humans]).toEqual([hours.get(row.local_hour)!.calls, hours.get(row.local_hour)!.humans]);
    expect(rows[0]!.humans).toBe(Math.max(...[...hours.values()].map(({ humans }) => humans)));
  });

  test('its answer to "did calling pay" has the figures of the uplift report', async () => {
    const [called, heldOut] = await ask(2);
    const day = (await upliftReport(store.analytics, CAMPAIGN)).days.at(-1)!;
    expect([called, heldOut].map((row) => [Number(row!['contacts']), Number(row!['paid'])])).toEqual([[day.called.contacts, day.called.paid], [day.heldOut.contacts, day.heldOut.paid]]);
  });

  test('its dictionary is the schema of today (write it anew with OBZVON_WRITE_DICTIONARY=1)', async () => {
    const expected = withDictionary(page, await dictionary(store.analytics));
    if (process.env['OBZVON_WRITE_DICTIONARY'] === '1') writeFileSync(PAGE, expected);
    else expect(page).toBe(expected);
  });

  test('every column of every table says what it holds', async () => {
    const silent = await store.analytics.query("SELECT table, name FROM system.columns WHERE database = currentDatabase() AND comment = '' AND table NOT LIKE 'v\\\\_%' AND table NOT LIKE '%\\\\_of\\\\_%'", z.unknown());
    expect(silent).toEqual([]);
  });
});

test('the role for analysts: ClickHouse reads its statements, on one server and on a cluster', async () => {
  for (const layout of [{ kind: 'single' } as const, { kind: 'replicated', cluster: 'main', replicaPath: '/{table}', insertQuorum: 'auto' } as const]) {
    for (const statement of roleStatements('de`fault', layout)) {
      const [row] = await store.analytics.query('SELECT formatQuery({sql:String}) AS text', z.object({ text: z.string() }), { sql: statement });
      expect(row!.text.includes('ON CLUSTER')).toBe(layout.kind === 'replicated');
    }
  }
});

test('rows are kept as long as the configuration says, and altered only when it changes', async () => {
  const rowsOf = async (table: string): Promise<number> => (await store.analytics.query(`SELECT count() AS n FROM ${table}`, z.object({ n: z.number() })))[0]!.n;
  const before = await rowsOf('attempts');
  expect(before).toBeGreaterThan(0);
  expect(await applyRetention(store.analytics, null)).toEqual([]);
  expect(await applyRetention(store.analytics, 3650)).toContain('attempts');
  expect(await applyRetention(store.analytics, 3650)).toEqual([]);
  await store.analytics.command('OPTIMIZE TABLE attempts FINAL');
  expect(await rowsOf('attempts')).toBe(before);
  // The samples are of 2025.
  expect((await applyRetention(store.analytics, 30)).length).toBeGreaterThan(5);
  for (const table of ['attempts', 'contact_progress']) await store.analytics.command(`OPTIMIZE TABLE ${table} FINAL`);
  expect([await rowsOf('attempts'), await rowsOf('contact_progress')]).toEqual([0, 0]);
  expect(await applyRetention(store.analytics, null)).toContain('attempts');
});
