import type { Contact } from '../../core/contact.ts';
import { phoneOf, type Store } from './store.ts';
import { close } from './transitions.ts';

/** See {@link Ledger.forget}. Looks at every contact: it is asked for rarely. */
export function forgetAccount(store: Store, accountId: string, reason: string, nowMs: number): number | 'in_hand' {
  const contacts: Contact[] = [];
  for (const { value } of store.contacts.getRange()) if (value.accountId === accountId) contacts.push(value);
  const statusOf = (contact: Contact): string | undefined => store.states.get(contact.contactId)?.status;
  if (contacts.some((contact) => ['leased', 'calling'].includes(statusOf(contact) ?? ''))) return 'in_hand';
  for (const contact of contacts) {
    const record = store.states.get(contact.contactId);
    if (record?.status === 'waiting') close(store, contact, record, record, 'suppressed', reason, nowMs);
    void store.contacts.remove(contact.contactId);
    void store.states.remove(contact.contactId);
    void store.byAccount.remove([contact.campaignId, accountId]);
  }
  void store.persons.remove(accountId);
  for (const phone of new Set(contacts.flatMap((contact) => contact.phones))) {
    if (phoneOf(store, phone).active === null && !hasOthers(store, phone)) void store.phones.remove(phone);
  }
  return contacts.length;
}

/** Whether a contact that has not ended has the phone. */
function hasOthers(store: Store, phone: string): boolean {
  for (const key of store.openByPhone.getKeys({ start: [phone, ''], limit: 1 })) return key[0] === phone;
  return false;
}
