import type { Attempt } from '../../core/attempt.ts';
import { closedAtLoadReason, type Contact } from '../../core/contact.ts';
import { MONTH_MS } from '../rules/caps.ts';
import { pastAttemptOf } from '../rules/decide.ts';
import { end } from './calls.ts';
import { tokenBase } from './opening.ts';
import type { DncEntry, Lease, LiveAttempt, NextStep, RestoredContact } from './port.ts';
import { campaignOf, personOf, phoneOf, secondsOf, type ContactRecord, type Store } from './store.ts';
import { blockPhones, close, countAttempt, makeOpen, move, overrideWait, sweep, tell } from './transitions.ts';

/* What is put back into a ledger that lost everything. Each runs inside a write transaction of the caller and can be repeated. */

/**
 * Puts a contact back as the bus knows it. One that the bus holds for open, but that money, an opt-out, the do-not-call list or a stop has
 * ended since, closes now.
 * @param wallMs by this machine's clock
 */
export function restore(store: Store, { contact, attempts, closed, dueAtMs }: RestoredContact, wallMs: number): void {
  const { contactId, campaignId, accountId, group, priority } = contact;
  if (store.states.doesExist(contactId)) return;
  const record: ContactRecord = {
    campaignId, accountId, group, priority,
    status: 'waiting', dueAtMs,
    token: tokenBase(store), dialerId: '', untilMs: 0, claimedAtMs: wallMs,
    begun: null, channelKeys: [], previousCallAtMs: null, stop: null, attempts: attempts.map(pastAttemptOf), disposition: null,
  };
  void store.contacts.put(contactId, contact);
  void store.byAccount.put([campaignId, accountId], contactId);
  for (const attempt of attempts) countCall(store, attempt);

  if (closed !== null) {
    move(store, contactId, null, { ...record, status: 'closed', disposition: closed.disposition });
  } else if (contact.closedAtLoad !== undefined) {
    close(store, contact, null, record, contact.closedAtLoad.disposition, closedAtLoadReason(contact.closedAtLoad), wallMs);
  } else if (group === 'held_out') {
    close(store, contact, null, record, 'held_out', 'drawn into the hold-out', wallMs);
  } else {
    const next = overrideWait(store, contact, record, { kind: 'wait', dueAtMs, reason: '' }, wallMs);
    if (next.kind === 'close') close(store, contact, null, record, next.disposition, next.reason, wallMs);
    else makeOpen(store, contact, record);
  }
  for (const attempt of attempts) applyOptOut(store, attempt, wallMs);
}

/** Gives a dialer the lease of a call that goes on. @returns null if the contact is unknown, closed, held otherwise, or the attempt has ended */
export function adopt(store: Store, { contactId, campaignId, begun }: LiveAttempt, dialerId: string, untilMs: number): Lease | null {
  const record = store.states.get(contactId);
  if (record === undefined) return null;
  if (record.status === 'calling' && record.dialerId === dialerId && record.begun?.attemptId === begun.attemptId) {
    move(store, contactId, record, { ...record, untilMs: Math.max(record.untilMs, untilMs) });
    return { contactId, campaignId, dialerId, token: record.token };
  }
  if (record.status !== 'waiting' || record.attempts.some(({ attemptId }) => attemptId === begun.attemptId)) return null;

  const channelKeys = [`campaign:${campaignId}`, `trunk:${begun.trunk}`];
  // The call is there whatever the caps say.
  for (const key of channelKeys) void store.channels.put(key, (store.channels.get(key) ?? 0) + 1);
  const phone = phoneOf(store, begun.phone);
  void store.phones.put(begun.phone, {
    active: phone.active ?? { attemptId: begun.attemptId, contactId },
    lastCallAtMs: Math.max(phone.lastCallAtMs ?? 0, begun.begunAtMs),
    version: phone.version + 1,
  });
  countStart(store, record.accountId, begun.begunAtMs);
  countAttempt(store, campaignId, 1);
  noteFirstCall(store, campaignId, begun.begunAtMs);
  const next: ContactRecord = { ...record, status: 'calling', token: record.token + 1, dialerId, untilMs, claimedAtMs: begun.begunAtMs, begun, channelKeys, previousCallAtMs: phone.lastCallAtMs };
  move(store, contactId, record, next);
  return { contactId, campaignId, dialerId, token: next.token };
}

