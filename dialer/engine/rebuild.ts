import type { Attempt } from '../../core/attempt.ts';
import type { Bus } from '../../core/bus/port.ts';
import { attemptsTopic, commandsTopic, contactsTopic, dispositionsTopic, paymentsTopic } from '../../core/bus/topics.ts';
import type { Campaign } from '../../core/campaign.ts';
import type { Contact, ContactClosed } from '../../core/contact.ts';
import type { Payment } from '../../core/payment.ts';
import { AWAITS_COMMIT_DUE_MS, type Ledger, type RestoredContact } from '../ledger/port.ts';
import { decideAfter, pastAttemptOf } from '../rules/decide.ts';
import { campaignHolidays } from '../../core/hours/holidays.ts';
import { applyCommand, DIALER_GROUP } from './intake.ts';

/** What a rebuild put back. */
export interface Rebuilt {
  readonly contacts: number;
  readonly closed: number;
  readonly attempts: number;
}

const BATCH = 500;

/**
 * Fills a lost ledger from the bus: every order, contact, attempt, disposition and payment that is on it. Contacts are
 * due as their last attempt's retry rule says. The ledger must have been taken with `startRebuild`; the caller finishes.
 * Memory grows with the attempts on the bus.
 */
export async function rebuildFromBus(bus: Bus, ledger: Ledger, nowMs: number): Promise<Rebuilt> {
  const campaigns = new Map<string, Campaign>();
  const committed = new Set<string>();
  for await (const { value } of bus.scan(commandsTopic)) {
    if (value.kind === 'define') campaigns.set(value.campaignId, value.campaign);
    if (value.kind === 'commit_load') committed.add(value.loadId);
    await applyCommand(ledger, value, nowMs);
  }
  // Nothing was ever taken from the bus: the intake will bring it all, and nothing was called.
  if (!(await bus.hasCommitted(contactsTopic, DIALER_GROUP))) return { contacts: 0, closed: 0, attempts: 0 };

  const attempts = new Map<string, Map<string, Attempt>>();
  for await (const { value } of bus.scan(attemptsTopic)) {
    const ofContact = attempts.get(value.contactId) ?? new Map<string, Attempt>();
    attempts.set(value.contactId, ofContact.set(value.attemptId, value));
  }
  const closed = new Map<string, ContactClosed>();
  for await (const { value } of bus.scan(dispositionsTopic)) if (!closed.has(value.contactId)) closed.set(value.contactId, value);

  const rebuilt = { contacts: 0, closed: 0, attempts: 0 };
  const seen = new Set<string>();
  let batch: RestoredContact[] = [];
  const restore = async (): Promise<void> => {
    if (batch.length > 0) await ledger.restore(batch);
    batch = [];
  };
  for await (const { value: contact } of bus.scan(contactsTopic)) {
    const campaign = campaigns.get(contact.campaignId);
    if (campaign === undefined || seen.has(contact.contactId)) continue;
    seen.add(contact.contactId);
    const ofContact = [...(attempts.get(contact.contactId)?.values() ?? [])].sort((a, b) => a.startedAtMs - b.startedAtMs);
    const end = closed.get(contact.contactId) ?? null;
    const awaits = contact.awaitsCommit === true && !committed.has(contact.loadId);
    batch.push({ contact, attempts: ofContact, closed: end, dueAtMs: end !== null ? 0 : awaits ? AWAITS_COMMIT_DUE_MS : dueAfter(contact, ofContact, campaign, nowMs) });
    rebuilt.contacts++;
    rebuilt.attempts += ofContact.length;
    if (end !== null) rebuilt.closed++;
    if (batch.length >= BATCH) await restore();
  }
  await restore();

  let payments: Payment[] = [];
  for await (const { value } of bus.scan(paymentsTopic)) {
    payments.push(value);
    if (payments.length < BATCH) continue;
    await ledger.recordPayments(payments, nowMs);
    payments = [];
  }
  await ledger.recordPayments(payments, nowMs);
  return rebuilt;
}

/** When a contact that has not ended is due. The caps over all campaigns are looked at when it is claimed. */
function dueAfter(contact: Contact, attempts: readonly Attempt[], campaign: Campaign, nowMs: number): number {
  const last = attempts.at(-1);
  if (last === undefined) return Date.parse(campaign.startsAt);
  const earlier = attempts.slice(0, -1);
  const next = decideAfter(
    {
      contact,
      attempts: earlier.map(pastAttemptOf),
      person: { callStartsMs: earlier.map((attempt) => attempt.startedAtMs), lastConversationAtMs: null, optedOut: false, version: 0 },
      phones: contact.phones.map((phone) => ({ phone, lastCallAtMs: null, inCall: false, dncReason: null, version: 0 })),
      paidMinor: 0,
      hasPayment: false,
    },
    last,
    campaign,
    { nowMs, holidays: campaignHolidays(campaign) },
  );
  // Ended by its last attempt, but the bus was never told: whoever claims it closes it.
  return next.kind === 'wait' ? next.dueAtMs : nowMs;
}
