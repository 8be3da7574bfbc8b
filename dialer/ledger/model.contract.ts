import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DISPOSITIONS, type Disposition } from '../../core/outcome.ts';
import type { LedgerUnderTest } from './ledger.contract.ts';
import { sampleAttempt, sampleBegun, sampleCampaign, sampleContact, samplePayment, START_MS } from './samples.contract.ts';
import type { CampaignMode, Claim, Ledger, NextStep } from './port.ts';

/* Random commands against the ledger and against a model that is as plain as can be: a list of contacts and some sets. */

const LEASE_MS = 1000;
const CAMPAIGNS = ['gas', 'light'];
const ACCOUNTS = 6;
const CHANNELS = { key: 'trunk-a', max: 2 };

interface Known {
  id: string;
  campaign: string;
  account: string;
  phone: string;
  priority: number;
  status: 'waiting' | 'held' | 'calling' | Disposition;
  dueAtMs: number;
  untilMs: number;
  token: number;
  asked: boolean;
}

const commandArbitrary = fc.oneof(
  fc.record({ kind: fc.constant('admit' as const), campaign: fc.nat(1), account: fc.nat(ACCOUNTS - 1) }),
  fc.record({ kind: fc.constant('claim' as const), campaign: fc.nat(1), dialer: fc.nat(1), limit: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('begin' as const), pick: fc.nat(30), dialer: fc.nat(1) }),
  fc.record({ kind: fc.constant('settle' as const), pick: fc.nat(30), dialer: fc.nat(1), close: fc.boolean(), placed: fc.boolean(), waitMs: fc.nat(2000) }),
  fc.record({ kind: fc.constant('renew' as const), pick: fc.nat(30) }),
  fc.record({ kind: fc.constant('advance' as const), byMs: fc.nat(1500) }),
  fc.record({ kind: fc.constant('pay' as const), account: fc.nat(ACCOUNTS - 1), share: fc.constantFrom(1, 2) }),
  fc.record({ kind: fc.constant('block' as const), phone: fc.nat(3) }),
  fc.record({ kind: fc.constant('mode' as const), campaign: fc.nat(1), mode: fc.constantFrom<CampaignMode>('running', 'running', 'running', 'paused', 'stopped') }),
);
type Step = typeof commandArbitrary extends fc.Arbitrary<infer T> ? T : never;

class Model {
  nowMs = START_MS;
  readonly contacts = new Map<string, Known>();
  readonly claims: Claim[] = [];
  readonly modes = new Map<string, CampaignMode>(CAMPAIGNS.map((campaign) => [campaign, 'running']));
  readonly paid = new Set<string>();
  readonly blocked = new Set<string>();
  attempts = 0;

  of(campaign: string): Known[] {
    return [...this.contacts.values()].filter((known) => known.campaign === campaign);
  }

  ending(known: Known): Disposition | null {
    if (this.paid.has(known.account)) return 'paid';
    if (this.blocked.has(known.phone)) return 'suppressed';
    return this.modes.get(known.campaign) === 'stopped' ? 'expired' : null;
  }

  holds(claim: Claim): Known | null {
    const known = this.contacts.get(claim.lease.contactId)!;
    return (known.status === 'held' || known.status === 'calling') && known.token === claim.lease.token ? known : null;
  }

  calling(): Known[] {
    return [...this.contacts.values()].filter((known) => known.status === 'calling');
  }

  /** Which contacts a claim must give, by id. */
  claim(campaign: string, limit: number): string[] {
    const given: Known[] = [];
    const running = this.modes.get(campaign) === 'running';
    const ranOut = this.of(campaign).filter((known) => (known.status === 'held' || known.status === 'calling') && known.untilMs <= this.nowMs);
    for (const known of ranOut.sort((a, b) => a.untilMs - b.untilMs || (a.id < b.id ? -1 : 1))) {
      if (given.length >= limit) break;
      if (running || known.status === 'calling') given.push(known);
      else {
        known.status = this.ending(known) ?? 'waiting';
        known.dueAtMs = this.nowMs;
      }
    }
    if (running) {
      const due = this.of(campaign).filter((known) => known.status === 'waiting' && known.dueAtMs <= this.nowMs);
      due.sort((a, b) => a.dueAtMs - b.dueAtMs || b.priority - a.priority || (a.id < b.id ? -1 : 1));
      given.push(...due.slice(0, limit - given.length));
    }
    for (const known of given) {
      known.token++;
      known.untilMs = this.nowMs + LEASE_MS;
      known.asked = false;
      if (known.status === 'waiting') known.status = 'held';
    }
    return given.map((known) => known.id);
  }
}

