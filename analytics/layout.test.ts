import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connectAnalytics } from './client.ts';
import { insertSettings, renderStatement, type ReplicatedLayout } from './layout.ts';
import { migrate, readMigrations } from './migrate.ts';
import { splitStatements } from './statements.ts';
import { openTestStore, type TestStore } from './testing/stores.ts';

const replicated: ReplicatedLayout = { kind: 'replicated', cluster: 'main', replicaPath: '/clickhouse/tables/{shard}/{database}/{table}', insertQuorum: 'auto' };
const statements = readMigrations().flatMap((migration) => splitStatements(migration.sql));

test('one server: the files as they are', () => {
  for (const statement of statements) expect(renderStatement(statement, { kind: 'single' })).toBe(statement);
});

test('a table, a view and a setting for a cluster', () => {
  expect(renderStatement("-- Said first: CREATE TABLE.\nCREATE TABLE IF NOT EXISTS a (\n  x Int8 COMMENT 'ENGINE = MergeTree'\n) ENGINE = ReplacingMergeTree(version)\nORDER BY x", replicated)).toBe(
    "-- Said first: CREATE TABLE.\nCREATE TABLE IF NOT EXISTS a ON CLUSTER `main` (\n  x Int8 COMMENT 'ENGINE = MergeTree'\n) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', version)\nORDER BY x",
  );
  expect(renderStatement('CREATE TABLE IF NOT EXISTS a (x Int8\n) ENGINE = MergeTree\nORDER BY x', replicated)).toBe(
    "CREATE TABLE IF NOT EXISTS a ON CLUSTER `main` (x Int8\n) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')\nORDER BY x",
  );
  expect(renderStatement('CREATE OR REPLACE VIEW v_a AS SELECT * FROM a FINAL', replicated)).toBe('CREATE OR REPLACE VIEW v_a ON CLUSTER `main` AS SELECT * FROM a FINAL');
  expect(renderStatement('ALTER TABLE a MODIFY SETTING non_replicated_deduplication_window = 1000', replicated)).toBe(
    'ALTER TABLE a ON CLUSTER `main` MODIFY SETTING replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800',
  );
});

test('a statement in a form that nobody thought of is refused, not half done', () => {
  expect(() => renderStatement('CREATE TABLE a (x Int8) ENGINE = Memory', replicated)).toThrow(/no form for a cluster/);
  expect(() => renderStatement('DROP TABLE a', replicated)).toThrow(/no form for a cluster/);
});

test('settings of an insert: quorum on a cluster only, a token cannot break out of its quotes', () => {
  expect(insertSettings({ kind: 'single' })).toBe('async_insert = 0');
  expect(insertSettings({ kind: 'single' }, "a'b\\")).toBe("async_insert = 0, insert_deduplicate = 1, insert_deduplication_token = 'a''b\\\\', deduplicate_blocks_in_dependent_materialized_views = 1");
  expect(insertSettings(replicated)).toBe("async_insert = 0, insert_quorum = 'auto', insert_quorum_timeout = 30000");
});

test('a cluster, a path or an engine that cannot be', async () => {
  await expect(connectAnalytics('chdb:/nowhere', { cluster: 'main' })).rejects.toMatchObject({ code: 'bad_config', message: expect.stringContaining('analytics.cluster') as string });
  await expect(connectAnalytics('http://127.0.0.1:1', { cluster: "x' ON" })).rejects.toMatchObject({ code: 'bad_config' });
  await expect(connectAnalytics('http://127.0.0.1:1', { cluster: 'main', replicaPath: '/all/{shard}' })).rejects.toMatchObject({ code: 'bad_config', message: expect.stringContaining('{table}') as string });
});

describe('asked of the engine', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openTestStore('http');
  });
  afterAll(() => store.close());

  test("ClickHouse's own parser reads every rendered statement, and sees what it should", async () => {
    const engines: string[] = [];
    for (const statement of statements) {
      const [row] = await store.analytics.query('SELECT formatQuery({sql:String}) AS text', z.object({ text: z.string() }), { sql: renderStatement(statement, replicated) });
      // What a view is filled with runs on the replica that is asked; the others get it by replication.
      expect(row?.text).toContain(statement.includes('INSERT INTO') ? 'INSERT INTO' : ' ON CLUSTER main');
      engines.push(...(/^ENGINE = (.*)$/m.exec(row?.text ?? '')?.slice(1) ?? []));
    }
    const path = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'";
    expect(engines).toHaveLength(15);
    expect(new Set(engines)).toEqual(new Set([
      `ReplicatedReplacingMergeTree(${path})`, `ReplicatedReplacingMergeTree(${path}, version)`, `ReplicatedReplacingMergeTree(${path}, counted)`, `ReplicatedAggregatingMergeTree(${path})`,
    ]));
    const insert = `INSERT INTO a (x) SETTINGS ${insertSettings(replicated, 'attempts.0.1-2/x')} FORMAT JSONCompactEachRow`;
    await expect(store.analytics.query('SELECT formatQuery({sql:String}) AS text', z.object({ text: z.string() }), { sql: insert })).resolves.toHaveLength(1);
    // The names of the settings are the engine's: it knows them, table settings included.
    const named = ['async_insert', 'insert_deduplicate', 'insert_deduplication_token', 'deduplicate_blocks_in_dependent_materialized_views', 'insert_quorum', 'insert_quorum_timeout'];
    expect(await store.analytics.query('SELECT count() AS n FROM system.settings WHERE name IN {named:Array(String)}', z.object({ n: z.number() }), { named })).toEqual([{ n: named.length }]);
    const ofTables = ['replicated_deduplication_window', 'replicated_deduplication_window_seconds', 'non_replicated_deduplication_window'];
    expect(await store.analytics.query('SELECT count() AS n FROM system.merge_tree_settings WHERE name IN {named:Array(String)}', z.object({ n: z.number() }), { named: ofTables })).toEqual([{ n: ofTables.length }]);
  });

  test('a cluster the server does not know: said before any statement runs', async () => {
    const analytics = await connectAnalytics(store.server!.url, { cluster: 'nowhere' });
    await expect(migrate(analytics)).rejects.toMatchObject({ code: 'bad_config', message: expect.stringContaining('knows no cluster "nowhere"') as string });
    expect(await analytics.query("SELECT name FROM system.tables WHERE database = currentDatabase()", z.unknown())).toEqual([]);
    await analytics.close();
  });

  test('the single form runs; a table that the sink writes remembers inserts', async () => {
    await migrate(store.analytics);
    const row = z.object({ name: z.string(), engine: z.string(), remembers: z.number() });
    const tables = await store.analytics.query("SELECT name, engine, engine_full LIKE '%non_replicated_deduplication_window = 1000%' AS remembers FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'migrations'", row);
    const written = ['attempts', 'campaigns', 'contacts', 'dispositions', 'loads', 'opt_outs', 'payments'];
    for (const name of written) expect(tables.find((table) => table.name === name)).toEqual({ name, engine: 'ReplacingMergeTree', remembers: 1 });
    // Each of these may see a row again and again: it keeps largest values, or one row a key.
    const views = await store.analytics.query("SELECT name FROM system.tables WHERE engine = 'MaterializedView' AND database = currentDatabase() ORDER BY name", z.object({ name: z.string() }));
    expect(views.map(({ name }) => name)).toEqual(['contact_progress_of_attempts', 'debts_of_contacts', 'opt_outs_of_attempts', 'touched_hours_of_attempts', 'touched_neighbours_of_attempts']);
  });
});
