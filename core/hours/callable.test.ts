import fc from 'fast-check';
import { expect, test } from 'vitest';
import { windowSchema, WINDOW_DAYS } from './calling-window.ts';
import { callableSeconds, uncallable } from './callable.ts';
import { campaignHolidays } from './holidays.ts';
import { windowAt } from './window.ts';

const window = windowSchema.parse({ sat: ['10:00-16:00'], holidayCountry: 'UA' });
const week = { startsAt: '2026-11-02T00:00:00+02:00', expiresAt: '2026-11-09T00:00:00+02:00', window };
const HOUR = 3600;

test('the open hours of a week, of the rest of it, and of a day with one hour more', () => {
  expect(callableSeconds(week, 'Europe/Kyiv')).toBe((5 * 11 + 6) * HOUR);
  expect(callableSeconds(week, 'Europe/Kyiv', Date.parse('2026-11-06T15:00:00+02:00'))).toBe((5 + 6) * HOUR);
  expect(callableSeconds(week, 'Mars/Olympus')).toBe(0);
  // 25 October 2026: 04:00 becomes 03:00 in Kyiv.
  const always = windowSchema.parse(Object.fromEntries(WINDOW_DAYS.map((day) => [day, ['00:00-24:00']])));
  expect(callableSeconds({ startsAt: '2026-10-25T00:00:00+03:00', expiresAt: '2026-10-26T00:00:00+02:00', window: always }, 'Europe/Kyiv')).toBe(25 * HOUR);
});

test('who cannot be called: a zone that is nowhere, and one whose hours the campaign does not meet', () => {
  // A Monday from 9 to 12 in Kyiv: in Auckland it is night, in Lisbon early.
  const morning = { startsAt: '2026-11-02T09:00:00+02:00', expiresAt: '2026-11-02T10:30:00+02:00', window };
  const counts = new Map([['Europe/Kyiv', 100], ['Pacific/Auckland', 7], ['Europe/Lisbon', 9], ['Mars/Olympus', 1]]);
  expect(uncallable(counts, morning)).toEqual({
    contacts: 17,
    zones: [{ zone: 'Europe/Lisbon', contacts: 9, reason: 'never_open' }, { zone: 'Pacific/Auckland', contacts: 7, reason: 'never_open' }, { zone: 'Mars/Olympus', contacts: 1, reason: 'unknown_zone' }],
  });
  expect(uncallable(counts, week).contacts).toBe(1);
});

test('seconds are those in which the dialer would find the window open', () => {
  const zones = ['Europe/Kyiv', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Chatham'];
  const startMs = Date.parse('2026-03-20T00:00:00Z');
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 30 }), fc.subarray([...WINDOW_DAYS]), (zone, offset, days, closed) => {
      const own = windowSchema.parse({ ...Object.fromEntries(WINDOW_DAYS.map((day) => [day, closed.includes(day) ? [] : ['09:15-12:30', '14:00-24:00']])), holidayCountry: 'US' });
      const from = startMs + offset * 86_400_000;
      const campaign = { startsAt: new Date(from).toISOString(), expiresAt: new Date(from + days * 86_400_000).toISOString(), window: own };
      const holidays = campaignHolidays(campaign);
      let open = 0;
      for (let at = from; at < from + days * 86_400_000; at += 900_000) if (windowAt(own, holidays, zone, at).open) open += 900;
      expect(callableSeconds(campaign, zone)).toBe(open);
    }),
    { numRuns: 40 },
  );
});
