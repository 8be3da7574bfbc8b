import fc from 'fast-check';
import { expect, test } from 'vitest';
import { amountOf, type DecimalMark } from './debt.ts';

const minorOf = (text: string, mark: DecimalMark | null = null): unknown => {
  const amount = amountOf(text, mark);
  return amount.kind === 'ok' ? { kind: 'ok', value: amount.value.minor } : amount;
};

test.each([
  ['1234.56', 123_456], ['1234,56', 123_456], ['1234', 123_400], ['1234.5', 123_450], [' 12 ', 1200], ['1 234,56', 123_456], ['1\u00a0234\u00a0567.8', 123_456_780],
  ['1,234.56', 123_456], ['1.234,56', 123_456], ['1.234.567', 123_456_700], ['1.234.567,8', 123_456_780], ["1'234.50", 123_450], ['10.5000', 1050], ['0.01', 1], ['1 234,500', 123_450],
  ['1\u202f234,56', 123_456], ['1\u2009234,56', 123_456], ['1’234.50', 123_450], ['1ʼ234,50', 123_450], ['1234.5600000000001', 123_456], ['1234,559999999999', 123_456], ['0.99999999999', 100],
  ['5 грн', 500], ['1 234,56 грн.', 123_456], ['1234 грн 56 коп.', 123_456], ['1 234 грн. 5 коп', 123_405], ['₴1234', 123_400], ['$ 12.50', 1250], ['12.50$', 1250], ['UAH 10', 1000], ['150 тенге', 15_000], ['99,90 руб.', 9990], ['10 р.', 1000], ['7,5€', 750],
])('%s is %d hundredths', (text, minor) => expect(minorOf(text)).toEqual({ kind: 'ok', value: minor }));

test.each([
  ['', 'missing'], ['   ', 'missing'], ['-5', 'negative'], ['−5,00', 'negative'], ['(5.00)', 'negative'], ['0', 'zero'], ['0,00', 'zero'], ['1,234', 'ambiguous_amount'], ['1.234', 'ambiguous_amount'],
  ['1.2345', 'not_a_number'], ['12 34', 'not_a_number'], ['abc', 'not_a_number'], ['5 штук', 'not_a_number'], ['12,5 грн 10 коп', 'not_a_number'], ['-', 'zero'], ['—', 'zero'], ['-0,00', 'zero'], ['5,00-', 'negative'], ['$-5', 'negative'], ['-$5', 'negative'], ['-1 234,56 грн', 'negative'], ['#N/A', 'spreadsheet_error'], ['#ЗНАЧ!', 'spreadsheet_error'], ['########', 'spreadsheet_error'], ['1.2.3', 'not_a_number'], ['1,23,456.7', 'not_a_number'], ['1.5E+3', 'scientific_notation'],
  ['0671234567', 'over_limit'], ['380671234567', 'over_limit'], ['100000000.01', 'over_limit'], ['9'.repeat(400), 'over_limit'], ['NaN', 'not_a_number'], ['Infinity', 'not_a_number'], ['0x10', 'not_a_number'],
])('%s is %s', (text, code) => expect(minorOf(text)).toMatchObject({ kind: 'bad', code }));

test('an amount written any usual way is read as it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000_000 }), fc.constantFrom(['.', ''], [',', ''], [',', ' '], ['.', ','], [',', '.'], ['.', "'"]), (minor, [mark, group]) => {
      const whole = String(Math.floor(minor / 100)).replace(/\B(?=(\d{3})+$)/g, group);
      expect(minorOf(`${whole}${mark}${String(minor % 100).padStart(2, '0')}`)).toEqual({ kind: 'ok', value: minor });
    }),
  );
});

test.each([['1,234', '.', 123_400], ['1.234', ',', 123_400], ['12,345 грн', '.', 1_234_500]] as const)('%s where the decimal mark is %s is %d hundredths', (text, mark, minor) => {
  expect(minorOf(text, mark)).toEqual({ kind: 'ok', value: minor });
});

test.each([['1,234', ','], ['1.234', '.'], ['1,234', null]] as const)('%s where the decimal mark is %s stays refused: three decimals are no amount', (text, mark) => {
  expect(minorOf(text, mark)).toMatchObject({ kind: 'bad', code: 'ambiguous_amount' });
});

test.each([['5 грн', ['UAH']], ['5 руб', ['RUB', 'BYN']], ['$5', ['USD']], ['5 ₸', ['KZT']], ['5', null]])('%s is in %j', (text, currencies) => {
  expect(amountOf(text)).toMatchObject({ kind: 'ok', value: { currencies } });
});

test('no text makes it throw, and what is read is a whole number of hundredths within the limit', () => {
  const pieces = fc.array(fc.constantFrom('1', '23', '456', ',', '.', ' ', '\u00a0', '\'', 'грн', '$', '-', '(', ')', 'коп', 'E+3', '#'), { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 120 })), fc.constantFrom(null, '.' as const, ',' as const), (text, mark) => {
      const amount = amountOf(text, mark);
      if (amount.kind === 'bad') expect(amount.expected).not.toBe('');
      else expect(Number.isInteger(amount.value.minor) && amount.value.minor > 0 && amount.value.minor <= 10_000_000_000).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
