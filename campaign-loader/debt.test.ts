import fc from 'fast-check';
import { expect, test } from 'vitest';
import { debtMinorOf } from './debt.ts';

test.each([
  ['1234.56', 123_456], ['1234,56', 123_456], ['1234', 123_400], ['1234.5', 123_450], [' 12 ', 1200], ['1 234,56', 123_456], ['1\u00a0234\u00a0567.8', 123_456_780],
  ['1,234.56', 123_456], ['1.234,56', 123_456], ['1.234.567', 123_456_700], ['1.234.567,8', 123_456_780], ["1'234.50", 123_450], ['10.5000', 1050], ['0.01', 1], ['1 234,500', 123_450],
])('%s is %d hundredths', (text, minor) => expect(debtMinorOf(text)).toEqual({ kind: 'ok', value: minor }));

test.each([
  ['', 'missing'], ['   ', 'missing'], ['-5', 'negative'], ['−5,00', 'negative'], ['(5.00)', 'negative'], ['0', 'zero'], ['0,00', 'zero'], ['1,234', 'ambiguous_amount'], ['1.234', 'ambiguous_amount'],
  ['1.2345', 'not_a_number'], ['12 34', 'not_a_number'], ['abc', 'not_a_number'], ['5 грн', 'not_a_number'], ['1.2.3', 'not_a_number'], ['1,23,456.7', 'not_a_number'], ['1.5E+3', 'scientific_notation'],
  ['0671234567', 'over_limit'], ['380671234567', 'over_limit'], ['100000000.01', 'over_limit'], ['9'.repeat(400), 'over_limit'], ['NaN', 'not_a_number'], ['Infinity', 'not_a_number'], ['0x10', 'not_a_number'],
])('%s is %s', (text, code) => expect(debtMinorOf(text)).toMatchObject({ kind: 'bad', code }));

test('an amount written any usual way is read as it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000_000 }), fc.constantFrom(['.', ''], [',', ''], [',', ' '], ['.', ','], [',', '.'], ['.', "'"]), (minor, [mark, group]) => {
      const whole = String(Math.floor(minor / 100)).replace(/\B(?=(\d{3})+$)/g, group);
      expect(debtMinorOf(`${whole}${mark}${String(minor % 100).padStart(2, '0')}`)).toEqual({ kind: 'ok', value: minor });
    }),
  );
});
