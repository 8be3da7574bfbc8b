import type { Attempt, Response } from '../../core/attempt.ts';
import type { EngineHealth } from '../../core/bus/port.ts';
import type { Campaign } from '../../core/campaign.ts';
import type { Contact, ContactClosed } from '../../core/contact.ts';
import type { Disposition, Outcome } from '../../core/outcome.ts';
import type { Payment } from '../../core/payment.ts';

/** A dialer's claim on a contact. `token` grows with every claim of the contact, so that a dialer that slept past its lease is refused. */
export interface Lease {
  readonly contactId: string;
  readonly campaignId: string;
  readonly dialerId: string;
  readonly token: number;
}

/** An attempt that has ended, as the retry rules need it. */
export interface PastAttempt {
  readonly attemptId: string;
  readonly outcome: Outcome;
  readonly heardWhole: boolean;
  readonly phoneIndex: number;
  readonly startedAtMs: number;
  /** What the callee meant by the digits pressed; absent is none. */
  readonly response?: Response['kind'];
}

/** An attempt written down before its INVITE: what is known of it if the dialer dies. */
export interface BegunAttempt {
  readonly attemptId: string;
  readonly attemptNumber: number;
  readonly phone: string;
  readonly phoneIndex: number;
  readonly trunk: string;
  readonly callerId: string;
  readonly dialerId: string;
  readonly begunAtMs: number;
}

/** A person's calls and money over all campaigns; a person is an account. */
export interface PersonFacts {
  /** Starts of calls in the last 31 days, oldest first. */
  readonly callStartsMs: readonly number[];
  readonly lastConversationAtMs: number | null;
  readonly optedOut: boolean;
  /** Grows with every change; `begin` refuses if it grew since the claim. */
  readonly version: number;
}

export interface PhoneFacts {
  readonly phone: string;
  /** Start of the last call to it by anybody; null if never called. */
  readonly lastCallAtMs: number | null;
  /** True while a call to it is under way (for whichever contact). */
  readonly inCall: boolean;
  /** Why it must not be called; null if it may. */
  readonly dncReason: string | null;
  readonly version: number;
}

/** Everything the rules need to decide about one contact. */
export interface ContactFacts {
  readonly contact: Contact;
  readonly attempts: readonly PastAttempt[];
  readonly person: PersonFacts;
  /** In the order of `contact.phones`. */
  readonly phones: readonly PhoneFacts[];
  /** Sum of payments since the contact was loaded, minor units. */
  readonly paidMinor: number;
  readonly hasPayment: boolean;
}

/** A contact whose time has come, held by `lease`. */
export interface Claim {
  readonly lease: Lease;
  readonly facts: ContactFacts;
  /** The attempt that was under way when an earlier dialer's lease ran out: to be settled as `lost`. */
  readonly orphan: BegunAttempt | null;
}

/** What becomes of a contact after a claim. */
export type NextStep =
  | { readonly kind: 'wait'; readonly dueAtMs: number; readonly reason: string }
  | { readonly kind: 'close'; readonly disposition: Disposition; readonly reason: string };

export interface DncEntry {
  readonly phone: string;
  readonly reason: string;
  readonly addedAtMs: number;
  /** null: for ever. */
  readonly expiresAtMs: number | null;
}

export interface Settlement {
  /** The ended attempt (goes to the outbox, the person's and the phone's history); null if no call was placed. */
  readonly attempt: Attempt | null;
  readonly next: NextStep;
  /** The callee asked not to be called: phones to block; the account is marked opted out. */
  readonly optOut: readonly DncEntry[];
  readonly nowMs: number;
}

export type BeginResult =
  | { readonly kind: 'begun' }
  /** Somebody else called the phone or the person since the claim: decide again with fresh facts. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'no_channel'; readonly limit: string }
  | { readonly kind: 'lease_lost' };

/** At most `max` calls at once under `key` (a trunk, a campaign), over all dialers. */
export interface ChannelLimit {
  readonly key: string;
  readonly max: number;
}

