import { describe, expect, test } from 'vitest';
import { ObzvonError } from '../../core/errors.ts';
import { blocked, LedgerFixture, reached, wait, type LedgerUnderTest } from './fixture.contract.ts';
import type { Claim, Ledger } from './port.ts';
import { LOADED_MS, sampleAttempt, sampleBegun, sampleCampaign, sampleContact, samplePayment, START_MS } from './samples.contract.ts';

/** What may be asked of a ledger that is lost. */
type OfTheRebuild = 'condition' | 'startRebuild' | 'restore' | 'finishRebuild' | 'engineTimeMs' | 'health' | 'close';

/** Every other method, asked for something that would be answered by a ledger that is ready. */
function everyMethod(ledger: Ledger, claim: Claim, receipt: string): Record<Exclude<keyof Ledger, OfTheRebuild>, () => Promise<unknown>> {
  const { lease, facts } = claim;
  const { contact } = facts;
  const begun = sampleBegun(claim);
  const attempt = sampleAttempt(claim, begun);
  const limits = [{ key: 'campaign:november', maxPerSecond: 10 }];
  return {
    defineCampaign: () => ledger.defineCampaign(sampleCampaign()),
    campaigns: () => ledger.campaigns(),
    setMode: () => ledger.setMode('november', 'running'),
    setLimits: () => ledger.setLimits('november', { maxChannels: 5 }),
    counts: () => ledger.counts('november', START_MS),
    admit: () => ledger.admit([sampleContact('8')], START_MS),
    claim: () => ledger.claim({ campaignId: 'november', dialerId: 'dialer-1', limit: 10, nowMs: START_MS, leaseMs: 1000 }),
    renew: () => ledger.renew([lease], START_MS + 90_000),
    facts: () => ledger.facts(lease),
    begin: () => ledger.begin(lease, begun, facts, []),
    settle: () => ledger.settle(lease, { attempt, next: reached, optOut: [], nowMs: START_MS }),
    takeStart: () => ledger.takeStart(limits, START_MS),
    lateStart: () => ledger.lateStart(receipt, START_MS + 50),
    recordPayments: () => ledger.recordPayments([samplePayment('1', 5)], START_MS),
    addDnc: () => ledger.addDnc([blocked('+380670000099')], START_MS),
    removeDnc: () => ledger.removeDnc(['+380670000099']),
    listDnc: async () => {
      for await (const entry of ledger.listDnc()) expect(entry).toBeDefined();
    },
    stopRequests: () => ledger.stopRequests('dialer-1'),
    decideLoad: () => ledger.decideLoad('november', 'load-9', 'revoked', START_MS),
    closeWaiting: () => ledger.closeWaiting('november', 'expired', 'r', START_MS),
    readOutbox: () => ledger.readOutbox(10),
    outboxSize: () => ledger.outboxSize(),
    ackOutbox: () => ledger.ackOutbox([1]),
    contactByAccount: () => ledger.contactByAccount('november', '1'),
    forget: () => ledger.forget('nobody', 'erased', START_MS),
    adopt: () => ledger.adopt({ contactId: contact.contactId, campaignId: 'november', begun }, 'dialer-1', START_MS + 1000),
    replay: () => ledger.replay(attempt, wait(START_MS), START_MS),
  };
}

