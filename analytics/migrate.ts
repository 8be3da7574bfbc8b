import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { ObzvonError } from '../core/errors.ts';
import type { Analytics } from './client.ts';
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
) ENGINE = MergeTree ORDER BY number COMMENT 'Migrations applied to this database'`;

const appliedSchema = z.object({ number: z.coerce.number(), name: z.string(), checksum: z.string() });

/**
 * Brings the tables up to date; returns the names of the migrations it applied, none if there was nothing to do. A run
 * that was killed is taken up by the next: every statement can be repeated.
 * @throws ObzvonError `storage` if a migration was changed after it was applied, or the tables are newer than this obzvon
 */
export async function migrate(analytics: Analytics, migrations: readonly Migration[] = readMigrations()): Promise<string[]> {
  await analytics.command(JOURNAL);
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
    for (const statement of splitStatements(migration.sql)) await analytics.command(statement);
    await analytics.insert('migrations', ['number', 'name', 'checksum'], [[migration.number, migration.name, checksumOf(migration)]]);
    done.push(migration.name);
  }
  return done;
}

const checksumOf = (migration: Migration): string => createHash('sha256').update(migration.sql).digest('hex');
