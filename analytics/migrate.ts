import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { ObzvonError } from '../core/errors.ts';
import type { Analytics } from './client.ts';
import { renderStatement } from './layout.ts';
import { splitStatements } from './statements.ts';

/** A numbered file of statements that is applied once. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

const DIRECTORY = new URL('./migrations/', import.meta.url);

/** The migrations of this obzvon, in order. */
export function readMigrations(): Migration[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const named = /^(\d{4})-([a-z0-9-]+)\.sql$/.exec(file);
      if (!named) throw new Error(`migration ${file} is not named like 0001-tables.sql`);
      return { number: Number(named[1]), name: file, sql: readFileSync(new URL(file, DIRECTORY), 'utf8') };
    });
}

const JOURNAL = `CREATE TABLE IF NOT EXISTS migrations (
  number     UInt32 COMMENT 'Number of the file',
  name       String COMMENT 'File applied',
  checksum   String COMMENT 'SHA-256 of the file as it was applied',
  applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was applied'
) ENGINE = MergeTree
ORDER BY number
COMMENT 'Migrations applied to this database'`;

const appliedSchema = z.object({ number: z.coerce.number(), name: z.string(), checksum: z.string() });

/**
 * Brings the tables up to date; returns the names of the migrations it applied, none if there was nothing to do. A run
 * that was killed is taken up by the next: every statement can be repeated.
 * @throws ObzvonError `storage` if a migration was changed after it was applied, or the tables are newer than this obzvon
 */
export async function migrate(analytics: Analytics, migrations: readonly Migration[] = readMigrations()): Promise<string[]> {
  await checkCluster(analytics);
  await analytics.command(renderStatement(JOURNAL, analytics.layout));
  const applied = new Map<number, z.infer<typeof appliedSchema>>();
  for (const row of await analytics.query('SELECT number, name, checksum FROM migrations ORDER BY number, applied_at', appliedSchema)) applied.set(row.number, row);

  for (const row of applied.values()) {
    const file = migrations.find((migration) => migration.number === row.number);
    if (!file) throw new ObzvonError('storage', `analytics at ${analytics.place}: it has migration ${row.name}, which this obzvon does not know; use a newer obzvon`);
    const checksum = checksumOf(file);
    if (checksum !== row.checksum) {
      throw new ObzvonError('storage', `analytics at ${analytics.place}: migration ${row.name} was changed after it was applied: found checksum ${checksum.slice(0, 12)}, expected ${row.checksum.slice(0, 12)}; put the file back and write a new migration`);
    }
  }

  const done: string[] = [];
  for (const migration of migrations) {
    if (applied.has(migration.number)) continue;
    for (const statement of splitStatements(migration.sql)) await analytics.command(renderStatement(statement, analytics.layout));
    await analytics.insert('migrations', ['number', 'name', 'checksum'], [[migration.number, migration.name, checksumOf(migration)]]);
    done.push(migration.name);
  }
  return done;
}

const clusterSchema = z.object({ shards: z.coerce.number(), macros: z.array(z.string()) });

/** Says what is missing in the server's configuration before a statement fails half way over the cluster. */
async function checkCluster(analytics: Analytics): Promise<void> {
  const { layout, place } = analytics;
  if (layout.kind === 'single') return;
  const sql = `SELECT (SELECT uniqExact(shard_num) FROM system.clusters WHERE cluster = {cluster:String}) AS shards, (SELECT groupArray(macro) FROM system.macros) AS macros`;
  const [found] = await analytics.query(sql, clusterSchema, { cluster: layout.cluster });
  const fault = (text: string): never => {
    throw new ObzvonError('bad_config', `analytics at ${place}: ${text}`);
  };
  if (!found || found.shards === 0) return fault(`the server knows no cluster "${layout.cluster}" (system.clusters); check analytics.cluster, or remote_servers of the server`);
  if (found.shards > 1) fault(`cluster "${layout.cluster}" has ${found.shards} shards; expected one, with any number of replicas`);
  const needed = ['replica', ...(layout.replicaPath.includes('{shard}') ? ['shard'] : [])];
  const missing = needed.filter((macro) => !found.macros.includes(macro));
  if (missing.length > 0) fault(`the server has no macro ${missing.map((macro) => `{${macro}}`).join(' and ')} (system.macros); it must be set on every replica`);
}

/** Of the file as it is written, whatever it is rendered for. */
const checksumOf = (migration: Migration): string => createHash('sha256').update(migration.sql).digest('hex');