/** What every ledger must do whose engine can come back empty under open handles. */
export function ledgerLossContract(name: string, setUp: () => Promise<LedgerUnderTest & Required<Pick<LedgerUnderTest, 'wipe'>>>): void {
  describe(`ledger that lost everything: ${name}`, () => {
    const given = new LedgerFixture(setUp);
    const { claimOne, finishRebuild, startRebuild } = given;
    const contact = sampleContact('1');

    /** A claim, and a start's receipt, of before the loss. */
    async function before(): Promise<{ claim: Claim; receipt: string }> {
      await given.ledger.admit([contact], LOADED_MS);
      const claim = await claimOne();
      const permit = await given.ledger.takeStart([{ key: 'campaign:november', maxPerSecond: 10 }], START_MS);
      return { claim, receipt: permit.kind === 'granted' ? permit.receipt : '' };
    }

    async function expectLost(ledger: Ledger, claim: Claim, receipt: string): Promise<void> {
      for (const [method, ask] of Object.entries(everyMethod(ledger, claim, receipt))) {
        const error: unknown = await ask().catch((thrown: unknown) => thrown);
        expect(error, method).toBeInstanceOf(ObzvonError);
        expect(error, method).toMatchObject({ code: 'ledger_lost' });
      }
    }

    test('every method rejects with ledger_lost, from every handle, until it is rebuilt; none writes anything', async () => {
      const { claim, receipt } = await before();
      await given.under.wipe?.();
      for (const ledger of [given.ledger, given.other]) await expectLost(ledger, claim, receipt);
      expect(await given.other.condition()).toEqual({ kind: 'lost' });
      expect(await given.ledger.startRebuild(600_000)).toBe(true);
      await expectLost(given.other, claim, receipt);
      expect(await given.ledger.campaigns()).toEqual([]);
      expect(await given.ledger.contactByAccount('november', '8')).toBeNull();
      await expect(given.other.restore([{ contact, attempts: [], closed: null, dueAtMs: START_MS }])).rejects.toBeInstanceOf(ObzvonError);
    });

    test('a handle that was not told of the rebuild is refused until it has looked', async () => {
      const { claim, receipt } = await before();
      await startRebuild();
      await given.ledger.restore([{ contact, attempts: [], closed: null, dueAtMs: START_MS }]);
      await given.ledger.finishRebuild(0);
      await expectLost(given.other, claim, receipt);
      expect((await given.other.condition()).kind).toBe('ready');
      expect((await given.other.contactByAccount('november', '1'))?.status).toBe('waiting');
    });

    test('leases of before are refused for ever, also once the same dialer holds the contact again', async () => {
      const { claim } = await before();
      const begun = sampleBegun(claim);
      expect((await given.ledger.begin(claim.lease, begun, claim.facts, [])).kind).toBe('begun');
      const old = claim.lease;
      const first = await given.ledger.condition();
      await startRebuild();
      await given.ledger.restore([{ contact, attempts: [], closed: null, dueAtMs: START_MS }]);
      await finishRebuild();
      expect(await given.ledger.condition()).not.toEqual(first);
      const refused = async () => {
        expect(await given.ledger.facts(old)).toBeNull();
        expect(await given.ledger.renew([old], START_MS + 90_000)).toEqual([{ contactId: old.contactId, status: 'lost' }]);
        expect(await given.ledger.begin(old, begun, claim.facts, [])).toEqual({ kind: 'lease_lost' });
        expect(await given.ledger.settle(old, { attempt: sampleAttempt(claim, begun), next: reached, optOut: [], nowMs: START_MS })).toBe('lease_lost');
      };
      await refused();
      const again = await claimOne();
      await refused();
      expect(again.orphan).toBeNull();
      expect(await given.ledger.facts(again.lease)).not.toBeNull();
      expect(await given.ledger.readOutbox(10)).toEqual([]);
    });

    test('it can be lost again while it is rebuilt, and the rate of starts goes on', async () => {
      await before();
      await startRebuild();
      await given.ledger.restore([{ contact, attempts: [], closed: null, dueAtMs: START_MS }]);
      await given.under.wipe?.();
      expect((await given.ledger.condition()).kind).toBe('lost');
      await expect(given.ledger.finishRebuild(0)).rejects.toBeInstanceOf(ObzvonError);
      await startRebuild();
      await finishRebuild();
      expect(await given.ledger.counts('november', START_MS)).toMatchObject({ contacts: 0 });
      expect((await given.ledger.takeStart([{ key: 'campaign:november', maxPerSecond: 10 }], START_MS + 5000)).kind).toBe('granted');
    });
  });
}
