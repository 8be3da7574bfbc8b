import type { Bus } from '../core/bus/port.ts';
import { commandsTopic, contactsTopic, dispositionsTopic, paymentsTopic } from '../core/bus/topics.ts';
import type { Campaign } from '../core/campaign.ts';
import { REVOKED_REASON } from '../core/contact.ts';
import type { Contact } from '../core/contact.ts';
import { ObzvonError } from '../core/errors.ts';
import { contactIdOf } from '../core/ids.ts';
import { ContactIdSet } from './compact-sets.ts';
import { accountKey, ListKnowledge } from './list-knowledge.ts';

/** What the bus tells of a campaign before a list is loaded into it. */
export interface CampaignKnowledge {
  readonly list: ListKnowledge;
  /**
   * The contact under the id it has in this load. An account whose contact was taken back with a revoked load gets a new one, for a contact ends once:
   * its next id is made of the former and the account, so that the same list gives the same ids again.
   */
  asNew(contact: Contact): Contact;
}

/** What nothing is known of: for lists looked at without a bus. */
export function knowingNothing(campaign: Campaign, nowMs: number): CampaignKnowledge {
  return { list: new ListKnowledge(campaign, nowMs), asNew: (contact) => contact };
}

/**
 * Reads the bus once, and keeps of it what a load must know, in some 10 to 20 bytes a contact and as much a phone (see {@link ContactIdSet}).
 * What is published after the call is not seen: one campaign must not be loaded by two processes at once.
 * @throws ObzvonError bad_input if an all-or-nothing load of the campaign was broken off and can only be revoked
 */
export async function knowledgeOf(bus: Bus, campaign: Campaign, nowMs: number): Promise<CampaignKnowledge> {
  const list = new ListKnowledge(campaign, nowMs);
  const revoked = new Set<string>();
  const committed = new Set<string>();
  for await (const { value } of bus.scan(commandsTopic)) {
    list.addCommand(value);
    if (value.kind === 'revoke_load') revoked.add(value.loadId);
    if (value.kind === 'commit_load') committed.add(value.loadId);
  }
  // Calls of a revoked load that had begun go on: only who was really taken back may be loaded anew.
  const takenBack = new ContactIdSet();
  if (revoked.size > 0) for await (const { value } of bus.scan(dispositionsTopic)) if (value.reason === REVOKED_REASON) takenBack.add(value.contactId);
  for await (const { value } of bus.scan(contactsTopic)) {
    if (takenBack.has(value.contactId)) continue;
    if (value.campaignId === campaign.id && value.awaitsCommit === true && !committed.has(value.loadId) && !revoked.has(value.loadId)) {
      throw new ObzvonError('bad_input', `campaign ${campaign.id}: the all-or-nothing load ${value.loadId} was broken off on another machine, or what it kept to go on is gone; expected it to be ended: finish it where it ran, or take it back with "obzvon load revoke ${value.loadId}"`);
    }
    list.addContact(value);
  }
  if (campaign.list.asOf !== undefined) for await (const { value } of bus.scan(paymentsTopic)) list.addPayment(value);
  if (takenBack.size === 0) return { list, asNew: (contact) => contact };
  return {
    list,
    asNew(contact) {
      let { contactId } = contact;
      while (takenBack.has(contactId)) contactId = contactIdOf(contactId, contact.accountId);
      return contactId === contact.contactId ? contact : { ...contact, contactId };
    },
  };
}

/** Which contacts of loads that await their commit are on the bus. */
export async function stagedContacts(bus: Bus, loadIds: ReadonlySet<string>): Promise<(contactId: string) => boolean> {
  const there = new ContactIdSet();
  for await (const { value } of bus.scan(contactsTopic)) if (value.awaitsCommit === true && loadIds.has(value.loadId)) there.add(value.contactId);
  return (contactId) => there.has(contactId);
}

/**
 * Reads the contacts topic once and tells of an account whether any campaign has it; 32-64 bytes an account.
 */
export async function knownAccounts(bus: Bus): Promise<(accountId: string) => boolean> {
  const known = new ContactIdSet();
  for await (const { value } of bus.scan(contactsTopic)) known.add(accountKey(value.accountId));
  return (accountId) => known.has(accountKey(accountId));
}
