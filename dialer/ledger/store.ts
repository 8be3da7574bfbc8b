import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import type { Attempt } from '../../core/attempt.ts';
import type { Campaign } from '../../core/campaign.ts';
import type { Contact, ContactClosed, Group } from '../../core/contact.ts';
import { ObzvonError } from '../../core/errors.ts';
import { GROUPED_STORE, GroupedWrites, storageError } from '../../core/grouped-writes.ts';
import { DISPOSITIONS, type Disposition } from '../../core/outcome.ts';
import type { BegunAttempt, CampaignMode, DncEntry, LoadDecision, PastAttempt, StopRequest } from './port.ts';

const FORMAT = 1;
/** Field names are kept once for a table under this key, not in every record: records are read in half the time. */
const STRUCTURES = Symbol.for('structures');

export interface CampaignRecord {
  campaign: Campaign;
  mode: CampaignMode;
  /** What an operator set over the definition; null: as defined. */
  maxCallsPerSecond: number | null;
  maxChannels: number | null;
  firstCallAtMs: number | null;
}

/** A contact's state. `waiting`: in the due index. `leased`, `calling`: in the lease index; `calling` has `begun`. `closed`: in no index. */
export interface ContactRecord {
  campaignId: string;
  accountId: string;
  group: Group;
  priority: number;
  status: 'waiting' | 'leased' | 'calling' | 'closed';
  dueAtMs: number;
  token: number;
  dialerId: string;
  untilMs: number;
  claimedAtMs: number;
  begun: BegunAttempt | null;
  /** Keys of the channel limits that the call takes from. */
  channelKeys: string[];
  /** The phone's last call before the one begun: put back if no call was placed. */
  previousCallAtMs: number | null;
  stop: StopRequest['reason'] | null;
  attempts: PastAttempt[];
  disposition: Disposition | null;
}

export interface PersonRecord {
  callStartsMs: number[];
  lastConversationAtMs: number | null;
  optedOut: boolean;
  payments: { amountMinor: number; paidAtMs: number; receivedAtMs: number }[];
  version: number;
}

export interface PhoneRecord {
  active: { attemptId: string; contactId: string } | null;
  lastCallAtMs: number | null;
  version: number;
}

export interface CounterRecord {
  contacts: number;
  waiting: number;
  inFlight: number;
  attempts: number;
  closed: Record<Disposition, number>;
}

/** Who may grant call starts under a key, and until when it can have granted any. */
export interface SliceRecord {
  owner: string;
  untilMs: number;
}

/** Where the ledger stands: opened by a rebuild (`epoch` is set), being rebuilt by `owner` until `untilMs`, or neither. Times by this machine's clock, but for `claimsFromMs`. */
export interface OpeningRecord {
  epoch: string | null;
  owner: string;
  untilMs: number;
  /** Nothing is claimed before, by the callers' clock. */
  claimsFromMs: number;
}

export type OutboxRecord = { kind: 'attempt'; value: Attempt } | { kind: 'closed'; value: ContactClosed };

/** The tables of an embedded ledger. Every change runs inside one of `writes`. */
export interface Store {
  readonly root: RootDatabase<unknown, string>;
  readonly writes: GroupedWrites;
  readonly campaigns: Database<CampaignRecord, string>;
  readonly contacts: Database<Contact, string>;
  /** contactId by [campaignId, accountId]. */
  readonly byAccount: Database<string, [string, string]>;
  readonly states: Database<ContactRecord, string>;
  /** [campaignId, dueAtMs, 9 - priority, contactId] of the waiting. */
  readonly due: Database<number, [string, number, number, string]>;
  /** [campaignId, untilMs, contactId] of the leased and calling. */
  readonly leases: Database<number, [string, number, string]>;
  /** [accountId, contactId] of contacts not closed. */
  readonly openByAccount: Database<number, [string, string]>;
  /** [phone, contactId] of contacts not closed. */
  readonly openByPhone: Database<number, [string, string]>;
  readonly persons: Database<PersonRecord, string>;
  readonly phones: Database<PhoneRecord, string>;
  readonly dnc: Database<DncEntry, string>;
  readonly paymentIds: Database<number, string>;
  readonly counters: Database<CounterRecord, string>;
  /** Calls at once by the key of their limit. */
  readonly channels: Database<number, string>;
  /** Calls that should end: [dialerId, contactId]. */
  readonly stops: Database<StopRequest, [string, string]>;
  readonly outbox: Database<OutboxRecord, number>;
  readonly numbers: Database<number, string>;
  /** Who grants call starts under a key. */
  readonly slices: Database<SliceRecord, string>;
  /** What was decided of loads, by their ids. */
  readonly loads: Database<LoadDecision, string>;
  /** One record, under `ledger`; none in a new ledger. */
  readonly opening: Database<OpeningRecord, string>;
}

