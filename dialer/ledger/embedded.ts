import { randomUUID } from 'node:crypto';
import type { Attempt } from '../../core/attempt.ts';
import type { EngineHealth } from '../../core/bus/port.ts';
import type { Campaign } from '../../core/campaign.ts';
import type { Contact } from '../../core/contact.ts';
import { ObzvonError } from '../../core/errors.ts';
import type { Payment } from '../../core/payment.ts';
import { admit, applyToWaiting, noteLoad, recordPayments } from './admission.ts';
import { begin, claim, heldBy, renew, settle } from './calls.ts';
import { forgetAccount } from './forget.ts';
import { conditionOf, extendRebuild, finishRebuild, startRebuild } from './opening.ts';
import { AWAITS_COMMIT_DUE_MS } from './port.ts';
import type {
  BeginResult, BegunAttempt, CampaignCounts, CampaignMode, CampaignState, ChannelLimit, Claim, ContactFacts, DncEntry, Lease, LeaseStatus, Ledger,
  LedgerCondition, LiveAttempt, LoadDecision, NextStep, OutboxItem, RateLimit, RestoredContact, Settlement, StartPermit, StopRequest,
} from './port.ts';
import { adopt, replay, restore } from './rebuild.ts';
import { countersOf, openStore, phoneOf, type Store } from './store.ts';
import { StartLimits } from './start-limits.ts';
import { blockPhones, factsOf, move, sweep } from './transitions.ts';

/** Contacts that one transaction of a long operation takes: others wait no longer than for these. */
const BATCH = 500;

/**
 * The ledger on a disk of this machine (LMDB). Several processes may have it open at once: everything is in the store
 * and changes inside its write transactions, of which there is one at a time on the machine. A promise resolves once
 * the change is on the disk; changes asked for in one turn of the event loop share a transaction and a flush.
 * @param options.dir made if it is missing
 * @throws ObzvonError `storage`
 */
export function openEmbeddedLedger(options: { readonly dir: string }): Promise<Ledger> {
  return Promise.resolve().then(() => new EmbeddedLedger(openStore(options.dir)));
}

class EmbeddedLedger implements Ledger {
  readonly #store: Store;
  readonly #starts: StartLimits;
  /** Unlike that of any other handle. */
  readonly #owner = randomUUID();
  /** For how long a step of a rebuild keeps the right to it. */
  #rebuildForMs = 0;
  #closed = false;

  constructor(store: Store) {
    this.#store = store;
    this.#starts = new StartLimits(store, this.#owner);
  }

