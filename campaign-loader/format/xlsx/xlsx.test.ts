import { describe, expect, test } from 'vitest';
import { Spool } from '../../source/spool.ts';
import { PLAIN, columnOf, numberStyleOf, numberText, unescaped } from './cell-text.ts';
import { SharedStrings } from './shared-strings.ts';

describe('a number of a spreadsheet', () => {
  test.each([
    ['380671234567', '380671234567'],
    ['3.80671234567E+11', '380671234567'],
    ['1234.5599999999999', '1234.56'],
    ['0.30000000000000004', '0.3'],
    ['-5', '-5'],
    ['1E-7', '0.0000001'],
    ['12345678901234567890', '1.23456789012346E+19'],
    ['', ''],
    ['abc', 'abc'],
  ])('%s is read as %s', (raw, text) => {
    expect(numberText(raw, PLAIN, false)).toBe(text);
  });

  test.each([
    [14, undefined, '46356', '2026-11-30'],
    [164, 'dd\\.mm\\.yyyy', '46356', '2026-11-30'],
    [165, '[$-422]d mmmm yyyy" р."', '46356', '2026-11-30'],
    [22, undefined, '46356.5', '2026-11-30T12:00:00'],
    [166, '0000000', '1203', '0001203'],
    [167, '0.00', '12.5', '12.5'],
    [168, '#,##0.00\\ "грн"', '1234.5', '1234.5'],
    [169, '[Red]General', '7', '7'],
  ])('with the format %s %s, %s is read as %s', (id, code, raw, text) => {
    expect(numberText(raw, numberStyleOf(id, code), false)).toBe(text);
  });

  test('dates are counted from 1900, with the day that never was, or from 1904', () => {
    const date = numberStyleOf(14, undefined);
    expect(['1', '59', '61', '45000'].map((serial) => numberText(serial, date, false))).toEqual(['1900-01-01', '1900-02-28', '1900-03-01', '2023-03-15']);
    expect(numberText('0', date, true)).toBe('1904-01-01');
  });

  test('references and escaped characters', () => {
    expect(['A1', 'Z9', 'AA10', 'XFD1', 'XFE1', '1', ''].map(columnOf)).toEqual([0, 25, 26, 16_383, null, null, null]);
    expect(unescaped('a_x000D_b_x0041_')).toBe('a\rbA');
  });
});

test('shared texts come back by number, also those that went to disk', async () => {
  const spool = new Spool();
  const strings = new SharedStrings(spool);
  const text = (index: number): string => `Абонент ${index} ${'х'.repeat(index % 700)}`;
  const COUNT = 60_000;
  for (let index = 0; index < COUNT; index += 1) await strings.add(text(index));
  // Some 42 MB, of which 32 at most are kept.
  for (const index of [0, 1, 31_415, COUNT - 1, 5, 59_000, 123, 40_000]) expect(strings.get(index)).toBe(text(index));
  for (let index = 0; index < COUNT; index += 997) expect(strings.get(index)).toBe(text(index));
  expect([strings.get(COUNT), strings.get(-1), strings.get(1.5)]).toEqual([null, null, null]);
  strings.close();
  await spool.close();
});
