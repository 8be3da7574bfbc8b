import type { Contact } from '../../core/contact.ts';
import { MONTH_MS } from '../rules/caps.ts';
import { pastAttemptOf } from '../rules/decide.ts';
import type { BeginResult, BegunAttempt, ChannelLimit, Claim, ContactFacts, Lease, Settlement } from './port.ts';
import { campaignOf, personOf, phoneOf, secondsOf, type ContactRecord, type Store } from './store.ts';
import { mayClaim } from './opening.ts';
import { blockPhones, close, countAttempt, factsOf, move, overrideWait, sweep, tell } from './transitions.ts';

/* The way of a contact through a claim: leased, a call begun, settled. Each runs inside a write transaction of the caller. */

/** The state of a contact that `lease` still holds; null if it is lost. */
export function heldBy(store: Store, lease: Lease): ContactRecord | null {
  const record = store.states.get(lease.contactId);
  if (record === undefined || (record.status !== 'leased' && record.status !== 'calling')) return null;
  return record.token === lease.token && record.dialerId === lease.dialerId ? record : null;
}

function lease(store: Store, contactId: string, record: ContactRecord, request: { dialerId: string; nowMs: number; leaseMs: number }): Claim | null {
  const contact = store.contacts.get(contactId);
  if (contact === undefined) return null;
  if (record.stop !== null) void store.stops.remove([record.dialerId, contactId]);
  const orphan = record.begun;
  const next: ContactRecord = {
    ...record,
    status: orphan === null ? 'leased' : 'calling',
    token: record.token + 1,
    dialerId: request.dialerId,
    untilMs: request.nowMs + request.leaseMs,
    claimedAtMs: request.nowMs,
    stop: null,
  };
  move(store, contactId, record, next);
  return {
    lease: { contactId, campaignId: record.campaignId, dialerId: request.dialerId, token: next.token },
    facts: factsOf(store, contact, next, request.nowMs),
    orphan,
  };
}

export function claim(store: Store, request: { campaignId: string; dialerId: string; limit: number; nowMs: number; leaseMs: number }): Claim[] {
  const { campaignId, limit, nowMs } = request;
  if (!mayClaim(store, nowMs)) return [];
  const mode = campaignOf(store, campaignId)?.mode ?? 'paused';
  const claims: Claim[] = [];

  const ranOut: string[] = [];
  for (const key of store.leases.getKeys({ start: [campaignId, 0, ''], limit: Math.max(limit * 4, 1000) })) {
    if (key[0] !== campaignId || key[1] > nowMs) break;
    ranOut.push(key[2]);
  }
  for (const contactId of ranOut) {
    if (claims.length >= limit) break;
    const record = store.states.get(contactId);
    if (record === undefined) continue;
    if (record.begun !== null || mode === 'running') {
      const given = lease(store, contactId, record, request);
      if (given !== null) claims.push(given);
    } else {
      release(store, contactId, record, nowMs);
    }
  }
  if (mode !== 'running') return claims;

  const due: string[] = [];
  if (claims.length < limit) {
    for (const key of store.due.getKeys({ start: [campaignId, 0, 0, ''], limit: limit - claims.length })) {
      if (key[0] !== campaignId || key[1] > nowMs) break;
      due.push(key[3]);
    }
  }
  for (const contactId of due) {
    const record = store.states.get(contactId);
    const given = record === undefined ? null : lease(store, contactId, record, request);
    if (given !== null) claims.push(given);
  }
  return claims;
}

/** Gives a contact back whose dialer died before it began a call, while its campaign does not run. */
function release(store: Store, contactId: string, record: ContactRecord, nowMs: number): void {
  const contact = store.contacts.get(contactId);
  if (contact === undefined) return;
  const next = overrideWait(store, contact, record, { kind: 'wait', dueAtMs: nowMs, reason: '' }, nowMs);
  if (next.kind === 'close') close(store, contact, record, record, next.disposition, next.reason, nowMs);
  else move(store, contactId, record, { ...record, status: 'waiting', dueAtMs: next.dueAtMs, dialerId: '', untilMs: 0 });
}

export function renew(store: Store, held: Lease, untilMs: number): 'kept' | 'lost' {
  const record = heldBy(store, held);
  if (record === null) return 'lost';
  move(store, held.contactId, record, { ...record, untilMs });
  return 'kept';
}

