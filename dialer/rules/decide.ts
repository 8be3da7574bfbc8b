import type { Attempt } from '../../core/attempt.ts';
import { attemptsAllowed, type Campaign } from '../../core/campaign.ts';
import { closedAtLoadReason } from '../../core/contact.ts';
import { CLOSING_GUARD_MS, firstOpenFrom } from '../../core/hours/window.ts';
import { isKnownZone, localTimeAt, utcOfLocal } from '../../core/hours/zoned-time.ts';
import type { Disposition } from '../../core/outcome.ts';
import type { ContactFacts, NextStep, PastAttempt } from '../ledger/port.ts';
import { personLimits, phoneLimit, type NotBefore } from './caps.ts';
import { isPaid } from './paid.ts';
import { hasReached, phoneOrder, retryAfter, type Retry } from './retry.ts';

export interface DecisionContext {
  readonly nowMs: number;
  /** Local dates of the campaign's holidays (`campaignHolidays`). */
  readonly holidays: ReadonlySet<string>;
}

export type CallDecision = { readonly kind: 'call'; readonly phoneIndex: number } | NextStep;

/** A phone that is in a call is looked at again after this, if the gap between calls does not ask for more. */
export const IN_CALL_RECHECK_MS = 60_000;
/** A call counted at `begin` and its attempt, which starts with the INVITE, differ by no more than this. */
const SAME_START_MS = 120_000;

/** What must be remembered of an attempt that has ended. */
export function pastAttemptOf(attempt: Attempt): PastAttempt {
  const { attemptId, outcome, heardWhole, phoneIndex, startedAtMs, response } = attempt;
  return { attemptId, outcome, heardWhole, phoneIndex, startedAtMs, response: response.kind };
}

/**
 * Whether to call a contact now, and on which phone, or when to look again, or how it ends. The rules, in the order in
 * which they apply; the first that speaks decides:
 *
 * 0. the load closed it (`contact.closedAtLoad`) -> `suppressed` or `paid`
 * 1. paid (the campaign's share of the debt) -> `paid`
 * 2. the person opted out -> `opted_out`
 * 3. held out -> `held_out`
 * 4. an attempt reached the debtor -> `reached`
 * 5. the campaign has expired -> `expired`
 * 6. no phone is left: all invalid -> `invalid`; a wrong person among them -> `exhausted`; else do-not-call -> `suppressed`;
 *    a timezone nobody knows -> `invalid`
 * 7. as many attempts as the campaign allows, or as many as the contact was drawn for -> `exhausted`
 * 8. no retry rule for the last outcome, or used up -> `exhausted`
 * 9. wait for the latest of: the campaign's start, the hour drawn for the first call, the retry's delay, a call under way, the person's caps and rest, the
 *    gap on the phone (the phone that is free first; the retry rule's order among equals), the window
 * 10. if that lies after the campaign's end -> `expired`
 */
export function decideCall(facts: ContactFacts, campaign: Campaign, context: DecisionContext): CallDecision {
  const last = facts.attempts.at(-1);
  // The attempt's end is not known any more: its start is the earliest that the delay can count from.
  return decide(facts, campaign, context, last?.startedAtMs ?? null);
}

/**
 * What becomes of a contact after `attempt`. A call is never asked for at once: what may be called now is due now.
 * @param facts as they were before the attempt (or with its start counted already, as an orphan's are)
 */
export function decideAfter(facts: ContactFacts, attempt: Attempt, campaign: Campaign, context: DecisionContext): NextStep {
  const after = withAttempt(facts, attempt);
  const ended = pastAttemptOf(attempt);
  // What was said in the call stands, whatever was paid meanwhile.
  if (ended.response !== 'opt_out' && hasReached(ended, campaign)) return close('reached', reachedReason(ended));
  const decision = decide(after, campaign, context, attempt.endedAtMs);
  return decision.kind === 'call' ? { kind: 'wait', dueAtMs: context.nowMs, reason: `retry after ${attempt.outcome}` } : decision;
}

/** The facts as they are once the attempt has ended. */
function withAttempt(facts: ContactFacts, attempt: Attempt): ContactFacts {
  const { person } = facts;
  const counted = person.callStartsMs.some((startMs) => Math.abs(startMs - attempt.startedAtMs) <= SAME_START_MS);
  return {
    ...facts,
    attempts: [...facts.attempts.filter((past) => past.attemptId !== attempt.attemptId), pastAttemptOf(attempt)],
    person: {
      ...person,
      callStartsMs: counted ? person.callStartsMs : [...person.callStartsMs, attempt.startedAtMs].sort((a, b) => a - b),
      lastConversationAtMs: attempt.outcome === 'human' ? Math.max(person.lastConversationAtMs ?? 0, attempt.startedAtMs) : person.lastConversationAtMs,
      optedOut: person.optedOut || attempt.response.kind === 'opt_out',
    },
    phones: facts.phones.map((phone) =>
      phone.phone === attempt.phone ? { ...phone, inCall: false, lastCallAtMs: Math.max(phone.lastCallAtMs ?? 0, attempt.startedAtMs) } : phone,
    ),
  };
}

