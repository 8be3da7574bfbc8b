import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Attempt } from '../../core/attempt.ts';
import { campaignSchema, type Campaign } from '../../core/campaign.ts';
import { contactSchema } from '../../core/contact.ts';
import { RULE_SET_IDS, ruleSetOf, type RuleSetId } from '../../core/lawful/rule-set.ts';
import { OUTCOMES, type Outcome } from '../../core/outcome.ts';
import type { ContactFacts, NextStep, PastAttempt } from '../ledger/port.ts';
import { CLOSING_GUARD_MS } from '../../core/hours/window.ts';
import { decideAfter, decideCall, IN_CALL_RECHECK_MS, pastAttemptOf } from './decide.ts';
import { DAY_MS, localDateAt } from '../../core/hours/zoned-time.ts';

/** Monday, noon in Kyiv. */
const NOW_MS = Date.parse('2026-11-23T10:00:00Z');
const MINUTE_MS = 60_000;
const always = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, ['00:00-24:00']]));

function campaignWith(changes: Record<string, unknown> = {}): Campaign {
  return campaignSchema.parse({
    id: 'november', name: 'n', company: 'c', startsAt: '2026-11-20T00:00:00Z', expiresAt: '2026-12-31T00:00:00Z', trunks: ['a'], callerIds: ['+380441234567'],
    maxCallsPerSecond: 10, maxChannels: 10, window: always, caps: { perDay: 50, perWeek: 50, perMonth: 50, minGapMinutes: 1 },
    flow: { start: 's', steps: { s: { kind: 'say', text: { uk: 'x' }, essential: true, next: 'e' }, e: { kind: 'hangup' } } },
    ...changes,
  });
}

const PHONES = ['+380670000001', '+380670000002', '+380670000003'];

function factsWith(changes: Partial<ContactFacts> = {}, phones = PHONES): ContactFacts {
  return {
    contact: contactSchema.parse({
      contactId: 'x', campaignId: 'november', accountId: 'a', name: 'n', debtMinor: 1000, currency: 'UAH', language: 'uk', timezone: 'Europe/Kyiv',
      phones, group: 'called', loadId: 'l', loadedAtMs: 1,
    }),
    attempts: [],
    person: { callStartsMs: [], lastConversationAtMs: null, optedOut: false, version: 0 },
    phones: phones.map((phone) => ({ phone, lastCallAtMs: null, inCall: false, dncReason: null, version: 0 })),
    paidMinor: 0,
    hasPayment: false,
    ...changes,
  };
}

function attemptWith(outcome: Outcome, changes: Partial<Attempt> = {}): Attempt {
  const phoneIndex = changes.phoneIndex ?? 0;
  return {
    attemptId: `t${changes.attemptNumber ?? 1}`, contactId: 'x', campaignId: 'november', accountId: 'a', group: 'called', language: 'uk', timezone: 'Europe/Kyiv',
    attemptNumber: 1, phone: PHONES[phoneIndex]!, phoneIndex, trunk: 'a', callerId: '+380441234567', dialerId: 'd', outcome, endedBy: 'network',
    sipStatus: 0, q850Cause: 0, startedAtMs: NOW_MS - 30_000, endedAtMs: NOW_MS, answeredAtMs: null, postDialDelayMs: null, ringMs: 0, verdict: null,
    verdictConfidence: null, verdictReason: null, verdictAudioMs: null, verdictLatencyMs: null, talkMs: 0, messageMs: 0, heardMs: 0, heardWhole: false,
    digits: '', response: { kind: 'none' }, ...changes,
  };
}

const past = (outcome: Outcome, changes: Partial<PastAttempt> = {}): PastAttempt => ({ attemptId: 'p', outcome, heardWhole: false, phoneIndex: 0, startedAtMs: NOW_MS - 5 * DAY_MS, ...changes });
const at = { nowMs: NOW_MS, holidays: new Set<string>() };
const after = (attempt: Attempt, facts = factsWith(), campaign = campaignWith()) => decideAfter(facts, attempt, campaign, at);

