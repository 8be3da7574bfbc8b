/** Hour and weekday as the callee's clock showed them. */
export interface LocalTime {
  /** 0 to 23. */
  readonly hour: number;
  /** 1 Monday to 7 Sunday, as ISO 8601 counts. */
  readonly weekday: number;
}

const QUARTER_MS = 15 * 60_000;
/** Zones are few; this many quarters of an hour are 41 days of calls in a hundred zones. */
const MAX_CACHED = 400_000;

/**
 * Local hours, fast: every zone's offset has changed on a quarter of an hour since 1972, so one answer serves a zone
 * for fifteen minutes. A name that is no timezone counts as UTC.
 */
export class LocalTimes {
  readonly #formats = new Map<string, Intl.DateTimeFormat>();
  readonly #cache = new Map<string, Map<number, LocalTime>>();
  #cached = 0;

  at(timezone: string, atMs: number): LocalTime {
    let zone = this.#cache.get(timezone);
    if (!zone) {
      zone = new Map<number, LocalTime>();
      this.#cache.set(timezone, zone);
    }
    const quarter = Math.floor(atMs / QUARTER_MS);
    const known = zone.get(quarter);
    if (known) return known;
    if (++this.#cached > MAX_CACHED) {
      for (const other of this.#cache.values()) other.clear();
      this.#cached = 1;
    }
    const found = this.#look(timezone, quarter * QUARTER_MS);
    zone.set(quarter, found);
    return found;
  }

  #look(timezone: string, atMs: number): LocalTime {
    let format = this.#formats.get(timezone);
    if (!format) this.#formats.set(timezone, (format = formatOf(timezone)));
    const parts = format.formatToParts(atMs);
    const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
    return { hour: Number(part('hour')), weekday: WEEKDAYS.indexOf(part('weekday')) + 1 };
  }
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function formatOf(timezone: string): Intl.DateTimeFormat {
  const options = { hour: '2-digit', hourCycle: 'h23', weekday: 'short' } as const;
  try {
    return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: timezone });
  } catch {
    return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
  }
}
