import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Contact } from '../../core/contact.ts';
import { DISPOSITIONS, type Disposition } from '../../core/outcome.ts';
import type { LedgerUnderTest } from './fixture.contract.ts';
import { sampleAttempt, sampleAttemptOf, sampleBegun, sampleCampaign, sampleContact, samplePayment, START_MS } from './samples.contract.ts';
import type { BegunAttempt, CampaignMode, Claim, Ledger, NextStep, OutboxItem } from './port.ts';

/* Random commands against the ledger and against a model that is as plain as can be: a list of contacts and some sets. */

const LEASE_MS = 1000;
const CAMPAIGNS = ['gas', 'light'];
const ACCOUNTS = 6;
const CHANNELS = { key: 'trunk:trunk-a', max: 2 };

interface Known {
  id: string;
  contact: Contact;
  dialer: string;
  campaign: string;
  account: string;
  phone: string;
  priority: number;
  status: 'waiting' | 'held' | 'calling' | Disposition;
  dueAtMs: number;
  untilMs: number;
  token: number;
  asked: boolean;
  /** The attempt under way; null if none is. */
  begun: BegunAttempt | null;
}

const commandArbitrary = fc.oneof(
  fc.record({ kind: fc.constant('admit' as const), campaign: fc.nat(1), account: fc.nat(ACCOUNTS - 1) }),
  fc.record({ kind: fc.constant('claim' as const), campaign: fc.nat(1), dialer: fc.nat(1), limit: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('begin' as const), pick: fc.nat(30), dialer: fc.nat(1) }),
  fc.record({ kind: fc.constant('settle' as const), pick: fc.nat(30), dialer: fc.nat(1), close: fc.boolean(), placed: fc.boolean(), waitMs: fc.nat(2000) }),
  fc.record({ kind: fc.constant('adopt' as const), pick: fc.nat(30), dialer: fc.nat(1), again: fc.boolean() }),
  fc.record({ kind: fc.constant('replay' as const), pick: fc.nat(30), dialer: fc.nat(1), close: fc.boolean(), waitMs: fc.nat(2000) }),
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
  readonly payments = new Set<string>();
  readonly paid = new Set<string>();
  readonly blocked = new Set<string>();
  attempts = 0;
  /** Attempts that have ended, by id. */
  readonly ended = new Set<string>();
  #ids = 0;

  newId(): string {
    return `noted-${++this.#ids}`;
  }

  pick(index: number): Known | undefined {
    return [...this.contacts.values()][index % Math.max(1, this.contacts.size)];
  }

  /** What becomes of a contact whose call or claim has ended. */
  follow(known: Known, close: boolean, dueAtMs: number): void {
    known.status = close ? 'exhausted' : (this.ending(known) ?? 'waiting');
    known.dueAtMs = dueAtMs;
    known.asked = false;
    known.begun = null;
  }

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

  /** A phone is in one call at a time: what dialers put back never says otherwise. */
  isBusyElsewhere(known: Known): boolean {
    return this.calling().some((busy) => busy !== known && busy.phone === known.phone);
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
      known.untilMs = this.nowMs + LEASE_MS;
      known.asked = false;
      if (known.status === 'waiting') known.status = 'held';
    }
    return given.map((known) => known.id);
  }
}