describe('after one attempt, by the default rules', () => {
  const cases: [string, Attempt, string][] = [
    ['human who heard it whole', attemptWith('human', { heardWhole: true }), 'reached'],
    ['human who heard it whole and promised to pay', attemptWith('human', { heardWhole: true, response: { kind: 'promise_to_pay', promisedDate: '2026-11-25' } }), 'reached'],
    ['human who hung up early', attemptWith('human'), 'again in 1440 min on the same phone'],
    ['human who opted out', attemptWith('human', { heardWhole: true, response: { kind: 'opt_out' } }), 'opted_out'],
    ['wrong person', attemptWith('human', { heardWhole: true, response: { kind: 'wrong_person' } }), 'again in 1440 min on the next phone'],
    ['no answer', attemptWith('no_answer'), 'again in 180 min on the next phone'],
    ['busy', attemptWith('busy'), 'again in 20 min on the same phone'],
    ['machine', attemptWith('machine'), 'again in 240 min on the next phone'],
    ['message left, which does not count as reached and has no rule', attemptWith('message_left'), 'exhausted'],
    ['silence', attemptWith('silence'), 'again in 240 min on the next phone'],
    ['announcement', attemptWith('announcement'), 'again in 1440 min on the next phone'],
    ['fax', attemptWith('fax'), 'again in 60 min on the next phone'],
    ['invalid number', attemptWith('invalid_number'), 'again in 5 min on the next phone'],
    ['unreachable', attemptWith('unreachable'), 'again in 240 min on the next phone'],
    ['rejected', attemptWith('rejected'), 'again in 1440 min on the next phone'],
    ['congestion', attemptWith('congestion'), 'again in 10 min on the same phone'],
    ['failed', attemptWith('failed'), 'again in 10 min on the same phone'],
    ['lost in a crash', attemptWith('lost'), 'again in 120 min on the same phone'],
  ];
  test.each(cases)('%s', (_name, attempt, expected) => {
    const next = after(attempt);
    if (next.kind === 'close') { expect(next.disposition).toBe(expected); return; }
    const facts = factsWith({ attempts: [pastAttemptOf(attempt)], phones: factsWith().phones.map((phone, index) => (index === 0 ? { ...phone, lastCallAtMs: attempt.startedAtMs } : phone)) });
    const call = decideCall(facts, campaignWith(), { ...at, nowMs: next.dueAtMs });
    const phone = call.kind !== 'call' ? 'no' : call.phoneIndex === 0 ? 'the same' : call.phoneIndex === 1 ? 'the next' : 'another';
    expect(`again in ${(next.dueAtMs - attempt.endedAtMs) / MINUTE_MS} min on ${phone} phone`).toBe(expected);
  });

  test('every outcome is in the table', () => {
    expect(new Set(cases.map(([, attempt]) => attempt.outcome))).toEqual(new Set(OUTCOMES));
  });
});

describe('which rule ends a contact', () => {
  const campaign = campaignWith();
  const dnc = factsWith().phones.map((phone) => ({ ...phone, dncReason: 'asked' }));
  const cases: [string, ContactFacts, Campaign, string | null][] = [
    ['closed at the load', factsWith({ contact: { ...factsWith().contact, group: 'held_out', closedAtLoad: { disposition: 'suppressed', reason: 'dispute' } } }), campaign, 'suppressed'],
    ['nothing speaks against it', factsWith(), campaign, null],
    ['paid anything', factsWith({ hasPayment: true, paidMinor: 1 }), campaign, 'paid'],
    ['paid, taken back', factsWith({ hasPayment: true, paidMinor: 0 }), campaign, null],
    ['paid less than the share', factsWith({ hasPayment: true, paidMinor: 499 }), campaignWith({ stopAtPaidShare: 0.5 }), null],
    ['paid the share', factsWith({ hasPayment: true, paidMinor: 500 }), campaignWith({ stopAtPaidShare: 0.5 }), 'paid'],
    ['opted out', factsWith({ person: { ...factsWith().person, optedOut: true } }), campaign, 'opted_out'],
    ['paid comes before opted out', factsWith({ hasPayment: true, paidMinor: 1, person: { ...factsWith().person, optedOut: true } }), campaign, 'paid'],
    ['held out', factsWith({ contact: { ...factsWith().contact, group: 'held_out' } }), campaign, 'held_out'],
    ['expired', factsWith(), campaignWith({ expiresAt: new Date(NOW_MS).toISOString() }), 'expired'],
    ['every phone blocked', factsWith({ phones: dnc }), campaign, 'suppressed'],
    ['every phone invalid', factsWith({ attempts: [0, 1, 2].map((phoneIndex) => past('invalid_number', { phoneIndex })) }), campaign, 'invalid'],
    ['one invalid, the rest blocked', factsWith({ attempts: [past('invalid_number')], phones: dnc }), campaign, 'suppressed'],
    ['wrong person on the only phone', factsWith({ attempts: [past('human', { response: 'wrong_person' })] }, [PHONES[0]!]), campaign, 'exhausted'],
    ['all attempts used up', factsWith({ attempts: Array.from({ length: 6 }, () => past('congestion')) }), campaign, 'exhausted'],
    ['the rule for busy used up', factsWith({ attempts: Array.from({ length: 5 }, () => past('busy')) }), campaign, 'exhausted'],
    ['a timezone nobody knows', factsWith({ contact: { ...factsWith().contact, timezone: 'Mars/Olympus' } }), campaign, 'invalid'],
    ['a window that never opens', factsWith(), campaignWith({ window: Object.fromEntries(Object.keys(always).map((day) => [day, []])) }), 'expired'],
  ];
  test.each(cases)('%s', (_name, facts, under, expected) => {
    const decision = decideCall(facts, under, at);
    expect(decision.kind === 'close' ? decision.disposition : null).toBe(expected);
  });

  test('a retry that would fall after the end closes now', () => {
    expect(after(attemptWith('no_answer'), factsWith(), campaignWith({ expiresAt: new Date(NOW_MS + 179 * MINUTE_MS).toISOString() }))).toMatchObject({ kind: 'close', disposition: 'expired' });
  });

  test('a message left ends the contact if the campaign says so', () => {
    expect(after(attemptWith('message_left'), factsWith(), campaignWith({ machine: { messageReaches: true } }))).toMatchObject({ disposition: 'reached' });
  });

  test('no reason holds a phone, a name or a debt', () => {
    for (const outcome of OUTCOMES) {
      const { reason } = after(attemptWith(outcome));
      expect(reason).not.toMatch(/\+\d|1000\b/);
      expect(reason.length).toBeGreaterThan(5);
    }
  });
});