/** At most `maxPerSecond` call starts in any second under `key`, over all dialers, spread evenly. */
export interface RateLimit {
  readonly key: string;
  readonly maxPerSecond: number;
}

/**
 * `granted`: one start at `atMs`, now or at most {@link START_AHEAD_MS} ahead; the slot is the caller's. `receipt` is for `lateStart`.
 * `wait`: nothing is free before `untilMs`; ask again then.
 */
export type StartPermit = { readonly kind: 'granted'; readonly atMs: number; readonly receipt: string } | { readonly kind: 'wait'; readonly untilMs: number };

/** A start is granted so long ahead at most, so that the asking takes nothing from the rate and a changed cap is felt at once. */
export const START_AHEAD_MS = 100;

export type LoadDecision = 'committed' | 'revoked';

/** When a contact is due that awaits its load's commit: never by itself. (The last instant that ECMAScript knows.) */
export const AWAITS_COMMIT_DUE_MS = 8_640_000_000_000_000;

export type CampaignMode = 'running' | 'paused' | 'stopped';

/** A campaign as the dialers see it: its definition, with the operator's changes applied. */
export interface CampaignState {
  readonly campaign: Campaign;
  readonly mode: CampaignMode;
  readonly maxCallsPerSecond: number;
  readonly maxChannels: number;
  /** When the first call was begun; the ramp-up counts from it. null before. */
  readonly firstCallAtMs: number | null;
}

export interface CampaignCounts {
  readonly contacts: number;
  /** Waiting for their time (of which `due` now), and leased or in a call. */
  readonly waiting: number;
  readonly due: number;
  readonly inFlight: number;
  readonly closed: Readonly<Record<Disposition, number>>;
  readonly attempts: number;
  /** Earliest due time among the waiting; null if nobody waits. */
  readonly nextDueAtMs: number | null;
}

/** Why a call under way should be ended. */
export interface StopRequest {
  readonly attemptId: string;
  readonly contactId: string;
  readonly reason: 'paid' | 'opted_out' | 'stopped';
}

export type OutboxItem =
  | { readonly seq: number; readonly kind: 'attempt'; readonly value: Attempt }
  | { readonly seq: number; readonly kind: 'closed'; readonly value: ContactClosed };

/**
 * `lost`: it holds nothing and nobody rebuilds it: new, wiped, or fallen back to an empty copy. `rebuilding`: somebody fills it from
 * the bus. `epoch` is another after every rebuild.
 */
export type LedgerCondition = { readonly kind: 'ready'; readonly epoch: string } | { readonly kind: 'rebuilding' } | { readonly kind: 'lost' };

/** A contact as the bus knows it, to be put back into a rebuilt ledger. */
export interface RestoredContact {
  readonly contact: Contact;
  /** Its attempts on the bus, each once, oldest first. */
  readonly attempts: readonly Attempt[];
  /** null if it has not ended. */
  readonly closed: ContactClosed | null;
  /** When it is due if it has not ended. */
  readonly dueAtMs: number;
}

/** A call that goes on although the ledger forgot it. */
export interface LiveAttempt {
  readonly contactId: string;
  readonly campaignId: string;
  readonly begun: BegunAttempt;
}

/** How long an outbox item that was handed out is hidden from other readers, where the engine is shared by many dialers. */
export const OUTBOX_HOLD_MS = 5_000;

export interface LeaseStatus {
  readonly contactId: string;
  readonly status: 'kept' | 'lost';
}

