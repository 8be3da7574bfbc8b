import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DISPOSITIONS } from '../../core/outcome.ts';
import { LOADED_MS, sampleAttempt, sampleBegun, sampleCampaign, sampleContact, samplePayment, START_MS } from './samples.contract.ts';
import type { BegunAttempt, Claim, DncEntry, Ledger, NextStep } from './port.ts';

/** One empty ledger and as many handles on it as asked for. */
export interface LedgerUnderTest {
  open(): Promise<Ledger>;
  tearDown(): Promise<void>;
}

const LEASE_MS = 60_000;
const wait = (dueAtMs: number): NextStep => ({ kind: 'wait', dueAtMs, reason: 'retry' });
const reached: NextStep = { kind: 'close', disposition: 'reached', reason: 'a human heard the message whole' };
const blocked = (phone: string, changes: Partial<DncEntry> = {}): DncEntry => ({ phone, reason: 'asked', addedAtMs: START_MS, expiresAtMs: null, ...changes });

/** What every ledger must do, whatever holds its data. */
export function ledgerContract(name: string, setUp: () => Promise<LedgerUnderTest>): void {
  describe(`ledger: ${name}`, () => {
    let under: LedgerUnderTest;
    let ledger: Ledger;
    let other: Ledger;
    beforeEach(async () => {
      under = await setUp();
      ledger = await under.open();
      other = await under.open();
      await ledger.defineCampaign(sampleCampaign());
    });
    afterEach(async () => {
      await ledger.close();
      await other.close();
      await under.tearDown();
    });

    const claims = (from: Ledger, dialerId = 'dialer-1', nowMs = START_MS, limit = 100, campaignId = 'november') => from.claim({ campaignId, dialerId, limit, nowMs, leaseMs: LEASE_MS });
    const claimOne = async (dialerId = 'dialer-1', nowMs = START_MS, campaignId = 'november'): Promise<Claim> => {
      const [claim] = await claims(ledger, dialerId, nowMs, 1, campaignId);
      if (claim === undefined) throw new Error('nothing was due');
      return claim;
    };
    const callOne = async (claim: Claim, changes: Partial<BegunAttempt> = {}): Promise<BegunAttempt> => {
      const begun = sampleBegun(claim, changes);
      expect(await ledger.begin(claim.lease, begun, claim.facts, [])).toEqual({ kind: 'begun' });
      return begun;
    };
    const closings = async () => (await ledger.readOutbox(1000)).flatMap((item) => (item.kind === 'closed' ? [item.value] : []));
    const statusOf = async (account: string, campaignId = 'november') => (await other.contactByAccount(campaignId, account))?.status;

    describe('admit', () => {
      test('takes each contact once and leaves a known one as it is', async () => {
        const contacts = [sampleContact('1'), sampleContact('2')];
        expect(await ledger.admit(contacts, LOADED_MS)).toBe(2);
        expect(await other.admit([sampleContact('1', { debtMinor: 5 }), sampleContact('3')], LOADED_MS)).toBe(1);
        expect((await ledger.contactByAccount('november', '1'))?.contact.debtMinor).toBe(100_000);
        expect(await ledger.counts('november', START_MS)).toMatchObject({ contacts: 3, waiting: 3, due: 3, inFlight: 0, nextDueAtMs: START_MS });
      });

      test('closes at once the held out, the paid and the suppressed, and tells so', async () => {
        await ledger.addDnc([blocked('+380670000003')], START_MS);
        await ledger.recordPayments([samplePayment('2', 500), samplePayment('4', 500, { paidAtMs: LOADED_MS - 1, receivedAtMs: LOADED_MS - 1 })], START_MS);
        await ledger.admit([sampleContact('1', { group: 'held_out' }), sampleContact('2'), sampleContact('3'), sampleContact('4')], START_MS);
        expect((await closings()).map(({ accountId, disposition }) => [accountId, disposition])).toEqual([['1', 'held_out'], ['2', 'paid'], ['3', 'suppressed']]);
        expect(await statusOf('4')).toBe('waiting');
        expect(await ledger.counts('november', START_MS)).toMatchObject({ contacts: 4, waiting: 1, closed: { held_out: 1, paid: 1, suppressed: 1 } });
      });

      test('a contact taken in before its campaign is defined waits for the definition', async () => {
        await ledger.admit([sampleContact('1', { campaignId: 'later' })], LOADED_MS);
        expect(await claims(ledger, 'dialer-1', START_MS, 10, 'later')).toEqual([]);
        await ledger.defineCampaign(sampleCampaign('later'));
        expect(await claims(ledger, 'dialer-1', START_MS - 1, 10, 'later')).toEqual([]);
        expect(await claims(ledger, 'dialer-1', START_MS, 10, 'later')).toHaveLength(1);
      });
    });

    describe('claims and leases', () => {
      test('two handles that claim at once never get the same contact', async () => {
        await ledger.admit(Array.from({ length: 60 }, (_, index) => sampleContact(String(index))), LOADED_MS);
        const rounds = await Promise.all(Array.from({ length: 12 }, (_, index) => claims(index % 2 === 0 ? ledger : other, `dialer-${index % 2}`, START_MS, 7)));
        const ids = rounds.flat().map((claim) => claim.lease.contactId);
        expect(ids).toHaveLength(60);
        expect(new Set(ids).size).toBe(60);
      });

      test('by due time, then by priority; nothing before its time', async () => {
        await ledger.admit([sampleContact('1', { priority: 1 }), sampleContact('2', { priority: 9 }), sampleContact('3')], LOADED_MS);
        expect(await claims(ledger, 'dialer-1', START_MS - 1)).toEqual([]);
        expect((await claims(ledger)).map((claim) => claim.facts.contact.accountId)).toEqual(['2', '3', '1']);
      });

      test('a lease that ran out goes to another dialer; the first is refused everything', async () => {
        await ledger.admit([sampleContact('1')], LOADED_MS);
        const first = await claimOne('dialer-1');
        expect(await claims(other, 'dialer-2', START_MS + LEASE_MS - 1)).toEqual([]);
        const [second] = await claims(other, 'dialer-2', START_MS + LEASE_MS);
        expect(second?.orphan).toBeNull();
        expect(second!.lease.token).toBeGreaterThan(first.lease.token);
        expect(await ledger.facts(first.lease)).toBeNull();
        expect(await ledger.begin(first.lease, sampleBegun(first), first.facts, [])).toEqual({ kind: 'lease_lost' });
        expect(await ledger.settle(first.lease, { attempt: null, next: reached, optOut: [], nowMs: START_MS })).toBe('lease_lost');
        expect(await ledger.renew([first.lease, second!.lease], START_MS + 10 * LEASE_MS)).toEqual([
          { contactId: first.lease.contactId, status: 'lost' },
          { contactId: first.lease.contactId, status: 'kept' },
        ]);
        expect(await claims(ledger, 'dialer-3', START_MS + 9 * LEASE_MS)).toEqual([]);
        expect(await closings()).toEqual([]);
      });

      test('no call is begun on a lease whose time is over, even if nobody took it', async () => {
        await ledger.admit([sampleContact('1')], LOADED_MS);
        const claim = await claimOne();
        expect(await ledger.begin(claim.lease, sampleBegun(claim, { begunAtMs: START_MS + LEASE_MS }), claim.facts, [])).toEqual({ kind: 'lease_lost' });
      });

      test('a dialer that died in a call leaves an orphan; its phone stays in call until it is settled', async () => {
        const shared = '+380671111111';
        await ledger.admit([sampleContact('1', { phones: [shared] })], LOADED_MS);
        const begun = await callOne(await claimOne());
        const [orphaned] = await claims(other, 'dialer-2', START_MS + LEASE_MS);
        expect(orphaned?.orphan).toEqual(begun);
        expect(orphaned?.facts.phones[0]).toMatchObject({ inCall: true, lastCallAtMs: START_MS });
        expect(orphaned?.facts.person.callStartsMs).toEqual([START_MS]);
        const attempt = sampleAttempt(orphaned!, begun, { outcome: 'lost', endedBy: 'crash' });
        expect(await other.settle(orphaned!.lease, { attempt, next: wait(START_MS + 9 * LEASE_MS), optOut: [], nowMs: START_MS + LEASE_MS })).toBe('settled');
        const after = await ledger.contactByAccount('november', '1');
        expect(after).toMatchObject({ status: 'waiting', dueAtMs: START_MS + 9 * LEASE_MS });
        expect(after?.phones[0]?.inCall).toBe(false);
        expect(after?.attempts).toMatchObject([{ attemptId: begun.attemptId, outcome: 'lost' }]);
      });
    });

    describe('calls', () => {
      test('a phone shared by two contacts is in one call at a time, and facts that grew old are refused', async () => {
        const phones = ['+380672222222'];
        await ledger.admit([sampleContact('1', { phones }), sampleContact('2', { phones })], LOADED_MS);
        const [one, two] = (await claims(ledger)) as [Claim, Claim];
        const begun = await callOne(one);
        expect(await other.begin(two.lease, sampleBegun(two), two.facts, [])).toEqual({ kind: 'conflict' });
        const during = (await other.facts(two.lease))!;
        expect(during.phones[0]!.inCall).toBe(true);
        expect(await other.begin(two.lease, sampleBegun(two), during, [])).toEqual({ kind: 'conflict' });
        await ledger.settle(one.lease, { attempt: sampleAttempt(one, begun), next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS + 30_000 });
        expect(await other.begin(two.lease, sampleBegun(two), during, [])).toEqual({ kind: 'conflict' });
        const fresh = (await other.facts(two.lease))!;
        expect(fresh.phones[0]).toMatchObject({ inCall: false, lastCallAtMs: START_MS });
        expect(await other.begin(two.lease, sampleBegun(two), fresh, [])).toEqual({ kind: 'begun' });
      });

      test('a person’s calls count over all campaigns', async () => {
        await ledger.defineCampaign(sampleCampaign('gas'));
        await ledger.admit([sampleContact('1'), sampleContact('1', { campaignId: 'gas', phones: ['+380503333333'] })], LOADED_MS);
        const electricity = await claimOne();
        const gas = await claimOne('dialer-1', START_MS, 'gas');
        const begun = await callOne(electricity);
        expect(await ledger.begin(gas.lease, sampleBegun(gas), gas.facts, [])).toEqual({ kind: 'conflict' });
        const talked = sampleAttempt(electricity, begun, { outcome: 'human', heardWhole: true, startedAtMs: START_MS + 500 });
        await ledger.settle(electricity.lease, { attempt: talked, next: reached, optOut: [], nowMs: START_MS + 30_000 });
        expect((await ledger.facts(gas.lease))?.person).toMatchObject({ callStartsMs: [START_MS], lastConversationAtMs: START_MS + 500 });
      });

      test('channels are counted over all dialers, by each limit, until the call is settled', async () => {
        await ledger.admit([sampleContact('1'), sampleContact('2'), sampleContact('3')], LOADED_MS);
        const [one, two, three] = (await claims(ledger)) as [Claim, Claim, Claim];
        const limits = [{ key: 'trunk-a', max: 2 }, { key: 'november', max: 9 }];
        const begun = sampleBegun(one);
        expect(await ledger.begin(one.lease, begun, one.facts, limits)).toEqual({ kind: 'begun' });
        expect(await other.begin(two.lease, sampleBegun(two), two.facts, limits)).toEqual({ kind: 'begun' });
        expect(await other.begin(three.lease, sampleBegun(three), three.facts, limits)).toEqual({ kind: 'no_channel', limit: 'trunk-a' });
        await ledger.settle(one.lease, { attempt: sampleAttempt(one, begun), next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS });
        expect(await other.begin(three.lease, sampleBegun(three), three.facts, limits)).toEqual({ kind: 'begun' });
      });

      test('a call that was never placed leaves no trace', async () => {
        await ledger.admit([sampleContact('1')], LOADED_MS);
        const claim = await claimOne();
        await callOne(claim);
        await ledger.settle(claim.lease, { attempt: null, next: wait(START_MS), optOut: [], nowMs: START_MS });
        const after = await claimOne();
        expect(after.facts).toMatchObject({ attempts: [], person: { callStartsMs: [] }, phones: [{ inCall: false, lastCallAtMs: null }] });
        expect((await ledger.counts('november', START_MS)).attempts).toBe(0);
        expect(await ledger.readOutbox(10)).toEqual([]);
      });

      test('settle changes contact and outbox together; the outbox keeps order and forgets only what is acknowledged', async () => {
        await ledger.admit([sampleContact('1'), sampleContact('2')], LOADED_MS);
        const [one, two] = (await claims(ledger)) as [Claim, Claim];
        const begun = await callOne(one);
        const attempt = sampleAttempt(one, begun, { outcome: 'human', heardWhole: true });
        await ledger.settle(one.lease, { attempt, next: reached, optOut: [], nowMs: START_MS + 1 });
        await ledger.settle(two.lease, { attempt: null, next: { kind: 'close', disposition: 'exhausted', reason: 'r' }, optOut: [], nowMs: START_MS + 2 });
        const items = await other.readOutbox(10);
        expect(items.map((item) => item.kind)).toEqual(['attempt', 'closed', 'closed']);
        expect(items[0]?.value).toEqual(attempt);
        expect(items[1]?.value).toMatchObject({ disposition: 'reached', attempts: 1, closedAtMs: START_MS + 1 });
        await other.ackOutbox([items[0]!.seq, items[1]!.seq]);
        expect((await ledger.readOutbox(10)).map((item) => item.seq)).toEqual([items[2]!.seq]);
        expect(await ledger.settle(one.lease, { attempt, next: reached, optOut: [], nowMs: START_MS })).toBe('lease_lost');
        expect(await claims(ledger, 'dialer-1', START_MS + 1e9)).toEqual([]);
      });
    });

    describe('payments', () => {
      test('close the waiting; a call under way is asked to end and closes as paid', async () => {
        await ledger.admit([sampleContact('1'), sampleContact('2'), sampleContact('3')], LOADED_MS);
        const [one, two] = (await claims(ledger, 'dialer-1', START_MS, 2)) as [Claim, Claim];
        const begun = await callOne(one);
        const requests = await other.recordPayments([samplePayment('1', 500), samplePayment('2', 500), samplePayment('3', 500)], START_MS + 5);
        expect(requests).toEqual([{ attemptId: begun.attemptId, contactId: one.lease.contactId, reason: 'paid' }]);
        expect(await ledger.stopRequests('dialer-1')).toEqual(requests);
        expect(await ledger.stopRequests('dialer-2')).toEqual([]);
        expect(await statusOf('3')).toBe('paid');
        // Leased only: the call cannot be begun on the facts of before.
        expect(await ledger.begin(two.lease, sampleBegun(two), two.facts, [])).toEqual({ kind: 'conflict' });
        expect(await ledger.facts(two.lease)).toMatchObject({ hasPayment: true, paidMinor: 500 });
        await ledger.settle(one.lease, { attempt: sampleAttempt(one, begun), next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS + 6 });
        await ledger.settle(two.lease, { attempt: null, next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS + 6 });
        expect(await Promise.all([statusOf('1'), statusOf('2')])).toEqual(['paid', 'paid']);
        expect(await ledger.stopRequests('dialer-1')).toEqual([]);
        expect((await ledger.counts('november', START_MS)).closed.paid).toBe(3);
      });

      test('what was said in a call stands, whatever was paid meanwhile', async () => {
        await ledger.admit([sampleContact('1')], LOADED_MS);
        const claim = await claimOne();
        const begun = await callOne(claim);
        await ledger.recordPayments([samplePayment('1', 500)], START_MS);
        await ledger.settle(claim.lease, { attempt: sampleAttempt(claim, begun, { outcome: 'human', heardWhole: true }), next: reached, optOut: [], nowMs: START_MS });
        expect(await statusOf('1')).toBe('reached');
      });

      test('count once by id, add up to the campaign’s share, and are reduced when taken back', async () => {
        await ledger.defineCampaign(sampleCampaign('half', { stopAtPaidShare: 0.5 }));
        await ledger.admit([sampleContact('1', { campaignId: 'half' })], LOADED_MS);
        await ledger.recordPayments([samplePayment('1', 30_000), samplePayment('1', 30_000)], START_MS);
        await other.recordPayments([samplePayment('1', 30_000)], START_MS);
        expect(await ledger.contactByAccount('half', '1')).toMatchObject({ status: 'waiting', paidMinor: 30_000, hasPayment: true });
        await ledger.recordPayments([samplePayment('1', -20_000), samplePayment('1', 39_999)], START_MS);
        expect(await ledger.contactByAccount('half', '1')).toMatchObject({ status: 'waiting', paidMinor: 49_999 });
        await ledger.recordPayments([samplePayment('1', 1)], START_MS);
        expect(await statusOf('1', 'half')).toBe('paid');
      });

      test('from before the load do not count, unless billing told of them after it', async () => {
        await ledger.admit([sampleContact('1'), sampleContact('2')], LOADED_MS);
        await ledger.recordPayments([samplePayment('1', 5, { paidAtMs: LOADED_MS - 1, receivedAtMs: LOADED_MS - 1 })], START_MS);
        await ledger.recordPayments([samplePayment('2', 5, { paidAtMs: LOADED_MS - 1, receivedAtMs: LOADED_MS + 1 })], START_MS);
        expect(await Promise.all([statusOf('1'), statusOf('2')])).toEqual(['waiting', 'paid']);
      });
    });

    describe('opt-out and the do-not-call list', () => {
      test('an opt-out ends the person’s contacts everywhere and blocks the phone for others', async () => {
        await ledger.defineCampaign(sampleCampaign('gas'));
        const phone = '+380674444444';
        await ledger.admit([sampleContact('1', { phones: [phone] }), sampleContact('1', { campaignId: 'gas', phones: ['+380505555555'] }), sampleContact('2', { phones: [phone] }), sampleContact('3', { phones: [phone, '+380506666666'] })], LOADED_MS);
        const claim = await claimOne();
        const begun = await callOne(claim);
        const attempt = sampleAttempt(claim, begun, { outcome: 'human', response: { kind: 'opt_out' } });
        await ledger.settle(claim.lease, { attempt, next: { kind: 'close', disposition: 'opted_out', reason: 'r' }, optOut: [blocked(phone)], nowMs: START_MS });
        expect(await Promise.all([statusOf('1'), statusOf('1', 'gas'), statusOf('2'), statusOf('3')])).toEqual(['opted_out', 'opted_out', 'suppressed', 'waiting']);
        expect((await ledger.contactByAccount('november', '3'))?.phones.map((known) => known.dncReason)).toEqual(['asked', null]);
        await ledger.admit([sampleContact('1', { contactId: 'again', campaignId: 'gas', phones: ['+380507777777'] })], START_MS);
        expect((await closings()).at(-1)).toMatchObject({ contactId: 'again', disposition: 'suppressed' });
      });

      test('a blocked phone: the waiting close, a leased contact is told by conflict, a call to it is asked to end', async () => {
        await ledger.admit([sampleContact('1'), sampleContact('2'), sampleContact('3')], LOADED_MS);
        const [one, two] = (await claims(ledger, 'dialer-1', START_MS, 2)) as [Claim, Claim];
        const begun = await callOne(one);
        const requests = await other.addDnc([1, 2, 3].map((account) => blocked(`+38067000000${account}`)), START_MS);
        expect(requests).toEqual([{ attemptId: begun.attemptId, contactId: one.lease.contactId, reason: 'opted_out' }]);
        expect(await ledger.begin(two.lease, sampleBegun(two), two.facts, [])).toEqual({ kind: 'conflict' });
        expect(await statusOf('3')).toBe('suppressed');
        await ledger.settle(one.lease, { attempt: sampleAttempt(one, begun), next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS });
        expect(await statusOf('1')).toBe('suppressed');
      });

      test('entries expire, can be removed, and are listed', async () => {
        await ledger.addDnc([blocked('+380670000001', { expiresAtMs: START_MS + 1000 }), blocked('+380670000002'), blocked('+380670000009')], START_MS);
        await ledger.admit([sampleContact('1', { phones: ['+380670000001', '+380678888888'] })], START_MS);
        expect((await claimOne()).facts.phones[0]?.dncReason).toBe('asked');
        expect((await claimOne('dialer-1', START_MS + LEASE_MS)).facts.phones[0]?.dncReason).toBeNull();
        expect(await ledger.removeDnc(['+380670000002', '+380670000003'])).toBe(1);
        const listed: string[] = [];
        for await (const entry of other.listDnc()) listed.push(entry.phone);
        expect(listed).toEqual(['+380670000001', '+380670000009']);
      });
    });

    describe('operators', () => {
      test('paused: nothing is given out or begun but orphans; resumed: it goes on', async () => {
        await ledger.admit([sampleContact('1'), sampleContact('2'), sampleContact('3')], LOADED_MS);
        const [one, two] = (await claims(ledger, 'dialer-1', START_MS, 2)) as [Claim, Claim];
        const begun = await callOne(one);
        await other.setMode('november', 'paused');
        expect((await ledger.begin(two.lease, sampleBegun(two), two.facts, [])).kind).toBe('no_channel');
        const later = await claims(other, 'dialer-2', START_MS + LEASE_MS);
        expect(later.map((claim) => claim.orphan)).toEqual([begun]);
        expect(await ledger.counts('november', START_MS)).toMatchObject({ waiting: 2, inFlight: 1 });
        await ledger.setMode('november', 'running');
        expect(await claims(ledger, 'dialer-1', START_MS + LEASE_MS)).toHaveLength(2);
      });

      test('stopped: calls under way are asked to end, and no contact is left waiting', async () => {
        await ledger.admit([sampleContact('1'), sampleContact('2'), sampleContact('3')], LOADED_MS);
        const [one, two] = (await claims(ledger, 'dialer-1', START_MS, 2)) as [Claim, Claim];
        const begun = await callOne(one);
        await other.setMode('november', 'stopped');
        expect(await ledger.stopRequests('dialer-1')).toEqual([{ attemptId: begun.attemptId, contactId: one.lease.contactId, reason: 'stopped' }]);
        expect(await other.closeWaiting('november', 'expired', 'the campaign was stopped', START_MS)).toBe(1);
        await ledger.settle(one.lease, { attempt: sampleAttempt(one, begun), next: wait(START_MS), optOut: [], nowMs: START_MS });
        expect(two.orphan).toBeNull();
        // The other dialer's claim runs out without a call.
        expect(await claims(other, 'dialer-2', START_MS + LEASE_MS)).toEqual([]);
        await ledger.admit([sampleContact('4')], START_MS);
        const counts = await ledger.counts('november', START_MS);
        expect(counts).toMatchObject({ contacts: 4, waiting: 0, inFlight: 0, nextDueAtMs: null });
        expect(counts.closed.expired).toBe(4);
        expect(await closings()).toHaveLength(4);
      });

      test('limits and modes outlive a new definition; the ramp-up counts from the first call', async () => {
        await ledger.setLimits('november', { maxCallsPerSecond: 3 });
        await ledger.setMode('november', 'paused');
        await other.defineCampaign(sampleCampaign('november', { maxChannels: 7 }));
        expect(await ledger.campaigns()).toMatchObject([{ mode: 'paused', maxCallsPerSecond: 3, maxChannels: 7, firstCallAtMs: null, campaign: { id: 'november' } }]);
        await ledger.setMode('november', 'running');
        await ledger.admit([sampleContact('1')], LOADED_MS);
        await callOne(await claimOne(), { begunAtMs: START_MS + 7 });
        expect((await other.campaigns())[0]?.firstCallAtMs).toBe(START_MS + 7);
        await expect(ledger.setMode('december', 'paused')).rejects.toMatchObject({ code: 'not_found' });
      });

      test('counts add up through every state', async () => {
        await ledger.admit(Array.from({ length: 9 }, (_, index) => sampleContact(String(index + 1), { group: index === 0 ? 'held_out' : 'called' })), LOADED_MS);
        const [one, two, three] = (await claims(ledger, 'dialer-1', START_MS, 4)) as [Claim, Claim, Claim];
        const begun = await callOne(one);
        await ledger.settle(two.lease, { attempt: null, next: wait(START_MS + 100), optOut: [], nowMs: START_MS });
        await ledger.settle(three.lease, { attempt: null, next: reached, optOut: [], nowMs: START_MS });
        expect(begun.attemptNumber).toBe(1);
        const counts = await other.counts('november', START_MS);
        expect(counts).toMatchObject({ contacts: 9, waiting: 5, due: 4, inFlight: 2, attempts: 1, nextDueAtMs: START_MS, closed: { held_out: 1, reached: 1 } });
        expect(counts.waiting + counts.inFlight + DISPOSITIONS.reduce((sum, disposition) => sum + counts.closed[disposition], 0)).toBe(counts.contacts);
        expect((await other.counts('november', START_MS + 100)).due).toBe(5);
      });
    });

    describe('rate of starts', () => {
      test('two dialers together never exceed the cap in any second, and one alone reaches it', async () => {
        const limits = [{ key: 'november', maxPerSecond: 20 }, { key: 'trunk-a', maxPerSecond: 30 }];
        const starts: number[] = [];
        for (let nowMs = START_MS; nowMs < START_MS + 20_000; nowMs += 10) {
          for (const dialer of [ledger, other]) while ((await dialer.takeStart(limits, nowMs)).kind === 'granted') starts.push(nowMs);
        }
        starts.forEach((startMs, index) => expect(starts.slice(0, index + 1).filter((earlier) => earlier > startMs - 1000).length).toBeLessThanOrEqual(20));
        expect(starts.length).toBeGreaterThanOrEqual(20 * 20 * 0.98);
      });

      test('takes from all limits or none', async () => {
        expect(await ledger.takeStart([{ key: 'slow', maxPerSecond: 1 }], START_MS)).toEqual({ kind: 'granted' });
        const refused = await ledger.takeStart([{ key: 'slow', maxPerSecond: 1 }, { key: 'other', maxPerSecond: 1 }], START_MS + 500);
        expect(refused.kind).toBe('wait');
        expect(refused.kind === 'wait' && refused.untilMs).toBeGreaterThanOrEqual(START_MS + 1000);
        expect(await ledger.takeStart([{ key: 'other', maxPerSecond: 1 }], START_MS + 500)).toEqual({ kind: 'granted' });
      });
    });
  });
}
