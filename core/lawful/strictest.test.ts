import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { campaignSchema, type Campaign } from '../campaign.ts';
import { WINDOW_DAYS } from '../hours/calling-window.ts';
import { RULE_SET_IDS, ruleSetOf } from './rule-set.ts';
import { commonHours, isWithin } from './strictest.ts';

const least = {
  id: 'november-debt', name: 'November', company: 'Світло', startsAt: '2026-11-02T09:00:00+02:00', expiresAt: '2026-11-13T20:00:00+02:00', trunks: ['main'],
  callerIds: ['+380440001001'], maxCallsPerSecond: 4, maxChannels: 400, flow: { start: 'end', steps: { end: { kind: 'hangup' } } },
};
const faults = (changes: object): string[] => {
  const parsed = campaignSchema.safeParse({ ...least, ...changes });
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};
const campaignUnder = (changes: object): Campaign => campaignSchema.parse({ ...least, ...changes });

describe('what the rule sets say', () => {
  test.each([
    ['ru-230fz', 'mon', ['08:00-22:00']], ['ru-230fz', 'sun', ['09:00-20:00']], ['ru-230fz', 'holiday', ['09:00-20:00']],
    ['us-regf', 'sun', ['08:00-21:00']], ['ua-1349', 'sat', []], ['ua-1349', 'fri', ['09:00-20:00']],
    ['default-utility', 'tue', ['09:00-20:00']], ['default-utility', 'sat', ['10:00-18:00']], ['default-utility', 'sun', []],
  ] as const)('%s, %s: %j', (id, day, hours) => expect(ruleSetOf(id).hours[day]).toEqual(hours));

  test.each([
    ['ru-230fz', { perDay: 1, perWeek: 2, perMonth: 8 }], ['us-regf', { perWeek: 7, restAfterConversationDays: 7 }], ['ua-1349', { perDay: 2 }], ['default-utility', { perDay: 1, perWeek: 3 }],
  ] as const)('%s: %j', (id, caps) => expect(ruleSetOf(id).caps).toMatchObject(caps));

  test.each(RULE_SET_IDS)('%s says where it was read and when; a law names its article', (id) => {
    const { kind, law, sources, checkedOn } = ruleSetOf(id);
    expect(Date.parse(checkedOn)).toBeLessThanOrEqual(Date.now() + 366 * 86_400_000);
    if (kind !== 'law') return;
    expect(law).toMatch(/article|CFR/);
    expect(sources.filter((source) => source.read).length).toBeGreaterThan(1);
  });
});

