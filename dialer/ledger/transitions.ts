import { REVOKED_REASON, type Contact } from '../../core/contact.ts';
import type { Disposition } from '../../core/outcome.ts';
import { isPaid } from '../rules/paid.ts';
import type { ContactFacts, NextStep, StopRequest } from './port.ts';
import { campaignOf, countersOf, dncReasonOf, personOf, phoneOf, secondsOf, type ContactRecord, type CounterRecord, type OutboxRecord, type Store } from './store.ts';

/*
 * The moves of one contact between its states, with the indexes, counters and the outbox that go along. Everything here
 * runs inside a write transaction of the caller.
 */

function count(store: Store, campaignId: string, change: (counters: CounterRecord) => void): void {
  const counters = countersOf(store, campaignId);
  change(counters);
  void store.counters.put(campaignId, counters);
}

export function countAttempt(store: Store, campaignId: string, by: number): void {
  count(store, campaignId, (counters) => (counters.attempts += by));
}

export function tell(store: Store, item: OutboxRecord): void {
  const seq = (store.numbers.get('outbox') ?? 0) + 1;
  void store.numbers.put('outbox', seq);
  void store.outbox.put(seq, item);
}

/** Takes the contact out of the index and the count of the state it is in. */
function leave(store: Store, contactId: string, record: ContactRecord): void {
  switch (record.status) {
    case 'waiting':
      void store.due.remove([record.campaignId, record.dueAtMs, 9 - record.priority, contactId]);
      break;
    case 'leased':
    case 'calling':
      void store.leases.remove([record.campaignId, record.untilMs, contactId]);
      break;
    case 'closed':
      throw new Error('a closed contact leaves its state');
  }
}

const countedAs = (status: ContactRecord['status']): 'waiting' | 'inFlight' | null => (status === 'closed' ? null : status === 'waiting' ? 'waiting' : 'inFlight');

/** Moves a contact known to the ledger. `next` is what it becomes; indexes and counters follow. */
export function move(store: Store, contactId: string, before: ContactRecord | null, next: ContactRecord): void {
  if (before !== null) leave(store, contactId, before);
  if (next.status === 'waiting') void store.due.put([next.campaignId, next.dueAtMs, 9 - next.priority, contactId], 0);
  if (next.status === 'leased' || next.status === 'calling') void store.leases.put([next.campaignId, next.untilMs, contactId], 0);
  void store.states.put(contactId, next);
  const from = before === null ? null : countedAs(before.status);
  const to = countedAs(next.status);
  if (before !== null && from === to) return;
  count(store, next.campaignId, (counters) => {
    if (before === null) counters.contacts++;
    if (from !== null) counters[from]--;
    if (to !== null) counters[to]++;
    if (next.disposition !== null) counters.closed[next.disposition]++;
  });
}

/** Takes in a contact that is not closed, with the indexes by which payments and opt-outs find it. */
export function makeOpen(store: Store, contact: Contact, record: ContactRecord): void {
  move(store, contact.contactId, null, record);
  void store.openByAccount.put([contact.accountId, contact.contactId], 0);
  for (const phone of contact.phones) void store.openByPhone.put([phone, contact.contactId], 0);
}

/** Closes a contact for ever and tells the bus. */
export function close(store: Store, contact: Contact, before: ContactRecord | null, record: ContactRecord, disposition: Disposition, reason: string, nowMs: number): void {
  const { contactId, campaignId, accountId, group } = contact;
  if (record.stop !== null) void store.stops.remove([record.dialerId, contactId]);
  move(store, contactId, before, { ...record, status: 'closed', disposition, stop: null, begun: null, channelKeys: [], dialerId: '', untilMs: 0 });
  void store.openByAccount.remove([accountId, contactId]);
  for (const phone of contact.phones) void store.openByPhone.remove([phone, contactId]);
  tell(store, { kind: 'closed', value: { contactId, campaignId, accountId, group, disposition, reason, attempts: record.attempts.length, closedAtMs: nowMs } });
}

/** Money paid for the account that counts for a contact: paid, or told to us, since it was loaded. */
export function paymentsFor(store: Store, contact: Contact): { hasPayment: boolean; paidMinor: number } {
  let hasPayment = false;
  let paidMinor = 0;
  for (const payment of personOf(store, contact.accountId).payments) {
    if (payment.paidAtMs < contact.loadedAtMs && payment.receivedAtMs < contact.loadedAtMs) continue;
    hasPayment ||= payment.amountMinor > 0;
    paidMinor += payment.amountMinor;
  }
  return { hasPayment, paidMinor };
}

/** Whether the money paid ends the contact's calls; false while its campaign is not defined. */
export function isContactPaid(store: Store, contact: Contact): boolean {
  const campaign = campaignOf(store, contact.campaignId)?.campaign;
  return campaign !== undefined && isPaid({ ...paymentsFor(store, contact), debtMinor: contact.debtMinor }, campaign.stopAtPaidShare);
}

