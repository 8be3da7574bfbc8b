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
      expect(row?.text).toContain(' ON CLUSTER main');
      engines.push(...(/^ENGINE = (.*)$/m.exec(row?.text ?? '')?.slice(1) ?? []));
    }
    expect(engines).toEqual([
      "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')",
      ...Array<string>(5).fill("ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', version)"),
    ]);
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

  test('the single form runs, and no materialized view hangs on a table', async () => {
    await migrate(store.analytics);
    const tables = await store.analytics.query("SELECT name, engine, engine_full LIKE '%non_replicated_deduplication_window = 1000%' AS remembers FROM system.tables WHERE database = currentDatabase() AND name NOT LIKE 'v\\_%' AND name != 'migrations'", z.object({ name: z.string(), engine: z.string(), remembers: z.number() }));
    expect(tables).toHaveLength(6);
    for (const table of tables) expect([table.engine, table.remembers]).toEqual(['ReplacingMergeTree', 1]);
    expect(await store.analytics.query("SELECT name FROM system.tables WHERE engine = 'MaterializedView'", z.unknown())).toEqual([]);
  });
});