describe('a campaign under a rule set', () => {
  test('what it leaves open is the stricter of the default and the law', () => {
    expect(campaignUnder({ lawful: 'ru-230fz' })).toMatchObject({
      window: { mon: ['09:00-20:00'], sat: ['10:00-18:00'], sun: [], holidayCountry: 'RU' }, caps: { perDay: 1, dayIs: 'any_24_hours', perWeek: 2, perMonth: 8, minGapMinutes: 1440 },
    });
    expect(campaignUnder({ lawful: 'ua-1349' })).toMatchObject({ window: { sat: [], sun: [], holidayCountry: 'UA' }, caps: { perDay: 2, perWeek: 5 } });
    expect(campaignUnder({ lawful: 'us-regf' })).toMatchObject({ window: { mon: ['09:00-20:00'] }, caps: { perWeek: 5, restAfterConversationDays: 7 } });
    expect(campaignUnder({}).caps).toMatchObject({ perDay: 2, dayIs: 'calendar_day' });
  });

  test('it may be stricter', () => {
    expect(campaignUnder({ lawful: 'ru-230fz', window: { mon: ['10:00-12:00', '14:00-16:00'] }, caps: { perWeek: 1, minGapMinutes: 3000 } })).toMatchObject({ window: { mon: ['10:00-12:00', '14:00-16:00'] }, caps: { perWeek: 1, perDay: 1, minGapMinutes: 3000 } });
  });

  test.each<[string, object, string]>([
    ['an hour too early', { lawful: 'ru-230fz', window: { mon: ['07:30-12:00'] } }, 'window.mon: the campaign asks for 07:30-12:00, but ru-230fz (Federal Law No. 230-FZ'],
    ['a day on which nobody is called', { lawful: 'default-utility', window: { sun: ['10:00-12:00'] } }, 'window.sun: the campaign asks for 10:00-12:00, but default-utility'],
    ['too many calls', { lawful: 'us-regf', caps: { perWeek: 8 } }, 'caps.perWeek: the campaign asks for perWeek 8, but us-regf (12 CFR 1006.14'],
    ['too short a rest', { lawful: 'us-regf', caps: { restAfterConversationDays: 3 } }, 'caps.restAfterConversationDays: the campaign asks for restAfterConversationDays 3'],
    ['a calendar day where any 24 hours count', { lawful: 'ru-230fz', caps: { dayIs: 'calendar_day' } }, 'caps.dayIs: the campaign asks for calendar_day'],
    ['another country’s holidays', { lawful: 'ru-230fz', window: { holidayCountry: 'KZ' } }, 'window.holidayCountry: the campaign asks for KZ'],
    ['hours on a holiday of its own that the weekday does not have', { lawful: 'us-regf', window: { holiday: ['08:00-21:00'], holidays: ['2026-11-11'], mon: ['08:00-21:30'] } }, 'window.mon: the campaign asks for 08:00-21:30'],
    ['a law that is not known', { lawful: 'fr-xyz' }, 'lawful: Invalid option'],
  ])('%s is an error that names both', (_name, changes, fault) => expect(faults(changes).join('\n')).toContain(fault));

  test('a holiday of its own may not open a day that the law closes', () => {
    // 2026-11-08 is a Sunday.
    const changes = { lawful: 'ru-230fz', window: { holidays: ['2026-11-08'], holiday: ['09:00-20:00'] } };
    expect(faults(changes)).toEqual([]);
    expect(faults({ ...changes, lawful: 'ua-1349', window: { holidays: ['2026-11-08'], holiday: ['09:00-20:00'] } }).join()).toContain('window.holiday');
  });

  test('it is the same after its way over the bus', () => {
    for (const lawful of RULE_SET_IDS) {
      const once = campaignUnder({ lawful });
      expect(campaignSchema.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
    }
  });

  test('whatever is asked for, a campaign that is taken is within the law', () => {
    // Most of what is asked for is within the day, so that something is taken.
    const minute = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 600, max: 1080 }) }, fc.integer({ min: 0, max: 1440 }));
    const text = (at: number): string => `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
    const hours = fc.array(fc.tuple(minute, minute).filter(([a, b]) => a < b && a < 1440).map(([a, b]) => `${text(a)}-${text(b)}`), { maxLength: 2 });
    const some = fc.record(Object.fromEntries(WINDOW_DAYS.map((day) => [day, hours])), { requiredKeys: [] });
    const caps = fc.record({ perDay: fc.integer({ min: 1, max: 3 }), perWeek: fc.integer({ min: 1, max: 9 }), perMonth: fc.integer({ min: 1, max: 40 }), restAfterConversationDays: fc.integer({ min: 0, max: 10 }), minGapMinutes: fc.integer({ min: 1, max: 3000 }), dayIs: fc.constantFrom('calendar_day', 'any_24_hours') }, { requiredKeys: [] });
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...RULE_SET_IDS), some, caps, (lawful, window, own) => {
        const parsed = campaignSchema.safeParse({ ...least, lawful, window, caps: own });
        if (!parsed.success) return;
        taken += 1;
        const law = ruleSetOf(lawful);
        for (const day of WINDOW_DAYS) for (const range of parsed.data.window[day]) expect(minutesOf(range).every((at) => law.hours[day].some((allowed) => minutesOf(allowed).includes(at)))).toBe(true);
        expect(parsed.data.caps.perDay).toBeLessThanOrEqual(law.caps.perDay ?? Infinity);
        expect(parsed.data.caps.perWeek).toBeLessThanOrEqual(law.caps.perWeek ?? Infinity);
        expect(parsed.data.caps.perMonth).toBeLessThanOrEqual(law.caps.perMonth ?? Infinity);
        expect(parsed.data.caps.restAfterConversationDays).toBeGreaterThanOrEqual(law.caps.restAfterConversationDays ?? 0);
      }),
      { numRuns: 400, examples: [['us-regf', {}, {}], ['ru-230fz', { mon: ['08:00-10:00', '10:00-22:00'] }, { perDay: 1 }]] },
    );
    expect(taken).toBeGreaterThan(10);
  });
});

/** Every quarter of an hour that a range covers. */
function minutesOf(range: string): number[] {
  const at = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const found: number[] = [];
  for (let minute = at(range.slice(0, 5)); minute < at(range.slice(6)); minute += 1) found.push(minute);
  return found;
}

test('hours that two windows share', () => {
  expect(commonHours(['08:00-12:00', '13:00-20:00'], ['09:00-18:00'])).toEqual(['09:00-12:00', '13:00-18:00']);
  expect(commonHours(['08:00-12:00'], ['12:00-18:00'])).toEqual([]);
  expect(isWithin(['09:00-13:00'], ['08:00-10:00', '10:00-14:00'])).toBe(true);
  expect(isWithin(['09:00-13:00'], ['08:00-10:00', '10:30-14:00'])).toBe(false);
  expect(isWithin([], [])).toBe(true);
});