export function isContactSuppressed(store: Store, contact: Contact, nowMs: number): boolean {
  return contact.phones.every((phone) => dncReasonOf(store, phone, nowMs) !== null);
}

export function factsOf(store: Store, contact: Contact, record: ContactRecord, nowMs: number): ContactFacts {
  const person = personOf(store, contact.accountId);
  return {
    contact,
    attempts: record.attempts,
    person: { callStartsMs: person.callStartsMs, lastConversationAtMs: person.lastConversationAtMs, optedOut: person.optedOut, version: person.version },
    phones: contact.phones.map((phone) => {
      const { active, lastCallAtMs, version } = phoneOf(store, phone);
      return { phone, lastCallAtMs, inCall: active !== null, dncReason: dncReasonOf(store, phone, nowMs), version };
    }),
    ...paymentsFor(store, contact),
  };
}

/** Whether its load was revoked before it was ever called. */
export function isTakenBack(store: Store, contact: Contact, record: ContactRecord): boolean {
  return record.attempts.length === 0 && record.begun === null && store.loads.get(contact.loadId) === 'revoked';
}

/** What overrides a `wait`: money, an opt-out, the do-not-call list, a load taken back or a stop that came meanwhile. */
export function overrideWait(store: Store, contact: Contact, record: ContactRecord, next: NextStep, nowMs: number): NextStep {
  if (next.kind === 'close') return next;
  if (isContactPaid(store, contact)) return { kind: 'close', disposition: 'paid', reason: 'payment arrived' };
  if (personOf(store, contact.accountId).optedOut) return { kind: 'close', disposition: 'opted_out', reason: 'asked not to be called' };
  if (isContactSuppressed(store, contact, nowMs)) return { kind: 'close', disposition: 'suppressed', reason: 'every phone is on the do-not-call list' };
  if (isTakenBack(store, contact, record)) return { kind: 'close', disposition: 'invalid', reason: REVOKED_REASON };
  if (campaignOf(store, contact.campaignId)?.mode === 'stopped') return { kind: 'close', disposition: 'expired', reason: 'the campaign was stopped' };
  return next;
}

/** Asks the dialer that holds a call to end it. @returns null if no call is under way, or it was asked before */
export function requestStop(store: Store, contactId: string, record: ContactRecord, reason: StopRequest['reason']): StopRequest | null {
  if (record.begun === null || record.stop !== null) return null;
  const request: StopRequest = { attemptId: record.begun.attemptId, contactId, reason };
  void store.states.put(contactId, { ...record, stop: reason });
  void store.stops.put([record.dialerId, contactId], request);
  return request;
}

/**
 * Applies to every open contact of an index entry: the waiting for which `closing` says so are closed; calls under way
 * are asked to end if `stopping` says so.
 */
export function sweep(
  store: Store,
  contactIds: readonly string[],
  nowMs: number,
  closing: (contact: Contact) => { disposition: Disposition; reason: string } | null,
  stopping: (contact: Contact, record: ContactRecord) => StopRequest['reason'] | null,
): StopRequest[] {
  const requests: StopRequest[] = [];
  for (const contactId of contactIds) {
    const record = store.states.get(contactId);
    const contact = store.contacts.get(contactId);
    if (record === undefined || contact === undefined || record.status === 'closed') continue;
    if (record.status === 'waiting') {
      const end = closing(contact);
      if (end !== null) close(store, contact, record, record, end.disposition, end.reason, nowMs);
    } else {
      const reason = stopping(contact, record);
      const request = reason === null ? null : requestStop(store, contactId, record, reason);
      if (request !== null) requests.push(request);
    }
  }
  return requests;
}

/** Puts phones on the do-not-call list; contacts left without a phone close, calls to the phones are asked to end. */
export function blockPhones(store: Store, entries: readonly { phone: string; reason: string; addedAtMs: number; expiresAtMs: number | null }[], nowMs: number): StopRequest[] {
  const requests: StopRequest[] = [];
  for (const { phone, reason, addedAtMs, expiresAtMs } of entries) {
    void store.dnc.put(phone, { phone, reason, addedAtMs, expiresAtMs });
    const record = phoneOf(store, phone);
    void store.phones.put(phone, { ...record, version: record.version + 1 });
    if (expiresAtMs !== null && expiresAtMs <= nowMs) continue;
    requests.push(
      ...sweep(
        store,
        secondsOf(store.openByPhone, phone),
        nowMs,
        (contact) => (isContactSuppressed(store, contact, nowMs) ? { disposition: 'suppressed', reason: 'every phone is on the do-not-call list' } : null),
        (_contact, state) => (state.begun?.phone === phone ? 'opted_out' : null),
      ),
    );
  }
  return requests;
}