/** Notes an attempt that has ended and that the bus may never have heard of. */
export function replay(store: Store, attempt: Attempt, next: NextStep, nowMs: number): void {
  const { contactId } = attempt;
  const record = store.states.get(contactId);
  const contact = store.contacts.get(contactId);
  if (record === undefined || contact === undefined || record.attempts.some(({ attemptId }) => attemptId === attempt.attemptId)) return;
  if (record.begun?.attemptId === attempt.attemptId) {
    end(store, contact, record, { attempt, next, optOut: optOutOf(attempt), nowMs });
    return;
  }
  countCall(store, attempt);
  tell(store, { kind: 'attempt', value: attempt });
  const isLast = record.attempts.every(({ startedAtMs }) => startedAtMs <= attempt.startedAtMs);
  const noted: ContactRecord = { ...record, attempts: [...record.attempts, pastAttemptOf(attempt)].sort((a, b) => a.startedAtMs - b.startedAtMs) };
  if (record.status === 'waiting') follow(store, contact, record, noted, isLast || next.kind === 'close' ? next : { kind: 'wait', dueAtMs: record.dueAtMs, reason: '' }, nowMs);
  else void store.states.put(contactId, noted);
  applyOptOut(store, attempt, nowMs);
}

function follow(store: Store, contact: Contact, before: ContactRecord, noted: ContactRecord, asked: NextStep, nowMs: number): void {
  const next = overrideWait(store, contact, noted, asked, nowMs);
  if (next.kind === 'close') close(store, contact, before, noted, next.disposition, next.reason, nowMs);
  else move(store, contact.contactId, before, { ...noted, dueAtMs: next.dueAtMs });
}

/** Counts a call that has ended against person, phone and campaign. */
function countCall(store: Store, { campaignId, accountId, phone, startedAtMs, outcome, response }: Attempt): void {
  countStart(store, accountId, startedAtMs);
  if (outcome === 'human' || response.kind === 'opt_out') {
    const person = personOf(store, accountId);
    void store.persons.put(accountId, {
      ...person,
      lastConversationAtMs: outcome === 'human' ? Math.max(person.lastConversationAtMs ?? 0, startedAtMs) : person.lastConversationAtMs,
      optedOut: person.optedOut || response.kind === 'opt_out',
    });
  }
  const known = phoneOf(store, phone);
  void store.phones.put(phone, { ...known, lastCallAtMs: Math.max(known.lastCallAtMs ?? 0, startedAtMs), version: known.version + 1 });
  countAttempt(store, campaignId, 1);
  noteFirstCall(store, campaignId, startedAtMs);
}

function countStart(store: Store, accountId: string, startedAtMs: number): void {
  const person = personOf(store, accountId);
  const starts = [...person.callStartsMs, startedAtMs].sort((a, b) => a - b);
  const oldestMs = starts.at(-1)! - MONTH_MS;
  void store.persons.put(accountId, { ...person, callStartsMs: starts.filter((startMs) => startMs > oldestMs), version: person.version + 1 });
}

/** The ramp-up counts from the campaign's first call, whichever ledger saw it. */
function noteFirstCall(store: Store, campaignId: string, startedAtMs: number): void {
  const campaign = campaignOf(store, campaignId);
  if (campaign === undefined || (campaign.firstCallAtMs !== null && campaign.firstCallAtMs <= startedAtMs)) return;
  void store.campaigns.put(campaignId, { ...campaign, firstCallAtMs: startedAtMs });
}

function optOutOf(attempt: Attempt): DncEntry[] {
  return attempt.response.kind === 'opt_out' ? [{ phone: attempt.phone, reason: 'asked in a call', addedAtMs: attempt.endedAtMs, expiresAtMs: null }] : [];
}

function applyOptOut(store: Store, attempt: Attempt, nowMs: number): void {
  const entries = optOutOf(attempt);
  if (entries.length === 0) return;
  sweep(store, secondsOf(store.openByAccount, attempt.accountId), nowMs, () => ({ disposition: 'opted_out', reason: 'asked not to be called' }), () => 'opted_out');
  blockPhones(store, entries, nowMs);
}
