import { describe, expect, test } from 'vitest';
import { checkPhones, onePhone } from './check-phones.ts';

const UA = { country: 'UA', skip: [] };

describe('the damage that spreadsheets and exports do has a name', () => {
  test.each([
    ['3.80671E+11', 'scientific_notation'], ['3,80671E+11', 'scientific_notation'], ['1234.56', 'amount_in_phone_column'], ['1 234,56 грн', 'amount_in_phone_column'],
    ['0671234567 0501234567', 'two_numbers_glued'], ['06712345670501234567', 'two_numbers_glued'], ['380671234567380501234567', 'two_numbers_glued'], ['0671234', 'too_short'], ['067123456789012345', 'too_long'],
    ['067 123 45 67 дод. 12', 'extension'], ['0671234567#12', 'extension'], ['(044) 123-45-67, вн. 203', 'extension'], ['0671234567x5', 'extension'], ['067O', 'letters'], ['1557', 'short_number'], ['102', 'short_number'], ['немає', 'letters'], ['0000000000', 'not_in_plan'], ['+38067123456', 'not_in_plan'], ['0671234567\0', 'nul'], ['067\ufffd1234567', 'broken_utf8'],
    ['067\r1234567', 'control_characters'], ['+', 'missing'], ['1'.repeat(5000), 'too_long'],
  ])('%s: %s', (text, code) => expect(onePhone(text, 'UA')).toMatchObject({ kind: 'bad', code }));
});

describe('and is mended where one reading only is left', () => {
  test.each([
    ['3.80671234567E+11', 'scientific_restored'], ['3,80671234567e11', 'scientific_restored'], ['380671234567.0', 'decimals_dropped'], ['380671234567,00', 'decimals_dropped'], ['671234567', 'leading_zero_restored'],
    ['67 123-45-67', 'leading_zero_restored'], ['O671234567', 'letter_for_digit'], ['О67 123 45 67', 'letter_for_digit'], ['+38O671234567', 'letter_for_digit'], ['067l234567', 'letter_for_digit'],
  ])('%s: %s', (text, code) => expect(onePhone(text, 'UA')).toMatchObject({ kind: 'ok', value: { e164: '+380671234567' }, mended: { code } }));

  test.each([['0671234567', 'UA'], ['+380671234567', 'UA'], ['380671234567', 'UA'], ['(067) 1234567', 'UA'], ['501234567', 'PL'], ['9161234567', 'RU']])('%s in %s needed no mending', (text, country) => {
    expect(onePhone(text, country)).toMatchObject({ kind: 'ok', mended: null });
  });

  test('of what a spreadsheet shortened, it says how much is gone', () => {
    expect(onePhone('3.80671E+11', 'UA')).toMatchObject({ code: 'scientific_notation', expected: expect.stringContaining('all 12 digits of the phone: a spreadsheet kept 6') as unknown });
  });
});

test('the account id in the phone column is called so, unless it is a phone', () => {
  const read = (cell: string, accountId: string) => checkPhones([['phone', cell]], { ...UA, accountId });
  expect(read('22-100009', '22-100009').problems).toMatchObject([{ code: 'account_in_phone_column' }]);
  expect(read('0671234567', '0671234567')).toMatchObject({ phones: [{ e164: '+380671234567' }], problems: [] });
});

test('of a number with an extension the number alone is not called, whatever stands beside it', () => {
  expect(checkPhones([['phones', '0441234567, доб. 12; 0501234567']], UA)).toMatchObject({ phones: [{ e164: '+380501234567' }], problems: [{ code: 'extension', found: '0441234567, доб. 12' }] });
});

test('lines that cost the callee, or nobody answers, are left out by name', () => {
  const checked = checkPhones([['phones', '0900201234; 0671234567']], { ...UA, skip: ['premium'] });
  expect(checked).toMatchObject({ phones: [{ e164: '+380671234567', type: 'mobile' }], problems: [{ code: 'line_type_skipped', found: '0900201234' }] });
  expect(checkPhones([['phones', '0900201234']], UA).phones).toMatchObject([{ type: 'premium' }]);
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
  const checked = checkPhones([['phones', cell]], UA);
  expect(checked.problems).toEqual([]);
  expect(checked.phones.map((phone) => phone.e164)).toEqual(phones);
});

test('good phones are kept beside bad ones, over several columns, and no more than ten', () => {
  const checked = checkPhones([['phone1', '067123'], ['phone2', ''], ['phone3', '0501234567; 3,80671E+11']], UA);
  expect(checked.phones.map((phone) => phone.e164)).toEqual(['+380501234567']);
  expect(checked.problems.map((problem) => [problem.field, problem.code])).toEqual([['phone1', 'too_short'], ['phone3', 'scientific_notation']]);
  const many = Array.from({ length: 12 }, (_, index) => `06712345${10 + index}`).join(';');
  expect(checkPhones([['phones', many]], UA)).toMatchObject({ phones: { length: 10 }, problems: [{ code: 'too_many_phones' }, { code: 'too_many_phones' }] });
});
