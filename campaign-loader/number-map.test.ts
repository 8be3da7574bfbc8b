import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberMap } from './number-map.ts';

test('keeps the last value of each number, however many it was made for', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.integer({ min: 0, max: 70_000 })), { maxLength: 3000 }), fc.constantFrom(0, 5000), (pairs, expected) => {
      const map = new NumberMap(expected);
      const model = new Map<number, number>();
      for (const [key, value] of pairs) {
        map.set(key, value);
        model.set(key, Math.min(value, 65_535));
      }
      expect(map.size).toBe(model.size);
      for (const [key, value] of model) expect(map.get(key)).toBe(value);
      expect(map.get(12_345)).toBe(model.get(12_345) ?? 0);
    }),
    { numRuns: 30 },
  );
});
