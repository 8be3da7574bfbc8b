import { describe, expect, test } from 'vitest';
import type { Attempt } from '../../core/attempt.ts';
import type { Contact, ContactClosed } from '../../core/contact.ts';
import { ObzvonError } from '../../core/errors.ts';
import type { Disposition } from '../../core/outcome.ts';
import { blocked, reached, wait, type LedgerFixture } from './fixture.contract.ts';
import type { BegunAttempt, LiveAttempt, RestoredContact } from './port.ts';
import { sampleAttemptOf, sampleCampaign, sampleContact, samplePayment, START_MS } from './samples.contract.ts';

const HOUR_MS = 3_600_000;
const DUE_MS = START_MS + HOUR_MS;

const begunOf = (contact: Contact, changes: Partial<BegunAttempt> = {}): BegunAttempt => ({
  attemptId: `live-${contact.contactId}`, attemptNumber: 1, phone: contact.phones[0]!, phoneIndex: 0, trunk: 'trunk-a', callerId: '+380441234567',
  dialerId: 'dialer-1', begunAtMs: START_MS, ...changes,
});
const liveOf = (contact: Contact, changes: Partial<BegunAttempt> = {}): LiveAttempt => ({ contactId: contact.contactId, campaignId: contact.campaignId, begun: begunOf(contact, changes) });
const open = (contact: Contact, attempts: readonly Attempt[] = [], dueAtMs = DUE_MS): RestoredContact => ({ contact, attempts, closed: null, dueAtMs });
const closedAs = (contact: Contact, disposition: Disposition): ContactClosed => ({
  contactId: contact.contactId, campaignId: contact.campaignId, accountId: contact.accountId, group: contact.group, disposition, reason: 'r', attempts: 1, closedAtMs: START_MS,
});
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 5));