const beginning = (known: Known, nowMs: number): BegunAttempt => ({
  attemptId: '', attemptNumber: 1, phone: known.phone, phoneIndex: 0, trunk: 'trunk-a', callerId: '+380441234567', dialerId: 'dialer-0', begunAtMs: nowMs,
});

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
      const known: Known = { id: contact.contactId, contact, dialer: '', campaign, account, phone, priority, status: 'waiting', dueAtMs: START_MS, untilMs: 0, token: 0, asked: false, begun: null };
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
      for (const claim of claims) {
        const known = model.contacts.get(claim.lease.contactId)!;
        expect(claim.orphan !== null).toBe(known.status === 'calling');
        expect(claim.lease.token).toBeGreaterThan(known.token);
        known.token = claim.lease.token;
        known.dialer = claim.lease.dialerId;
      }
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
      const begun = sampleBegun(claim, { begunAtMs: nowMs });
      const expected =
        known?.begun?.attemptId === begun.attemptId ? 'begun'
        : known === null || known.status === 'calling' || known.untilMs <= nowMs ? 'lease_lost'
        : model.modes.get(known.campaign) !== 'running' ? 'no_channel'
        : calling.some((busy) => busy.phone === known.phone) ? 'conflict'
        : calling.length >= CHANNELS.max ? 'no_channel'
        : 'begun';
      const result = await ledger.begin(claim.lease, begun, facts ?? claim.facts, [CHANNELS]);
      expect(result.kind).toBe(expected);
      if (expected === 'begun' && known!.begun === null) {
        known!.status = 'calling';
        known!.begun = begun;
        model.attempts++;
      }
      return;
    }
    case 'settle': {
      const claim = model.claims[step.pick % Math.max(1, model.claims.length)];
      if (claim === undefined) return;
      const known = model.holds(claim);
      const next: NextStep = step.close ? { kind: 'close', disposition: 'exhausted', reason: 'r' } : { kind: 'wait', dueAtMs: nowMs + step.waitMs, reason: 'r' };
      const begun = known?.begun ?? null;
      const attempt = begun !== null && step.placed ? sampleAttempt(claim, begun) : null;
      expect(await ledger.settle(claim.lease, { attempt, next, optOut: [], nowMs })).toBe(known === null ? 'lease_lost' : 'settled');
      if (known === null) return;
      if (attempt !== null) model.ended.add(attempt.attemptId);
      else if (begun !== null) model.attempts--;
      model.follow(known, step.close, nowMs + step.waitMs);
      return;
    }
    case 'adopt': {
      const known = model.pick(step.pick);
      if (known === undefined || model.isBusyElsewhere(known)) return;
      const dialerId = `dialer-${step.dialer}`;
      const begun = step.again && known.begun !== null ? known.begun : { ...beginning(known, nowMs), attemptId: model.newId(), dialerId };
      const lease = await ledger.adopt({ contactId: known.id, campaignId: known.campaign, begun }, dialerId, nowMs + LEASE_MS);
      const held = known.status === 'calling' && known.begun === begun && known.dialer === dialerId;
      expect(lease !== null).toBe(held || known.status === 'waiting');
      if (lease === null) return;
      if (held) {
        expect(lease.token).toBe(known.token);
      } else {
        expect(lease.token).toBeGreaterThan(known.token);
        model.attempts++;
      }
      Object.assign(known, { status: 'calling', begun, dialer: dialerId, token: lease.token, untilMs: Math.max(held ? known.untilMs : 0, nowMs + LEASE_MS) });
      model.claims.push({ lease, facts: (await ledger.facts(lease))!, orphan: begun });
      return;
    }
    case 'replay': {
      const known = model.pick(step.pick);
      if (known === undefined || model.isBusyElsewhere(known)) return;
      const begun = known.begun ?? { ...beginning(known, nowMs), attemptId: model.newId() };
      const attempt = sampleAttemptOf(known.contact, { attemptId: begun.attemptId, startedAtMs: begun.begunAtMs, endedAtMs: nowMs });
      const next: NextStep = step.close ? { kind: 'close', disposition: 'exhausted', reason: 'r' } : { kind: 'wait', dueAtMs: nowMs + step.waitMs, reason: 'r' };
      for (let time = 0; time < 2; time++) await ledger.replay(attempt, next, nowMs);
      model.ended.add(attempt.attemptId);
      if (known.begun === null) model.attempts++;
      if (known.status === 'calling' || known.status === 'waiting') model.follow(known, step.close, nowMs + step.waitMs);
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
      const payment = samplePayment(account, step.share);
      const isNew = !model.payments.has(payment.paymentId);
      model.payments.add(payment.paymentId);
      model.paid.add(account);
      const asked = await ledger.recordPayments([payment], nowMs);
      expect(asked.map((request) => request.contactId).sort()).toEqual(isNew ? ask(model, (known) => known.account === account, 'paid') : []);
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

const isOpen = ({ status }: Known): boolean => status === 'waiting' || status === 'held' || status === 'calling';

/** A ledger rebuilt from what was told to the bus knows what the first one knew, but for the calls under way. */
async function compareRebuilt(setUp: () => Promise<LedgerUnderTest>, model: Model, first: Ledger, items: readonly OutboxItem[]): Promise<void> {
  const under = await setUp();
  const rebuilt = await under.open();
  try {
    await under.wipe?.();
    expect(await rebuilt.startRebuild(60_000)).toBe(true);
    for (const campaign of CAMPAIGNS) await rebuilt.defineCampaign(sampleCampaign(campaign));
    await rebuilt.restore(
      [...model.contacts.values()].map(({ id, contact, dueAtMs }) => ({
        contact,
        attempts: items.flatMap((item) => (item.kind === 'attempt' && item.value.contactId === id ? [item.value] : [])).sort((a, b) => a.startedAtMs - b.startedAtMs),
        closed: items.flatMap((item) => (item.kind === 'closed' && item.value.contactId === id ? [item.value] : []))[0] ?? null,
        dueAtMs,
      })),
    );
    await rebuilt.finishRebuild(0);
    const calling = model.calling();
    for (const known of model.contacts.values()) {
      const before = (await first.contactByAccount(known.campaign, known.account))!;
      const after = (await rebuilt.contactByAccount(known.campaign, known.account))!;
      expect(after.status).toBe(isOpen(known) ? 'waiting' : known.status);
      expect(after.contact).toEqual(before.contact);
      expect(after.attempts.map(({ attemptId }) => attemptId).sort()).toEqual(before.attempts.map(({ attemptId }) => attemptId).sort());
      if (!calling.some(({ account }) => account === known.account)) expect(after.person.callStartsMs).toEqual(before.person.callStartsMs);
      if (!calling.some(({ phone }) => phone === known.phone)) expect(after.phones[0]!.lastCallAtMs).toBe(before.phones[0]!.lastCallAtMs);
    }
    for (const campaign of CAMPAIGNS) {
      const [before, after] = [await first.counts(campaign, model.nowMs), await rebuilt.counts(campaign, model.nowMs)];
      expect(after).toMatchObject({ contacts: before.contacts, waiting: before.waiting + before.inFlight, inFlight: 0, closed: before.closed });
      expect(after.attempts).toBe(before.attempts - calling.filter((known) => known.campaign === campaign).length);
    }
    expect(await rebuilt.readOutbox(1)).toEqual([]);
  } finally {
    await rebuilt.close();
    await under.tearDown();
  }
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
          const items = await ledgers[1]!.readOutbox(10_000);
          const told = items.flatMap((item) => (item.kind === 'closed' ? [item.value] : []));
          const closed = [...model.contacts.values()].filter((known) => !isOpen(known));
          expect(told.map(({ contactId, disposition }) => `${contactId} ${disposition}`).sort()).toEqual(closed.map(({ id, status }) => `${id} ${status}`).sort());
          expect(items.flatMap((item) => (item.kind === 'attempt' ? [item.value.attemptId] : [])).sort()).toEqual([...model.ended].sort());
          await compareRebuilt(setUp, model, ledgers[0]!, items);
        } finally {
          for (const ledger of ledgers) await ledger.close();
          await under.tearDown();
        }
      }),
      { numRuns },
    );
  }, 180_000);
}
