import fc from 'fast-check';
import { expect, test } from 'vitest';
import { armsOf, groupOf, unitOf, type HoldOutDraw } from './hold-out.ts';

const PHONES = ['+380671234567'];
const drawn = (campaign: HoldOutDraw, accountId: string, phones: readonly string[], household = '') => groupOf(campaign, unitOf(campaign, { accountId, phones, household }));

const heldOut = (seed: string, share: number, accounts: number): Set<string> => {
  const held = new Set<string>();
  for (let account = 0; account < accounts; account += 1) if (drawn({ id: 'c', seed, holdOutShare: share, holdOut: { unit: 'account' } }, `A${account}`, PHONES) === 'held_out') held.add(`A${account}`);
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
  expect(drawn({ id: 'c', seed: undefined, holdOutShare: 0.5, holdOut: { unit: 'account' } }, 'A1', PHONES)).toBe(drawn({ id: 'other', seed: 'c', holdOutShare: 0.5, holdOut: { unit: 'account' } }, 'A1', PHONES));
});

test('who shares the lowest number is in one group, whatever other numbers and accounts there are, if the campaign draws by phone', () => {
  const byPhone = { id: 'c', seed: 's', holdOutShare: 0.5, holdOut: { unit: 'phone' } } as const;
  const number = fc.integer({ min: 0, max: 9_999_999 }).map((digits) => `+38067${String(digits).padStart(7, '0')}`);
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 4 }), fc.array(number, { maxLength: 3 }), (phones, others) => {
      const lowest = [...phones].sort()[0]!;
      const higher = others.filter((other) => other > lowest);
      expect(drawn(byPhone, 'a', phones)).toBe(drawn(byPhone, 'b', [...higher, lowest]));
    }),
  );
  const groups = new Set(Array.from({ length: 50 }, (_, index) => drawn(byPhone, 'a', [`+3806700000${10 + index}`])));
  expect(groups.size).toBe(2);
});

test('a household is in one group, however its address is spaced and written; who has no address is drawn by phone', () => {
  const byHousehold = { id: 'c', seed: 's', holdOutShare: 0.5, holdOut: { unit: 'household' } } as const;
  const groups = new Set<string>();
  for (let flat = 0; flat < 50; flat++) {
    const group = drawn(byHousehold, 'a', ['+380671234567'], `Київ, вул. Лісова 5, кв. ${flat}`);
    expect(drawn(byHousehold, 'b', ['+380501112233'], `київ  ВУЛ. лісова 5 кв ${flat}`)).toBe(group);
    groups.add(group);
  }
  expect(groups.size).toBe(2);
  expect(drawn(byHousehold, 'a', PHONES)).toBe(drawn({ ...byHousehold, holdOut: { unit: 'phone' } }, 'b', PHONES));
});

test('what is tried is drawn evenly, each thing independently of the others and of the group', () => {
  const flow = { start: 'e', steps: { e: { kind: 'hangup' as const } } };
  const campaign = { id: 'c', seed: 's', experiment: { attempts: [2, 6], firstHours: [9, 13, 18], flows: { short: flow } } };
  const counts = new Map<string, number>();
  const units = 12_000;
  for (let i = 0; i < units; i++) {
    const arms = armsOf(campaign, `A${i}`)!;
    expect(armsOf(campaign, `A${i}`)).toEqual(arms);
    const key = `${arms.attempts} ${arms.firstHour} ${arms.message} ${groupOf({ ...campaign, holdOutShare: 0.5, holdOut: { unit: 'account' } }, `A${i}`)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(counts.size).toBe(2 * 3 * 2 * 2);
  // Five standard deviations of a binomial.
  const share = 1 / 24;
  for (const count of counts.values()) expect(Math.abs(count - units * share)).toBeLessThan(5 * Math.sqrt(units * share * (1 - share)));
  expect(armsOf({ id: 'c', seed: 's' }, 'A1')).toBeUndefined();
});
