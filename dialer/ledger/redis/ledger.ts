import { randomUUID } from 'node:crypto';
import type { EngineHealth } from '../../../core/bus/port.ts';
import { attemptSchema, type Attempt } from '../../../core/attempt.ts';
import { campaignSchema, type Campaign } from '../../../core/campaign.ts';
import { contactClosedSchema, type Contact } from '../../../core/contact.ts';
import { ObzvonError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/log.ts';
import { DISPOSITIONS, type Disposition } from '../../../core/outcome.ts';
import type { Payment } from '../../../core/payment.ts';
import {
  AWAITS_COMMIT_DUE_MS, OUTBOX_HOLD_MS, type BeginResult, type BegunAttempt, type CampaignCounts, type CampaignMode, type CampaignState, type ChannelLimit, type Claim, type ContactFacts,
  type DncEntry, type Lease, type LeaseStatus, type Ledger, type LedgerCondition, type LiveAttempt, type LoadDecision, type NextStep, type OutboxItem, type RateLimit, type RestoredContact,
  type Settlement, type StartPermit, type StopRequest,
} from '../port.ts';
import { BATCH, batches } from './batches.ts';
import { Claims, type ClaimRequest } from './claims.ts';
import { RedisConnection, type Reply } from './connection.ts';
import { beginArgs, contactArgs, dncArgs, leaseArgs, list, num, numOrNull, pastStart, readFacts, readStopRequests, readStops, replayArgs, restoreArgs, settleArgs, text } from './encoding.ts';
import { Gather } from './gather.ts';
import type { ScriptName } from './scripts.ts';
import { lateArgs, readPermit, takeArgs } from './starts.ts';
import { parseRedisUrl } from './url.ts';

const OPEN_MS = 8000;
const MODES = ['running', 'paused', 'stopped'] as const;

export interface RedisLedgerOptions {
  /** redis://…, redis+sentinel://… or redis+cluster://…; see url.ts. */
  readonly url: string;
  readonly log?: Logger;
  /** How long an outbox item that was handed out is hidden, ms. */
  readonly outboxHoldMs?: number;
  /** How long to wait for Redis's first answer, ms. */
  readonly openTimeoutMs?: number;
}

/**
 * The ledger on Redis 7 or later: many dialers on many machines share it.
 *
 * - Every change is one Lua script (`lua/`), so it is atomic. A script touches a contact, its person, phones, channels, counters and
 *   the outbox at once; that is what the ledger is for. So all keys of one ledger carry one hash tag, `{prefix}`, and in a
 *   Redis Cluster one ledger lives on one shard; several ledgers (prefixes) spread over the shards.
 * - A promise resolves when Redis has answered. With `appendfsync always` the change is then on its disk; with `everysec` up to a
 *   second of changes is lost if the machine loses power (not if Redis is killed). A failover (Sentinel, Cluster) may lose what the
 *   replica had not got yet; `?replicas=1` makes every change wait until a replica has it (for a second at most).
 * - Redis going away is waited for: commands stay pending and are sent again. Every script can be executed twice; its header says why.
 * - Memory, measured on Redis 7.0 with one phone, one call and 100 bytes of fields: 730 bytes a waiting contact, 710 a closed one; the
 *   append-only file grows by 3.2 KB for a contact taken in, called once and closed, until Redis rewrites it.
 * - The key `{prefix}:epoch` is there while the ledger is ready. A Redis that comes back empty does not have it, and every script
 *   fails with `ledger_lost` until the ledger is rebuilt. So it is with a Redis that comes back with an older copy: changes are counted (`{prefix}:mark`), every
 *   handle knows the count of the last one it was told of, and whoever finds a smaller one declares the ledger lost.
 */
export async function openRedisLedger(options: RedisLedgerOptions): Promise<Ledger> {
  const target = parseRedisUrl(options.url);
  const connection = await RedisConnection.open(target, { timeoutMs: options.openTimeoutMs ?? OPEN_MS, ...(options.log === undefined ? {} : { log: options.log }) });
  const ledger = new RedisLedger(connection, options.outboxHoldMs ?? OUTBOX_HOLD_MS);
  await ledger.condition();
  return ledger;
}

interface Rebuild {
  readonly name: string;
  readonly forMs: number;
  finished: boolean;
}

class RedisLedger implements Ledger {
  readonly #connection: RedisConnection;
  readonly #outboxHoldMs: number;
  /** The epoch key as this handle knows it, and the mark of the last change of it that this handle was told of; every script compares. */
  #epoch = '';
  #mark = 0;
  #rebuild: Rebuild | null = null;
  /** Decoded when they change; versions begin anew with every epoch. */
  #definitions: { epoch: string; version: string; campaigns: ReadonlyMap<string, Campaign> } = { epoch: '', version: '', campaigns: new Map() };
  readonly #claims: Claims;
  readonly #begins: Gather<(string | number)[], string>;
  readonly #settles: Gather<(string | number)[], string>;
  readonly #lates: Gather<(string | number)[], number>;

  constructor(connection: RedisConnection, outboxHoldMs: number) {
    this.#connection = connection;
    this.#outboxHoldMs = outboxHoldMs;
    const gather = (name: ScriptName) =>
      new Gather<(string | number)[], string>(async (items) => {
        return list(await this.#change(name, items.flat())).map(text);
      });
    this.#claims = new Claims((args) => this.#change('claim', args));
    this.#begins = gather('begin');
    this.#settles = gather('settle');
    this.#lates = new Gather(async (items) => {
      await this.#run('late-start', items.flat());
      return items.map(() => 1);
    });
  }

  #run(name: ScriptName, args: readonly (string | number)[]): Promise<Reply> {
    return this.#connection.run(name, [`${this.#epoch}#${this.#mark}`, ...args]);
  }

  /** Runs a script that answers with the ledger's mark: what it changed is promised from then on. */
  async #change(name: ScriptName, args: readonly (string | number)[]): Promise<Reply> {
    const epoch = this.#epoch;
    const [mark, reply] = list(await this.#run(name, args));
    await this.#connection.waitForReplicas();
    if (this.#epoch === epoch) this.#mark = Math.max(this.#mark, num(mark));
    return reply ?? null;
  }

  /** From now on this handle speaks of another ledger than before. */
  #enter(epoch: string): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#mark = 0;
  }

  async defineCampaign(campaign: Campaign): Promise<void> {
    const former = text(await this.#change('define-campaign', [campaign.id, JSON.stringify(campaign), campaign.stopAtPaidShare, Date.parse(campaign.startsAt)]));
    for (const startMs of former.split(',').filter((start) => start !== '')) {
      for (let stay = 0; stay >= 0; ) {
        const more = num(await this.#change('move-start', [campaign.id, startMs, stay, BATCH]));
        stay = more < 0 ? -1 : stay + more;
      }
    }
  }

  async campaigns(): Promise<readonly CampaignState[]> {
    const epoch = this.#epoch;
    const seen = this.#definitions.epoch === epoch ? this.#definitions.version : '';
    const [version, flat, states] = list(await this.#run('campaigns', [seen]));
    if (version !== seen) {
      const texts = list(flat).map(text);
      const campaigns = new Map<string, Campaign>();
      for (let at = 0; at < texts.length; at += 2) campaigns.set(texts[at]!, campaignSchema.parse(JSON.parse(texts[at + 1]!)));
      this.#definitions = { epoch, version: text(version), campaigns };
    }
    const { campaigns } = this.#definitions;
    return list(states)
      .flatMap((entry): CampaignState[] => {
        const [id, mode, cps, channels, firstCallAtMs] = list(entry);
        const campaign = campaigns.get(text(id));
        if (campaign === undefined) return [];
        return [{
          campaign, mode: modeOf(text(mode)), maxCallsPerSecond: numOrNull(cps) ?? campaign.maxCallsPerSecond, maxChannels: numOrNull(channels) ?? campaign.maxChannels,
          firstCallAtMs: numOrNull(firstCallAtMs),
        }];
      })
      .sort((a, b) => (a.campaign.id < b.campaign.id ? -1 : 1));
  }

  async setMode(campaignId: string, mode: CampaignMode): Promise<void> {
    const inFlight = await this.#change('set-mode', [campaignId, mode]);
    if (inFlight === null) throw unknownCampaign(campaignId);
    for (const contactIds of batches(list(inFlight).map(text))) await this.#change('stop-calls', contactIds);
  }

  async setLimits(campaignId: string, limits: { maxCallsPerSecond?: number; maxChannels?: number }): Promise<void> {
    if ((await this.#change('set-limits', [campaignId, limits.maxCallsPerSecond ?? '', limits.maxChannels ?? ''])) === 0) throw unknownCampaign(campaignId);
  }

  async counts(campaignId: string, nowMs: number): Promise<CampaignCounts> {
    const [flat, due, nextDueAtMs] = list(await this.#run('counts', [campaignId, nowMs]));
    const fields = list(flat).map(text);
    const counter = (name: string): number => {
      const at = fields.indexOf(name);
      return at < 0 ? 0 : Number(fields[at + 1]);
    };
    return {
      contacts: counter('contacts'), waiting: counter('waiting'), due: num(due), inFlight: counter('inFlight'), attempts: counter('attempts'), nextDueAtMs: nextDueOf(numOrNull(nextDueAtMs)),
      closed: Object.fromEntries(DISPOSITIONS.map((disposition) => [disposition, counter(`closed:${disposition}`)])) as Record<Disposition, number>,
    };
  }

  async admit(contacts: readonly Contact[], nowMs: number): Promise<number> {
    let added = 0;
    for (const batch of batches(contacts)) added += num(await this.#change('admit', [nowMs, ...batch.flatMap(contactArgs)]));
    return added;
  }

  claim(request: ClaimRequest): Promise<readonly Claim[]> {
    return this.#claims.claim(request);
  }

  async renew(leases: readonly Lease[], untilMs: number): Promise<readonly LeaseStatus[]> {
    const statuses: LeaseStatus[] = [];
    for (const batch of batches(leases)) {
      const kept = list(await this.#run('renew', [untilMs, ...batch.flatMap(leaseArgs)]));
      batch.forEach(({ contactId }, at) => statuses.push({ contactId, status: kept[at] === 1 ? 'kept' : 'lost' }));
    }
    return statuses;
  }

  async facts(lease: Lease): Promise<ContactFacts | null> {
    const [found] = list(await this.#run('facts', leaseArgs(lease)));
    return found === 0 ? null : readFacts(found);
  }

  async begin(lease: Lease, attempt: BegunAttempt, facts: ContactFacts, channels: readonly ChannelLimit[]): Promise<BeginResult> {
    const result = await this.#begins.add(beginArgs(lease, attempt, facts, channels));
    if (result === 'begun' || result === 'conflict' || result === 'lease_lost') return { kind: result };
    return { kind: 'no_channel', limit: result.slice('no_channel '.length) };
  }

  async settle(lease: Lease, settlement: Settlement): Promise<'settled' | 'lease_lost'> {
    return (await this.#settles.add(settleArgs(lease, settlement))) === 'settled' ? 'settled' : 'lease_lost';
  }

  async takeStart(limits: readonly RateLimit[], nowMs: number): Promise<StartPermit> {
    return readPermit(limits, await this.#run('take-start', takeArgs(limits, nowMs)));
  }

  async lateStart(receipt: string, startedAtMs: number): Promise<void> {
    await this.#lates.add(lateArgs(receipt, startedAtMs));
  }

  async recordPayments(payments: readonly Payment[], nowMs: number): Promise<readonly StopRequest[]> {
    const requests: StopRequest[] = [];
    for (const batch of batches(payments)) {
      const args = batch.flatMap(({ paymentId, accountId, amountMinor, paidAtMs, receivedAtMs }) => [paymentId, accountId, amountMinor, paidAtMs, receivedAtMs]);
      requests.push(...readStopRequests(await this.#change('record-payments', [nowMs, ...args])));
    }
    return requests;
  }

  async addDnc(entries: readonly DncEntry[], nowMs: number): Promise<readonly StopRequest[]> {
    const requests: StopRequest[] = [];
    for (const batch of batches(entries)) requests.push(...readStopRequests(await this.#change('add-dnc', [nowMs, ...batch.flatMap(dncArgs)])));
    return requests;
  }

  async removeDnc(phones: readonly string[]): Promise<number> {
    let removed = 0;
    for (const batch of batches(phones)) removed += num(await this.#change('remove-dnc', batch));
    return removed;
  }

  async *listDnc(): AsyncIterable<DncEntry> {
    for (let from = '-'; ; ) {
      const page = list(await this.#run('list-dnc', [from, BATCH])).map((entry): DncEntry => {
        const [phone, reason, addedAtMs, expiresAtMs] = list(entry);
        return { phone: text(phone), reason: text(reason), addedAtMs: num(addedAtMs), expiresAtMs: numOrNull(expiresAtMs) };
      });
      yield* page;
      if (page.length < BATCH) return;
      from = `(${page.at(-1)!.phone}`;
    }
  }

  async stopRequests(dialerId: string): Promise<readonly StopRequest[]> {
    return readStops(await this.#run('stop-requests', [dialerId]));
  }

  async decideLoad(campaignId: string, loadId: string, decision: LoadDecision, nowMs: number): Promise<{ changed: number; left: number }> {
    const total = { changed: 0, left: 0 };
    let cursor = '0';
    do {
      const [next, changed, left] = list(await this.#change('decide-load', [campaignId, loadId, decision, nowMs, cursor, BATCH, AWAITS_COMMIT_DUE_MS]));
      total.changed += num(changed);
      total.left += num(left);
      cursor = text(next);
    } while (cursor !== '0');
    return total;
  }

  async closeWaiting(campaignId: string, disposition: 'expired', reason: string, nowMs: number): Promise<number> {
    for (let total = 0; ; ) {
      const closed = num(await this.#change('close-waiting', [campaignId, disposition, reason, nowMs, BATCH]));
      total += closed;
      if (closed === 0) return total;
    }
  }

  async readOutbox(limit: number): Promise<readonly OutboxItem[]> {
    const items = list(await this.#run('read-outbox', [limit, this.#outboxHoldMs])).map((entry): OutboxItem => {
      const [id, fields] = list(entry);
      const [kind, json] = list(fields).map(text);
      const seq = Number(text(id).slice(2));
      const value: unknown = JSON.parse(json ?? '');
      return kind === 'a' ? { seq, kind: 'attempt', value: attemptSchema.parse(value) } : { seq, kind: 'closed', value: contactClosedSchema.parse(value) };
    });
    return items.sort((a, b) => a.seq - b.seq);
  }

  async ackOutbox(seqs: readonly number[]): Promise<void> {
    for (const batch of batches(seqs, 1000)) await this.#run('ack-outbox', batch.map((seq) => `0-${seq}`));
  }

  async outboxSize(): Promise<number> {
    return num(await this.#run('outbox-size', []));
  }

  async contactByAccount(campaignId: string, accountId: string): Promise<(ContactFacts & { readonly status: string; readonly dueAtMs: number | null }) | null> {
    const reply = await this.#run('contact-by-account', [campaignId, accountId]);
    if (reply === null) return null;
    const [status, dueAtMs, facts] = list(reply);
    const short = text(status);
    return { ...readFacts(facts), status: { w: 'waiting', l: 'leased', c: 'calling' }[short] ?? short, dueAtMs: numOrNull(dueAtMs) };
  }

  async forget(accountId: string, reason: string, nowMs: number): Promise<number | 'in_hand'> {
    const forgotten = num(await this.#change('forget', [accountId, reason, nowMs]));
    return forgotten < 0 ? 'in_hand' : forgotten;
  }

  async condition(): Promise<LedgerCondition> {
    const known = await this.#connection.readEpoch();
    if (known === null) return { kind: 'lost' };
    if (!known.startsWith('open:')) return { kind: 'rebuilding' };
    this.#enter(known);
    return { kind: 'ready', epoch: known.slice('open:'.length) };
  }

  async startRebuild(forMs: number): Promise<boolean> {
    const rebuild: Rebuild = this.#rebuild === null || this.#rebuild.finished ? { name: randomUUID(), forMs, finished: false } : this.#rebuild;
    const key = `rebuild:${rebuild.name}`;
    const right = await this.#connection.run('start-rebuild', [key, forMs]);
    if (right === 0) return false;
    this.#enter(key);
    this.#rebuild = rebuild;
    if (right === 2) return true;
    this.#mark = 0;
    // What a rebuild that was given up had put there.
    await this.#connection.wipe();
    await this.#run('prepare', []);
    return true;
  }

  async restore(contacts: readonly RestoredContact[]): Promise<void> {
    const { forMs } = this.#rebuild ?? { forMs: 60_000 };
    for (const batch of batches(contacts)) await this.#change('restore', [Date.now(), forMs, ...batch.flatMap(restoreArgs)]);
  }

  async finishRebuild(claimsFromMs: number): Promise<void> {
    const name = this.#rebuild?.name ?? 'none';
    if ((await this.#connection.run('finish-rebuild', [`rebuild:${name}`, `open:${name}`, claimsFromMs, this.#mark])) === 0) {
      throw new ObzvonError('locked', 'the ledger cannot be rebuilt from here: the right to it is not held, or went to another process');
    }
    this.#enter(`open:${name}`);
    if (this.#rebuild !== null) this.#rebuild.finished = true;
  }

  async adopt({ contactId, campaignId, begun }: LiveAttempt, dialerId: string, untilMs: number): Promise<Lease | null> {
    const token = num(
      await this.#change('adopt', [
        contactId, dialerId, untilMs, JSON.stringify(begun), begun.attemptId, pastStart(begun.attemptId), begun.phone, begun.begunAtMs, `campaign:${campaignId}`, `trunk:${begun.trunk}`,
      ]),
    );
    return token === 0 ? null : { contactId, campaignId, dialerId, token };
  }

  async replay(attempt: Attempt, next: NextStep, nowMs: number): Promise<void> {
    await this.#change('replay', replayArgs(attempt, next, nowMs));
  }

  engineTimeMs(): Promise<number> {
    return this.#connection.engineTimeMs();
  }

  health(): EngineHealth {
    return this.#connection.health();
  }

  close(): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }
}

function modeOf(found: string): CampaignMode {
  const mode = MODES.find((known) => known === found);
  if (mode === undefined) throw new ObzvonError('storage', 'the ledger on Redis has a campaign in an unknown mode: it was written by another version of obzvon');
  return mode;
}

/** Who awaits a load's commit is due at no time. */
function nextDueOf(earliestMs: number | null): number | null {
  return earliestMs === null || earliestMs >= AWAITS_COMMIT_DUE_MS ? null : earliestMs;
}

function unknownCampaign(campaignId: string): ObzvonError {
  return new ObzvonError('not_found', `campaign "${campaignId}" is not known to the ledger`);
}