/**
 * The shared state of contacts in flight. An engine that goes away after the ledger was opened is waited for: promises stay
 * pending until it is back, so every method can be repeated without harm. An engine that comes back empty is `lost`: until it
 * is rebuilt every method but those of the rebuild rejects with `ledger_lost`; so does a method of a handle that has not yet seen,
 * by opening it or by `condition`, the epoch that a rebuild began. (An engine on this machine cannot be emptied under an open handle:
 * while it is new it is `lost` too, but works.) Every method is atomic and, once its promise resolves, durable. All dialers of a
 * deployment share one ledger; times come in from the caller's clock.
 *
 * A contact is `waiting` (due at a time), `leased` (held by a dialer), `calling` (leased, with an attempt begun) or
 * `closed` (with a disposition, for ever). What must be told to the bus is written to the outbox in the same
 * transaction as the change, and leaves it only after the bus has it: nothing is told twice under another id, nothing
 * is forgotten.
 */
export interface Ledger {
  /** Defines a campaign or replaces its definition; its mode and the operator's limits stay. */
  defineCampaign(campaign: Campaign): Promise<void>;
  campaigns(): Promise<readonly CampaignState[]>;
  setMode(campaignId: string, mode: CampaignMode): Promise<void>;
  setLimits(campaignId: string, limits: { maxCallsPerSecond?: number; maxChannels?: number }): Promise<void>;
  counts(campaignId: string, nowMs: number): Promise<CampaignCounts>;

  /**
   * Takes contacts in: `waiting` from the campaign's start, or closed at once (as the load said; `held_out`; `paid` if a payment after the
   * load is known; `suppressed` if every phone is on the do-not-call list or the account opted out). A contact already
   * known is left as it is. One of an all-or-nothing load waits for that to be committed. @returns how many were new
   */
  admit(contacts: readonly Contact[], nowMs: number): Promise<number>;

  /**
   * Leases up to `limit` contacts of `campaignId` that are due, by due time then priority, and contacts whose lease ran
   * out (first, each with its orphan). Contacts of campaigns not running are not given out, except orphans.
   */
  claim(request: { campaignId: string; dialerId: string; limit: number; nowMs: number; leaseMs: number }): Promise<readonly Claim[]>;
  /** Extends leases to `untilMs`. */
  renew(leases: readonly Lease[], untilMs: number): Promise<readonly LeaseStatus[]>;
  /** Current facts of a leased contact; null if the lease is lost. */
  facts(lease: Lease): Promise<ContactFacts | null>;

  /**
   * Writes an attempt down before its INVITE, if the lease holds, nothing changed since `facts` and a channel is free
   * under every limit. Marks the phone as in call and counts the call against the person. An attempt begun before is `begun`
   * again.
   */
  begin(lease: Lease, attempt: BegunAttempt, facts: ContactFacts, channels: readonly ChannelLimit[]): Promise<BeginResult>;
  /**
   * Ends a claim: frees phone and channels, notes the attempt, sets the contact waiting or closed, fills the outbox.
   * A payment or opt-out that came during the call overrides a `wait`.
   * @returns 'lease_lost' if another dialer holds the contact now (nothing is changed then)
   */
  settle(lease: Lease, settlement: Settlement): Promise<'settled' | 'lease_lost'>;

  /** Grants one call start if every limit allows it within {@link START_AHEAD_MS}; takes from all or none. */
  takeStart(limits: readonly RateLimit[], nowMs: number): Promise<StartPermit>;
  /** A granted start happened only at `startedAtMs`: the caps count it there. Less than 1 ms need not be told. Can be repeated. */
  lateStart(receipt: string, startedAtMs: number): Promise<void>;

