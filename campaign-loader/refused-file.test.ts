import fc from 'fast-check';
import { expect, test } from 'vitest';
import { masked, printable } from './problem.ts';
import { guardCell, restoreCell } from './refused-file.ts';

test.each([['=1+1', `'=1+1`], ['+cmd|x', `'+cmd|x`], ['-A1', `'-A1`], ['@SUM(A1)', `'@SUM(A1)`], ['\tx', `'\tx`], ['\rx', `'\rx`], ['+380671234567', '+380671234567'], ['-5,00', '-5,00'], ['abc', 'abc'], ["'=x", "''=x"]])('%j is written as %j', (cell, written) => {
  expect(guardCell(cell)).toBe(written);
});

test('what was guarded is restored when the file is loaded back', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', 'a', '1', ' '), maxLength: 6 }), (cell) => {
      expect(restoreCell(guardCell(cell))).toBe(cell);
    }),
  );
});

test('what was found is shown in sixty printable characters, and masked for reports', () => {
  expect(printable('a\r\nb\0\u202e')).toBe('a\\r\\nb\\x00\\u202e');
  expect(printable('x'.repeat(1000))).toBe(`${'x'.repeat(59)}…`);
  expect(masked('Іван +380 67')).toBe('xxxx +999 99');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(printable(text).length).toBeLessThanOrEqual(60);
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cs}]/u);
    }),
  );
});