function decide(facts: ContactFacts, campaign: Campaign, context: DecisionContext, delayFromMs: number | null): CallDecision {
  const { contact, attempts, person } = facts;
  const { nowMs } = context;
  const expiresAtMs = Date.parse(campaign.expiresAt);

  if (contact.closedAtLoad !== undefined) return close(contact.closedAtLoad.disposition, closedAtLoadReason(contact.closedAtLoad));
  if (isPaid({ hasPayment: facts.hasPayment, paidMinor: facts.paidMinor, debtMinor: contact.debtMinor }, campaign.stopAtPaidShare)) return close('paid', 'payment arrived');
  if (person.optedOut) return close('opted_out', 'asked not to be called');
  if (contact.group === 'held_out') return close('held_out', 'drawn into the hold-out');
  const reachedBy = attempts.find((attempt) => hasReached(attempt, campaign));
  if (reachedBy !== undefined) return close('reached', reachedReason(reachedBy));
  if (nowMs + CLOSING_GUARD_MS >= expiresAtMs) return close('expired', 'the campaign has ended');

  const usable = usablePhones(facts);
  if (usable.kind === 'none') return usable.close;
  if (!isKnownZone(contact.timezone)) return close('invalid', 'timezone is not known');
  const allowed = attemptsAllowed(campaign, contact.arms);
  if (attempts.length >= allowed) return close('exhausted', `all ${allowed} attempts are used up`);

  const retry: Retry | null = attempts.length === 0 ? null : retryAfter(attempts, campaign);
  if (retry?.kind === 'no_more') return close('exhausted', retry.reason);

  const limits: NotBefore[] = [{ atMs: Date.parse(campaign.startsAt), reason: 'the campaign has not started' }];
  if (attempts.length === 0 && contact.arms?.firstHour !== undefined) limits.push(firstHourLimit(contact.arms.firstHour, contact.timezone, Math.max(nowMs, Date.parse(campaign.startsAt))));
  if (retry !== null && delayFromMs !== null) {
    limits.push({ atMs: delayFromMs + retry.rule.delayMinutes * 60_000, reason: `retry ${retry.rule.delayMinutes} minutes after ${retry.cause}` });
  }
  // One person is not rung on two phones at once.
  if (facts.phones.some((phone) => phone.inCall)) limits.push({ atMs: nowMs + IN_CALL_RECHECK_MS, reason: 'a call to the contact is under way' });
  limits.push(...personLimits(campaign.caps, person, contact.timezone, nowMs));
  const contactLimit = latest(limits, nowMs);

  const order = phoneOrder(usable.indexes, retry === null ? null : { phoneIndex: attempts.at(-1)!.phoneIndex, phone: retry.rule.phone });
  let phoneIndex = order[0]!;
  let limit: NotBefore | null = null;
  for (const index of order) {
    const own = phoneLimit(campaign.caps, facts.phones[index]!, nowMs);
    const both = own !== null && own.atMs > contactLimit.atMs ? own : contactLimit;
    if (limit === null || both.atMs < limit.atMs) {
      limit = both;
      phoneIndex = index;
    }
  }
  const ready = limit ?? contactLimit;
  const dueAtMs = firstOpenFrom(campaign.window, context.holidays, contact.timezone, ready.atMs, CLOSING_GUARD_MS);
  if (dueAtMs === null) return close('expired', 'the calling window never opens');
  if (dueAtMs + CLOSING_GUARD_MS >= expiresAtMs) return close('expired', dueAtMs > ready.atMs ? 'the calling window opens only after the campaign ends' : `${ready.reason}, until after the campaign ends`);
  if (dueAtMs <= nowMs) return { kind: 'call', phoneIndex };
  return { kind: 'wait', dueAtMs, reason: dueAtMs > ready.atMs ? 'waits for the calling window' : ready.reason };
}

/** Not before that hour of the callee's day; on a day when it is past, at once. */
function firstHourLimit(hour: number, timezone: string, fromMs: number): NotBefore {
  const { day } = localTimeAt(timezone, fromMs);
  return { atMs: utcOfLocal(timezone, day, hour * 3_600_000), reason: `the first call was drawn for ${hour}:00 or later` };
}

function usablePhones(facts: ContactFacts): { kind: 'some'; indexes: number[] } | { kind: 'none'; close: NextStep } {
  const invalid = new Set<number>();
  const wrong = new Set<number>();
  for (const attempt of facts.attempts) {
    if (attempt.outcome === 'invalid_number') invalid.add(attempt.phoneIndex);
    if (attempt.response === 'wrong_person') wrong.add(attempt.phoneIndex);
  }
  const indexes: number[] = [];
  facts.phones.forEach((phone, index) => {
    if (!invalid.has(index) && !wrong.has(index) && phone.dncReason === null) indexes.push(index);
  });
  if (indexes.length > 0) return { kind: 'some', indexes };
  if (facts.phones.every((_, index) => invalid.has(index))) return { kind: 'none', close: close('invalid', 'every phone is invalid') };
  if (wrong.size > 0) return { kind: 'none', close: close('exhausted', 'a wrong person answered and no other phone is left') };
  return { kind: 'none', close: close('suppressed', 'every phone is on the do-not-call list or invalid') };
}

function latest(limits: readonly NotBefore[], nowMs: number): NotBefore {
  let result: NotBefore = { atMs: nowMs, reason: 'may be called now' };
  for (const limit of limits) if (limit.atMs > result.atMs) result = limit;
  return result;
}

function reachedReason(attempt: PastAttempt): string {
  return attempt.outcome === 'human' ? 'a human heard the message whole' : 'a message was left';
}

function close(disposition: Disposition, reason: string): NextStep {
  return { kind: 'close', disposition, reason };
}
