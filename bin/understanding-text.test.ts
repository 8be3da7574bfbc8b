import { expect, test } from 'vitest';
import type { FileUnderstanding, UnderstoodColumn } from '../campaign-loader/index.ts';
import { partlyMasked, understandingText, unsureColumns } from './understanding-text.ts';

const column = (heading: string, field: UnderstoodColumn['field'], changes: Partial<UnderstoodColumn> = {}): UnderstoodColumn => ({ column: 1, heading, field, as: heading, why: 'synonym', sureness: 1, remark: null, ...changes });
const file = (changes: Partial<FileUnderstanding> = {}): FileUnderstanding => ({
  name: 'billing.csv', format: 'csv', compression: 'none', encoding: 'windows-1251', delimiter: ';', quote: '"', decimalMark: ',', sheet: null, otherSheets: [], headingLine: 4,
  columns: [
    column('Лицевой счёт', 'account_id'), column('ФИО', 'name'), column('Контакт', 'phones', { why: 'looks', sureness: 0.7 }), column('debt', 'debt', { why: 'exact_name' }),
    column('Тариф', 'extra', { as: 'тариф', why: 'not_known', sureness: 0 }), column('Код', 'ignored', { why: 'mapping_file' }),
  ],
  firstRows: [{ line: 5, cells: ['07-100003', 'Данилюк Леся', '+380 68 002 31 99', '1 238,40'] }],
  ...changes,
});

test('tells the clerk what each heading was taken for, marks what is unsure and prints the mapping line', () => {
  expect(understandingText({ files: [file()] }, false)).toBe(
    [
      'billing.csv: CSV, windows-1251, delimiter ";", decimal comma, headings in line 4',
      '    heading       taken for',
      '    Лицевой счёт  account_id (a known name)',
      '    ФИО           name (a known name)',
      '  ? Контакт       phones (what its values look like, 70 % sure)',
      '    debt          debt',
      '    Тариф         {{fields.тариф}}',
      '    Код           left out',
      'Look at the lines marked with ?. If one is wrong, say what it is in a mapping file, such as map.yaml, and give it with --map map.yaml:',
      '    phones: "Контакт"',
    ].join('\n'),
  );
  expect(unsureColumns({ files: [file()] }).map(({ heading }) => heading)).toEqual(['Контакт']);
});

test('shows files that are alike once, and first rows only if asked', () => {
  const text = understandingText({ files: [file(), file({ name: 'b.csv' })] }, true);
  expect(text).toContain('billing.csv and 1 more like it');
  expect(text).toContain('       5  07***03 | Д***** Л*** | +38***99 | 1 238,40');
  expect(understandingText({ files: [] }, true)).toBe('');
});

test.each([['Іваненко Марія', 'І***** М****'], ['+380671234567', '+38***67'], ['067 123-45-67; 0441234567', '06***67; 04***67'], ['1 238,40', '1 238,40'], ['a\nb\0c', 'a b c'], ['x'.repeat(500), 'x*****']])('%j is shown as %j', (cell, masked) => {
  expect(partlyMasked(cell)).toBe(masked);
});
