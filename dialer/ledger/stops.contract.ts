import { describe, expect, test } from 'vitest';
import { DISPOSITIONS } from '../../core/outcome.ts';
import { blocked, LEASE_MS, reached, wait, type LedgerFixture } from './fixture.contract.ts';
import type { Claim } from './port.ts';
import { LOADED_MS, sampleAttempt, sampleBegun, sampleCampaign, sampleContact, samplePayment, START_MS } from './samples.contract.ts';

/** What ends calls from outside: payments, the do-not-call list, operators. */
export function stopsContract(given: LedgerFixture): void {
  const { callOne, claimOne, claims, closings, statusOf } = given;

  describe('payments', () => {
    test('close the waiting; a call under way is asked to end and closes as paid', async () => {
      await given.ledger.admit([sampleContact('1'), sampleContact('2'), sampleContact('3')], LOADED_MS);
      const [one, two] = (await claims(given.ledger, 'dialer-1', START_MS, 2)) as [Claim, Claim];
      const begun = await callOne(one);
      const requests = await given.other.recordPayments([samplePayment('1', 500), samplePayment('2', 500), samplePayment('3', 500)], START_MS + 5);
      expect(requests).toEqual([{ attemptId: begun.attemptId, contactId: one.lease.contactId, reason: 'paid' }]);
      expect(await given.ledger.stopRequests('dialer-1')).toEqual(requests);
      expect(await given.ledger.stopRequests('dialer-2')).toEqual([]);
      expect(await statusOf('3')).toBe('paid');
      // Leased only: the call cannot be begun on the facts of before.
      expect(await given.ledger.begin(two.lease, sampleBegun(two), two.facts, [])).toEqual({ kind: 'conflict' });
      expect(await given.ledger.facts(two.lease)).toMatchObject({ hasPayment: true, paidMinor: 500 });
      await given.ledger.settle(one.lease, { attempt: sampleAttempt(one, begun), next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS + 6 });
      await given.ledger.settle(two.lease, { attempt: null, next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS + 6 });
      expect(await Promise.all([statusOf('1'), statusOf('2')])).toEqual(['paid', 'paid']);
      expect(await given.ledger.stopRequests('dialer-1')).toEqual([]);
      expect((await given.ledger.counts('november', START_MS)).closed.paid).toBe(3);
    });

    test('what was said in a call stands, whatever was paid meanwhile', async () => {
      await given.ledger.admit([sampleContact('1')], LOADED_MS);
      const claim = await claimOne();
      const begun = await callOne(claim);
      await given.ledger.recordPayments([samplePayment('1', 500)], START_MS);
      await given.ledger.settle(claim.lease, { attempt: sampleAttempt(claim, begun, { outcome: 'human', heardWhole: true }), next: reached, optOut: [], nowMs: START_MS });
      expect(await statusOf('1')).toBe('reached');
    });

    test('count once by id, add up to the campaign’s share, and are reduced when taken back', async () => {
      await given.ledger.defineCampaign(sampleCampaign('half', { stopAtPaidShare: 0.5 }));
      await given.ledger.admit([sampleContact('1', { campaignId: 'half' })], LOADED_MS);
      await given.ledger.recordPayments([samplePayment('1', 30_000), samplePayment('1', 30_000)], START_MS);
      await given.other.recordPayments([samplePayment('1', 30_000)], START_MS);
      expect(await given.ledger.contactByAccount('half', '1')).toMatchObject({ status: 'waiting', paidMinor: 30_000, hasPayment: true });
      await given.ledger.recordPayments([samplePayment('1', -20_000), samplePayment('1', 39_999)], START_MS);
      expect(await given.ledger.contactByAccount('half', '1')).toMatchObject({ status: 'waiting', paidMinor: 49_999 });
      await given.ledger.recordPayments([samplePayment('1', 1)], START_MS);
      expect(await statusOf('1', 'half')).toBe('paid');
    });

    test('from before the load do not count, unless billing told of them after it', async () => {
      await given.ledger.admit([sampleContact('1'), sampleContact('2')], LOADED_MS);
      await given.ledger.recordPayments([samplePayment('1', 5, { paidAtMs: LOADED_MS - 1, receivedAtMs: LOADED_MS - 1 })], START_MS);
      await given.ledger.recordPayments([samplePayment('2', 5, { paidAtMs: LOADED_MS - 1, receivedAtMs: LOADED_MS + 1 })], START_MS);
      expect(await Promise.all([statusOf('1'), statusOf('2')])).toEqual(['waiting', 'paid']);
    });
  });

  describe('opt-out and the do-not-call list', () => {
    test('an opt-out ends the person’s contacts everywhere and blocks the phone for others', async () => {
      await given.ledger.defineCampaign(sampleCampaign('gas'));
      const phone = '+380674444444';
      await given.ledger.admit([sampleContact('1', { phones: [phone] }), sampleContact('1', { campaignId: 'gas', phones: ['+380505555555'] }), sampleContact('2', { phones: [phone] }), sampleContact('3', { phones: [phone, '+380506666666'] })], LOADED_MS);
      const claim = await claimOne();
      const begun = await callOne(claim);
      const attempt = sampleAttempt(claim, begun, { outcome: 'human', response: { kind: 'opt_out' } });
      await given.ledger.settle(claim.lease, { attempt, next: { kind: 'close', disposition: 'opted_out', reason: 'r' }, optOut: [blocked(phone)], nowMs: START_MS });
      expect(await Promise.all([statusOf('1'), statusOf('1', 'gas'), statusOf('2'), statusOf('3')])).toEqual(['opted_out', 'opted_out', 'suppressed', 'waiting']);
      expect((await given.ledger.contactByAccount('november', '3'))?.phones.map((known) => known.dncReason)).toEqual(['asked', null]);
      await given.ledger.admit([sampleContact('1', { contactId: 'again', campaignId: 'gas', phones: ['+380507777777'] })], START_MS);
      expect((await closings()).at(-1)).toMatchObject({ contactId: 'again', disposition: 'suppressed' });
    });

    test('a blocked phone: the waiting close, a leased contact is told by conflict, a call to it is asked to end', async () => {
      await given.ledger.admit([sampleContact('1'), sampleContact('2'), sampleContact('3')], LOADED_MS);
      const [one, two] = (await claims(given.ledger, 'dialer-1', START_MS, 2)) as [Claim, Claim];
      const begun = await callOne(one);
      const requests = await given.other.addDnc([1, 2, 3].map((account) => blocked(`+38067000000${account}`)), START_MS);
      expect(requests).toEqual([{ attemptId: begun.attemptId, contactId: one.lease.contactId, reason: 'opted_out' }]);
      expect(await given.ledger.begin(two.lease, sampleBegun(two), two.facts, [])).toEqual({ kind: 'conflict' });
      expect(await statusOf('3')).toBe('suppressed');
      await given.ledger.settle(one.lease, { attempt: sampleAttempt(one, begun), next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS });
      expect(await statusOf('1')).toBe('suppressed');
    });

    test('entries expire, can be removed, and are listed', async () => {
      await given.ledger.addDnc([blocked('+380670000001', { expiresAtMs: START_MS + 1000 }), blocked('+380670000002'), blocked('+380670000009')], START_MS);
      await given.ledger.admit([sampleContact('1', { phones: ['+380670000001', '+380678888888'] })], START_MS);
      expect((await claimOne()).facts.phones[0]?.dncReason).toBe('asked');
      expect((await claimOne('dialer-1', START_MS + LEASE_MS)).facts.phones[0]?.dncReason).toBeNull();
      expect(await given.ledger.removeDnc(['+380670000002', '+380670000003'])).toBe(1);
      const listed: string[] = [];
      for await (const entry of given.other.listDnc()) listed.push(entry.phone);
      expect(listed).toEqual(['+380670000001', '+380670000009']);
    });
  });

  describe('operators', () => {
    test('paused: nothing is given out or begun but orphans; resumed: it goes on', async () => {
      await given.ledger.admit([sampleContact('1'), sampleContact('2'), sampleContact('3')], LOADED_MS);
      const [one, two] = (await claims(given.ledger, 'dialer-1', START_MS, 2)) as [Claim, Claim];
      const begun = await callOne(one);
      await given.other.setMode('november', 'paused');
      expect((await given.ledger.begin(two.lease, sampleBegun(two), two.facts, [])).kind).toBe('no_channel');
      const later = await claims(given.other, 'dialer-2', START_MS + LEASE_MS);
      expect(later.map((claim) => claim.orphan)).toEqual([begun]);
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ waiting: 2, inFlight: 1 });
      await given.ledger.setMode('november', 'running');
      expect(await claims(given.ledger, 'dialer-1', START_MS + LEASE_MS)).toHaveLength(2);
    });

    test('stopped: calls under way are asked to end, and no contact is left waiting', async () => {
      await given.ledger.admit([sampleContact('1'), sampleContact('2'), sampleContact('3')], LOADED_MS);
      const [one, two] = (await claims(given.ledger, 'dialer-1', START_MS, 2)) as [Claim, Claim];
      const begun = await callOne(one);
      await given.other.setMode('november', 'stopped');
      expect(await given.ledger.stopRequests('dialer-1')).toEqual([{ attemptId: begun.attemptId, contactId: one.lease.contactId, reason: 'stopped' }]);
      expect(await given.other.closeWaiting('november', 'expired', 'the campaign was stopped', START_MS)).toBe(1);
      await given.ledger.settle(one.lease, { attempt: sampleAttempt(one, begun), next: wait(START_MS), optOut: [], nowMs: START_MS });
      expect(two.orphan).toBeNull();
      // The other dialer's claim runs out without a call.
      expect(await claims(given.other, 'dialer-2', START_MS + LEASE_MS)).toEqual([]);
      await given.ledger.admit([sampleContact('4')], START_MS);
      const counts = await given.ledger.counts('november', START_MS);
      expect(counts).toMatchObject({ contacts: 4, waiting: 0, inFlight: 0, nextDueAtMs: null });
      expect(counts.closed.expired).toBe(4);
      expect(await closings()).toHaveLength(4);
    });

    test('limits and modes outlive a new definition; the ramp-up counts from the first call', async () => {
      await given.ledger.setLimits('november', { maxCallsPerSecond: 3 });
      await given.ledger.setMode('november', 'paused');
      await given.other.defineCampaign(sampleCampaign('november', { maxChannels: 7 }));
      expect(await given.ledger.campaigns()).toMatchObject([{ mode: 'paused', maxCallsPerSecond: 3, maxChannels: 7, firstCallAtMs: null, campaign: { id: 'november' } }]);
      await given.ledger.setMode('november', 'running');
      await given.ledger.admit([sampleContact('1')], LOADED_MS);
      await callOne(await claimOne(), { begunAtMs: START_MS + 7 });
      expect((await given.other.campaigns())[0]?.firstCallAtMs).toBe(START_MS + 7);
      await expect(given.ledger.setMode('december', 'paused')).rejects.toMatchObject({ code: 'not_found' });
    });

    test('counts add up through every state', async () => {
      await given.ledger.admit(Array.from({ length: 9 }, (_, index) => sampleContact(String(index + 1), { group: index === 0 ? 'held_out' : 'called' })), LOADED_MS);
      const [one, two, three] = (await claims(given.ledger, 'dialer-1', START_MS, 4)) as [Claim, Claim, Claim];
      const begun = await callOne(one);
      await given.ledger.settle(two.lease, { attempt: null, next: wait(START_MS + 100), optOut: [], nowMs: START_MS });
      await given.ledger.settle(three.lease, { attempt: null, next: reached, optOut: [], nowMs: START_MS });
      expect(begun.attemptNumber).toBe(1);
      const counts = await given.other.counts('november', START_MS);
      expect(counts).toMatchObject({ contacts: 9, waiting: 5, due: 4, inFlight: 2, attempts: 1, nextDueAtMs: START_MS, closed: { held_out: 1, reached: 1 } });
      expect(counts.waiting + counts.inFlight + DISPOSITIONS.reduce((sum, disposition) => sum + counts.closed[disposition], 0)).toBe(counts.contacts);
      expect((await given.other.counts('november', START_MS + 100)).due).toBe(5);
    });
  });
}
