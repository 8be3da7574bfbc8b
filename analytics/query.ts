import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { Analytics, Parameters } from './client.ts';

/** The text of one of the queries in analytics/queries, as an analyst would run it. */
export const readQuery = (name: string): string => readFileSync(new URL(`./queries/${name}.sql`, import.meta.url), 'utf8');

/** Runs one of those queries. */
export function runQuery<S extends z.ZodType>(analytics: Analytics, name: string, row: S, parameters: Parameters): Promise<z.output<S>[]> {
  return analytics.query(readQuery(name), row, parameters);
}