async function run(step: Step, model: Model, ledgers: readonly Ledger[]): Promise<void> {
  const ledger = ledgers['dialer' in step ? step.dialer : 0]!;
  const { nowMs } = model;
  switch (step.kind) {
    case 'admit': {
      const campaign = CAMPAIGNS[step.campaign]!;
      const account = String(step.account);
      const phone = `+38067000000${step.account % 4}`;
      const priority = step.account % 3;
      const contact = sampleContact(account, { campaignId: campaign, phones: [phone], priority });
      const known: Known = { id: contact.contactId, campaign, account, phone, priority, status: 'waiting', dueAtMs: START_MS, untilMs: 0, token: 0, asked: false };
      const isNew = !model.contacts.has(known.id);
      if (isNew) {
        known.status = model.ending(known) ?? 'waiting';
        model.contacts.set(known.id, known);
      }
      expect(await ledger.admit([contact], nowMs)).toBe(isNew ? 1 : 0);
      return;
    }
    case 'claim': {
      const campaignId = CAMPAIGNS[step.campaign]!;
      const expected = model.claim(campaignId, step.limit);
      const claims = await ledger.claim({ campaignId, dialerId: `dialer-${step.dialer}`, limit: step.limit, nowMs, leaseMs: LEASE_MS });
      expect(claims.map((claim) => claim.lease.contactId)).toEqual(expected);
      for (const claim of claims) expect(claim.orphan !== null).toBe(model.contacts.get(claim.lease.contactId)!.status === 'calling');
      model.claims.push(...claims);
      return;
    }
    case 'begin': {
      const claim = model.claims[step.pick % Math.max(1, model.claims.length)];
      if (claim === undefined) return;
      const known = model.holds(claim);
      const facts = await ledger.facts(claim.lease);
      expect(facts === null).toBe(known === null);
      const calling = model.calling();
      const expected =
        known === null || known.status === 'calling' || known.untilMs <= nowMs ? 'lease_lost'
        : model.modes.get(known.campaign) !== 'running' ? 'no_channel'
        : calling.some((busy) => busy.phone === known.phone) ? 'conflict'
        : calling.length >= CHANNELS.max ? 'no_channel'
        : 'begun';
      const result = await ledger.begin(claim.lease, sampleBegun(claim, { begunAtMs: nowMs }), facts ?? claim.facts, [CHANNELS]);
      expect(result.kind).toBe(expected);
      if (expected === 'begun') {
        known!.status = 'calling';
        model.attempts++;
      }
      return;
    }
    case 'settle': {
      const claim = model.claims[step.pick % Math.max(1, model.claims.length)];
      if (claim === undefined) return;
      const known = model.holds(claim);
      const next: NextStep = step.close ? { kind: 'close', disposition: 'exhausted', reason: 'r' } : { kind: 'wait', dueAtMs: nowMs + step.waitMs, reason: 'r' };
      const wasCalling = known?.status === 'calling';
      const attempt = wasCalling && step.placed ? sampleAttempt(claim, claim.orphan ?? sampleBegun(claim, { begunAtMs: nowMs })) : null;
      expect(await ledger.settle(claim.lease, { attempt, next, optOut: [], nowMs })).toBe(known === null ? 'lease_lost' : 'settled');
      if (known === null) return;
      if (wasCalling && attempt === null) model.attempts--;
      known.status = step.close ? 'exhausted' : (model.ending(known) ?? 'waiting');
      known.dueAtMs = nowMs + step.waitMs;
      known.asked = false;
      return;
    }
    case 'renew': {
      const claim = model.claims[step.pick % Math.max(1, model.claims.length)];
      if (claim === undefined) return;
      const known = model.holds(claim);
      if (known !== null) known.untilMs = nowMs + LEASE_MS;
      expect(await ledger.renew([claim.lease], nowMs + LEASE_MS)).toEqual([{ contactId: claim.lease.contactId, status: known === null ? 'lost' : 'kept' }]);
      return;
    }
    case 'advance':
      model.nowMs += step.byMs;
      return;
    case 'pay': {
      const account = String(step.account);
      model.paid.add(account);
      const asked = await ledger.recordPayments([samplePayment(account, step.share)], nowMs);
      expect(asked.map((request) => request.contactId).sort()).toEqual(ask(model, (known) => known.account === account, 'paid'));
      return;
    }
    case 'block': {
      const phone = `+38067000000${step.phone}`;
      model.blocked.add(phone);
      const asked = await ledger.addDnc([{ phone, reason: 'asked', addedAtMs: nowMs, expiresAtMs: null }], nowMs);
      expect(asked.map((request) => request.contactId).sort()).toEqual(ask(model, (known) => known.phone === phone, 'suppressed'));
      return;
    }
    case 'mode': {
      const campaign = CAMPAIGNS[step.campaign]!;
      model.modes.set(campaign, step.mode);
      await ledger.setMode(campaign, step.mode);
      if (step.mode !== 'stopped') return;
      for (const known of model.of(campaign)) if (known.status === 'calling') known.asked = true;
      const waiting = model.of(campaign).filter((known) => known.status === 'waiting');
      for (const known of waiting) known.status = 'expired';
      expect(await ledger.closeWaiting(campaign, 'expired', 'stopped', nowMs)).toBe(waiting.length);
      return;
    }
  }
}

