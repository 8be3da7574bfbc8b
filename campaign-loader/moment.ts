import { DAY_MS, utcOfLocal } from '../core/hours/zoned-time.ts';
import { dateOf } from './due-date.ts';

/** What {@link momentOf} takes, for whoever wrote something else. */
export const MOMENTS = 'a date or time such as 30.11.2026, 2026-11-30 12:00 or 2026-11-30T12:00:00+02:00';

const YEARS = { from: 1990, to: 2200 } as const;
const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;
const LOCAL = /^(\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4})(?:(?:T|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?$/;

/**
 * A moment as billing writes it: `2026-11-30T12:00:00+02:00`; or on the clock of `timezone` `30.11.2026 12:00`, `2026-11-30 12:00:05`, and
 * a date alone, which is its midnight. ms since the epoch; null if it is none of these.
 */
export function momentOf(raw: string, timezone: string): number | null {
  const text = raw.trim();
  if (WITH_OFFSET.test(text)) {
    const ms = Date.parse(text.replace(' ', 'T').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
    return Number.isNaN(ms) || ms < 0 ? null : ms;
  }
  const local = LOCAL.exec(text);
  if (local === null) return null;
  const date = dateOf(local[1]!, YEARS);
  const [hour, minute, second] = [Number(local[2] ?? 0), Number(local[3] ?? 0), Number(local[4] ?? 0)];
  if (date.kind !== 'ok' || hour > 23 || minute > 59 || second > 59) return null;
  return utcOfLocal(timezone, Date.parse(`${date.value}T00:00:00Z`) / DAY_MS, ((hour * 60 + minute) * 60 + second) * 1000);
}
