import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEmbeddedBus } from '../../core/bus/embedded.ts';
import type { Bus } from '../../core/bus/port.ts';
import { attemptsTopic, commandsTopic, contactsTopic, dispositionsTopic, paymentsTopic } from '../../core/bus/topics.ts';
import { SimulatedClock } from '../../core/clock.ts';
import type { Contact } from '../../core/contact.ts';
import { ObzvonError } from '../../core/errors.ts';
import { createLogger } from '../../core/log.ts';
import { openEmbeddedLedger } from '../ledger/embedded.ts';
import type { Ledger } from '../ledger/port.ts';
import { sampleAttempt, sampleAttemptOf, sampleBegun, sampleCampaign, sampleContact, samplePayment, START_MS } from '../ledger/samples.contract.ts';
import { startIntake } from './intake.ts';
import { recoveringLedger } from './recovering-ledger.ts';

const LEASE_MS = 60_000;
const log = createLogger({ level: 'silent' });
/** Methods that a lost ledger answers. */
const OF_REBUILD = new Set<PropertyKey>(['condition', 'startRebuild', 'engineTimeMs', 'health', 'close']);

/** An engine that can lose everything at any moment; its handles then reject until one of them has rebuilt it. */
class LosableEngine {
  readonly #dir: string;
  readonly #opened: Ledger[] = [];
  #current!: Ledger;
  #losses = 0;
  #rebuilder: symbol | null = null;
  #lost = false;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async lose(): Promise<void> {
    this.#current = await openEmbeddedLedger({ dir: join(this.#dir, `ledger-${this.#losses++}`) });
    this.#opened.push(this.#current);
    this.#rebuilder = null;
    this.#lost = true;
  }

  get rebuilding(): boolean {
    return this.#rebuilder !== null;
  }

  handle(): Ledger {
    const me = Symbol('handle');
    let seen = -1;
    return new Proxy({} as Ledger, {
      get: (_target, name) => {
        if (name === 'then') return undefined;
        return async (...args: unknown[]) => {
          const allowed = OF_REBUILD.has(name) || this.#rebuilder === me || (!this.#lost && seen === this.#losses);
          if (!allowed) throw new ObzvonError('ledger_lost', 'the ledger holds nothing');
          if (name === 'condition') {
            if (!this.#lost) seen = this.#losses;
            return this.#lost ? { kind: this.#rebuilder === null ? 'lost' : 'rebuilding' } : { kind: 'ready', epoch: String(this.#losses) };
          }
          if (name === 'startRebuild') {
            if (this.#rebuilder !== null || !this.#lost) return false;
            this.#rebuilder = me;
          }
          const method: unknown = Reflect.get(this.#current, name);
          if (typeof method !== 'function') throw new Error(`a ledger has no method ${String(name)}`);
          const result: unknown = await Reflect.apply(method, this.#current, args);
          if (name === 'finishRebuild') {
            this.#lost = false;
            this.#rebuilder = null;
          }
          return result;
        };
      },
    });
  }

  async close(): Promise<void> {
    for (const ledger of this.#opened) await ledger.close();
  }
}

let dir: string;
let bus: Bus;
let engine: LosableEngine;
const clock = new SimulatedClock({ wallMs: Date.now(), simulatedMs: START_MS, speed: 1000 });
const open = (dialerId: string): Promise<Ledger> => recoveringLedger(engine.handle(), { bus, clock, clockSpeed: 1000, log, dialerId, leaseMs: LEASE_MS * 1000 });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-recovery-'));
  bus = await openEmbeddedBus({ dir: join(dir, 'bus'), nowMs: () => clock.nowMs() });
  engine = new LosableEngine(dir);
  await engine.lose();
});
afterEach(async () => {
  await engine.close();
  await bus.close();
  await rm(dir, { recursive: true, force: true });
});

async function publish(contacts: readonly Contact[]): Promise<void> {
  const campaign = sampleCampaign();
  await bus.publish(commandsTopic, [{ key: campaign.id, value: { kind: 'define', campaignId: campaign.id, campaign, atMs: START_MS } }]);
  await bus.publish(contactsTopic, contacts.map((value) => ({ key: value.contactId, value })));
}

async function takeIn(ledger: Ledger): Promise<void> {
  const intake = await startIntake({ bus, ledger, clock, onStop: () => undefined, onChange: () => undefined });
  await intake.caughtUp();
  await intake.stop();
}

const claimAll = (ledger: Ledger, dialerId: string) => ledger.claim({ campaignId: 'november', dialerId, limit: 100, nowMs: clock.nowMs() + 1000, leaseMs: LEASE_MS * 1000 });

/** Claims when the time after the rebuild, in which nobody may claim, is over. */
async function claimsAfterSettling(ledger: Ledger, dialerId: string) {
  for (;;) {
    const claims = await claimAll(ledger, dialerId);
    if (claims.length > 0) return claims;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a new ledger on a bus that knows more is filled from it', async () => {
  const [open1, closed, paid, heldOut] = [sampleContact('a1'), sampleContact('a2'), sampleContact('a3'), sampleContact('a4', { group: 'held_out' })];
  await publish([open1, closed, paid, heldOut]);
  await takeIn(await open('dialer-1'));
  const attempt = sampleAttemptOf(open1, { attemptId: 'told', startedAtMs: START_MS, endedAtMs: START_MS + 1000, outcome: 'no_answer' });
  await bus.publish(attemptsTopic, [{ key: open1.contactId, value: attempt }]);
  const { contactId, campaignId, accountId, group } = closed;
  await bus.publish(dispositionsTopic, [{ key: contactId, value: { contactId, campaignId, accountId, group, disposition: 'reached', reason: 'heard', attempts: 1, closedAtMs: START_MS } }]);
  await bus.publish(paymentsTopic, [{ key: 'a3', value: samplePayment('a3', 100_000) }]);

  await engine.lose();
  const ledger = await open('dialer-2');
  const counts = await ledger.counts('november', clock.nowMs());
  expect(counts).toMatchObject({ contacts: 4, waiting: 1, inFlight: 0, attempts: 1 });
  expect(counts.closed).toMatchObject({ reached: 1, paid: 1, held_out: 1 });
  // What the bus was told before is not told again; the payment had no time to be.
  expect((await ledger.readOutbox(10)).map((item) => (item.kind === 'closed' ? item.value.accountId : item.kind)).sort()).toEqual(['a3', 'a4']);
  const known = await ledger.contactByAccount('november', 'a1');
  expect(known?.attempts.map((past) => past.attemptId)).toEqual(['told']);
  expect(known?.dueAtMs).toBeGreaterThan(START_MS + 1000);
});

test('a call under way is put back: its dialer settles it, nobody else gets its contact', async () => {
  await publish([sampleContact('b1'), sampleContact('b2')]);
  const mine = await open('dialer-1');
  await takeIn(mine);
  const [first] = await claimAll(mine, 'dialer-1');
  if (first === undefined) throw new Error('nothing was due');
  const begun = sampleBegun(first, { begunAtMs: clock.nowMs() });
  expect(await mine.begin(first.lease, begun, first.facts, [])).toEqual({ kind: 'begun' });

  await engine.lose();
  const other = await open('dialer-2');
  expect(await mine.renew([first.lease], clock.nowMs() + LEASE_MS * 1000)).toEqual([{ contactId: first.lease.contactId, status: 'kept' }]);
  const claimed = await claimsAfterSettling(other, 'dialer-2');
  expect(claimed.map((claim) => claim.lease.contactId)).not.toContain(first.lease.contactId);

  const attempt = sampleAttempt(first, begun);
  expect(await mine.settle(first.lease, { attempt, next: { kind: 'wait', dueAtMs: clock.nowMs() + 10_000_000, reason: 'retry' }, optOut: [], nowMs: clock.nowMs() })).toBe('settled');
  const told = (await mine.readOutbox(100)).flatMap((item) => (item.kind === 'attempt' ? [item.value.attemptId] : []));
  expect(told).toEqual([begun.attemptId]);
});

test('the dialer that rebuilds does nothing with the half filled ledger', async () => {
  await publish(Array.from({ length: 50 }, (_, i) => sampleContact(`e${i}`)));
  const mine = await open('dialer-1');
  await takeIn(mine);
  const [claim] = await claimAll(mine, 'dialer-1');
  if (claim === undefined) throw new Error('nothing was due');
  await mine.begin(claim.lease, sampleBegun(claim, { begunAtMs: clock.nowMs() }), claim.facts, []);

  await engine.lose();
  const noticed = mine.campaigns();
  while (!engine.rebuilding) await new Promise((resolve) => setImmediate(resolve));
  expect(await mine.renew([claim.lease], clock.nowMs() + LEASE_MS * 1000)).toEqual([{ contactId: claim.lease.contactId, status: 'kept' }]);
  await noticed;
});

test('an attempt settled before the loss and not yet on the bus is told, once, and its contact keeps its delay', async () => {
  await publish([sampleContact('c1')]);
  const mine = await open('dialer-1');
  await takeIn(mine);
  const [claim] = await claimAll(mine, 'dialer-1');
  if (claim === undefined) throw new Error('nothing was due');
  const begun = sampleBegun(claim, { begunAtMs: clock.nowMs() });
  await mine.begin(claim.lease, begun, claim.facts, []);
  const attempt = sampleAttempt(claim, begun);
  const dueAtMs = clock.nowMs() + 50_000_000;
  await mine.settle(claim.lease, { attempt, next: { kind: 'wait', dueAtMs, reason: 'retry' }, optOut: [], nowMs: clock.nowMs() });

  await engine.lose();
  await mine.campaigns();
  await engine.lose();
  await mine.campaigns();
  const told = (await mine.readOutbox(100)).flatMap((item) => (item.kind === 'attempt' ? [item.value.attemptId] : []));
  expect(told).toEqual([begun.attemptId]);
  expect(await mine.contactByAccount('november', 'c1')).toMatchObject({ status: 'waiting', dueAtMs });
});

test('a claim of before the loss that had no call cannot be acted on', async () => {
  await publish([sampleContact('d1')]);
  const mine = await open('dialer-1');
  await takeIn(mine);
  const [claim] = await claimAll(mine, 'dialer-1');
  if (claim === undefined) throw new Error('nothing was due');
  await engine.lose();
  expect(await mine.begin(claim.lease, sampleBegun(claim), claim.facts, [])).toEqual({ kind: 'lease_lost' });
  expect(await mine.facts(claim.lease)).toBeNull();
});

test('other errors are not taken for a loss', async () => {
  const ledger = await open('dialer-1');
  await expect(ledger.setMode('nobody', 'paused')).rejects.toMatchObject({ code: 'not_found' });
});
