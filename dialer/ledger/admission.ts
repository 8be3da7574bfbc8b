import { closedAtLoadReason, REVOKED_REASON, type Contact } from '../../core/contact.ts';
import type { Payment } from '../../core/payment.ts';
import { AWAITS_COMMIT_DUE_MS, type LoadDecision, type StopRequest } from './port.ts';
import { tokenBase } from './opening.ts';
import { campaignOf, personOf, secondsOf, type ContactRecord, type Store } from './store.ts';
import { close, isContactPaid, isContactSuppressed, isTakenBack, makeOpen, move, sweep } from './transitions.ts';

/* What comes in from the bus: contacts and payments. Runs inside a write transaction of the caller. */

/** Takes new contacts in: waiting, or closed at once. @returns how many were new */
export function admit(store: Store, contacts: readonly Contact[], nowMs: number): number {
  let added = 0;
  for (const contact of contacts) {
    const { contactId, campaignId, accountId, group, priority } = contact;
    if (store.states.doesExist(contactId)) continue;
    const campaign = campaignOf(store, campaignId);
    const awaits = contact.awaitsCommit === true && store.loads.get(contact.loadId) !== 'committed';
    const record: ContactRecord = {
      campaignId, accountId, group, priority,
      status: 'waiting', dueAtMs: awaits ? AWAITS_COMMIT_DUE_MS : startOf(store, campaignId),
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
    else if (isTakenBack(store, contact, record)) close(store, contact, null, record, 'invalid', REVOKED_REASON, nowMs);
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

/** When a campaign's contacts are first due; 0 while it is not defined. */
function startOf(store: Store, campaignId: string): number {
  const campaign = campaignOf(store, campaignId);
  return campaign === undefined ? 0 : Date.parse(campaign.campaign.startsAt);
}

/** Notes what was decided of a load. A load that was revoked stays so. @returns false if nothing is to be done about its contacts */
export function noteLoad(store: Store, loadId: string, decision: LoadDecision): boolean {
  if (decision === 'committed' && store.loads.get(loadId) === 'revoked') return false;
  void store.loads.put(loadId, decision);
  return true;
}

/** Applies the decision to some waiting contacts of the campaign. @returns how many of the load were changed, and how many of it stay open */
export function applyToWaiting(store: Store, contactIds: readonly string[], loadId: string, decision: LoadDecision, nowMs: number): { changed: number; left: number } {
  let changed = 0;
  let left = 0;
  for (const contactId of contactIds) {
    const contact = store.contacts.get(contactId);
    const record = store.states.get(contactId);
    if (contact?.loadId !== loadId || record?.status !== 'waiting') continue;
    if (decision === 'revoked' && isTakenBack(store, contact, record)) {
      close(store, contact, record, record, 'invalid', REVOKED_REASON, nowMs);
      changed++;
      continue;
    }
    left++;
    if (decision === 'revoked' || record.dueAtMs !== AWAITS_COMMIT_DUE_MS) continue;
    move(store, contactId, record, { ...record, dueAtMs: startOf(store, record.campaignId) });
    changed++;
  }
  return { changed, left };
}
