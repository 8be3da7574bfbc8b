import { describe, expect, test } from 'vitest';
import { blocked, reached, wait, type LedgerFixture } from './fixture.contract.ts';
import type { Claim } from './port.ts';
import { LOADED_MS, sampleAttempt, sampleBegun, sampleCampaign, sampleContact, samplePayment, START_MS } from './samples.contract.ts';

/** What a dialer does again, because the engine went away before it answered, does no harm. */
export function repeatsContract(given: LedgerFixture): void {
  const { callOne, claimOne, claims, told } = given;

  describe('done again', () => {
    test('begin: the attempt is begun once; its channel, its phone and its person are counted once', async () => {
      await given.ledger.admit([sampleContact('1'), sampleContact('2'), sampleContact('3')], LOADED_MS);
      const [one, two, three] = (await claims(given.ledger)) as [Claim, Claim, Claim];
      const limits = [{ key: 'trunk:trunk-a', max: 2 }];
      const begun = sampleBegun(one);
      for (let time = 0; time < 3; time++) expect(await given.ledger.begin(one.lease, begun, one.facts, limits)).toEqual({ kind: 'begun' });
      expect(await given.other.begin(one.lease, begun, one.facts, limits)).toEqual({ kind: 'begun' });
      expect((await given.ledger.facts(one.lease))?.person.callStartsMs).toEqual([START_MS]);
      expect((await given.ledger.counts('november', START_MS)).attempts).toBe(1);
      expect((await given.other.begin(two.lease, sampleBegun(two), two.facts, limits)).kind).toBe('begun');
      expect((await given.other.begin(three.lease, sampleBegun(three), three.facts, limits)).kind).toBe('no_channel');
      // Another attempt on the lease is not the same again.
      expect(await given.ledger.begin(one.lease, { ...begun, attemptId: 'another' }, (await given.ledger.facts(one.lease))!, limits)).toEqual({ kind: 'lease_lost' });
      await given.ledger.settle(one.lease, { attempt: sampleAttempt(one, begun), next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS });
      expect(await given.ledger.begin(one.lease, begun, one.facts, limits)).toEqual({ kind: 'lease_lost' });
      expect((await given.ledger.begin(three.lease, sampleBegun(three), three.facts, limits)).kind).toBe('begun');
    });

    test('settle: told once, noted once; the contact goes its way', async () => {
      await given.ledger.admit([sampleContact('1')], LOADED_MS);
      const claim = await claimOne();
      const attempt = sampleAttempt(claim, await callOne(claim));
      const settlement = { attempt, next: wait(START_MS + 100_000), optOut: [], nowMs: START_MS };
      expect(await given.ledger.settle(claim.lease, settlement)).toBe('settled');
      await given.ledger.settle(claim.lease, settlement);
      await given.other.settle(claim.lease, settlement);
      expect((await told()).map((item) => item.kind)).toEqual(['attempt']);
      expect(await given.ledger.contactByAccount('november', '1')).toMatchObject({ status: 'waiting', dueAtMs: START_MS + 100_000, attempts: [{ attemptId: attempt.attemptId }] });
      const again = await claimOne('dialer-2', START_MS + 100_000);
      await given.ledger.settle(claim.lease, { ...settlement, next: reached });
      expect(await given.ledger.facts(again.lease)).not.toBeNull();
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ attempts: 1, inFlight: 1, waiting: 0 });
    });

    test('admit, payments and the do-not-call list', async () => {
      const contacts = [sampleContact('1'), sampleContact('2', { group: 'held_out' }), sampleContact('3'), sampleContact('4')];
      for (const ledger of [given.ledger, given.other, given.ledger]) {
        await ledger.admit(contacts, LOADED_MS);
        await ledger.recordPayments([samplePayment('1', 500)], START_MS);
        await ledger.addDnc([blocked('+380670000003')], START_MS);
      }
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ contacts: 4, waiting: 1, closed: { held_out: 1, paid: 1, suppressed: 1 } });
      expect(await told()).toHaveLength(3);
      expect((await given.ledger.contactByAccount('november', '1'))?.paidMinor).toBe(500);
    });

    test('acknowledged items stay gone, and acknowledging them again takes nothing else', async () => {
      await given.ledger.admit([1, 2, 3].map((account) => sampleContact(String(account), { group: 'held_out' })), START_MS);
      const [first, second, third] = await given.ledger.readOutbox(10);
      for (const ledger of [given.ledger, given.other, given.ledger]) await ledger.ackOutbox([first!.seq, second!.seq]);
      expect(await given.other.outboxSize()).toBe(1);
      await given.ledger.ackOutbox([]);
      await given.ledger.ackOutbox([third!.seq + 1000]);
      expect((await given.other.readOutbox(10)).map((item) => item.seq).filter((seq) => seq !== third!.seq)).toEqual([]);
      await given.ledger.admit([sampleContact('4', { group: 'held_out' })], START_MS);
      const [last] = (await given.ledger.readOutbox(10)).slice(-1);
      expect(last?.value).toMatchObject({ accountId: '4' });
      expect(last!.seq).toBeGreaterThan(third!.seq);
    });

    test('a campaign defined again, closed again, and leases renewed again stay as they are', async () => {
      await given.ledger.admit([sampleContact('1'), sampleContact('2')], LOADED_MS);
      const claim = await claimOne();
      for (const ledger of [given.ledger, given.other]) {
        await ledger.defineCampaign(sampleCampaign());
        expect(await ledger.renew([claim.lease], START_MS + 90_000)).toEqual([{ contactId: claim.lease.contactId, status: 'kept' }]);
      }
      expect((await given.ledger.decideLoad('november', 'nobody', 'revoked', START_MS)).changed).toBe(0);
      expect(await given.ledger.closeWaiting('november', 'expired', 'r', START_MS)).toBe(1);
      expect(await given.other.closeWaiting('november', 'expired', 'r', START_MS)).toBe(0);
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ contacts: 2, waiting: 0, inFlight: 1, closed: { expired: 1 } });
    });
  });
}