  /**
   * Notes payments (each paymentId once). Waiting contacts of the account whose campaign's `stopAtPaidShare` is met close
   * as `paid`; calls under way are returned, to be ended by the dialer that holds them, and close on `settle`.
   */
  recordPayments(payments: readonly Payment[], nowMs: number): Promise<readonly StopRequest[]>;
  /** Adds to the do-not-call list. Waiting contacts left without a phone close as `suppressed`. */
  addDnc(entries: readonly DncEntry[], nowMs: number): Promise<readonly StopRequest[]>;
  removeDnc(phones: readonly string[]): Promise<number>;
  listDnc(): AsyncIterable<DncEntry>;
  /** Calls under way of this dialer that should end (payment, opt-out or stop seen by any dialer). */
  stopRequests(dialerId: string): Promise<readonly StopRequest[]>;
  /**
   * Decides a load. `committed`: its contacts that await this are due from the campaign's start. `revoked`, also later and for good: its contacts that
   * were never called close as `invalid`; one that a dialer holds closes when it gives it back uncalled. Contacts of the load taken in
   * later are treated likewise. Can be repeated. @returns contacts freed or closed now, and contacts of the load left open
   */
  decideLoad(campaignId: string, loadId: string, decision: LoadDecision, nowMs: number): Promise<{ readonly changed: number; readonly left: number }>;
  /** Closes every waiting contact of a campaign with `disposition`. @returns how many */
  closeWaiting(campaignId: string, disposition: 'expired', reason: string, nowMs: number): Promise<number>;

  /**
   * The oldest items not yet told to the bus. An engine that many dialers share hides what it hands out from all of them for about
   * 5 s ({@link OUTBOX_HOLD_MS}), so that each item is told by one; if that one dies, another gets it after.
   */
  readOutbox(limit: number): Promise<readonly OutboxItem[]>;
  /** Items that the bus has not been told, those handed out included. */
  outboxSize(): Promise<number>;
  /** Removes what the bus has. */
  ackOutbox(seqs: readonly number[]): Promise<void>;

  /** One contact by account, for an operator; null if unknown. */
  contactByAccount(campaignId: string, accountId: string): Promise<(ContactFacts & { readonly status: string; readonly dueAtMs: number | null }) | null>;

  /**
   * Forgets an account at the person's request: contacts that wait end as `suppressed` with `reason` (the bus is told); then their records, the person's
   * calls and money, and phones that nobody else has and no do-not-call list names are gone. Counts stay as they are. An account forgotten before has none.
   * @returns how many contacts were forgotten; `in_hand` if a dialer has one just now: nothing is changed then
   */
  forget(accountId: string, reason: string, nowMs: number): Promise<number | 'in_hand'>;

  condition(): Promise<LedgerCondition>;
  /**
   * Takes the right to rebuild a lost ledger for `forMs` (extended by every `restore`). Until `finishRebuild` this handle may
   * use every method; nobody may claim. @returns false if it is not lost, or another rebuilds it
   */
  startRebuild(forMs: number): Promise<boolean>;
  /**
   * Puts contacts back with what is known of their calls: attempts, the person's call starts, the phones' last calls, opt-outs, counts.
   * A contact already known is left as it is. Tells the bus of nobody but those whom it holds for open although money, an opt-out, the
   * do-not-call list or a stop has ended them: they close, by the engine's clock. Can be repeated.
   * @throws ObzvonError `locked` if the right to rebuild is not this handle's
   */
  restore(contacts: readonly RestoredContact[]): Promise<void>;
  /** Opens the ledger; contacts are given out from `claimsFromMs` on, so that dialers can first put back what only they know. */
  finishRebuild(claimsFromMs: number): Promise<void>;
  /** Takes back, after a rebuild, the lease of a call under way. null if the contact is held by another, closed or unknown. Can be repeated. */
  adopt(live: LiveAttempt, dialerId: string, untilMs: number): Promise<Lease | null>;
  /**
   * Notes, after a rebuild, a settled attempt that may not have reached the bus before the loss: nothing if the attempt is known or the
   * contact unknown; else history and outbox get it, and a waiting contact follows `next`.
   */
  replay(attempt: Attempt, next: NextStep, nowMs: number): Promise<void>;

  /** The engine's clock when the promise resolves, ms since the epoch; this machine's for an engine on this machine. */
  engineTimeMs(): Promise<number>;
  health(): EngineHealth;
  close(): Promise<void>;
}
