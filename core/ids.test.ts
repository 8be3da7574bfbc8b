import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contactIdOf, hashFraction, newId } from './ids.ts';

describe('newId', () => {
  test('is a UUID of version 7 that carries its time', () => {
    const nowMs = 4_000_000_000_000;
    const id = newId(nowMs);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toBe(nowMs);
  });

  test('ids sort in the order they were made: within a millisecond, past 4,096 in one, and when the clock goes back', () => {
    const ids = [...Array.from({ length: 10_000 }, () => newId(4_100_000_000_000)), newId(4_000_000_000_000), newId(4_100_000_000_001)];
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('contactIdOf', () => {
  test('is the same on every load: the first 16 bytes of SHA-256 over campaign, NUL, account', () => {
    expect(contactIdOf('november-debt', '04-100056')).toBe('e6aa3d4e948c99608bc7495d0de7dbff');
  });

  test('differs by campaign and account, also where the two run together', () => {
    fc.assert(fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string(), (a, b, c) => contactIdOf(a + b, c) !== contactIdOf(a, b + c)));
  });
});

describe('hashFraction', () => {
  test('depends on its parts alone: the first 52 bits of SHA-256, as sha256sum gives them', () => {
    expect(hashFraction('november-debt-2026', '04-100056')).toBe(0.2484989357422387);
  });

  test('is in [0, 1) and even: each tenth gets about a tenth', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const fraction = hashFraction('seed', `account-${i}`);
      expect(fraction).toBeGreaterThanOrEqual(0);
      expect(fraction).toBeLessThan(1);
      tenths[Math.floor(fraction * 10)]! += 1;
    }
    // Pearson's chi-square with 9 degrees of freedom: 27.9 is passed once in a thousand.
    expect(tenths.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0)).toBeLessThan(27.9);
  });
});
