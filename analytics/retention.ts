import { z } from 'zod';
import type { Analytics } from './client.ts';
import { renderStatement } from './layout.ts';

/** Tables that forget, each by the time of what a row tells. Opt-outs, tariffs, campaigns and loads are kept: they must be honoured, or name nobody. */
const FORGETTING: readonly (readonly [table: string, time: string])[] = [
  ['contacts', 'loaded_at'], ['attempts', 'started_at'], ['dispositions', 'closed_at'], ['payments', 'paid_at'], ['touches', 'at'], ['debts', 'as_of'],
  ['contact_progress', 'last_ended'], ['touched_hours', 'hour'], ['hour_figures', 'hour'], ['counted_hours', 'hour'],
];

/** Times beyond 2103 count as then: DateTime ends in 2106, and a TTL must not overflow it. */
const expiry = (time: string, days: number): string => `toDateTime(least(toUInt32(greatest(0, least(toInt64(toUnixTimestamp64Milli(toDateTime64(${time}, 3, 'UTC'))), 4200000000000)) / 1000), 4200000000), 'UTC') + toIntervalDay(${days})`;

/**
 * Makes the store forget rows `keepDays` after what they tell; null: never. ClickHouse removes them when it merges, at the latest some hours after.
 * Alters nothing if that is how the tables are.
 * @returns the tables that were altered
 */
export async function applyRetention(analytics: Analytics, keepDays: number | null): Promise<string[]> {
  const rows = await analytics.query('SELECT name, extract(create_table_query, \'TTL .*toIntervalDay\\\\((\\\\d+)\\\\)\') AS days FROM system.tables WHERE database = currentDatabase() AND name IN {names:Array(String)}', z.object({ name: z.string(), days: z.string() }), {
    names: FORGETTING.map(([table]) => table),
  });
  const altered: string[] = [];
  for (const [table, time] of FORGETTING) {
    const found = rows.find((row) => row.name === table)?.days ?? '';
    if (found === (keepDays === null ? '' : String(keepDays))) continue;
    await analytics.command(renderStatement(keepDays === null ? `ALTER TABLE ${table} REMOVE TTL` : `ALTER TABLE ${table} MODIFY TTL ${expiry(time, keepDays)}`, analytics.layout));
    altered.push(table);
  }
  return altered;
}