/** Closes the waiting and asks the calling to end, among those concerned. @returns who was asked now, sorted */
function ask(model: Model, concerned: (known: Known) => boolean, disposition: Disposition): string[] {
  const asked: string[] = [];
  for (const known of model.contacts.values()) {
    if (!concerned(known)) continue;
    if (known.status === 'waiting') known.status = disposition;
    if (known.status === 'calling' && !known.asked) {
      known.asked = true;
      asked.push(known.id);
    }
  }
  return asked.sort();
}

async function compare(model: Model, ledger: Ledger): Promise<void> {
  let attempts = 0;
  for (const campaign of CAMPAIGNS) {
    const counts = await ledger.counts(campaign, model.nowMs);
    const known = model.of(campaign);
    const waiting = known.filter(({ status }) => status === 'waiting');
    expect(counts.contacts).toBe(known.length);
    expect(counts.waiting).toBe(waiting.length);
    expect(counts.due).toBe(waiting.filter(({ dueAtMs }) => dueAtMs <= model.nowMs).length);
    expect(counts.inFlight).toBe(known.filter(({ status }) => status === 'held' || status === 'calling').length);
    expect(counts.nextDueAtMs).toBe(waiting.length === 0 ? null : Math.min(...waiting.map(({ dueAtMs }) => dueAtMs)));
    for (const disposition of DISPOSITIONS) expect(counts.closed[disposition]).toBe(known.filter(({ status }) => status === disposition).length);
    attempts += counts.attempts;
  }
  expect(attempts).toBe(model.attempts);
}

/** The ledger does what a plain model does, whatever the commands. Closed contacts are told once each. */
export function ledgerModelContract(name: string, setUp: () => Promise<LedgerUnderTest>, numRuns: number): void {
  test(`ledger: ${name}: any course of commands on two handles agrees with the model`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(commandArbitrary, { minLength: 20, maxLength: 80 }), async (steps) => {
        const under = await setUp();
        const ledgers = [await under.open(), await under.open()];
        try {
          for (const campaign of CAMPAIGNS) await ledgers[0]!.defineCampaign(sampleCampaign(campaign));
          const model = new Model();
          // Everybody is taken in first, but for those whom a command takes in: most commands then find something to do.
          for (let account = 0; account < ACCOUNTS - 1; account++) await run({ kind: 'admit', campaign: account % 2, account }, model, ledgers);
          for (const [index, step] of steps.entries()) {
            await run(step, model, ledgers);
            await compare(model, ledgers[index % 2]!);
          }
          const told = (await ledgers[1]!.readOutbox(10_000)).flatMap((item) => (item.kind === 'closed' ? [item.value] : []));
          const closed = [...model.contacts.values()].filter(({ status }) => status !== 'waiting' && status !== 'held' && status !== 'calling');
          expect(told.map(({ contactId, disposition }) => `${contactId} ${disposition}`).sort()).toEqual(closed.map(({ id, status }) => `${id} ${status}`).sort());
        } finally {
          for (const ledger of ledgers) await ledger.close();
          await under.tearDown();
        }
      }),
      { numRuns },
    );
  }, 180_000);
}
