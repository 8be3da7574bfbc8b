import { afterEach, beforeEach, expect } from 'vitest';
import type { ContactClosed } from '../../core/contact.ts';
import type { BegunAttempt, Claim, DncEntry, Ledger, NextStep, OutboxItem } from './port.ts';
import { sampleBegun, sampleCampaign, START_MS } from './samples.contract.ts';

/** One empty ledger, ready for use, and as many handles on it as asked for. */
export interface LedgerUnderTest {
  open(): Promise<Ledger>;
  /** Loses everything the ledger holds under its open handles, as an engine does that comes back empty; absent if this one cannot. */
  wipe?(): Promise<void>;
  tearDown(): Promise<void>;
}

export const LEASE_MS = 60_000;
export const wait = (dueAtMs: number): NextStep => ({ kind: 'wait', dueAtMs, reason: 'retry' });
export const reached: NextStep = { kind: 'close', disposition: 'reached', reason: 'a human heard the message whole' };
export const blocked = (phone: string, changes: Partial<DncEntry> = {}): DncEntry => ({ phone, reason: 'asked', addedAtMs: START_MS, expiresAtMs: null, ...changes });

/** Two handles on a ledger that knows the campaign `november`, new for every test, and what most tests do with them. */
export class LedgerFixture {
  #under: LedgerUnderTest | null = null;
  #handles: Ledger[] = [];
  readonly #told = new Map<number, OutboxItem>();

  constructor(setUp: () => Promise<LedgerUnderTest>) {
    beforeEach(async () => {
      this.#told.clear();
      this.#under = await setUp();
      this.#handles = [await this.#under.open(), await this.#under.open()];
      await this.ledger.defineCampaign(sampleCampaign());
    });
    afterEach(async () => {
      for (const handle of this.#handles) await handle.close();
      await this.#under?.tearDown();
    });
  }

  get under(): LedgerUnderTest {
    if (this.#under === null) throw new Error('no test is running');
    return this.#under;
  }

  get ledger(): Ledger {
    return this.#handles[0]!;
  }

  get other(): Ledger {
    return this.#handles[1]!;
  }

  readonly claims = (from: Ledger, dialerId = 'dialer-1', nowMs = START_MS, limit = 100, campaignId = 'november'): Promise<readonly Claim[]> =>
    from.claim({ campaignId, dialerId, limit, nowMs, leaseMs: LEASE_MS });

  readonly claimOne = async (dialerId = 'dialer-1', nowMs = START_MS, campaignId = 'november'): Promise<Claim> => {
    const [claim] = await this.claims(this.ledger, dialerId, nowMs, 1, campaignId);
    if (claim === undefined) throw new Error('nothing was due');
    return claim;
  };

  readonly callOne = async (claim: Claim, changes: Partial<BegunAttempt> = {}): Promise<BegunAttempt> => {
    const begun = sampleBegun(claim, changes);
    expect(await this.ledger.begin(claim.lease, begun, claim.facts, [])).toEqual({ kind: 'begun' });
    return begun;
  };

  /** Every outbox item of this test so far, in order: an engine may hide for a while what it handed out. */
  readonly told = async (): Promise<OutboxItem[]> => {
    for (const item of await this.ledger.readOutbox(1000)) this.#told.set(item.seq, item);
    return [...this.#told.values()].sort((a, b) => a.seq - b.seq);
  };

  /** The dispositions told so far. */
  readonly closings = async (): Promise<ContactClosed[]> => (await this.told()).flatMap((item) => (item.kind === 'closed' ? [item.value] : []));

  /** Loses what the ledger holds, if it can be made to; one that cannot holds a campaign and nothing else. Then takes the right to rebuild it. */
  readonly startRebuild = async (): Promise<void> => {
    await this.under.wipe?.();
    expect(await this.ledger.condition()).toEqual({ kind: 'lost' });
    expect(await this.ledger.startRebuild(600_000)).toBe(true);
    await this.ledger.defineCampaign(sampleCampaign());
  };

  /** Opens the ledger to both handles. */
  readonly finishRebuild = async (claimsFromMs = 0): Promise<void> => {
    await this.ledger.finishRebuild(claimsFromMs);
    expect((await this.ledger.condition()).kind).toBe('ready');
    expect((await this.other.condition()).kind).toBe('ready');
  };

  readonly statusOf = async (account: string, campaignId = 'november'): Promise<string | undefined> => (await this.other.contactByAccount(campaignId, account))?.status;
}