/** How a ledger that lost everything is filled again, and what dialers put back that only they know. */
export function rebuildContract(given: LedgerFixture): void {
  const { claims, closings, finishRebuild, startRebuild, statusOf, told } = given;
  const one = sampleContact('1');
  const two = sampleContact('2');
  const three = sampleContact('3');
  const known = (account: string) => given.ledger.contactByAccount('november', account);

  describe('the right to rebuild', () => {
    test('one at a time has it; finished, the ledger is ready in one epoch for all', async () => {
      await startRebuild();
      expect(await given.other.condition()).toEqual({ kind: 'rebuilding' });
      expect(await given.other.startRebuild(600_000)).toBe(false);
      expect(await given.ledger.startRebuild(600_000)).toBe(true);
      await given.ledger.finishRebuild(0);
      const ready = await given.ledger.condition();
      expect(ready).toMatchObject({ kind: 'ready' });
      expect(await given.other.condition()).toEqual(ready);
      expect(await given.other.startRebuild(600_000)).toBe(false);
      expect(await given.ledger.startRebuild(600_000)).toBe(false);
      await given.ledger.finishRebuild(0);
      expect(await given.ledger.condition()).toEqual(ready);
    });

    test('a rebuilder that was not heard of for its time loses it to another, and is refused', async () => {
      await given.under.wipe?.();
      // Long enough for the steps of taking it, on a busy machine too.
      expect(await given.ledger.startRebuild(1000)).toBe(true);
      for (let asked = 0; (await given.other.condition()).kind !== 'lost' && asked < 1000; asked++) await aMoment();
      expect(await given.other.startRebuild(600_000)).toBe(true);
      await expect(given.ledger.restore([open(one)])).rejects.toBeInstanceOf(ObzvonError);
      await expect(given.ledger.finishRebuild(0)).rejects.toBeInstanceOf(ObzvonError);
      expect(await given.ledger.condition()).toEqual({ kind: 'rebuilding' });
      await given.other.defineCampaign(sampleCampaign());
      await given.other.restore([open(one)]);
      await given.other.finishRebuild(0);
      expect((await given.ledger.condition()).kind).toBe('ready');
      expect((await known('1'))?.status).toBe('waiting');
    });

    test('nobody claims before it is finished, and then only from the time that was said', async () => {
      await startRebuild();
      await given.ledger.restore([open(one, [], START_MS), open(two, [], START_MS)]);
      expect(await claims(given.ledger, 'dialer-1', START_MS + HOUR_MS)).toEqual([]);
      await finishRebuild(START_MS + 3000);
      for (const ledger of [given.ledger, given.other]) expect(await claims(ledger, 'dialer-1', START_MS + 2999)).toEqual([]);
      expect(await claims(given.other, 'dialer-1', START_MS + 3000)).toHaveLength(2);
    });
  });

  describe('restore', () => {
    test('contacts come back with their calls, and nothing is told', async () => {
      const attempts = [
        sampleAttemptOf(one, { attemptId: 'a1', outcome: 'busy', startedAtMs: START_MS }),
        sampleAttemptOf(one, { attemptId: 'a2', outcome: 'human', startedAtMs: START_MS + 60_000, response: { kind: 'wrong_person' } }),
      ];
      await startRebuild();
      const batch = [open(one, attempts), { ...open(two, [sampleAttemptOf(two, { heardWhole: true })]), closed: closedAs(two, 'reached') }, open(three)];
      await given.ledger.restore(batch);
      await given.ledger.restore(batch);
      await given.ledger.restore([open(one, [], 0), open(two)]);
      await finishRebuild();
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ contacts: 3, waiting: 2, due: 0, inFlight: 0, attempts: 3, nextDueAtMs: DUE_MS, closed: { reached: 1 } });
      const facts = await known('1');
      expect(facts).toMatchObject({
        status: 'waiting', dueAtMs: DUE_MS, contact: one,
        attempts: [
          { attemptId: 'a1', outcome: 'busy', heardWhole: false, phoneIndex: 0, startedAtMs: START_MS, response: 'none' },
          { attemptId: 'a2', outcome: 'human', heardWhole: false, phoneIndex: 0, startedAtMs: START_MS + 60_000, response: 'wrong_person' },
        ],
        person: { callStartsMs: [START_MS, START_MS + 60_000], lastConversationAtMs: START_MS + 60_000, optedOut: false },
        phones: [{ lastCallAtMs: START_MS + 60_000, inCall: false, dncReason: null }],
      });
      expect(await known('2')).toMatchObject({ status: 'reached', dueAtMs: null, phones: [{ lastCallAtMs: START_MS }] });
      expect(await told()).toEqual([]);
      expect(await given.ledger.admit([one, two, three], START_MS)).toBe(0);
      expect((await claims(given.ledger, 'dialer-1', DUE_MS)).map((claim) => claim.facts.contact.contactId).sort()).toEqual([one.contactId, three.contactId]);
      expect((await given.ledger.campaigns())[0]?.firstCallAtMs).toBe(START_MS);
    });

    test('a person’s calls add up over campaigns; whoever is closed on the bus counts too', async () => {
      const gas = sampleContact('1', { campaignId: 'gas', phones: ['+380503333333'] });
      await startRebuild();
      await given.ledger.defineCampaign(sampleCampaign('gas'));
      await given.ledger.restore([open(one, [sampleAttemptOf(one)]), { ...open(gas, [sampleAttemptOf(gas, { attemptId: 'gas-1', startedAtMs: START_MS - HOUR_MS })]), closed: closedAs(gas, 'exhausted') }]);
      await finishRebuild();
      expect((await known('1'))?.person.callStartsMs).toEqual([START_MS - HOUR_MS, START_MS]);
      expect(await given.ledger.counts('gas', START_MS)).toMatchObject({ contacts: 1, waiting: 0, attempts: 1, closed: { exhausted: 1 } });
    });

    test('what ended since the bus was told of it closes, and is told', async () => {
      const four = sampleContact('4', { group: 'held_out' });
      const gas = sampleContact('5', { campaignId: 'gas' });
      const five = sampleContact('5');
      await startRebuild();
      await given.ledger.defineCampaign(sampleCampaign('gas'));
      await given.ledger.recordPayments([samplePayment('1', 500)], START_MS);
      await given.ledger.addDnc([blocked('+380670000002')], START_MS);
      await given.ledger.restore([open(one), open(two), open(three), open(four), open(five), { ...open(gas, [sampleAttemptOf(gas, { outcome: 'human', response: { kind: 'opt_out' } })]), closed: closedAs(gas, 'opted_out') }]);
      await given.ledger.recordPayments([samplePayment('3', 500)], START_MS);
      await finishRebuild();
      expect((await closings()).map(({ accountId, campaignId, disposition }) => `${accountId} ${campaignId} ${disposition}`).sort()).toEqual([
        '1 november paid', '2 november suppressed', '3 november paid', '4 november held_out', '5 november opted_out',
      ]);
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ contacts: 5, waiting: 0 });
      expect((await known('5'))?.phones[0]?.dncReason).not.toBeNull();
    });
  });

  describe('adopt', () => {
    test('a call under way is held again by its dialer: lease, phone, person and channels, each once', async () => {
      const sharing = sampleContact('9', { phones: one.phones });
      await startRebuild();
      await given.ledger.restore([open(one), open(two, [], START_MS), open(sharing, [], START_MS)]);
      await finishRebuild();
      const lease = await given.ledger.adopt(liveOf(one), 'dialer-1', START_MS + 60_000);
      expect(lease).toMatchObject({ contactId: one.contactId, campaignId: 'november', dialerId: 'dialer-1' });
      expect(await given.ledger.adopt(liveOf(one), 'dialer-1', START_MS + 60_000)).toEqual(lease);
      expect(await given.other.adopt(liveOf(one), 'dialer-2', START_MS + 60_000)).toBeNull();
      expect(await given.ledger.adopt(liveOf(one, { attemptId: 'another' }), 'dialer-1', START_MS + 60_000)).toBeNull();
      expect(await given.ledger.facts(lease!)).toMatchObject({ person: { callStartsMs: [START_MS] }, phones: [{ inCall: true, lastCallAtMs: START_MS }], attempts: [] });
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ attempts: 1, inFlight: 1, waiting: 2 });

      const [first, second] = await claims(given.other, 'dialer-2');
      const limited = (key: string) => [{ key, max: 1 }];
      const free = first!.facts.contact.contactId === two.contactId ? first! : second!;
      const busy = free === first ? second! : first!;
      expect(await given.other.begin(free.lease, begunOf(two), free.facts, limited('trunk:trunk-a'))).toEqual({ kind: 'no_channel', limit: 'trunk:trunk-a' });
      expect(await given.other.begin(free.lease, begunOf(two), free.facts, limited('campaign:november'))).toEqual({ kind: 'no_channel', limit: 'campaign:november' });
      expect(await given.other.begin(busy.lease, begunOf(sharing), busy.facts, [])).toEqual({ kind: 'conflict' });

      const attempt = sampleAttemptOf(one, { attemptId: begunOf(one).attemptId });
      expect(await given.ledger.settle(lease!, { attempt, next: wait(DUE_MS), optOut: [], nowMs: START_MS + 30_000 })).toBe('settled');
      expect(await known('1')).toMatchObject({ status: 'waiting', dueAtMs: DUE_MS, person: { callStartsMs: [START_MS] }, phones: [{ inCall: false }], attempts: [{ attemptId: attempt.attemptId }] });
      expect((await told()).map((item) => item.value)).toEqual([attempt]);
      expect((await given.other.begin(free.lease, begunOf(two), free.facts, [...limited('trunk:trunk-a'), ...limited('campaign:november')])).kind).toBe('begun');
      expect(await given.ledger.adopt(liveOf(one), 'dialer-1', START_MS + 60_000)).toBeNull();
    });

    test('not what is closed, unknown, or has ended', async () => {
      await startRebuild();
      await given.ledger.restore([{ ...open(one), closed: closedAs(one, 'reached') }, open(two, [sampleAttemptOf(two, { attemptId: begunOf(two).attemptId })])]);
      await finishRebuild();
      for (const contact of [one, two, three]) expect(await given.ledger.adopt(liveOf(contact), 'dialer-1', START_MS + 60_000)).toBeNull();
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ attempts: 1, inFlight: 0 });
    });

    test('an adopted call whose dialer dies is an orphan like any other', async () => {
      await startRebuild();
      await given.ledger.restore([open(one)]);
      await finishRebuild();
      const lease = await given.ledger.adopt(liveOf(one), 'dialer-1', START_MS + 1000);
      expect(await given.ledger.renew([lease!], START_MS + 2000)).toEqual([{ contactId: one.contactId, status: 'kept' }]);
      expect(await claims(given.other, 'dialer-2', START_MS + 1999)).toEqual([]);
      const [orphaned] = await claims(given.other, 'dialer-2', START_MS + 2000);
      expect(orphaned?.orphan).toEqual(begunOf(one));
      expect(await given.ledger.settle(lease!, { attempt: null, next: reached, optOut: [], nowMs: START_MS })).toBe('lease_lost');
    });
  });

  describe('replay', () => {
    test('an attempt the bus may not have heard of is noted and told once, and its contact follows', async () => {
      await startRebuild();
      await given.ledger.restore([open(one, [], START_MS), open(two, [], START_MS)]);
      await finishRebuild();
      const [missed, heard] = [sampleAttemptOf(one, { outcome: 'busy' }), sampleAttemptOf(two, { outcome: 'human', heardWhole: true })];
      for (const ledger of [given.ledger, given.other, given.ledger]) {
        await ledger.replay(missed, wait(DUE_MS), START_MS + 1000);
        await ledger.replay(heard, reached, START_MS + 1000);
      }
      expect(await known('1')).toMatchObject({ status: 'waiting', dueAtMs: DUE_MS, person: { callStartsMs: [START_MS] }, phones: [{ lastCallAtMs: START_MS, inCall: false }], attempts: [{ attemptId: missed.attemptId, outcome: 'busy' }] });
      expect(await known('2')).toMatchObject({ status: 'reached', person: { lastConversationAtMs: START_MS } });
      expect((await told()).map((item) => item.kind).sort()).toEqual(['attempt', 'attempt', 'closed']);
      expect((await closings())[0]).toMatchObject({ accountId: '2', disposition: 'reached', attempts: 1 });
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ attempts: 2, waiting: 1, due: 0, closed: { reached: 1 } });
    });

    test('nothing for an attempt that the bus told of, or a contact nobody knows', async () => {
      const attempt = sampleAttemptOf(one);
      await startRebuild();
      await given.ledger.restore([open(one, [attempt])]);
      await finishRebuild();
      await given.ledger.replay(attempt, reached, START_MS);
      await given.ledger.replay(sampleAttemptOf(three), reached, START_MS);
      expect(await known('1')).toMatchObject({ status: 'waiting', dueAtMs: DUE_MS });
      expect(await known('3')).toBeNull();
      expect(await told()).toEqual([]);
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ contacts: 1, attempts: 1 });
    });

    test('it ends a call that was adopted; a closed contact keeps its disposition and gets the call', async () => {
      await startRebuild();
      await given.ledger.restore([open(one), { ...open(two), closed: closedAs(two, 'paid') }]);
      await finishRebuild();
      const lease = await given.ledger.adopt(liveOf(one), 'dialer-1', START_MS + 60_000);
      const attempt = sampleAttemptOf(one, { attemptId: begunOf(one).attemptId });
      await given.other.replay(attempt, wait(DUE_MS), START_MS + 1000);
      await given.other.replay(sampleAttemptOf(two), reached, START_MS + 1000);
      expect(await given.ledger.settle(lease!, { attempt, next: reached, optOut: [], nowMs: START_MS })).toBe('lease_lost');
      expect(await known('1')).toMatchObject({ status: 'waiting', dueAtMs: DUE_MS, attempts: [{ attemptId: attempt.attemptId }], phones: [{ inCall: false }] });
      expect(await known('2')).toMatchObject({ status: 'paid', attempts: [{ outcome: 'no_answer' }], person: { callStartsMs: [START_MS] } });
      expect((await told()).map((item) => item.kind)).toEqual(['attempt', 'attempt']);
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ attempts: 2, inFlight: 0, waiting: 1 });
    });

    test('what was asked in the call holds: an opt-out ends the person’s contacts and blocks the phone', async () => {
      const gas = sampleContact('1', { campaignId: 'gas', phones: ['+380503333333'] });
      const sharing = sampleContact('9', { phones: one.phones });
      await startRebuild();
      await given.ledger.defineCampaign(sampleCampaign('gas'));
      await given.ledger.restore([open(one), open(gas), open(sharing)]);
      await finishRebuild();
      await given.ledger.replay(sampleAttemptOf(one, { outcome: 'human', response: { kind: 'opt_out' } }), { kind: 'close', disposition: 'opted_out', reason: 'r' }, START_MS);
      expect(await Promise.all([statusOf('1'), statusOf('1', 'gas'), statusOf('9')])).toEqual(['opted_out', 'opted_out', 'suppressed']);
    });

    test('a payment that came since overrides it', async () => {
      await startRebuild();
      await given.ledger.restore([open(one)]);
      await finishRebuild();
      const lease = await given.ledger.adopt(liveOf(one), 'dialer-1', START_MS + 60_000);
      expect(await given.ledger.recordPayments([samplePayment('1', 500)], START_MS)).toEqual([{ attemptId: begunOf(one).attemptId, contactId: lease!.contactId, reason: 'paid' }]);
      await given.other.replay(sampleAttemptOf(one, { attemptId: begunOf(one).attemptId }), wait(DUE_MS), START_MS);
      expect(await statusOf('1')).toBe('paid');
      expect(await given.ledger.stopRequests('dialer-1')).toEqual([]);
    });
  });

  test('the engine tells its time and its health', async () => {
    expect(Math.abs((await given.ledger.engineTimeMs()) - Date.now())).toBeLessThan(HOUR_MS);
    expect(given.ledger.health()).toEqual({ kind: 'up' });
  });
}
