import type { Bus } from '../core/bus/port.ts';
import { contactsTopic } from '../core/bus/topics.ts';
import { ContactIdSet } from './compact-sets.ts';

/** Tells which of some contacts a campaign already has. */
export type KnownContacts = (contactIds: readonly string[]) => Promise<ReadonlySet<string>>;

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Reads the contacts topic once and remembers the campaign's contact ids (32-64 bytes a contact). What is published after
 * the call is not seen: one campaign must not be loaded by two processes at once.
 */
export async function knownContacts(bus: Bus, campaignId: string): Promise<KnownContacts> {
  const known = new ContactIdSet();
  for await (const message of bus.scan(contactsTopic)) if (message.value.campaignId === campaignId) known.add(message.key);
  if (known.size === 0) return () => Promise.resolve(NOBODY);
  return (contactIds) => Promise.resolve(new Set(contactIds.filter((contactId) => known.has(contactId))));
}
