import { expect, test } from 'vitest';
import { hashFraction } from '../../core/ids.ts';
import { addCluster, emptySums, mergeSums, type ClusterSums } from './cluster-sums.ts';
import { productWithTails } from './tails.ts';

const chance = (...parts: (string | number)[]): number => hashFraction('tails', ...parts.map(String));

/** A group of contacts; a fifth pays. */
function groupOf(contacts: number, seed: string, amountOf: (i: number) => number): ClusterSums {
  const sums = emptySums();
  for (let i = 0; i < contacts; i++) {
    const money = chance(seed, 'pays', i) < 0.2 ? amountOf(i) : 0;
    addCluster(sums, [1, 1000, 0, 0, money > 0 ? 1 : 0, money, money, 0]);
  }
  return sums;
}

test('how many pay is the group\'s own, how large payments are is both groups\'; what the draw did not make alike is left alone', () => {
  const own = groupOf(100, 'own', () => 10);
  const pool = emptySums();
  mergeSums(pool, own);
  mergeSums(pool, groupOf(300, 'other', () => 30));
  expect(productWithTails(own, pool, 'money', 'money')).toBeCloseTo((own.paying * (100 * own.paying + 900 * (pool.paying - own.paying))) / pool.paying, 6);
  expect(productWithTails(own, pool, 'money', 'reached')).toBe(0);
  expect(productWithTails(own, pool, 'n', 'n')).toBe(100);
  expect(productWithTails(own, pool, 'debt', 'debt')).toBe(100 * 1000 ** 2);
});