describe('what makes a contact wait', () => {
  const person = (callStartsMs: number[], lastConversationAtMs: number | null = null) => ({ callStartsMs, lastConversationAtMs, optedOut: false, version: 0 });
  const caps = (changes: Record<string, number>) => campaignWith({ caps: { perDay: 50, perWeek: 50, perMonth: 50, minGapMinutes: 1, ...changes } });
  const midnight = Date.parse('2026-11-24T00:00:00+02:00');
  const cases: [string, ContactFacts, Campaign, number][] = [
    ['the campaign’s start', factsWith(), campaignWith({ startsAt: '2026-11-24T00:00:00Z' }), Date.parse('2026-11-24T00:00:00Z')],
    ['two calls today: until the callee’s midnight', factsWith({ person: person([NOW_MS - 7_200_000, NOW_MS - 3_600_000]) }), caps({ perDay: 2 }), midnight],
    ['calls before the callee’s midnight were yesterday', factsWith({ person: person([midnight - DAY_MS - 1, midnight - DAY_MS - 2]) }), caps({ perDay: 2 }), NOW_MS],
    ['a day of any 24 hours', factsWith({ person: person([NOW_MS - 15 * 3_600_000]) }), campaignWith({ caps: { perDay: 1, dayIs: 'any_24_hours', perWeek: 50, perMonth: 50, minGapMinutes: 1 } }), NOW_MS + 9 * 3_600_000],
    ['the week is rolling', factsWith({ person: person([NOW_MS - 6 * DAY_MS, NOW_MS - 5 * DAY_MS]) }), caps({ perWeek: 2 }), NOW_MS + DAY_MS],
    ['so is the month', factsWith({ person: person([NOW_MS - 30 * DAY_MS, NOW_MS - 5 * DAY_MS]) }), caps({ perMonth: 2 }), NOW_MS + DAY_MS],
    ['rest after a conversation', factsWith({ person: person([], NOW_MS - DAY_MS) }), caps({ restAfterConversationDays: 3 }), NOW_MS + 2 * DAY_MS],
    ['the gap on the only phone', factsWith({ phones: [{ ...factsWith().phones[0]!, lastCallAtMs: NOW_MS - 60_000 }] }, [PHONES[0]!]), caps({ minGapMinutes: 15 }), NOW_MS + 14 * MINUTE_MS],
    ['a gap on one phone leaves the others', factsWith({ phones: factsWith().phones.map((phone, index) => ({ ...phone, lastCallAtMs: index === 0 ? NOW_MS : null })) }), caps({ minGapMinutes: 15 }), NOW_MS],
    ['a call under way to any of its phones', factsWith({ phones: factsWith().phones.map((phone, index) => ({ ...phone, inCall: index === 2 })) }), campaignWith(), NOW_MS + IN_CALL_RECHECK_MS],
    ['the window', factsWith(), campaignWith({ window: { mon: ['15:00-16:00'] } }), Date.parse('2026-11-23T15:00:00+02:00')],
    ['a window about to close', factsWith(), campaignWith({ window: { mon: ['09:00-12:01', '15:00-16:00'] } }), NOW_MS],
  ];
  test.each(cases)('%s', (_name, facts, campaign, dueAtMs) => {
    const decision = decideCall(facts, campaign, at);
    expect(decision.kind === 'wait' ? decision.dueAtMs : decision.kind === 'call' ? NOW_MS : null).toBe(dueAtMs);
  });

  test('a call is not decided in the window’s last moments', () => {
    const campaign = campaignWith({ window: { mon: ['09:00-12:01', '15:00-16:00'] } });
    expect(decideCall(factsWith(), campaign, { ...at, nowMs: NOW_MS + MINUTE_MS - CLOSING_GUARD_MS })).toEqual({ kind: 'wait', dueAtMs: Date.parse('2026-11-23T15:00:00+02:00'), reason: 'waits for the calling window' });
  });

  test('a holiday has the hours of holidays', () => {
    expect(decideCall(factsWith(), campaignWith({ window: { ...always, holiday: [] } }), { ...at, holidays: new Set(['2026-11-23']) })).toMatchObject({ kind: 'wait', dueAtMs: midnight });
  });
});

