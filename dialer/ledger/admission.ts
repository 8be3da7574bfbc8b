import { closedAtLoadReason, type Contact } from '../../core/contact.ts';
import type { Payment } from '../../core/payment.ts';
import type { StopRequest } from './port.ts';
import { tokenBase } from './opening.ts';
import { campaignOf, personOf, secondsOf, type ContactRecord, type Store } from './store.ts';
import { close, isContactPaid, isContactSuppressed, makeOpen, sweep } from './transitions.ts';

/* What comes in from the bus: contacts and payments. Runs inside a write transaction of the caller. */

/** Takes new contacts in: waiting, or closed at once. @returns how many were new */
export function admit(store: Store, contacts: readonly Contact[], nowMs: number): number {
  let added = 0;
  for (const contact of contacts) {
    const { contactId, campaignId, accountId, group, priority } = contact;
    if (store.states.doesExist(contactId)) continue;
    const campaign = campaignOf(store, campaignId);
    const record: ContactRecord = {
      campaignId, accountId, group, priority,
      status: 'waiting', dueAtMs: campaign === undefined ? 0 : Date.parse(campaign.campaign.startsAt),
      token: tokenBase(store), dialerId: '', untilMs: 0, claimedAtMs: nowMs,
      begun: null, channelKeys: [], previousCallAtMs: null, stop: null, attempts: [], disposition: null,
    };
    void store.contacts.put(contactId, contact);
    void store.byAccount.put([campaignId, accountId], contactId);
    if (contact.closedAtLoad !== undefined) close(store, contact, null, record, contact.closedAtLoad.disposition, closedAtLoadReason(contact.closedAtLoad), nowMs);
    else if (group === 'held_out') close(store, contact, null, record, 'held_out', 'drawn into the hold-out', nowMs);
    else if (isContactPaid(store, contact)) close(store, contact, null, record, 'paid', 'payment arrived before the first call', nowMs);
    else if (personOf(store, accountId).optedOut) close(store, contact, null, record, 'suppressed', 'the person opted out before', nowMs);
    else if (isContactSuppressed(store, contact, nowMs)) close(store, contact, null, record, 'suppressed', 'every phone is on the do-not-call list', nowMs);
    else if (campaign?.mode === 'stopped') close(store, contact, null, record, 'expired', 'the campaign was stopped', nowMs);
    else makeOpen(store, contact, record);
    added++;
  }
  return added;
}

/** Notes payments not known yet and applies them to the open contacts of their accounts. */
export function recordPayments(store: Store, payments: readonly Payment[], nowMs: number): StopRequest[] {
  const requests: StopRequest[] = [];
  for (const { paymentId, accountId, amountMinor, paidAtMs, receivedAtMs } of payments) {
    if (store.paymentIds.doesExist(paymentId)) continue;
    void store.paymentIds.put(paymentId, 0);
    const person = personOf(store, accountId);
    void store.persons.put(accountId, { ...person, payments: [...person.payments, { amountMinor, paidAtMs, receivedAtMs }], version: person.version + 1 });
    requests.push(
      ...sweep(
        store,
        secondsOf(store.openByAccount, accountId),
        nowMs,
        (contact) => (isContactPaid(store, contact) ? { disposition: 'paid', reason: 'payment arrived' } : null),
        (contact) => (isContactPaid(store, contact) ? 'paid' : null),
      ),
    );
  }
  return requests;
}
