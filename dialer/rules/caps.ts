import type { Caps } from '../../core/caps.ts';
import type { PersonFacts, PhoneFacts } from '../ledger/port.ts';
import { DAY_MS, localTimeAt, utcOfLocal } from '../../core/hours/zoned-time.ts';

/** A time before which a rule forbids the call, and the rule in an operator's words. */
export interface NotBefore {
  readonly atMs: number;
  readonly reason: string;
}

/** Starts counted by the weekly and the monthly cap reach so far back. */
export const WEEK_MS = 7 * DAY_MS;
export const MONTH_MS = 31 * DAY_MS;

/** When the calls of the last `spanMs` have become fewer than `cap`. `startsMs` is ascending. */
function freeOfSpan(startsMs: readonly number[], cap: number, spanMs: number): number | null {
  const oldestThatFills = startsMs[startsMs.length - cap];
  return oldestThatFills === undefined ? null : oldestThatFills + spanMs;
}

/**
 * What the person's caps forbid, over all campaigns: calls in the callee's calendar day or in any 24 hours, in any 7 and any 31 days, and
 * the rest after a conversation. Only limits that lie after `nowMs` are given.
 */
export function personLimits(caps: Caps, person: PersonFacts, zone: string, nowMs: number): NotBefore[] {
  const limits: NotBefore[] = [];
  const add = (atMs: number | null, reason: string) => {
    if (atMs !== null && atMs > nowMs) limits.push({ atMs, reason });
  };
  if (caps.dayIs === 'any_24_hours') {
    add(freeOfSpan(person.callStartsMs, caps.perDay, DAY_MS), `cap of ${caps.perDay} calls in 24 hours is used up`);
  } else {
    const today = localTimeAt(zone, nowMs).day;
    let callsToday = 0;
    for (const startMs of person.callStartsMs) if (localTimeAt(zone, startMs).day === today) callsToday++;
    if (callsToday >= caps.perDay) add(utcOfLocal(zone, today + 1, 0), `cap of ${caps.perDay} calls a day is used up`);
  }
  add(freeOfSpan(person.callStartsMs, caps.perWeek, WEEK_MS), `cap of ${caps.perWeek} calls in 7 days is used up`);
  add(freeOfSpan(person.callStartsMs, caps.perMonth, MONTH_MS), `cap of ${caps.perMonth} calls in 31 days is used up`);
  if (person.lastConversationAtMs !== null && caps.restAfterConversationDays > 0) {
    add(person.lastConversationAtMs + caps.restAfterConversationDays * DAY_MS, `rest of ${caps.restAfterConversationDays} days after a conversation`);
  }
  return limits;
}

/** What the gap between two calls to one phone forbids, if anything at `nowMs`. */
export function phoneLimit(caps: Caps, phone: PhoneFacts, nowMs: number): NotBefore | null {
  if (phone.lastCallAtMs === null) return null;
  const atMs = phone.lastCallAtMs + caps.minGapMinutes * 60_000;
  return atMs > nowMs ? { atMs, reason: `gap of ${caps.minGapMinutes} minutes between calls to one phone` } : null;
}