/**
 * Opens the tables in `dir`, which is made if it is missing. Several processes may have it open.
 * @throws ObzvonError `storage` if it cannot be opened or was written by another version
 */
export function openStore(dir: string): Store {
  let root: RootDatabase<unknown, string>;
  try {
    mkdirSync(dir, { recursive: true });
    root = open<unknown, string>({ path: join(dir, 'ledger.mdb'), maxDbs: 24, maxReaders: 254, ...GROUPED_STORE });
  } catch (cause) {
    throw new ObzvonError('storage', `the ledger in ${dir} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  // Readers that were killed would hold old pages for ever.
  root.readerCheck();
  const numbers = root.openDB<number, string>({ name: 'numbers' });
  const format = numbers.get('format');
  if (format === undefined) numbers.putSync('format', FORMAT);
  else if (format !== FORMAT) throw new ObzvonError('storage', `the ledger in ${dir} has format ${format}, expected ${FORMAT}: it was written by another version of obzvon`);
  return {
    root,
    writes: new GroupedWrites(root, (cause) => storageError(`the ledger in ${dir}`, cause)),
    numbers,
    campaigns: root.openDB({ name: 'campaigns' }),
    contacts: root.openDB({ name: 'contacts', sharedStructuresKey: STRUCTURES }),
    byAccount: root.openDB({ name: 'by-account' }),
    states: root.openDB({ name: 'states', sharedStructuresKey: STRUCTURES }),
    due: root.openDB({ name: 'due' }),
    leases: root.openDB({ name: 'leases' }),
    openByAccount: root.openDB({ name: 'open-by-account' }),
    openByPhone: root.openDB({ name: 'open-by-phone' }),
    persons: root.openDB({ name: 'persons', sharedStructuresKey: STRUCTURES }),
    phones: root.openDB({ name: 'phones', sharedStructuresKey: STRUCTURES }),
    dnc: root.openDB({ name: 'dnc' }),
    paymentIds: root.openDB({ name: 'payment-ids' }),
    counters: root.openDB({ name: 'counters', sharedStructuresKey: STRUCTURES }),
    channels: root.openDB({ name: 'channels' }),
    stops: root.openDB({ name: 'stops' }),
    outbox: root.openDB({ name: 'outbox', sharedStructuresKey: STRUCTURES }),
    slices: root.openDB({ name: 'slices' }),
    loads: root.openDB({ name: 'loads' }),
    opening: root.openDB({ name: 'opening' }),
  };
}

interface DecodedCampaign {
  readonly bytes: Buffer;
  readonly record: CampaignRecord;
}

const decodedCampaigns = new WeakMap<Store, Map<string, DecodedCampaign>>();

/** A campaign's record. It is large and asked for at every step of every call, so it is decoded only when its bytes have changed. Not to be changed in place. */
export function campaignOf(store: Store, campaignId: string): CampaignRecord | undefined {
  // A view of memory that the next read overwrites: only to be compared.
  const view = store.campaigns.getBinaryFast(campaignId);
  if (view === undefined) return undefined;
  const decoded = decodedCampaigns.get(store) ?? new Map<string, DecodedCampaign>();
  decodedCampaigns.set(store, decoded);
  const known = decoded.get(campaignId);
  if (known?.bytes.equals(view.subarray(0, view.length))) return known.record;
  const bytes = Buffer.from(view.subarray(0, view.length));
  const record = store.campaigns.get(campaignId);
  if (record !== undefined) decoded.set(campaignId, { bytes, record });
  return record;
}

export function personOf(store: Store, accountId: string): PersonRecord {
  return store.persons.get(accountId) ?? { callStartsMs: [], lastConversationAtMs: null, optedOut: false, payments: [], version: 0 };
}

export function phoneOf(store: Store, phone: string): PhoneRecord {
  return store.phones.get(phone) ?? { active: null, lastCallAtMs: null, version: 0 };
}

export function countersOf(store: Store, campaignId: string): CounterRecord {
  return (
    store.counters.get(campaignId) ?? {
      contacts: 0, waiting: 0, inFlight: 0, attempts: 0,
      closed: Object.fromEntries(DISPOSITIONS.map((disposition) => [disposition, 0])) as Record<Disposition, number>,
    }
  );
}

/** The do-not-call reason that holds at `nowMs`; null if the phone may be called. */
export function dncReasonOf(store: Store, phone: string, nowMs: number): string | null {
  const entry = store.dnc.get(phone);
  if (entry === undefined || (entry.expiresAtMs !== null && entry.expiresAtMs <= nowMs)) return null;
  return entry.reason;
}

/** Second parts of an index whose keys begin with `first`. Collected at once, so that the index may be changed after. */
export function secondsOf(index: Database<number, [string, string]>, first: string): string[] {
  const seconds: string[] = [];
  for (const key of index.getKeys({ start: [first, ''] })) {
    if (key[0] !== first) break;
    seconds.push(key[1]);
  }
  return seconds;
}
