import { describe, expect, test } from 'vitest';
import { checkPhones, onePhone } from './check-phones.ts';

describe('the damage that spreadsheets and exports do has a name', () => {
  test.each([
    ['3.80671E+11', 'scientific_notation'], ['3,80671E+11', 'scientific_notation'], ['1234.56', 'amount_in_phone_column'], ['1 234,56 грн', 'amount_in_phone_column'], ['380671234567.0', 'amount_in_phone_column'],
    ['0671234567 0501234567', 'two_numbers_glued'], ['06712345670501234567', 'two_numbers_glued'], ['380671234567380501234567', 'two_numbers_glued'], ['0671234', 'too_short'], ['067123456789012345', 'too_long'],
    ['067 123 45 67 дод. 12', 'letters'], ['O671234567', 'letters'], ['0671234567#12', 'letters'], ['немає', 'letters'], ['0000000000', 'not_in_plan'], ['+38067123456', 'not_in_plan'], ['0671234567\0', 'nul'], ['067\ufffd1234567', 'broken_utf8'],
    ['067\r1234567', 'control_characters'], ['+', 'missing'], ['1'.repeat(5000), 'too_long'],
  ])('%s: %s', (text, code) => expect(onePhone(text, 'UA')).toMatchObject({ kind: 'bad', code }));
});

test.each([
  ['0671234567; 0501234567', ['+380671234567', '+380501234567']],
  ['0671234567,0501234567', ['+380671234567', '+380501234567']],
  ['0671234567/0501234567', ['+380671234567', '+380501234567']],
  ['067 123-45-67 | (050) 123 45 67', ['+380671234567', '+380501234567']],
  ['0671234567\n0501234567', ['+380671234567', '+380501234567']],
  ['044/1234567', ['+380441234567']],
  ['0671234567; +380671234567', ['+380671234567']],
])('%j holds %j', (cell, phones) => {
  const checked = checkPhones([['phones', cell]], 'UA');
  expect(checked.problems).toEqual([]);
  expect(checked.phones.map((phone) => phone.e164)).toEqual(phones);
});

test('good phones are kept beside bad ones, over several columns, and no more than ten', () => {
  const checked = checkPhones([['phone1', '067123'], ['phone2', ''], ['phone3', '0501234567; 3,80671E+11']], 'UA');
  expect(checked.phones.map((phone) => phone.e164)).toEqual(['+380501234567']);
  expect(checked.problems.map((problem) => [problem.field, problem.code])).toEqual([['phone1', 'too_short'], ['phone3', 'scientific_notation']]);
  const many = Array.from({ length: 12 }, (_, index) => `06712345${10 + index}`).join(';');
  expect(checkPhones([['phones', many]], 'UA')).toMatchObject({ phones: { length: 10 }, problems: [{ code: 'too_many_phones' }, { code: 'too_many_phones' }] });
});
