import { expect, test } from 'vitest';
import fc from 'fast-check';
import { partitionOf } from './partition.ts';

test('every key has one partition in range, and keys spread evenly', () => {
  fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 64 }), (key, partitions) => {
    const partition = partitionOf(key, partitions);
    return Number.isInteger(partition) && partition >= 0 && partition < partitions && partition === partitionOf(key, partitions);
  }));
  const counts = new Array<number>(8).fill(0);
  for (let i = 0; i < 8000; i++) counts[partitionOf(`account-${i}`, 8)]! += 1;
  expect(Math.min(...counts)).toBeGreaterThan(800);
});