  /** Runs `change` in a write transaction and waits until it is on the disk. */
  async #write<T>(change: (store: Store) => T): Promise<T> {
    this.#assertOpen();
    return this.#store.writes.write(() => change(this.#store));
  }

  /** The store as it is now, other processes' changes included. */
  #read(): Store {
    this.#assertOpen();
    this.#store.root.resetReadTxn();
    return this.#store;
  }

  #assertOpen(): void {
    if (this.#closed) throw new ObzvonError('storage', 'the ledger is closed');
  }

  async defineCampaign(campaign: Campaign): Promise<void> {
    await this.#write((store) => {
      const known = store.campaigns.get(campaign.id);
      void store.campaigns.put(campaign.id, known === undefined ? { campaign, mode: 'running', maxCallsPerSecond: null, maxChannels: null, firstCallAtMs: null } : { ...known, campaign });
      const startsAtMs = Date.parse(campaign.startsAt);
      // Those who still wait for the start: taken in before the definition, or under another start.
      const formerMs = known === undefined ? 0 : Date.parse(known.campaign.startsAt);
      if (formerMs === startsAtMs) return;
      const waiting: string[] = [];
      for (const key of store.due.getKeys({ start: [campaign.id, formerMs, 0, ''] })) {
        if (key[0] !== campaign.id || key[1] !== formerMs) break;
        waiting.push(key[3]);
      }
      for (const contactId of waiting) {
        const record = store.states.get(contactId);
        if (record?.attempts.length === 0) move(store, contactId, record, { ...record, dueAtMs: startsAtMs });
      }
    });
  }

  campaigns(): Promise<readonly CampaignState[]> {
    return settled(() => {
      const states: CampaignState[] = [];
      for (const { value } of this.#read().campaigns.getRange()) {
        states.push({
          campaign: value.campaign,
          mode: value.mode,
          maxCallsPerSecond: value.maxCallsPerSecond ?? value.campaign.maxCallsPerSecond,
          maxChannels: value.maxChannels ?? value.campaign.maxChannels,
          firstCallAtMs: value.firstCallAtMs,
        });
      }
      return states;
    });
  }

  async setMode(campaignId: string, mode: CampaignMode): Promise<void> {
    const found = await this.#write((store) => {
      const record = store.campaigns.get(campaignId);
      if (record === undefined) return false;
      void store.campaigns.put(campaignId, { ...record, mode });
      if (mode === 'stopped') sweep(store, contactsInFlight(store, campaignId), 0, () => null, () => 'stopped');
      return true;
    });
    if (!found) throw unknownCampaign(campaignId);
  }

  async setLimits(campaignId: string, limits: { maxCallsPerSecond?: number; maxChannels?: number }): Promise<void> {
    const found = await this.#write((store) => {
      const record = store.campaigns.get(campaignId);
      if (record === undefined) return false;
      void store.campaigns.put(campaignId, {
        ...record,
        maxCallsPerSecond: limits.maxCallsPerSecond ?? record.maxCallsPerSecond,
        maxChannels: limits.maxChannels ?? record.maxChannels,
      });
      return true;
    });
    if (!found) throw unknownCampaign(campaignId);
  }

  counts(campaignId: string, nowMs: number): Promise<CampaignCounts> {
    return settled(() => {
      const store = this.#read();
      const { contacts, waiting, inFlight, closed, attempts } = countersOf(store, campaignId);
      const first = [...store.due.getKeys({ start: [campaignId, 0, 0, ''], limit: 1 })][0];
      const nextDueAtMs = first?.[0] === campaignId && first[1] < AWAITS_COMMIT_DUE_MS ? first[1] : null;
      // Counted inside the store, about 20 million keys a second; the rest are counters.
      const due = nextDueAtMs === null || nextDueAtMs > nowMs ? 0 : store.due.getKeysCount({ start: [campaignId, 0, 0, ''], end: [campaignId, nowMs + 1, 0, ''] });
      return { contacts, waiting, due, inFlight, closed, attempts, nextDueAtMs };
    });
  }

  async admit(contacts: readonly Contact[], nowMs: number): Promise<number> {
    let added = 0;
    for (let from = 0; from < contacts.length; from += BATCH) {
      added += await this.#write((store) => admit(store, contacts.slice(from, from + BATCH), nowMs));
    }
    return added;
  }

  async claim(request: { campaignId: string; dialerId: string; limit: number; nowMs: number; leaseMs: number }): Promise<readonly Claim[]> {
    return this.#write((store) => claim(store, request));
  }

  async renew(leases: readonly Lease[], untilMs: number): Promise<readonly LeaseStatus[]> {
    if (leases.length === 0) return [];
    return this.#write((store) => leases.map((lease) => ({ contactId: lease.contactId, status: renew(store, lease, untilMs) })));
  }

  facts(lease: Lease): Promise<ContactFacts | null> {
    return settled(() => {
      const store = this.#read();
      const record = heldBy(store, lease);
      const contact = store.contacts.get(lease.contactId);
      // No time is given here: what was blocked when the contact was claimed still is.
      return record === null || contact === undefined ? null : factsOf(store, contact, record, record.claimedAtMs);
    });
  }

  async begin(lease: Lease, attempt: BegunAttempt, facts: ContactFacts, channels: readonly ChannelLimit[]): Promise<BeginResult> {
    return this.#write((store) => begin(store, lease, attempt, facts, channels));
  }

  async settle(lease: Lease, settlement: Settlement): Promise<'settled' | 'lease_lost'> {
    return this.#write((store) => settle(store, lease, settlement));
  }

  async takeStart(limits: readonly RateLimit[], nowMs: number): Promise<StartPermit> {
    this.#assertOpen();
    return this.#starts.take(limits, nowMs);
  }

  lateStart(receipt: string, startedAtMs: number): Promise<void> {
    return settled(() => {
      this.#assertOpen();
      this.#starts.late(receipt, startedAtMs);
    });
  }

  async recordPayments(payments: readonly Payment[], nowMs: number): Promise<readonly StopRequest[]> {
    const requests: StopRequest[] = [];
    for (let from = 0; from < payments.length; from += BATCH) {
      requests.push(...(await this.#write((store) => recordPayments(store, payments.slice(from, from + BATCH), nowMs))));
    }
    return requests;
  }

  async addDnc(entries: readonly DncEntry[], nowMs: number): Promise<readonly StopRequest[]> {
    const requests: StopRequest[] = [];
    for (let from = 0; from < entries.length; from += BATCH) {
      requests.push(...(await this.#write((store) => blockPhones(store, entries.slice(from, from + BATCH), nowMs))));
    }
    return requests;
  }

  async removeDnc(phones: readonly string[]): Promise<number> {
    return this.#write((store) => {
      let removed = 0;
      for (const phone of phones) {
        if (!store.dnc.doesExist(phone)) continue;
        void store.dnc.remove(phone);
        const record = phoneOf(store, phone);
        void store.phones.put(phone, { ...record, version: record.version + 1 });
        removed++;
      }
      return removed;
    });
  }

  async *listDnc(): AsyncIterable<DncEntry> {
    // A page at a time: a read transaction held open while the caller dawdles would keep old pages from reuse.
    let after: string | null = null;
    for (;;) {
      const page: DncEntry[] = [];
      for (const { value } of this.#read().dnc.getRange({ start: after ?? '', limit: BATCH + 1 })) if (value.phone !== after) page.push(value);
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.phone;
      await Promise.resolve();
    }
  }

  stopRequests(dialerId: string): Promise<readonly StopRequest[]> {
    return settled(() => {
      const requests: StopRequest[] = [];
      for (const { key, value } of this.#read().stops.getRange({ start: [dialerId, ''] })) {
        if (key[0] !== dialerId) break;
        requests.push(value);
      }
      return requests;
    });
  }

  async decideLoad(campaignId: string, loadId: string, decision: LoadDecision, nowMs: number): Promise<{ changed: number; left: number }> {
    const total = { changed: 0, left: 0 };
    if (!(await this.#write((store) => noteLoad(store, loadId, decision)))) return total;
    // Whoever is taken in or given back behind the cursor is treated by the note.
    let after: [string, number, number, string] | null = [campaignId, 0, 0, ''];
    while (after !== null) {
      const start: [string, number, number, string] = after;
      after = await this.#write((store) => {
        let last: [string, number, number, string] | null = null;
        const contactIds: string[] = [];
        for (const key of store.due.getKeys({ start, limit: BATCH })) {
          if (key[0] !== campaignId) break;
          if (key[3] !== start[3]) contactIds.push(key[3]);
          last = key;
        }
        const { changed, left } = applyToWaiting(store, contactIds, loadId, decision, nowMs);
        total.changed += changed;
        total.left += left;
        return contactIds.length === 0 ? null : last;
      });
    }
    const store = this.#read();
    for (const contactId of contactsInFlight(store, campaignId)) if (store.contacts.get(contactId)?.loadId === loadId) total.left++;
    return total;
  }

  async closeWaiting(campaignId: string, disposition: 'expired', reason: string, nowMs: number): Promise<number> {
    let total = 0;
    for (;;) {
      const closed = await this.#write((store) => {
        const waiting: string[] = [];
        for (const key of store.due.getKeys({ start: [campaignId, 0, 0, ''], limit: BATCH })) {
          if (key[0] !== campaignId) break;
          waiting.push(key[3]);
        }
        sweep(store, waiting, nowMs, () => ({ disposition, reason }), () => null);
        return waiting.length;
      });
      if (closed === 0) return total;
      total += closed;
    }
  }

  readOutbox(limit: number): Promise<readonly OutboxItem[]> {
    return settled(() => {
      const items: OutboxItem[] = [];
      for (const { key, value } of this.#read().outbox.getRange({ limit })) items.push({ seq: key, ...value });
      return items;
    });
  }

  outboxSize(): Promise<number> {
    // Counted inside the store, about 20 million keys a second. Its statistics are quicker but those of another handle come late.
    return settled(() => this.#read().outbox.getKeysCount({}));
  }

  async ackOutbox(seqs: readonly number[]): Promise<void> {
    if (seqs.length === 0) return;
    await this.#write((store) => {
      for (const seq of seqs) void store.outbox.remove(seq);
    });
  }

  contactByAccount(campaignId: string, accountId: string): Promise<(ContactFacts & { readonly status: string; readonly dueAtMs: number | null }) | null> {
    return settled(() => {
      const store = this.#read();
      const contactId = store.byAccount.get([campaignId, accountId]);
      const contact = contactId === undefined ? undefined : store.contacts.get(contactId);
      const record = contactId === undefined ? undefined : store.states.get(contactId);
      if (contact === undefined || record === undefined) return null;
      return {
        ...factsOf(store, contact, record, record.claimedAtMs),
        status: record.disposition ?? record.status,
        dueAtMs: record.status === 'waiting' ? record.dueAtMs : null,
      };
    });
  }

  async forget(accountId: string, reason: string, nowMs: number): Promise<number | 'in_hand'> {
    return this.#write((store) => forgetAccount(store, accountId, reason, nowMs));
  }

  condition(): Promise<LedgerCondition> {
    return settled(() => conditionOf(this.#read(), Date.now()));
  }

  async startRebuild(forMs: number): Promise<boolean> {
    const taken = await this.#write((store) => startRebuild(store, this.#owner, Date.now(), forMs));
    if (taken) this.#rebuildForMs = forMs;
    return taken;
  }

  async restore(contacts: readonly RestoredContact[]): Promise<void> {
    for (let from = 0; from < contacts.length; from += BATCH) {
      await this.#write((store) => {
        extendRebuild(store, this.#owner, Date.now(), this.#rebuildForMs);
        for (const contact of contacts.slice(from, from + BATCH)) restore(store, contact, Date.now());
      });
    }
  }

  async finishRebuild(claimsFromMs: number): Promise<void> {
    await this.#write((store) => finishRebuild(store, this.#owner, claimsFromMs, randomUUID()));
  }

  async adopt(live: LiveAttempt, dialerId: string, untilMs: number): Promise<Lease | null> {
    return this.#write((store) => adopt(store, live, dialerId, untilMs));
  }

  async replay(attempt: Attempt, next: NextStep, nowMs: number): Promise<void> {
    await this.#write((store) => replay(store, attempt, next, nowMs));
  }

  engineTimeMs(): Promise<number> {
    return settled(() => Date.now());
  }

  /** The files are on this machine: there is nothing to lose the way to. */
  health(): EngineHealth {
    return { kind: 'up' };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#starts.release();
    await this.#store.writes.settled();
    await this.#store.root.close();
  }
}

/** Runs `read` now and gives its value or error as a promise, as the port asks. */
function settled<T>(read: () => T): Promise<T> {
  return new Promise((resolve) => resolve(read()));
}

function unknownCampaign(campaignId: string): ObzvonError {
  return new ObzvonError('not_found', `campaign "${campaignId}" is not known to the ledger`);
}

function contactsInFlight(store: Store, campaignId: string): string[] {
  const contactIds: string[] = [];
  for (const key of store.leases.getKeys({ start: [campaignId, 0, ''] })) {
    if (key[0] !== campaignId) break;
    contactIds.push(key[2]);
  }
  return contactIds;
}