export function begin(store: Store, held: Lease, attempt: BegunAttempt, facts: ContactFacts, channels: readonly ChannelLimit[]): BeginResult {
  const record = heldBy(store, held);
  if (record?.begun?.attemptId === attempt.attemptId) return { kind: 'begun' };
  if (record === null || record.begun !== null || record.untilMs <= attempt.begunAtMs) return { kind: 'lease_lost' };
  const campaign = campaignOf(store, record.campaignId);
  if (campaign?.mode !== 'running') return { kind: 'no_channel', limit: `campaign is ${campaign?.mode ?? 'not defined'}` };

  const person = personOf(store, record.accountId);
  const phone = phoneOf(store, attempt.phone);
  const seen = facts.phones.find((known) => known.phone === attempt.phone);
  if (person.version !== facts.person.version || phone.active !== null || seen?.version !== phone.version) return { kind: 'conflict' };
  for (const { key, max } of channels) if ((store.channels.get(key) ?? 0) >= max) return { kind: 'no_channel', limit: key };

  const channelKeys = [...new Set(channels.map(({ key }) => key))];
  for (const key of channelKeys) void store.channels.put(key, (store.channels.get(key) ?? 0) + 1);
  const oldestMs = attempt.begunAtMs - MONTH_MS;
  const callStartsMs = [...person.callStartsMs.filter((startMs) => startMs > oldestMs), attempt.begunAtMs].sort((a, b) => a - b);
  void store.persons.put(record.accountId, { ...person, callStartsMs, version: person.version + 1 });
  void store.phones.put(attempt.phone, {
    active: { attemptId: attempt.attemptId, contactId: held.contactId },
    lastCallAtMs: Math.max(phone.lastCallAtMs ?? 0, attempt.begunAtMs),
    version: phone.version + 1,
  });
  move(store, held.contactId, record, { ...record, status: 'calling', begun: attempt, channelKeys, previousCallAtMs: phone.lastCallAtMs });
  countAttempt(store, record.campaignId, 1);
  if (campaign.firstCallAtMs === null) void store.campaigns.put(record.campaignId, { ...campaign, firstCallAtMs: attempt.begunAtMs });
  return { kind: 'begun' };
}

/** Frees the phone and the channels of the call begun; what was counted for it is taken back if no call was placed. */
function endCall(store: Store, record: ContactRecord, begun: BegunAttempt, settlement: Settlement): void {
  for (const key of record.channelKeys) {
    const left = (store.channels.get(key) ?? 0) - 1;
    if (left > 0) void store.channels.put(key, left);
    else void store.channels.remove(key);
  }
  const phone = phoneOf(store, begun.phone);
  const lastCallAtMs = settlement.attempt === null ? record.previousCallAtMs : Math.max(phone.lastCallAtMs ?? 0, settlement.attempt.startedAtMs);
  const active = phone.active?.attemptId === begun.attemptId ? null : phone.active;
  void store.phones.put(begun.phone, { active, lastCallAtMs, version: phone.version + 1 });

  const person = personOf(store, record.accountId);
  if (settlement.attempt === null) {
    const index = person.callStartsMs.indexOf(begun.begunAtMs);
    void store.persons.put(record.accountId, { ...person, callStartsMs: person.callStartsMs.filter((_, at) => at !== index), version: person.version + 1 });
    countAttempt(store, record.campaignId, -1);
  } else if (settlement.attempt.outcome === 'human') {
    const lastConversationAtMs = Math.max(person.lastConversationAtMs ?? 0, settlement.attempt.startedAtMs);
    void store.persons.put(record.accountId, { ...person, lastConversationAtMs, version: person.version + 1 });
  }
}

export function settle(store: Store, held: Lease, settlement: Settlement): 'settled' | 'lease_lost' {
  const record = heldBy(store, held);
  const contact = store.contacts.get(held.contactId);
  if (record === null || contact === undefined) return 'lease_lost';
  end(store, contact, record, settlement);
  return 'settled';
}

/** Ends the claim of a contact that is leased or calling. */
export function end(store: Store, contact: Contact, record: ContactRecord, settlement: Settlement): void {
  const { attempt, nowMs } = settlement;
  const { contactId } = contact;

  if (record.begun !== null) endCall(store, record, record.begun, settlement);
  const attempts = attempt === null ? record.attempts : [...record.attempts, pastAttemptOf(attempt)];
  if (attempt !== null) tell(store, { kind: 'attempt', value: attempt });
  const optsOut = settlement.optOut.length > 0 || attempt?.response.kind === 'opt_out';
  if (optsOut) {
    const person = personOf(store, record.accountId);
    void store.persons.put(record.accountId, { ...person, optedOut: true, version: person.version + 1 });
  }

  const ended: ContactRecord = { ...record, attempts, begun: null, channelKeys: [], previousCallAtMs: null };
  const next = overrideWait(store, contact, ended, settlement.next, nowMs);
  if (next.kind === 'close') {
    close(store, contact, record, ended, next.disposition, next.reason, nowMs);
  } else {
    if (record.stop !== null) void store.stops.remove([record.dialerId, contactId]);
    move(store, contactId, record, { ...ended, status: 'waiting', dueAtMs: next.dueAtMs, dialerId: '', untilMs: 0, stop: null });
  }

  if (optsOut) {
    // The person's contacts in other campaigns end with this one, then whoever shares the phones.
    sweep(store, secondsOf(store.openByAccount, record.accountId), nowMs, () => ({ disposition: 'opted_out', reason: 'asked not to be called' }), () => 'opted_out');
    blockPhones(store, settlement.optOut, nowMs);
  }
}
