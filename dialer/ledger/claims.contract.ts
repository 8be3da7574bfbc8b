import { describe, expect, test } from 'vitest';
import { blocked, LEASE_MS, reached, wait, type LedgerFixture } from './fixture.contract.ts';
import type { Claim } from './port.ts';
import { LOADED_MS, sampleAttempt, sampleBegun, sampleCampaign, sampleContact, samplePayment, START_MS } from './samples.contract.ts';

/** Contacts come in, are leased, called and settled. */
export function claimsContract(given: LedgerFixture): void {
  const { callOne, claimOne, claims, closings, statusOf } = given;

  describe('admit', () => {
    test('takes each contact once and leaves a known one as it is', async () => {
      const contacts = [sampleContact('1'), sampleContact('2')];
      expect(await given.ledger.admit(contacts, LOADED_MS)).toBe(2);
      expect(await given.other.admit([sampleContact('1', { debtMinor: 5 }), sampleContact('3')], LOADED_MS)).toBe(1);
      expect((await given.ledger.contactByAccount('november', '1'))?.contact.debtMinor).toBe(100_000);
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ contacts: 3, waiting: 3, due: 3, inFlight: 0, nextDueAtMs: START_MS });
    });

    test('closes at once the held out, the paid and the suppressed, and tells so', async () => {
      await given.ledger.addDnc([blocked('+380670000003')], START_MS);
      await given.ledger.recordPayments([samplePayment('2', 500), samplePayment('4', 500, { paidAtMs: LOADED_MS - 1, receivedAtMs: LOADED_MS - 1 })], START_MS);
      await given.ledger.admit([sampleContact('1', { group: 'held_out' }), sampleContact('2'), sampleContact('3'), sampleContact('4')], START_MS);
      expect((await closings()).map(({ accountId, disposition }) => [accountId, disposition])).toEqual([['1', 'held_out'], ['2', 'paid'], ['3', 'suppressed']]);
      expect(await statusOf('4')).toBe('waiting');
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ contacts: 4, waiting: 1, closed: { held_out: 1, paid: 1, suppressed: 1 } });
    });

    test('closes what the load closed, held out or not, and hands back all that the list said', async () => {
      const told = { lineTypes: ['mobile'], nameParts: { first: 'Олена' }, region: 'Kyiv', debtSince: '2026-01-01', heldOutBefore: 'october' } as const;
      const closed = { ...told, closedAtLoad: { disposition: 'suppressed', reason: 'dispute' } } as const;
      await given.ledger.admit([sampleContact('1', { group: 'held_out', ...closed, lineTypes: ['mobile'] }), sampleContact('2', { closedAtLoad: { disposition: 'paid', reason: 'list' } }), sampleContact('3', { ...told, lineTypes: ['mobile'] })], START_MS);
      expect((await closings()).map(({ accountId, disposition, reason }) => [accountId, disposition, reason])).toEqual([['1', 'suppressed', 'suppressed at the load: dispute'], ['2', 'paid', 'the list says it is paid']]);
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ contacts: 3, waiting: 1, closed: { paid: 1, suppressed: 1 } });
      expect((await given.ledger.contactByAccount('november', '3'))?.contact).toMatchObject(told);
      expect((await given.ledger.contactByAccount('november', '1'))?.contact).toMatchObject(closed);
    });

    test('a contact taken in before its campaign is defined waits for the definition', async () => {
      await given.ledger.admit([sampleContact('1', { campaignId: 'later' })], LOADED_MS);
      expect(await claims(given.ledger, 'dialer-1', START_MS, 10, 'later')).toEqual([]);
      await given.ledger.defineCampaign(sampleCampaign('later'));
      expect(await claims(given.ledger, 'dialer-1', START_MS - 1, 10, 'later')).toEqual([]);
      expect(await claims(given.ledger, 'dialer-1', START_MS, 10, 'later')).toHaveLength(1);
    });
  });

  describe('claims and leases', () => {
    test('two handles that claim at once never get the same contact', async () => {
      await given.ledger.admit(Array.from({ length: 60 }, (_, index) => sampleContact(String(index))), LOADED_MS);
      const rounds = await Promise.all(Array.from({ length: 12 }, (_, index) => claims(index % 2 === 0 ? given.ledger : given.other, `dialer-${index % 2}`, START_MS, 7)));
      const ids = rounds.flat().map((claim) => claim.lease.contactId);
      expect(ids).toHaveLength(60);
      expect(new Set(ids).size).toBe(60);
    });

    test('by due time, then by priority; nothing before its time', async () => {
      await given.ledger.admit([sampleContact('1', { priority: 1 }), sampleContact('2', { priority: 9 }), sampleContact('3')], LOADED_MS);
      expect(await claims(given.ledger, 'dialer-1', START_MS - 1)).toEqual([]);
      expect((await claims(given.ledger)).map((claim) => claim.facts.contact.accountId)).toEqual(['2', '3', '1']);
    });

    test('a lease that ran out goes to another dialer; the first is refused everything', async () => {
      await given.ledger.admit([sampleContact('1')], LOADED_MS);
      const first = await claimOne('dialer-1');
      expect(await claims(given.other, 'dialer-2', START_MS + LEASE_MS - 1)).toEqual([]);
      const [second] = await claims(given.other, 'dialer-2', START_MS + LEASE_MS);
      expect(second?.orphan).toBeNull();
      expect(second!.lease.token).toBeGreaterThan(first.lease.token);
      expect(await given.ledger.facts(first.lease)).toBeNull();
      expect(await given.ledger.begin(first.lease, sampleBegun(first), first.facts, [])).toEqual({ kind: 'lease_lost' });
      expect(await given.ledger.settle(first.lease, { attempt: null, next: reached, optOut: [], nowMs: START_MS })).toBe('lease_lost');
      expect(await given.ledger.renew([first.lease, second!.lease], START_MS + 10 * LEASE_MS)).toEqual([
        { contactId: first.lease.contactId, status: 'lost' },
        { contactId: first.lease.contactId, status: 'kept' },
      ]);
      expect(await claims(given.ledger, 'dialer-3', START_MS + 9 * LEASE_MS)).toEqual([]);
      expect(await closings()).toEqual([]);
    });

    test('no call is begun on a lease whose time is over, even if nobody took it', async () => {
      await given.ledger.admit([sampleContact('1')], LOADED_MS);
      const claim = await claimOne();
      expect(await given.ledger.begin(claim.lease, sampleBegun(claim, { begunAtMs: START_MS + LEASE_MS }), claim.facts, [])).toEqual({ kind: 'lease_lost' });
    });

    test('a dialer that died in a call leaves an orphan; its phone stays in call until it is settled', async () => {
      const shared = '+380671111111';
      await given.ledger.admit([sampleContact('1', { phones: [shared] })], LOADED_MS);
      const begun = await callOne(await claimOne());
      const [orphaned] = await claims(given.other, 'dialer-2', START_MS + LEASE_MS);
      expect(orphaned?.orphan).toEqual(begun);
      expect(orphaned?.facts.phones[0]).toMatchObject({ inCall: true, lastCallAtMs: START_MS });
      expect(orphaned?.facts.person.callStartsMs).toEqual([START_MS]);
      const attempt = sampleAttempt(orphaned!, begun, { outcome: 'lost', endedBy: 'crash' });
      expect(await given.other.settle(orphaned!.lease, { attempt, next: wait(START_MS + 9 * LEASE_MS), optOut: [], nowMs: START_MS + LEASE_MS })).toBe('settled');
      const after = await given.ledger.contactByAccount('november', '1');
      expect(after).toMatchObject({ status: 'waiting', dueAtMs: START_MS + 9 * LEASE_MS });
      expect(after?.phones[0]?.inCall).toBe(false);
      expect(after?.attempts).toMatchObject([{ attemptId: begun.attemptId, outcome: 'lost' }]);
    });
  });

  describe('calls', () => {
    test('a phone shared by two contacts is in one call at a time, and facts that grew old are refused', async () => {
      const phones = ['+380672222222'];
      await given.ledger.admit([sampleContact('1', { phones }), sampleContact('2', { phones })], LOADED_MS);
      const [one, two] = (await claims(given.ledger)) as [Claim, Claim];
      const begun = await callOne(one);
      expect(await given.other.begin(two.lease, sampleBegun(two), two.facts, [])).toEqual({ kind: 'conflict' });
      const during = (await given.other.facts(two.lease))!;
      expect(during.phones[0]!.inCall).toBe(true);
      expect(await given.other.begin(two.lease, sampleBegun(two), during, [])).toEqual({ kind: 'conflict' });
      await given.ledger.settle(one.lease, { attempt: sampleAttempt(one, begun), next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS + 30_000 });
      expect(await given.other.begin(two.lease, sampleBegun(two), during, [])).toEqual({ kind: 'conflict' });
      const fresh = (await given.other.facts(two.lease))!;
      expect(fresh.phones[0]).toMatchObject({ inCall: false, lastCallAtMs: START_MS });
      expect(await given.other.begin(two.lease, sampleBegun(two), fresh, [])).toEqual({ kind: 'begun' });
    });

    test('a person’s calls count over all campaigns', async () => {
      await given.ledger.defineCampaign(sampleCampaign('gas'));
      await given.ledger.admit([sampleContact('1'), sampleContact('1', { campaignId: 'gas', phones: ['+380503333333'] })], LOADED_MS);
      const electricity = await claimOne();
      const gas = await claimOne('dialer-1', START_MS, 'gas');
      const begun = await callOne(electricity);
      expect(await given.ledger.begin(gas.lease, sampleBegun(gas), gas.facts, [])).toEqual({ kind: 'conflict' });
      const talked = sampleAttempt(electricity, begun, { outcome: 'human', heardWhole: true, startedAtMs: START_MS + 500 });
      await given.ledger.settle(electricity.lease, { attempt: talked, next: reached, optOut: [], nowMs: START_MS + 30_000 });
      expect((await given.ledger.facts(gas.lease))?.person).toMatchObject({ callStartsMs: [START_MS], lastConversationAtMs: START_MS + 500 });
    });

    test('channels are counted over all dialers, by each limit, until the call is settled', async () => {
      await given.ledger.admit([sampleContact('1'), sampleContact('2'), sampleContact('3')], LOADED_MS);
      const [one, two, three] = (await claims(given.ledger)) as [Claim, Claim, Claim];
      const limits = [{ key: 'trunk-a', max: 2 }, { key: 'november', max: 9 }];
      const begun = sampleBegun(one);
      expect(await given.ledger.begin(one.lease, begun, one.facts, limits)).toEqual({ kind: 'begun' });
      expect(await given.other.begin(two.lease, sampleBegun(two), two.facts, limits)).toEqual({ kind: 'begun' });
      expect(await given.other.begin(three.lease, sampleBegun(three), three.facts, limits)).toEqual({ kind: 'no_channel', limit: 'trunk-a' });
      await given.ledger.settle(one.lease, { attempt: sampleAttempt(one, begun), next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS });
      expect(await given.other.begin(three.lease, sampleBegun(three), three.facts, limits)).toEqual({ kind: 'begun' });
    });

    test('a call that was never placed leaves no trace', async () => {
      await given.ledger.admit([sampleContact('1')], LOADED_MS);
      const claim = await claimOne();
      await callOne(claim);
      await given.ledger.settle(claim.lease, { attempt: null, next: wait(START_MS), optOut: [], nowMs: START_MS });
      const after = await claimOne();
      expect(after.facts).toMatchObject({ attempts: [], person: { callStartsMs: [] }, phones: [{ inCall: false, lastCallAtMs: null }] });
      expect((await given.ledger.counts('november', START_MS)).attempts).toBe(0);
      expect(await given.ledger.readOutbox(10)).toEqual([]);
    });

    test('settle changes contact and outbox together; the outbox keeps order and forgets only what is acknowledged', async () => {
      await given.ledger.admit([sampleContact('1'), sampleContact('2')], LOADED_MS);
      const [one, two] = (await claims(given.ledger)) as [Claim, Claim];
      const begun = await callOne(one);
      const attempt = sampleAttempt(one, begun, { outcome: 'human', heardWhole: true });
      await given.ledger.settle(one.lease, { attempt, next: reached, optOut: [], nowMs: START_MS + 1 });
      await given.ledger.settle(two.lease, { attempt: null, next: { kind: 'close', disposition: 'exhausted', reason: 'r' }, optOut: [], nowMs: START_MS + 2 });
      const items = await given.other.readOutbox(10);
      expect(items.map((item) => item.kind)).toEqual(['attempt', 'closed', 'closed']);
      expect(items[0]?.value).toEqual(attempt);
      expect(items[1]?.value).toMatchObject({ disposition: 'reached', attempts: 1, closedAtMs: START_MS + 1 });
      await given.other.ackOutbox([items[0]!.seq, items[1]!.seq]);
      expect((await given.ledger.readOutbox(10)).map((item) => item.seq).filter((seq) => seq !== items[2]!.seq)).toEqual([]);
      expect(await given.ledger.settle(one.lease, { attempt, next: reached, optOut: [], nowMs: START_MS })).toBe('lease_lost');
      expect(await claims(given.ledger, 'dialer-1', START_MS + 1e9)).toEqual([]);
    });
  });
}
