import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WEEKDAYS, windowSchema, type CallingWindow } from './calling-window.ts';
import { campaignHolidays, holidayDates } from './holidays.ts';
import { firstOpenFrom, windowAt } from './window.ts';
import { localDateAt, offsetMsAt, utcOfLocal, DAY_MS } from './zoned-time.ts';

const zones = ['Europe/Kyiv', 'Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Casablanca', 'Pacific/Apia', 'America/St_Johns', 'Asia/Tehran', 'UTC', 'Pacific/Chatham', 'America/Santiago'];

// The oracle asks Intl alone, one formatter per zone, and knows nothing of the code under test.
const formats = new Map<string, Intl.DateTimeFormat>();
function wallClock(zone: string, utcMs: number): { date: string; time: string; weekday: string } {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' });
    formats.set(zone, format);
  }
  const [date, time] = format.format(utcMs).split(' ') as [string, string];
  const weekday = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', weekday: 'short' }).format(Date.parse(`${date}T12:00:00Z`)).toLowerCase();
  return { date, time, weekday };
}
function allowed(window: CallingWindow, holidays: ReadonlySet<string>, zone: string, utcMs: number): boolean {
  const { date, time, weekday } = wallClock(zone, utcMs);
  const hours = holidays.has(date) || window.holidays.includes(date) ? window.holiday : window[weekday as (typeof WEEKDAYS)[number]];
  return hours.some((range) => time >= range.slice(0, 5) && time < range.slice(6));
}

const minuteText = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const hours = fc.array(fc.tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 1440 })), { maxLength: 3 }).map((pairs) =>
  pairs.map(([a, b]) => `${minuteText(Math.min(a, b - 1))}-${minuteText(Math.max(a + 1, b))}`),
);
const anyWindow = fc
  .record({ mon: hours, tue: hours, wed: hours, thu: hours, fri: hours, sat: hours, sun: hours, holiday: hours })
  .map((days) => windowSchema.parse(days));

/** Instants near a change of the clock as often as anywhere. */
const anyPlace = fc.constantFrom(...zones).chain((zone) => {
  const changes: number[] = [];
  for (let atMs = Date.UTC(2024, 0, 1); atMs < Date.UTC(2027, 0, 1); atMs += DAY_MS) if (offsetMsAt(zone, atMs) !== offsetMsAt(zone, atMs + DAY_MS)) changes.push(atMs);
  const anywhere = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2027, 0, 1) });
  const near = changes.length === 0 ? anywhere : fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -DAY_MS, max: 2 * DAY_MS })).map(([a, b]) => a + b);
  return fc.record({ zone: fc.constant(zone), nowMs: fc.oneof(anywhere, near) });
});

describe('windowAt', () => {
  test('agrees with Intl everywhere: now, up to the boundary, at the boundary, on days of DST and holidays', () => {
    fc.assert(
      fc.property(anyWindow, anyPlace, fc.array(fc.integer({ min: -1, max: 6 }), { maxLength: 3 }), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }), (window, { zone, nowMs }, offDays, probes) => {
        const holidays = new Set(offDays.map((days) => wallClock(zone, nowMs + days * DAY_MS).date));
        const state = windowAt(window, holidays, zone, nowMs);
        expect(state.open).toBe(allowed(window, holidays, zone, nowMs));
        const boundaryMs = state.open ? state.closesAtMs : (state.opensAtMs ?? nowMs + 20 * DAY_MS);
        for (const probe of probes) {
          const atMs = Math.floor(nowMs + (boundaryMs - nowMs) * probe);
          if (atMs < boundaryMs) expect(allowed(window, holidays, zone, atMs)).toBe(state.open);
        }
        expect(allowed(window, holidays, zone, boundaryMs - 1)).toBe(state.open);
        if (state.open ? boundaryMs < nowMs + 8 * DAY_MS : state.opensAtMs !== null) expect(allowed(window, holidays, zone, boundaryMs)).toBe(!state.open);
      }),
      { numRuns: 2000 },
    );
  });

  test('firstOpenFrom never lets a call start outside, and leaves the guard', () => {
    fc.assert(
      fc.property(anyWindow, anyPlace, (window, { zone, nowMs }) => {
        const atMs = firstOpenFrom(window, new Set(), zone, nowMs, 30_000);
        if (atMs === null) return;
        expect(atMs).toBeGreaterThanOrEqual(nowMs);
        expect(allowed(window, new Set(), zone, atMs)).toBe(true);
        expect(allowed(window, new Set(), zone, atMs + 29_999)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('a window that a change of the clock skips does not open that day', () => {
    const window = windowSchema.parse({ sun: ['03:15-03:45'], mon: [], tue: [], wed: [], thu: [], fri: [], sat: [] });
    // Kyiv, 31 March 2024: 03:00 becomes 04:00.
    expect(windowAt(window, new Set(), 'Europe/Kyiv', Date.UTC(2024, 2, 31, 0, 0))).toEqual({ open: false, opensAtMs: Date.UTC(2024, 3, 7, 0, 15) });
  });

  test('a window without hours never opens', () => {
    const window = windowSchema.parse({ mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] });
    expect(windowAt(window, new Set(), 'UTC', 0)).toEqual({ open: false, opensAtMs: null });
  });
});

describe('zoned time', () => {
  test('utcOfLocal gives the first instant whose wall clock shows the time or later', () => {
    fc.assert(
      fc.property(anyPlace, fc.integer({ min: 0, max: 1439 }), ({ zone, nowMs }, minute) => {
        const { date } = wallClock(zone, nowMs);
        const atMs = utcOfLocal(zone, Date.parse(`${date}T00:00:00Z`) / DAY_MS, minute * 60_000);
        const wanted = `${date} ${minuteText(minute)}`;
        const shown = (utcMs: number) => `${wallClock(zone, utcMs).date} ${wallClock(zone, utcMs).time}`;
        expect(shown(atMs) >= wanted).toBe(true);
        // Nothing in the three hours before shows it (more than any change of a clock but the date line's).
        if (zone !== 'Pacific/Apia') for (const back of [1, 60_000, 30 * 60_000, 3_600_000, 2 * 3_600_000, 3 * 3_600_000]) expect(shown(atMs - back) < wanted).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('midnight a day after the clocks went forward at midnight', () => {
    const day = Date.UTC(2026, 8, 7) / DAY_MS;
    expect(new Date(utcOfLocal('America/Santiago', day, 0)).toISOString()).toBe('2026-09-07T03:00:00.000Z');
  });

  test('an unknown zone is an error that says what was expected', () => {
    expect(() => localDateAt('Mars/Olympus', 0)).toThrow(/expected an IANA zone/);
  });
});

describe('holidays', () => {
  test('public holidays of Ukraine', () => {
    const dates = holidayDates('UA', [2026]);
    expect(dates.has('2026-08-24')).toBe(true);
    expect(dates.has('2026-12-25')).toBe(true);
    expect(dates.has('2026-11-18')).toBe(false);
  });

  test('an unknown country is refused', () => {
    expect(() => holidayDates('XX', [2026])).toThrow(/holidayCountry/);
  });

  test('without a country only the campaign’s own list counts', () => {
    const window = windowSchema.parse({ holidays: ['2026-11-23'] });
    const campaign = { window, startsAt: '2026-11-01T00:00:00Z', expiresAt: '2026-12-01T00:00:00Z' };
    expect([...campaignHolidays(campaign as Parameters<typeof campaignHolidays>[0])]).toEqual(['2026-11-23']);
  });
});
