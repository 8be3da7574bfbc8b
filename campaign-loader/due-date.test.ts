import fc from 'fast-check';
import { expect, test } from 'vitest';
import { birthDateOf, dueDateOf, isMinorOn } from './due-date.ts';

test.each([['2026-11-30', '2026-11-30'], ['30.11.2026', '2026-11-30'], ['1.2.2026', '2026-02-01'], ['2024-02-29', '2024-02-29'], ['2026-11-30T00:00:00Z', '2026-11-30'], ['2026-11-30 00:00:00', '2026-11-30']])('%s is %s', (text, date) => {
  expect(dueDateOf(text)).toEqual({ kind: 'ok', value: date });
});

test.each(['2026-02-29', '31.04.2026', '11/30/2026', '2026-13-01', '45991', 'tomorrow', '30.11.26', '0000-00-00', '1900-01-01'])('%s is no date', (text) => {
  expect(dueDateOf(text)).toMatchObject({ kind: 'bad', code: 'not_a_date' });
});

test('takes a day if and only if the calendar has it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1990, max: 2200 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }), (year, month, day) => {
      const date = new Date(Date.UTC(year, month - 1, day));
      const text = `${day}.${month}.${year}`;
      expect(dueDateOf(text)).toMatchObject(date.getUTCDate() === day ? { kind: 'ok', value: date.toISOString().slice(0, 10) } : { kind: 'bad' });
    }),
  );
});

test.each([['2008-11-21', true], ['2008-11-20', false], ['2008-02-29', false], ['1950-01-01', false], ['2020-01-01', true]])('born on %s: a minor on 2026-11-20 is %s', (birthDate, isMinor) => {
  expect(birthDateOf(birthDate)).toEqual({ kind: 'ok', value: birthDate });
  expect(isMinorOn(birthDate, '2026-11-20')).toBe(isMinor);
});

test('born on 29 February, one is of age on 1 March', () => {
  expect([isMinorOn('2008-02-29', '2026-02-28'), isMinorOn('2008-02-29', '2026-03-01')]).toEqual([true, false]);
});
