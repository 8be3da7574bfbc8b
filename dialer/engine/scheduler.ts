import type { Clock } from '../../core/clock.ts';
import { newId } from '../../core/ids.ts';
import type { FlowStep } from '../../core/flow.ts';
import type { Contact } from '../../core/contact.ts';
import { flowFor, type Campaign } from '../../core/campaign.ts';
import type { CallResult, StopReason } from '../call/call-state.ts';
import { DEFAULT_SLACK_MS } from '../call/call-state.ts';
import type { BegunAttempt, Claim, ContactFacts, Ledger, Lease, NextStep, StopRequest } from '../ledger/port.ts';
import { chooseCallerId } from '../rules/caller-id.ts';
import { decideAfter, decideCall } from '../rules/decide.ts';
import { chooseTrunk } from '../rules/trunk.ts';
import { windowAt } from '../../core/hours/window.ts';
import { localDateAt } from '../../core/hours/zoned-time.ts';
import type { CallEvent, Switch } from '../telephony/port.ts';
import { lostAttempt, placedAttempt } from './attempt-record.ts';
import { CampaignBook, currentRate, type BookEntry } from './campaign-book.ts';
import { startLiveCall, type LiveCall, type PreparedPrompt } from './live-call.ts';
import { StartQueues } from './start-queues.ts';
import type { DialerListener } from './telemetry.ts';
import { TrunkRates, type Trunk } from './trunk-rates.ts';

export interface SchedulerParts {
  readonly ledger: Ledger;
  readonly switch: Switch;
  readonly clock: Clock;
  /** How many of the clock's ms pass in one of the wall's: 1, or the speed of a simulated clock. */
  readonly clockSpeed: number;
  readonly prompt: (step: FlowStep, contact: Contact, campaign: Campaign) => Promise<PreparedPrompt>;
  readonly trunks: readonly Trunk[];
  readonly dialerId: string;
  readonly leaseMs: number;
  readonly maxChannels: number;
  readonly tell: DialerListener;
  readonly onPromptFailed: (error: unknown) => void;
  /** Something was written to the outbox. */
  readonly onSettled: () => void;
  readonly onError: (error: unknown) => void;
}

interface Live {
  readonly claim: Claim;
  readonly begun: BegunAttempt;
  readonly campaignId: string;
  call: LiveCall | null;
  /** The lease went to another dialer: nothing of this call may be written down here any more. */
  leaseLost: boolean;
  stopBeforeStart: StopReason | null;
  /** Its turn came: the INVITE was ordered. */
  placed: boolean;
  /** Until when the lease is known to hold; after that the contact may be another dialer's. */
  leasedUntilMs: number;
}

/** Calls are claimed and prepared this long before their turn (wall seconds at the current rate). */
const LEAD_SECONDS = 0.3;
const MIN_LEAD_CALLS = 4;
const CONFLICT_TRIES = 3;
const RENEWALS_PER_LEASE = 4;
const NO_CHANNEL_WAIT_MS = 2_000;
const NO_MEDIA_WAIT_MS = 30_000;

/**
 * Turns due contacts into calls. Claims as many as the rate and the channels can use, decides each by the rules, writes
 * the attempt down, runs the call, and settles what becomes of the contact.
 */
