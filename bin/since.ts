import { stat } from 'node:fs/promises';
import { loadsOf, type ListSource } from '../campaign-loader/index.ts';
import type { Bus } from '../core/bus/port.ts';
import { ObzvonError } from '../core/errors.ts';

/** Rows may have been committed a little after the moment they carry, and clocks differ: so much is asked for again. Who is known is passed over. */
const OVERLAP_MS = 10 * 60_000;
const QUOTED_PLACE = /['"`]\{since\}['"`]/;

/**
 * The moment from which on a source's changes are wanted.
 * @param asked as the command line has it; `true`: since the last load of this source into this campaign that was done
 * @returns null if there was none: everything is wanted
 * @throws ObzvonError usage
 */
export async function sinceOf(bus: Bus, campaignId: string, sourceMark: string, asked: string | true): Promise<number | null> {
  if (asked !== true) {
    const moment = Date.parse(asked);
    if (Number.isNaN(moment) || moment < 0) throw new ObzvonError('usage', `--since: found "${asked}"; expected a moment such as 2026-11-01 or 2026-11-01T09:00:00+02:00, or nothing for the last load`);
    return moment;
  }
  const last = (await loadsOf(bus, campaignId)).filter((load) => load.sourceMark === sourceMark && load.state === 'done').at(-1);
  return last === undefined ? null : Math.max(0, last.startedAtMs - OVERLAP_MS);
}

/**
 * The source without what is older: a query with the moment for its parameter; a file as it is, or null if it was not changed since.
 * @param asked whether `--since` was given at all
 * @throws ObzvonError usage if the source knows no changes
 */
export async function changedSince(source: ListSource, sinceMs: number | null, asked: boolean): Promise<ListSource | null> {
  if (source.kind === 'sql') {
    const hasPlace = source.query.includes('{since}');
    if (asked && !hasPlace) throw new ObzvonError('usage', '--since: the query has no {since}; expected one such as "select … where changed_at > {since}"');
    if (!asked && hasPlace) throw new ObzvonError('usage', 'the query asks for {since}; expected --since, with a moment or without');
    if (QUOTED_PLACE.test(source.query)) throw new ObzvonError('usage', 'found {since} in quotes; expected it without: the moment is handed to the database as a parameter');
    return asked ? { ...source, sinceMs: sinceMs ?? 0 } : source;
  }
  if (!asked) return source;
  if (source.kind !== 'file') throw new ObzvonError('usage', '--since is for a file or a query: of anything else it is not known what changed');
  if (sinceMs === null) return source;
  const stats = await stat(source.path).catch(() => null);
  return stats === null || stats.mtimeMs + OVERLAP_MS > sinceMs + OVERLAP_MS ? source : null;
}
