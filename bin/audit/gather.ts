import { attemptIds, countAttempts, countContacts, countDispositions } from '../../analytics/audit.ts';
import type { Analytics } from '../../analytics/client.ts';
import type { Attempt } from '../../core/attempt.ts';
import type { Bus } from '../../core/bus/port.ts';
import { attemptsTopic, contactsTopic, dispositionsTopic, paymentsTopic } from '../../core/bus/topics.ts';
import type { Campaign } from '../../core/campaign.ts';
import type { Contact, ContactClosed } from '../../core/contact.ts';
import type { Payment } from '../../core/payment.ts';
import { readJournal } from '../../dialer/simulator/journal-file.ts';
import type { JournalEntry } from '../../dialer/simulator/journal.ts';
import type { Ledger } from '../../dialer/ledger/port.ts';
import type { Evidence } from './checks.ts';

/** Asks every witness about one campaign. Memory grows with its attempts. */
export async function gatherEvidence(parts: { bus: Bus; ledger: Ledger; analytics: Analytics; campaign: Campaign; journalPath: string | null; nowMs: number }): Promise<Evidence> {
  const { bus, ledger, analytics, campaign } = parts;
  const contacts = new Map<string, Contact>();
  for await (const { value } of bus.scan(contactsTopic)) if (value.campaignId === campaign.id && !contacts.has(value.contactId)) contacts.set(value.contactId, value);
  const closed: ContactClosed[] = [];
  for await (const { value } of bus.scan(dispositionsTopic)) if (value.campaignId === campaign.id) closed.push(value);
  const attempts = new Map<string, Attempt>();
  for await (const { value } of bus.scan(attemptsTopic)) if (value.campaignId === campaign.id) attempts.set(value.attemptId, value);
  const payments: Payment[] = [];
  for await (const { value } of bus.scan(paymentsTopic)) payments.push(value);
  const inStore = new Set<string>();
  for await (const id of attemptIds(analytics, campaign.id)) inStore.add(id);
  const counts = await ledger.counts(campaign.id, parts.nowMs);
  return {
    contacts,
    closed,
    attempts: [...attempts.values()],
    payments,
    analytics: {
      attemptIds: inStore,
      attemptRows: await countAttempts(analytics, campaign.id),
      contacts: await countContacts(analytics, campaign.id),
      dispositions: Object.values(await countDispositions(analytics, campaign.id)).reduce((sum, count) => sum + count, 0),
    },
    unfinished: counts.waiting + counts.inFlight,
    journal: parts.journalPath === null ? null : ofCampaign(readJournal(parts.journalPath), attempts, campaign),
    minGapMs: campaign.caps.minGapMinutes * 60_000,
  };
}

/** The journal knows no campaigns: a call is this one's by its caller id. */
function ofCampaign(journal: readonly JournalEntry[], attempts: ReadonlyMap<string, Attempt>, campaign: Campaign): JournalEntry[] {
  const ours = new Set<string>();
  for (const entry of journal) if (entry.kind === 'invite' && (attempts.has(entry.attemptId) || campaign.callerIds.includes(entry.callerId))) ours.add(entry.attemptId);
  return journal.filter((entry) => entry.kind !== 'jump' && ours.has(entry.attemptId));
}
