import type { Attempt } from '../../core/attempt.ts';
import type { Contact } from '../../core/contact.ts';
import type { CallResult } from '../call/call-state.ts';
import type { BegunAttempt } from '../ledger/port.ts';

type AttemptIdentity = Pick<
  Attempt,
  'attemptId' | 'contactId' | 'campaignId' | 'accountId' | 'group' | 'language' | 'timezone' | 'attemptNumber' | 'phone' | 'phoneIndex' | 'trunk' | 'callerId' | 'dialerId'
>;

function identityOf(contact: Contact, begun: BegunAttempt): AttemptIdentity {
  return {
    attemptId: begun.attemptId,
    contactId: contact.contactId,
    campaignId: contact.campaignId,
    accountId: contact.accountId,
    group: contact.group,
    language: contact.language,
    timezone: contact.timezone,
    attemptNumber: begun.attemptNumber,
    phone: begun.phone,
    phoneIndex: begun.phoneIndex,
    trunk: begun.trunk,
    callerId: begun.callerId,
    dialerId: begun.dialerId,
  };
}

/** The record of a call that was placed and has ended. */
export function placedAttempt(contact: Contact, begun: BegunAttempt, result: CallResult & { readonly startedAtMs: number }): Attempt {
  // Field by field: leaving three out of a copy costs 20 microseconds a call.
  return {
    ...identityOf(contact, begun),
    outcome: result.outcome,
    endedBy: result.endedBy,
    sipStatus: result.sipStatus,
    q850Cause: result.q850Cause,
    startedAtMs: result.startedAtMs,
    endedAtMs: result.endedAtMs,
    answeredAtMs: result.answeredAtMs,
    postDialDelayMs: result.postDialDelayMs,
    ringMs: result.ringMs,
    verdict: result.verdict,
    verdictConfidence: result.verdictConfidence,
    verdictReason: result.verdictReason,
    verdictAudioMs: result.verdictAudioMs,
    verdictLatencyMs: result.verdictLatencyMs,
    talkMs: result.talkMs,
    messageMs: result.messageMs,
    heardMs: result.heardMs,
    heardWhole: result.heardWhole,
    digits: result.digits,
    response: result.response,
  };
}

/**
 * The record of an attempt whose dialer died: nobody knows how the call ended, or whether it was placed at all.
 * @param nowMs when the loss was noticed
 */
export function lostAttempt(contact: Contact, begun: BegunAttempt, nowMs: number): Attempt {
  return {
    ...identityOf(contact, begun),
    outcome: 'lost',
    endedBy: 'crash',
    sipStatus: 0,
    q850Cause: 0,
    startedAtMs: begun.begunAtMs,
    endedAtMs: Math.max(begun.begunAtMs, nowMs),
    answeredAtMs: null,
    postDialDelayMs: null,
    ringMs: 0,
    verdict: null,
    verdictConfidence: null,
    verdictReason: null,
    verdictAudioMs: null,
    verdictLatencyMs: null,
    talkMs: 0,
    messageMs: 0,
    heardMs: 0,
    heardWhole: false,
    digits: '',
    response: { kind: 'none' },
  };
}
