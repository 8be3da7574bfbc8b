import { ObzvonError } from '../errors.ts';

const QUARTER_MS = 15 * 60_000;
export const DAY_MS = 86_400_000;
/** Offsets kept per zone: about 40 days of quarter hours. More than a campaign's decisions touch at once. */
const MAX_OFFSETS = 4096;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** UTC offset in ms by quarter hour since the epoch: zones change their offset only at quarter hours (tz database, since 1973). */
  readonly offsets: Map<number, number>;
}

const zones = new Map<string, Zone | null>();
const dates = new Map<number, string>();

function zoneNamed(name: string): Zone | null {
  const known = zones.get(name);
  if (known !== undefined) return known;
  let zone: Zone | null;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23',
      year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    zone = { format, offsets: new Map() };
  } catch {
    zone = null;
  }
  // Names come from lists: a list of invented names must not grow the cache for ever.
  if (zones.size > 2000) zones.clear();
  zones.set(name, zone);
  return zone;
}

/** True if `name` is an IANA zone that this runtime knows. */
export function isKnownZone(name: string): boolean {
  return zoneNamed(name) !== null;
}

/**
 * Offset of local time from UTC at an instant, ms (positive east of Greenwich).
 * @throws ObzvonError `bad_input` if the zone is not known
 */
export function offsetMsAt(zoneName: string, utcMs: number): number {
  const zone = zoneNamed(zoneName);
  if (zone === null) throw new ObzvonError('bad_input', `timezone: found ${JSON.stringify(zoneName.slice(0, 64))}, expected an IANA zone such as Europe/Kyiv`);
  const quarter = Math.floor(utcMs / QUARTER_MS);
  const cached = zone.offsets.get(quarter);
  if (cached !== undefined) return cached;
  const atMs = quarter * QUARTER_MS;
  const part: Record<string, number> = {};
  for (const { type, value } of zone.format.formatToParts(atMs)) part[type] = Number(value);
  const offsetMs = Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second']) - atMs;
  if (zone.offsets.size >= MAX_OFFSETS) zone.offsets.clear();
  zone.offsets.set(quarter, offsetMs);
  return offsetMs;
}

/** Days since the epoch as a local date, `YYYY-MM-DD`. */
export function dateOfDay(day: number): string {
  let date = dates.get(day);
  if (date === undefined) {
    date = new Date(day * DAY_MS).toISOString().slice(0, 10);
    if (dates.size >= MAX_OFFSETS) dates.clear();
    dates.set(day, date);
  }
  return date;
}

/** What a clock on the callee's wall shows. */
export interface LocalTime {
  /** Local calendar days since 1970-01-01. */
  readonly day: number;
  /** 0 for Monday to 6 for Sunday. */
  readonly weekday: number;
  /** Since the local midnight by the wall's clock (not elapsed time on a day when the clock is changed). */
  readonly msOfDay: number;
}

/** Local time at an instant. */
export function localTimeAt(zoneName: string, utcMs: number): LocalTime {
  const localMs = utcMs + offsetMsAt(zoneName, utcMs);
  const day = Math.floor(localMs / DAY_MS);
  return { day, weekday: (((day + 3) % 7) + 7) % 7, msOfDay: localMs - day * DAY_MS };
}

/** Local date at an instant, `YYYY-MM-DD`. */
export function localDateAt(zoneName: string, utcMs: number): string {
  return dateOfDay(localTimeAt(zoneName, utcMs).day);
}

/**
 * The first instant in (fromMs, toMs] at which the zone's offset is another than at `fromMs`; null if it is the same at
 * both ends. At most one change is looked for, so the span should be of a few days.
 */
export function offsetChangeWithin(zoneName: string, fromMs: number, toMs: number): number | null {
  const before = offsetMsAt(zoneName, fromMs);
  if (offsetMsAt(zoneName, toMs) === before) return null;
  let low = Math.floor(fromMs / QUARTER_MS);
  let high = Math.floor(toMs / QUARTER_MS);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMsAt(zoneName, middle * QUARTER_MS) === before) low = middle;
    else high = middle;
  }
  return high * QUARTER_MS;
}

/**
 * The first instant at which the wall's clock shows `msOfDay` or later on local day `day`. A time that a change of the
 * clock skips becomes the instant of the change; of a time that comes twice the first is taken.
 */
export function utcOfLocal(zoneName: string, day: number, msOfDay: number): number {
  const localMs = day * DAY_MS + msOfDay;
  // Offsets a day before and after bound what can hold in between (no zone changes twice within two days).
  const dayBefore = localMs - offsetMsAt(zoneName, localMs) - DAY_MS;
  const early = localMs - offsetMsAt(zoneName, dayBefore);
  const change = offsetChangeWithin(zoneName, dayBefore, dayBefore + 2 * DAY_MS);
  if (change === null || early < change) return early;
  // The change comes at or before `early` by the old clock: by the new clock the time is later, or was skipped.
  return Math.max(change, localMs - offsetMsAt(zoneName, change));
}
