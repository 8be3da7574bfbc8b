import type { Attempt } from '../../core/attempt.ts';
import { campaignSchema, type Campaign } from '../../core/campaign.ts';
import { contactSchema, type Contact } from '../../core/contact.ts';
import type { Payment } from '../../core/payment.ts';
import type { BegunAttempt, Claim } from './port.ts';

/* Data that the ledger's tests begin from. */

export const START_MS = Date.parse('2026-11-23T08:00:00Z');
export const LOADED_MS = START_MS - 3_600_000;

export function sampleCampaign(id = 'november', changes: Record<string, unknown> = {}): Campaign {
  return campaignSchema.parse({
    id, name: id, company: 'Oblenergo', startsAt: new Date(START_MS).toISOString(), expiresAt: '2026-12-20T00:00:00Z',
    trunks: ['trunk-a'], callerIds: ['+380441234567'], maxCallsPerSecond: 10, maxChannels: 100,
    flow: { start: 'debt', steps: { debt: { kind: 'say', text: { uk: 'борг' }, essential: true, next: 'end' }, end: { kind: 'hangup' } } },
    ...changes,
  });
}

export function sampleContact(account: string, changes: Partial<Contact> = {}): Contact {
  const campaignId = changes.campaignId ?? 'november';
  return contactSchema.parse({
    contactId: `${campaignId}/${account}`, campaignId, accountId: account, name: 'Олена', debtMinor: 100_000, currency: 'UAH', language: 'uk',
    timezone: 'Europe/Kyiv', phones: [`+38067${account.replace(/\D/g, '').padStart(7, '0')}`], group: 'called', loadId: 'load-1', loadedAtMs: LOADED_MS,
    ...changes,
  });
}

export function samplePayment(account: string, amountMinor: number, changes: Partial<Payment> = {}): Payment {
  return { paymentId: `pay-${account}-${amountMinor}`, accountId: account, amountMinor, currency: 'UAH', paidAtMs: START_MS, receivedAtMs: START_MS, ...changes };
}

export function sampleBegun(claim: Claim, changes: Partial<BegunAttempt> = {}): BegunAttempt {
  const { contact, attempts } = claim.facts;
  return {
    attemptId: `attempt-${contact.contactId}-${claim.lease.token}`, attemptNumber: attempts.length + 1, phone: contact.phones[0]!, phoneIndex: 0,
    trunk: 'trunk-a', callerId: '+380441234567', dialerId: claim.lease.dialerId, begunAtMs: START_MS, ...changes,
  };
}

export function sampleAttempt(claim: Claim, begun: BegunAttempt, changes: Partial<Attempt> = {}): Attempt {
  const { contactId, campaignId, accountId, group, language, timezone } = claim.facts.contact;
  const { begunAtMs, ...known } = begun;
  return {
    ...known, contactId, campaignId, accountId, group, language, timezone, outcome: 'no_answer', endedBy: 'dialer', sipStatus: 487, q850Cause: 0,
    startedAtMs: begunAtMs, endedAtMs: begunAtMs + 30_000, answeredAtMs: null, postDialDelayMs: 900, ringMs: 29_000, verdict: null, verdictConfidence: null,
    verdictReason: null, verdictAudioMs: null, verdictLatencyMs: null, talkMs: 0, messageMs: 0, heardMs: 0, heardWhole: false, digits: '',
    response: { kind: 'none' }, ...changes,
  };
}

/** An attempt as the bus tells it, of a contact that no ledger holds now. */
export function sampleAttemptOf(contact: Contact, changes: Partial<Attempt> = {}): Attempt {
  const lease = { contactId: contact.contactId, campaignId: contact.campaignId, dialerId: 'dialer-1', token: 1 };
  const facts = { contact, attempts: [], person: { callStartsMs: [], lastConversationAtMs: null, optedOut: false, version: 0 }, phones: [], paidMinor: 0, hasPayment: false };
  const claim: Claim = { lease, facts, orphan: null };
  return sampleAttempt(claim, sampleBegun(claim), changes);
}