export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #book = new CampaignBook();
  readonly #rates: TrunkRates;
  readonly #live = new Map<string, Live>();
  /** Claims being decided, and calls being settled: leases held without a call. */
  readonly #between = new Map<string, Lease>();
  /** Of each campaign's live calls: those whose turn has not come, and all. */
  readonly #unplaced = new Map<string, number>();
  readonly #ofCampaign = new Map<string, number>();
  readonly #queues: StartQueues;
  /** Claims of each campaign that are being decided. */
  readonly #deciding = new Map<string, number>();
  #accepting = true;
  #renewedAtMs = 0;
  #turn = 0;
  #wanted = false;
  #pumping: Promise<void> | null = null;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.#rates = new TrunkRates(parts.trunks, parts.tell);
    this.#queues = new StartQueues({ ledger: parts.ledger, clock: parts.clock, clockSpeed: parts.clockSpeed, book: this.#book, rates: this.#rates, onError: parts.onError });
  }

  get callsUnderWay(): number {
    return this.#live.size;
  }

  /** True if no call, claim or decision is under way. */
  get idle(): boolean {
    return this.#live.size === 0 && this.#between.size === 0 && this.#pumping === null;
  }

  /** Look for work soon. */
  wake(): void {
    this.#wanted = true;
    if (!this.#accepting) return;
    this.#pumping ??= this.#pump()
      .catch((error: unknown) => this.#parts.onError(error))
      .finally(() => { this.#pumping = null; });
  }

  /** Resolves once the search for work that is under way has ended. */
  async looked(): Promise<void> {
    await (this.#pumping ?? Promise.resolve());
  }

  /** No new calls from now on; those not yet placed are given back. */
  stopAccepting(): void {
    this.#accepting = false;
    for (const live of this.#live.values()) if (!live.placed) this.#stop(live, 'drain_limit');
  }

  /** Ends every call under way. */
  stopAll(reason: StopReason): void {
    for (const live of this.#live.values()) this.#stop(live, reason);
  }

  stop(requests: readonly StopRequest[]): void {
    for (const request of requests) {
      const live = this.#live.get(request.attemptId);
      if (live) this.#stop(live, request.reason);
    }
  }

  /** Keeps the leases, ends calls that others' messages stop, and sees campaign changes. Call it several times a second. */
  async pulse(): Promise<void> {
    const { ledger, clock, dialerId, leaseMs } = this.#parts;
    await this.#book.refresh(ledger);
    const leases = [...this.#live.values()].filter((live) => !live.leaseLost).map((live) => live.claim.lease);
    leases.push(...this.#between.values());
    if (leases.length > 0 && clock.nowMs() - this.#renewedAtMs >= leaseMs / RENEWALS_PER_LEASE) {
      const untilMs = clock.nowMs() + leaseMs;
      const status = new Map((await ledger.renew(leases, untilMs)).map((lease) => [lease.contactId, lease.status]));
      this.#renewedAtMs = untilMs - leaseMs;
      for (const live of this.#live.values()) {
        const is = status.get(live.claim.lease.contactId);
        if (is === 'kept') live.leasedUntilMs = untilMs;
        if (is !== 'lost' || live.leaseLost) continue;
        live.leaseLost = true;
        this.#parts.tell({ kind: 'lease_lost', campaignId: live.campaignId });
        this.#stop(live, 'stopped');
      }
    }
    if (this.#live.size > 0) this.stop(await ledger.stopRequests(dialerId));
    for (const { state } of this.#book.all()) {
      const { campaign } = state;
      if (clock.nowMs() >= Date.parse(campaign.expiresAt) && state.mode !== 'stopped') {
        await ledger.closeWaiting(campaign.id, 'expired', 'the campaign has ended', clock.nowMs());
        this.#parts.onSettled();
      }
    }
    this.wake();
  }

  #stop(live: Live, reason: StopReason): void {
    if (live.call) live.call.stop(reason);
    else live.stopBeforeStart = reason;
  }

  async #pump(): Promise<void> {
    while (this.#wanted && this.#accepting) {
      this.#wanted = false;
      const { ledger, clock, dialerId, leaseMs } = this.#parts;
      // Another campaign is first each time, and none takes more than its share of what is free: all get on alike.
      const entries = [...this.#book.all()];
      const first = this.#turn++ % Math.max(1, entries.length);
      const inTurn = [...entries.slice(first), ...entries.slice(0, first)];
      for (const [index, entry] of inTurn.entries()) {
        if (this.#parts.switch.health().kind === 'down') break;
        const campaignId = entry.state.campaign.id;
        const want = this.#room(campaignId, currentRate(entry.state, clock.nowMs()), entry, inTurn.length - index);
        if (want <= 0) continue;
        const nowMs = clock.nowMs();
        const claims = await ledger.claim({ campaignId, dialerId, limit: want, nowMs, leaseMs });
        for (const claim of claims) this.#between.set(claim.lease.contactId, claim.lease);
        count(this.#deciding, campaignId, claims.length);
        for (const claim of claims) {
          void this.#dispatch(claim, entry, nowMs + leaseMs)
            .catch((error: unknown) => this.#parts.onError(error))
            .finally(() => count(this.#deciding, campaignId, -1));
        }
        if (claims.length === want) this.#wanted = true;
      }
      // Decisions free or use up room: look again once they are made.
      if (this.#wanted) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** How many more contacts of a campaign this dialer can use now. `sharers`: campaigns, this one included, that what is free is left to. */
  #room(campaignId: string, ratePerSecond: number, entry: BookEntry, sharers: number): number {
    const ofCampaign = this.#ofCampaign.get(campaignId) ?? 0;
    const ahead = (this.#deciding.get(campaignId) ?? 0) + (this.#unplaced.get(campaignId) ?? 0);
    const lead = Math.max(MIN_LEAD_CALLS, Math.ceil(ratePerSecond * this.#parts.clockSpeed * LEAD_SECONDS));
    const free = Math.ceil((this.#parts.maxChannels - this.#live.size - this.#between.size) / sharers);
    return Math.min(lead - ahead, entry.state.maxChannels - ofCampaign, free);
  }

  async #dispatch(claim: Claim, entry: BookEntry, leasedUntilMs: number): Promise<void> {
    const { ledger, clock, dialerId } = this.#parts;
    const { campaign } = entry.state;
    const context = { nowMs: clock.nowMs(), holidays: entry.holidays };
    if (claim.orphan !== null) {
      const attempt = lostAttempt(claim.facts.contact, claim.orphan, context.nowMs);
      this.#parts.tell({ kind: 'attempt_ended', attempt, waitedMs: null });
      await this.#settle(claim.lease, { attempt, next: decideAfter(claim.facts, attempt, campaign, context), optOut: [], nowMs: context.nowMs });
      return;
    }
    let facts: ContactFacts = claim.facts;
    for (let tries = 0; tries < CONFLICT_TRIES; tries++) {
      // Claimed before the drain began: given back.
      if (!this.#accepting) return this.#settleUncalled(claim.lease, { kind: 'wait', dueAtMs: clock.nowMs(), reason: 'the dialer drains' });
      const decision = decideCall(facts, campaign, { ...context, nowMs: clock.nowMs() });
      if (decision.kind !== 'call') return this.#settleUncalled(claim.lease, decision);
      const attemptNumber = facts.attempts.length + 1;
      const choice = chooseTrunk(campaign.trunks, this.#rates.states, `${claim.lease.contactId}:${attemptNumber}`, clock.nowMs());
      if (choice.kind === 'wait') return this.#settleUncalled(claim.lease, { kind: 'wait', dueAtMs: choice.untilMs, reason: 'every trunk is eased off' });
      const begunAtMs = clock.nowMs();
      const begun: BegunAttempt = {
        attemptId: newId(begunAtMs),
        attemptNumber,
        phone: facts.contact.phones[decision.phoneIndex]!,
        phoneIndex: decision.phoneIndex,
        trunk: choice.trunk,
        callerId: chooseCallerId(campaign.callerIds, claim.lease.contactId),
        dialerId,
        begunAtMs,
      };
      const trunk = this.#rates.get(choice.trunk);
      const result = await ledger.begin(claim.lease, begun, facts, [
        { key: `campaign:${campaign.id}`, max: entry.state.maxChannels },
        ...(trunk === undefined ? [] : [{ key: `trunk:${trunk.name}`, max: trunk.maxChannels }]),
      ]);
      switch (result.kind) {
        case 'begun':
          this.#startCall({ ...claim, facts }, begun, entry, leasedUntilMs);
          return;
        case 'lease_lost':
          this.#between.delete(claim.lease.contactId);
          return;
        case 'no_channel':
          return this.#settleUncalled(claim.lease, { kind: 'wait', dueAtMs: clock.nowMs() + NO_CHANNEL_WAIT_MS, reason: `no channel is free under ${result.limit}` });
        case 'conflict': {
          const fresh = await ledger.facts(claim.lease);
          if (fresh === null) {
            this.#between.delete(claim.lease.contactId);
            return;
          }
          facts = fresh;
        }
      }
    }
    await this.#settleUncalled(claim.lease, { kind: 'wait', dueAtMs: clock.nowMs() + NO_CHANNEL_WAIT_MS, reason: 'the person or the phone is being called by another' });
  }

  #startCall(claim: Claim, begun: BegunAttempt, entry: BookEntry, leasedUntilMs: number): void {
    const { campaign } = entry.state;
    const { contact } = claim.facts;
    const { clock } = this.#parts;
    const { latestDecisionMs, unsureMeans, lostHumanCost, earlyMedia, ringOdds } = campaign.detection;
    const live: Live = { claim, begun, campaignId: campaign.id, call: null, leaseLost: false, stopBeforeStart: null, placed: false, leasedUntilMs };
    this.#live.set(begun.attemptId, live);
    count(this.#unplaced, campaign.id, 1);
    count(this.#ofCampaign, campaign.id, 1);
    this.#between.delete(claim.lease.contactId);
    live.call = startLiveCall(
      {
        attemptId: begun.attemptId,
        flow: flowFor(campaign, contact.arms),
        language: contact.language,
        today: localDateAt(contact.timezone, clock.nowMs()),
        ringTimeoutMs: campaign.ringTimeoutSeconds * 1000,
        maxCallMs: campaign.maxCallSeconds * 1000,
        detection: { latestDecisionMs, unsureMeans },
        machine: { policy: campaign.machine.policy, beepTimeoutMs: campaign.machine.beepTimeoutSeconds * 1000 },
        slackMs: DEFAULT_SLACK_MS * Math.max(1, this.#parts.clockSpeed),
      },
      {
        attemptId: begun.attemptId,
        phone: begun.phone,
        callerId: begun.callerId,
        trunk: begun.trunk,
        language: contact.language,
        ringTimeoutMs: campaign.ringTimeoutSeconds * 1000,
        detection: { latestDecisionMs, lostHumanCost, unsureMeans, earlyMedia, ringOdds, country: campaign.defaultCountry },
      },
      {
        switch: this.#parts.switch,
        clock,
        prompt: (step) => this.#parts.prompt(step, contact, campaign),
        onRequestStart: () => this.#queueStart(live, entry),
        onEvent: (event) => this.#tellOf(live, event),
        onPromptFailed: this.#parts.onPromptFailed,
        onFinish: (result) => void this.#finish(live, result).catch((error: unknown) => this.#parts.onError(error)),
      },
    );
    if (live.stopBeforeStart !== null) live.call.stop(live.stopBeforeStart);
    // Written down while the drain began.
    if (!this.#accepting) this.#stop(live, 'drain_limit');
  }

  #queueStart(live: Live, entry: BookEntry): void {
    const { clock } = this.#parts;
    const { campaignId } = live;
    const { window, expiresAt } = entry.state.campaign;
    const { timezone } = live.claim.facts.contact;
    this.#queues.of(entry, live.begun.trunk).add(
      {
        waiting: () => this.#live.has(live.begun.attemptId) && !live.leaseLost,
        refusal: () => {
          const nowMs = clock.nowMs();
          // It slept past its lease, or the ledger was away for so long: the contact may be another's by now.
          if (nowMs >= live.leasedUntilMs) return 'stopped';
          if ((this.#book.get(campaignId)?.state ?? entry.state).mode !== 'running') return 'stopped';
          return nowMs >= Date.parse(expiresAt) || !windowAt(window, entry.holidays, timezone, nowMs).open ? 'window_closed' : null;
        },
        start: (onSent) => {
          live.placed = true;
          count(this.#unplaced, campaignId, -1);
          live.call?.mayInvite(onSent);
          this.wake();
        },
        refuse: (reason) => live.call?.stop(reason),
      },
    );
  }

  async #finish(live: Live, result: CallResult): Promise<void> {
    const { clock, tell } = this.#parts;
    const { claim, begun, campaignId } = live;
    this.#live.delete(begun.attemptId);
    if (!live.placed) count(this.#unplaced, campaignId, -1);
    count(this.#ofCampaign, campaignId, -1);
    this.#between.set(claim.lease.contactId, claim.lease);
    const nowMs = clock.nowMs();
    const entry = this.#book.get(campaignId);
    if (entry === undefined) throw new Error(`campaign ${campaignId} has gone from the ledger`);
    const { startedAtMs } = result;
    if (startedAtMs === null) {
      tell({ kind: 'call_not_placed', campaignId, reason: result.stopReason ?? 'no media endpoint' });
      const wait = result.stopReason === null ? NO_MEDIA_WAIT_MS : 0;
      await this.#settleUncalled(claim.lease, this.#unlessStopped(entry, { kind: 'wait', dueAtMs: nowMs + wait, reason: result.stopReason ?? 'no media endpoint' }));
      return;
    }
    this.#rates.learn(begun.trunk, result, nowMs);
    const attempt = placedAttempt(claim.facts.contact, begun, { ...result, startedAtMs });
    tell({ kind: 'attempt_ended', attempt, waitedMs: result.waitedMs });
    const next = this.#unlessStopped(entry, decideAfter(claim.facts, attempt, entry.state.campaign, { nowMs, holidays: entry.holidays }));
    const optOut = attempt.response.kind === 'opt_out' ? [{ phone: attempt.phone, reason: 'asked in a call', addedAtMs: nowMs, expiresAtMs: null }] : [];
    await this.#settle(claim.lease, { attempt, next, optOut, nowMs });
  }

  #unlessStopped(entry: BookEntry, next: NextStep): NextStep {
    return entry.state.mode === 'stopped' && next.kind === 'wait' ? { kind: 'close', disposition: 'expired', reason: 'the campaign was stopped by an operator' } : next;
  }

  #settleUncalled(lease: Lease, next: NextStep): Promise<void> {
    return this.#settle(lease, { attempt: null, next, optOut: [], nowMs: this.#parts.clock.nowMs() });
  }

  async #settle(lease: Lease, settlement: Parameters<Ledger['settle']>[1]): Promise<void> {
    try {
      const result = await this.#parts.ledger.settle(lease, settlement);
      if (result === 'lease_lost') this.#parts.tell({ kind: 'lease_lost', campaignId: lease.campaignId });
    } finally {
      this.#between.delete(lease.contactId);
    }
    this.#parts.onSettled();
    this.wake();
  }

  #tellOf(live: Live, event: CallEvent): void {
    const { tell } = this.#parts;
    const { campaignId } = live;
    if (event.kind === 'invited') tell({ kind: 'call_started', campaignId, trunk: live.begun.trunk });
    else if (event.kind === 'ringing') tell({ kind: 'call_ringing', campaignId });
    else if (event.kind === 'answered') tell({ kind: 'call_answered', campaignId });
  }
}

function count(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
