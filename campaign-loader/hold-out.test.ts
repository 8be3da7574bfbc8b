import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupOf } from './hold-out.ts';

const PHONES = ['+380671234567'];

const heldOut = (seed: string, share: number, accounts: number): Set<string> => {
  const held = new Set<string>();
  for (let account = 0; account < accounts; account += 1) if (groupOf({ id: 'c', seed, holdOutShare: share, holdOut: { unit: 'account' } }, `A${account}`, ['+380671234567']) === 'held_out') held.add(`A${account}`);
  return held;
};

test('the share held out is the campaign\'s, up to chance', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 20 }), fc.double({ min: 0, max: 0.9, noNaN: true }), (seed, share) => {
      const accounts = 4000;
      // Five standard deviations of a binomial: a false alarm in two million.
      const spread = 5 * Math.sqrt(accounts * share * (1 - share)) + 1;
      expect(Math.abs(heldOut(seed, share, accounts).size - accounts * share)).toBeLessThanOrEqual(spread);
    }),
    { numRuns: 60 },
  );
});

test('the draw is the same every time, grows with the share, and differs between seeds', () => {
  expect(heldOut('s', 0.2, 1000)).toEqual(heldOut('s', 0.2, 1000));
  const larger = heldOut('s', 0.4, 1000);
  for (const account of heldOut('s', 0.2, 1000)) expect(larger.has(account)).toBe(true);
  expect(heldOut('t', 0.2, 1000)).not.toEqual(heldOut('s', 0.2, 1000));
  expect(groupOf({ id: 'c', seed: undefined, holdOutShare: 0.5, holdOut: { unit: 'account' } }, 'A1', PHONES)).toBe(groupOf({ id: 'other', seed: 'c', holdOutShare: 0.5, holdOut: { unit: 'account' } }, 'A1', PHONES));
});

test('who shares the lowest number is in one group, whatever other numbers and accounts there are, if the campaign draws by phone', () => {
  const byPhone = { id: 'c', seed: 's', holdOutShare: 0.5, holdOut: { unit: 'phone' } } as const;
  const number = fc.integer({ min: 0, max: 9_999_999 }).map((digits) => `+38067${String(digits).padStart(7, '0')}`);
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 4 }), fc.array(number, { maxLength: 3 }), (phones, others) => {
      const lowest = [...phones].sort()[0]!;
      const higher = others.filter((other) => other > lowest);
      expect(groupOf(byPhone, 'a', phones)).toBe(groupOf(byPhone, 'b', [...higher, lowest]));
    }),
  );
  const groups = new Set(Array.from({ length: 50 }, (_, index) => groupOf(byPhone, 'a', [`+3806700000${10 + index}`])));
  expect(groups.size).toBe(2);
});
