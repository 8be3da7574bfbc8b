import fc from 'fast-check';
import { expect, test } from 'vitest';
import { campaignSchema } from '../core/campaign.ts';
import { contactSchema, type Contact } from '../core/contact.ts';
import { classOf, HoldOutBalance } from './hold-out-balance.ts';

const campaign = campaignSchema.parse({
  id: 'c', name: 'n', company: 'c', startsAt: '2026-11-21T00:00:00Z', expiresAt: '2026-12-31T00:00:00Z', trunks: ['a'], callerIds: ['+380441234567'], maxCallsPerSecond: 10, maxChannels: 10,
  holdOutShare: 0.25, holdOut: { strata: ['debt', 'language'], debtSteps: [500, 2000] }, flow: { start: 'e', steps: { e: { kind: 'hangup' } } },
});
const contact = (debt: number, group: 'called' | 'held_out', language = 'uk'): Contact =>
  contactSchema.parse({ contactId: 'x', campaignId: 'c', accountId: 'a', name: 'n', debtMinor: Math.round(debt * 100), currency: 'UAH', language, timezone: 'Europe/Kyiv', phones: ['+380671234567'], group, loadId: 'l', loadedAtMs: 1 });

test.each([[0, 'under 500'], [499.99, 'under 500'], [500, '500-2000'], [2000, '2000 and more']])('a debt of %d is in the class %s', (debt, name) => {
  expect(classOf(debt, [500, 2000])).toBe(name);
});

test('shares, and the difference of debts in standard deviations, by hand', () => {
  const balance = new HoldOutBalance(campaign);
  for (const debt of [100, 200, 300]) balance.add(contact(debt, 'called'));
  for (const debt of [200, 300, 400]) balance.add(contact(debt, 'held_out'));
  balance.add(contact(600, 'called', 'ru'));
  const { all, strata } = balance.report();
  // Both variances are 10,000: means differ by 100, which is one standard deviation.
  expect(strata.map(({ stratum, share, debtDifference }) => [stratum, share, debtDifference])).toEqual([['debt under 500, uk', 0.5, 1], ['debt 500-2000, ru', 0, null]]);
  expect(all).toMatchObject({ called: { n: 4 }, heldOut: { n: 3 } });
  // Six contacts, a share of 0.25: 1.5 expected, standard deviation sqrt(6 * 0.25 * 0.75).
  expect(strata[0]!.deviations).toBeCloseTo(1.5 / Math.sqrt(1.125), 12);
});

test('parts counted apart and merged say what the whole says', () => {
  const anyContact = fc.record({ debt: fc.integer({ min: 1, max: 5000 }), group: fc.constantFrom('called' as const, 'held_out' as const), language: fc.constantFrom('uk', 'ru') });
  fc.assert(
    fc.property(fc.array(anyContact, { maxLength: 60 }), fc.nat(60), (list, cut) => {
      const [whole, first, second] = [new HoldOutBalance(campaign), new HoldOutBalance(campaign), new HoldOutBalance(campaign)];
      list.forEach(({ debt, group, language }, index) => {
        whole.add(contact(debt, group, language));
        (index < cut ? first : second).add(contact(debt, group, language));
      });
      first.merge(second);
      const counts = (balance: HoldOutBalance) => new Map(balance.report().strata.map(({ stratum, called, heldOut }) => [stratum, { called, heldOut }]));
      expect(counts(first)).toEqual(counts(whole));
    }),
    { numRuns: 100 },
  );
});
