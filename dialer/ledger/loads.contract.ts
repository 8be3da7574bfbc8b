import { describe, expect, test } from 'vitest';
import { REVOKED_REASON } from '../../core/contact.ts';
import { LEASE_MS, wait, type LedgerFixture } from './fixture.contract.ts';
import type { Claim } from './port.ts';
import { LOADED_MS, sampleAttempt, sampleCampaign, sampleContact, START_MS } from './samples.contract.ts';

/** What is decided of whole loads: taken back, or freed once they are whole. */
export function loadsContract(given: LedgerFixture): void {
  const { callOne, claims, closings, statusOf } = given;
  const many = (load: string, from: number, count: number) => Array.from({ length: count }, (_, index) => sampleContact(String(from + index), { loadId: load }));
  const staged = (account: string, changes = {}) => sampleContact(account, { loadId: 'whole', awaitsCommit: true, ...changes });

  describe('a load that is revoked', () => {
    test('takes back who was never called, and leaves calls, retries, dispositions and other loads alone', async () => {
      await given.ledger.admit([...many('wrong', 1, 3), sampleContact('4', { loadId: 'wrong', group: 'held_out' }), ...many('right', 5, 1)], LOADED_MS);
      const [one, two] = (await claims(given.ledger, 'dialer-1', START_MS, 2)) as [Claim, Claim];
      const begun = await callOne(one);
      await given.ledger.settle(one.lease, { attempt: sampleAttempt(one, begun), next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS });
      await callOne(two);
      expect(await given.other.decideLoad('november', 'wrong', 'revoked', START_MS)).toEqual({ changed: 1, left: 2 });
      expect(await given.ledger.decideLoad('november', 'wrong', 'revoked', START_MS)).toEqual({ changed: 0, left: 2 });
      expect(await Promise.all(['1', '2', '3', '4', '5'].map((account) => statusOf(account)))).toEqual(['waiting', 'calling', 'invalid', 'held_out', 'waiting']);
      expect((await closings()).at(-1)).toMatchObject({ accountId: '3', disposition: 'invalid', reason: REVOKED_REASON, attempts: 0 });
      expect((await given.ledger.counts('november', START_MS)).closed).toMatchObject({ invalid: 1, held_out: 1 });
    });

    test('takes back whom a dialer gives back uncalled, and who is taken in later', async () => {
      await given.ledger.admit(many('wrong', 1, 2), LOADED_MS);
      const [one, two] = (await claims(given.ledger, 'dialer-1', START_MS, 2)) as [Claim, Claim];
      await given.other.decideLoad('november', 'wrong', 'revoked', START_MS);
      await given.ledger.admit(many('wrong', 3, 1), START_MS);
      await given.ledger.settle(one.lease, { attempt: null, next: wait(START_MS + 5), optOut: [], nowMs: START_MS });
      expect(await Promise.all(['1', '2', '3'].map((account) => statusOf(account)))).toEqual(['invalid', 'leased', 'invalid']);
      const begun = await callOne(two);
      await given.ledger.settle(two.lease, { attempt: sampleAttempt(two, begun), next: wait(START_MS + 1e6), optOut: [], nowMs: START_MS });
      expect(await statusOf('2')).toBe('waiting');
    });

    test('takes back hundreds, whatever waits beside them', async () => {
      await given.ledger.admit([...many('wrong', 1, 700), ...many('right', 1001, 700)], LOADED_MS);
      expect((await given.ledger.decideLoad('november', 'wrong', 'revoked', START_MS)).changed).toBe(700);
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ waiting: 700, closed: { invalid: 700 } });
    });
  });

  describe('an all-or-nothing load', () => {
    test('is called by nobody before it is committed, and then from the campaign’s start', async () => {
      await given.ledger.admit([staged('1'), staged('2', { group: 'held_out' }), ...many('other', 5, 1)], LOADED_MS);
      expect((await claims(given.ledger, 'dialer-1', START_MS + 1e10)).map((claim) => claim.facts.contact.accountId)).toEqual(['5']);
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ waiting: 1, due: 0, nextDueAtMs: null });
      await given.ledger.defineCampaign(sampleCampaign());
      expect(await given.other.decideLoad('november', 'another', 'committed', START_MS)).toEqual({ changed: 0, left: 0 });
      expect(await given.other.decideLoad('november', 'whole', 'committed', START_MS)).toEqual({ changed: 1, left: 1 });
      expect(await given.other.decideLoad('november', 'whole', 'committed', START_MS)).toEqual({ changed: 0, left: 1 });
      await given.ledger.admit([staged('3')], START_MS);
      expect((await claims(given.other, 'dialer-2', START_MS)).map((claim) => claim.facts.contact.accountId).sort()).toEqual(['1', '3']);
    });

    test('that is revoked before its commit is called by nobody, although the commit comes after', async () => {
      await given.ledger.admit([staged('1')], LOADED_MS);
      expect(await given.ledger.decideLoad('november', 'whole', 'revoked', START_MS)).toEqual({ changed: 1, left: 0 });
      expect(await given.ledger.decideLoad('november', 'whole', 'committed', START_MS)).toEqual({ changed: 0, left: 0 });
      await given.ledger.admit([staged('2')], START_MS);
      expect(await claims(given.ledger, 'dialer-1', START_MS + LEASE_MS)).toEqual([]);
      expect(await Promise.all(['1', '2'].map((account) => statusOf(account)))).toEqual(['invalid', 'invalid']);
    });

    test('expires with its campaign if it is never committed', async () => {
      await given.ledger.admit([staged('1')], LOADED_MS);
      expect(await given.ledger.closeWaiting('november', 'expired', 'the campaign has ended', START_MS)).toBe(1);
      expect(await statusOf('1')).toBe('expired');
    });
  });
}
