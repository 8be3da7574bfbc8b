import { describe, expect, test } from 'vitest';
import { blocked, reached, type LedgerFixture } from './fixture.contract.ts';
import { LOADED_MS, sampleAttempt, sampleContact, samplePayment, START_MS } from './samples.contract.ts';

/** A person asked to be erased. */
export function forgetContract(given: LedgerFixture): void {
  const { callOne, claimOne, told } = given;

  describe('an account is forgotten', () => {
    test('a waiting contact ends, told as suppressed; then nothing is known of it, and counts stay', async () => {
      await given.ledger.admit([sampleContact('1'), sampleContact('2')], LOADED_MS);
      const before = await given.ledger.counts('november', START_MS);
      expect(await given.ledger.forget('1', 'erased', START_MS)).toBe(1);
      expect((await told()).map((item) => [item.kind, item.value])).toMatchObject([['closed', { accountId: '1', disposition: 'suppressed', reason: 'erased', closedAtMs: START_MS }]]);
      expect(await given.ledger.contactByAccount('november', '1')).toBeNull();
      expect(await given.ledger.contactByAccount('november', '2')).toMatchObject({ status: 'waiting' });
      const after = await given.ledger.counts('november', START_MS);
      expect([after.contacts, after.waiting, after.closed.suppressed]).toEqual([before.contacts, before.waiting - 1, 1]);
      const claims = await given.ledger.claim({ campaignId: 'november', dialerId: 'dialer-1', limit: 10, nowMs: START_MS, leaseMs: 1000 });
      expect(claims.map((claim) => claim.facts.contact.accountId)).toEqual(['2']);
    });

    test('one that has ended is forgotten with its calls and money, and told nothing more', async () => {
      await given.ledger.admit([sampleContact('1')], LOADED_MS);
      const claim = await claimOne();
      await given.ledger.settle(claim.lease, { attempt: sampleAttempt(claim, await callOne(claim)), next: reached, optOut: [], nowMs: START_MS });
      await given.ledger.recordPayments([samplePayment('1', 5)], START_MS);
      const heard = (await told()).length;
      expect(await given.ledger.forget('1', 'erased', START_MS)).toBe(1);
      expect(await given.ledger.forget('1', 'erased', START_MS)).toBe(0);
      expect((await told()).length).toBe(heard);
      expect((await given.ledger.counts('november', START_MS)).closed.reached).toBe(1);
      // Loaded again, it is somebody new: no calls, no money.
      await given.ledger.admit([sampleContact('1')], LOADED_MS);
      expect(await given.ledger.contactByAccount('november', '1')).toMatchObject({ status: 'waiting', attempts: [], paidMinor: 0, person: { callStartsMs: [] } });
    });

    test('while a dialer has it in hand nothing is changed', async () => {
      await given.ledger.admit([sampleContact('1')], LOADED_MS);
      const claim = await claimOne();
      expect(await given.ledger.forget('1', 'erased', START_MS)).toBe('in_hand');
      expect(await given.ledger.facts(claim.lease)).not.toBeNull();
    });

    test('a phone on the do-not-call list stays there', async () => {
      const contact = sampleContact('1');
      await given.ledger.admit([contact], LOADED_MS);
      await given.ledger.addDnc([blocked(contact.phones[0]!)], START_MS);
      await given.ledger.forget('1', 'erased', START_MS);
      const listed: string[] = [];
      for await (const entry of given.ledger.listDnc()) listed.push(entry.phone);
      expect(listed).toContain(contact.phones[0]);
    });

    test('an account nobody knows', async () => {
      expect(await given.ledger.forget('nobody', 'erased', START_MS)).toBe(0);
    });
  });
}