describe('any course of calls', () => {
  const step = fc.record({
    outcome: fc.constantFrom(...OUTCOMES),
    heardWhole: fc.boolean(),
    response: fc.oneof({ weight: 8, arbitrary: fc.constant({ kind: 'none' } as const) }, fc.constantFrom({ kind: 'wrong_person' } as const, { kind: 'opt_out' } as const)),
    ringMs: fc.integer({ min: 0, max: 120_000 }),
    lateMs: fc.integer({ min: 0, max: 3 * 3_600_000 }),
  });
  const course = fc.record({
    steps: fc.array(step, { minLength: 60, maxLength: 60 }),
    phones: fc.integer({ min: 1, max: 3 }),
    zone: fc.constantFrom('Europe/Kyiv', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
    startMs: fc.constantFrom(Date.parse('2026-03-05T00:00:00Z'), Date.parse('2026-10-20T00:00:00Z')),
    maxAttempts: fc.integer({ min: 1, max: 12 }),
    caps: fc.record({ perDay: fc.integer({ min: 1, max: 3 }), perWeek: fc.integer({ min: 1, max: 6 }), perMonth: fc.integer({ min: 1, max: 10 }), minGapMinutes: fc.integer({ min: 1, max: 200 }) }),
  });

  /** The hours and caps of the laws, told here again by hand. */
  type Hours = readonly [from: string, to: string];
  const LAWS: Readonly<Record<RuleSetId, { hours: (weekend: boolean, day: string) => Hours; caps: readonly (readonly [cap: number, days: number])[]; restDays: number }>> = {
    'ru-230fz': { hours: (weekend: boolean) => (weekend ? ['09:00', '20:00'] : ['08:00', '22:00']), caps: [[1, 1], [2, 7], [8, 31]], restDays: 0 },
    'us-regf': { hours: () => ['08:00', '21:00'], caps: [[7, 7]], restDays: 7 },
    'ua-1349': { hours: (weekend: boolean) => (weekend ? ['24:00', '24:00'] : ['09:00', '20:00']), caps: [[2, 1]], restDays: 0 },
    'default-utility': { hours: (weekend: boolean, day: string) => (day === 'Sat' ? ['10:00', '18:00'] : weekend ? ['24:00', '24:00'] : ['09:00', '20:00']), caps: [[3, 7]], restDays: 0 },
  };

  test('keeps to the law that the campaign names, with the widest window and caps it may have', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RULE_SET_IDS), course, (lawful, { steps, phones, zone, startMs, maxAttempts }) => {
        const ruleSet = ruleSetOf(lawful);
        const campaign = campaignWith({
          lawful, startsAt: new Date(startMs).toISOString(), expiresAt: new Date(startMs + 40 * DAY_MS).toISOString(), retry: { maxAttempts }, window: ruleSet.hours,
          caps: { ...{ perDay: 9, perWeek: 9, perMonth: 30, minGapMinutes: 1 }, ...ruleSet.caps },
        });
        const base = factsWith({}, PHONES.slice(0, phones));
        let facts: ContactFacts = { ...base, contact: { ...base.contact, timezone: zone } };
        const law = LAWS[lawful];
        const calls: { atMs: number; human: boolean }[] = [];
        let nowMs = startMs - DAY_MS;
        for (let decisions = 0; ; decisions++) {
          expect(decisions).toBeLessThan(400);
          const decision = decideCall(facts, campaign, { nowMs, holidays: new Set() });
          if (decision.kind === 'close') break;
          if (decision.kind === 'wait') {
            nowMs = decision.dueAtMs;
            continue;
          }
          const { outcome, lateMs } = steps[calls.length]!;
          const atMs = nowMs;
          const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(atMs);
          const day = new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short' }).format(atMs);
          const [from, to] = law.hours(day === 'Sat' || day === 'Sun', day);
          expect(wall >= from && wall < to).toBe(true);
          for (const [cap, days] of law.caps) expect(calls.filter((call) => call.atMs > atMs - days * DAY_MS).length).toBeLessThan(cap);
          if (lawful === 'default-utility') expect(calls.some((call) => localDateAt(zone, call.atMs) === localDateAt(zone, atMs))).toBe(false);
          expect(calls.some((call) => call.human && call.atMs > atMs - law.restDays * DAY_MS)).toBe(false);
          calls.push({ atMs, human: outcome === 'human' });
          const attempt = attemptWith(outcome, { phoneIndex: decision.phoneIndex, attemptNumber: calls.length, startedAtMs: atMs, endedAtMs: atMs + 20_000, timezone: zone });
          const next = decideAfter(facts, attempt, campaign, { nowMs: atMs + 20_000, holidays: new Set() });
          facts = {
            ...facts,
            attempts: [...facts.attempts, pastAttemptOf(attempt)],
            person: { ...facts.person, callStartsMs: [...facts.person.callStartsMs, atMs], lastConversationAtMs: outcome === 'human' ? atMs : facts.person.lastConversationAtMs },
            phones: facts.phones.map((phone, index) => (index === decision.phoneIndex ? { ...phone, lastCallAtMs: atMs } : phone)),
          };
          if (next.kind === 'close') break;
          nowMs = Math.max(atMs + 20_000, next.dueAtMs) + lateMs;
        }
      }),
      { numRuns: 200 },
    );
  });

  test('ends, within the attempts, the caps, the gap, the rules and the window', () => {
    fc.assert(
      fc.property(course, ({ steps, phones, zone, startMs, maxAttempts, caps }) => {
        const campaign = campaignWith({
          startsAt: new Date(startMs).toISOString(), expiresAt: new Date(startMs + 40 * DAY_MS).toISOString(), caps, retry: { maxAttempts },
          window: { ...Object.fromEntries(Object.keys(always).map((day) => [day, ['09:00-12:30', '14:00-20:00']])), sun: [] },
        });
        const base = factsWith({}, PHONES.slice(0, phones));
        let facts: ContactFacts = { ...base, contact: { ...base.contact, timezone: zone } };
        const calls: { atMs: number; phoneIndex: number }[] = [];
        let nowMs = startMs - DAY_MS;
        let decisions = 0;
        for (;;) {
          expect(++decisions).toBeLessThan(200);
          const decision = decideCall(facts, campaign, { nowMs, holidays: new Set() });
          if (decision.kind === 'close') break;
          if (decision.kind === 'wait') {
            expect(decision.dueAtMs).toBeGreaterThan(nowMs);
            nowMs = decision.dueAtMs;
            continue;
          }
          const { phoneIndex } = decision;
          const { ringMs, lateMs, ...rest } = steps[calls.length]!;
          const attempt = attemptWith(rest.outcome, { ...rest, phoneIndex, attemptNumber: calls.length + 1, startedAtMs: nowMs, endedAtMs: nowMs + ringMs, timezone: zone });
          const next: NextStep = decideAfter(facts, attempt, campaign, { nowMs: nowMs + ringMs, holidays: new Set() });

          // The rules, told again without the code under test.
          const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(nowMs);
          const weekday = new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short' }).format(nowMs);
          expect((wall >= '09:00' && wall < '12:30') || (wall >= '14:00' && wall < '20:00')).toBe(true);
          expect(weekday).not.toBe('Sun');
          const atMs = nowMs;
          expect(atMs).toBeGreaterThanOrEqual(startMs);
          expect(atMs).toBeLessThan(startMs + 40 * DAY_MS);
          expect(calls.filter((call) => call.phoneIndex === phoneIndex).every((call) => atMs - call.atMs >= caps.minGapMinutes * MINUTE_MS)).toBe(true);
          calls.push({ atMs, phoneIndex });
          expect(calls.length).toBeLessThanOrEqual(maxAttempts);
          expect(calls.filter((call) => localDateAt(zone, call.atMs) === localDateAt(zone, atMs)).length).toBeLessThanOrEqual(caps.perDay);
          expect(calls.filter((call) => call.atMs > atMs - 7 * DAY_MS).length).toBeLessThanOrEqual(caps.perWeek);
          expect(calls.filter((call) => call.atMs > atMs - 31 * DAY_MS).length).toBeLessThanOrEqual(caps.perMonth);
          const before = facts.attempts.filter((known) => known.phoneIndex === phoneIndex);
          expect(before.some((known) => known.outcome === 'invalid_number' || known.response === 'wrong_person')).toBe(false);

          const attempts = [...facts.attempts, pastAttemptOf(attempt)];
          for (const outcome of OUTCOMES) {
            const rule = campaign.retry.after[outcome === 'human' ? 'cut_short' : outcome];
            expect(attempts.filter((known) => known.outcome === outcome).length).toBeLessThanOrEqual((rule?.max ?? 0) + 1);
          }
          facts = {
            ...facts,
            attempts,
            person: { ...facts.person, callStartsMs: [...facts.person.callStartsMs, atMs], optedOut: facts.person.optedOut || rest.response.kind === 'opt_out' },
            phones: facts.phones.map((phone, index) => (index === phoneIndex ? { ...phone, lastCallAtMs: atMs } : phone)),
          };
          if (next.kind === 'close') break;
          nowMs = Math.max(nowMs + ringMs, next.dueAtMs) + lateMs;
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('what a contact was drawn for', () => {
  const drawn = (arms: object, attempts: PastAttempt[] = []): ContactFacts => {
    const facts = factsWith({ attempts });
    return { ...facts, contact: { ...facts.contact, arms } };
  };

  test('fewer attempts than the campaign allows', () => {
    const twice = [past('no_answer'), past('no_answer', { attemptId: 'q' })];
    expect(decideCall(drawn({ attempts: 2 }, twice), campaignWith(), at)).toEqual({ kind: 'close', disposition: 'exhausted', reason: 'all 2 attempts are used up' });
    expect(decideCall(drawn({ attempts: 3 }, twice), campaignWith(), at)).toMatchObject({ kind: 'call' });
  });

  test('an hour for the first call, on the clock of the callee: before it the contact waits, from it on and for further calls it does not', () => {
    // Noon in Kyiv.
    const evening = decideCall(drawn({ firstHour: 18 }), campaignWith(), at);
    expect(evening).toMatchObject({ kind: 'wait', reason: 'the first call was drawn for 18:00 or later' });
    expect(evening.kind === 'wait' && new Date(evening.dueAtMs).toISOString()).toBe('2026-11-23T16:00:00.000Z');
    expect(decideCall(drawn({ firstHour: 12 }), campaignWith(), at)).toMatchObject({ kind: 'call' });
    expect(decideCall(drawn({ firstHour: 9 }), campaignWith(), at)).toMatchObject({ kind: 'call' });
    expect(decideCall(drawn({ firstHour: 18 }, [past('no_answer')]), campaignWith(), at)).toMatchObject({ kind: 'call' });
  });

  test('before the campaign starts, the hour is that of its first day', () => {
    const decision = decideCall(drawn({ firstHour: 18 }), campaignWith({ startsAt: '2026-11-25T08:00:00+02:00' }), at);
    expect(decision.kind === 'wait' && new Date(decision.dueAtMs).toISOString()).toBe('2026-11-25T16:00:00.000Z');
  });

  test('an hour outside the window waits for the window', () => {
    const hours = { mon: ['09:00-17:00'], tue: ['09:00-17:00'] };
    const decision = decideCall(drawn({ firstHour: 18 }), campaignWith({ window: hours }), at);
    expect(decision.kind === 'wait' && new Date(decision.dueAtMs).toISOString()).toBe('2026-11-24T07:00:00.000Z');
  });
});
