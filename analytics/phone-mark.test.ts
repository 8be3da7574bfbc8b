import { expect, test } from 'vitest';
import { phoneMarks, sipHash } from './phone-mark.ts';

test('SipHash-2-4 as its authors computed it', () => {
  // Key 00 01 .. 0f; messages 00 01 .. of length 0 to 15: the paper's appendix A and the reference implementation's vectors.
  const key = [0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c];
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => i);
  const hash = (length: number): string => {
    const [low, high] = sipHash(key, bytes, length);
    return ((BigInt(high) << 32n) | BigInt(low)).toString(16).padStart(16, '0');
  };
  expect(hash(0)).toBe('726fdb47dd0e0e31');
  expect(hash(1)).toBe('74f839c593dc67fd');
  expect(hash(15)).toBe('a129ca6149be45e5');
});

test('equal phones, equal marks; another phone, another key: another mark', () => {
  const mark = phoneMarks('key');
  expect(mark('+380671234567')).toMatch(/^[0-9a-f]{16}$/);
  expect(mark('+380671234567')).toBe(phoneMarks('key')('+380671234567'));
  expect(mark('+380671234568')).not.toBe(mark('+380671234567'));
  expect(phoneMarks('other')('+380671234567')).not.toBe(mark('+380671234567'));
  const phones = Array.from({ length: 20_000 }, (_, i) => `+38067${String(1_000_000 + i)}`);
  expect(new Set(phones.map(mark)).size).toBe(phones.length);
});
