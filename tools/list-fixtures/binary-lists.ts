import { gzipSync } from 'node:zlib';
import { encoded } from '../../campaign-loader/fixtures/encoded.ts';
import { EN, RU, UK, table } from './text-lists.ts';
import type { Files } from './text-lists.ts';
import { oleOf, workbookOf } from './workbook.ts';
import type { SheetCell } from './workbook.ts';
import { zipOf } from './zip.ts';

const HEADINGS: readonly SheetCell[] = ['Особовий рахунок', 'ПІБ', 'Телефон', 'Борг', 'Термін сплати'];
const plain = workbookOf([
  {
    name: 'Лист1',
    rows: [HEADINGS, [100200301, 'Франко Іван', 380671234567, 1020.5, { date: 46356 }], ['100200302', 'Косач Лариса', '050 111-22-33', 7, null], [null, null, null, null, null], [100200303, 'Вовчок Марко', 931234567, 1234.5599999999999, { date: 46356.5 }]],
  },
]);

export const spreadsheets: Files = {
  'xlsx/plain.xlsx': plain,
  'xlsx/formulas.xlsx': workbookOf([
    {
      name: 'Борги',
      rows: [
        HEADINGS,
        [1, { formula: 'A1&B1', value: 'Франко Іван' }, '0671234567', { formula: 'SUM(F2:G2)', value: 10.5 }],
        [2, 'Косач Лариса', '0501112233', { formula: 'SUM(F3:G3)' }],
        [3, 'Вовчок Марко', '0931234567', { formula: 'VLOOKUP(A4,X:Y,2,0)', error: '#N/A' }],
        [4, 'Стус Василь', { formula: 'HYPERLINK(1)', value: '0671234567' }, 5],
      ],
    },
  ]),
  'xlsx/texts.xlsx': workbookOf([{ name: 'Лист1', rows: [HEADINGS, [{ inline: '1' }, { rich: ['Франко', ' Іван'] }, '0671234567', 10], ['2', 'Косач_x000D_ <&> "Лариса"', '0501112233', 0.1 + 0.2]] }]),
  'xlsx/several-sheets.xlsx': workbookOf([
    { name: 'Довідка', rows: [['Вивантаження з білінгу'], ['30.11.2026']] },
    { name: 'Боржники', rows: [HEADINGS, ['1', 'Франко Іван', '0671234567', 10]] },
    { name: 'Архів', rows: [HEADINGS, ['9', 'Косач Лариса', '0501112233', 20], ['8', 'Стус Василь', '0931234567', 30]] },
  ]),
  'xlsx/hidden-sheet.xlsx': workbookOf([{ name: 'Службовий', hidden: true, rows: [HEADINGS, ['0', 'Не той', '0671234567', 1]] }, { name: 'Список', rows: [HEADINGS, ['1', 'Франко Іван', '0671234567', 10]] }]),
  'xlsx/title-and-total.xlsx': workbookOf([{ name: 'Отчет', rows: [['Реестр должников за ноябрь'], [], ['Л/с', 'ФИО', 'Телефон', 'Задолженность'], [1, 2, 3, 4], ['70001', 'Иванов Иван', '0671234567', 10.25], ['70002', 'Петров Пётр', '0501112233', 20], [null, 'Итого', null, 30.25]] }]),
  'xlsx/dates-since-1904.xlsx': workbookOf([{ name: 'Лист1', rows: [HEADINGS, ['1', 'Франко Іван', '0671234567', 10, { date: 44894 }]] }], { date1904: true }),
  'xlsx/leading-zeros-by-format.xlsx': workbookOf([{ name: 'Лист1', rows: [HEADINGS, [{ digits: 1203 }, 'Франко Іван', '0671234567', 10], [1.2345678901234567e19, 'Косач Лариса', '0501112233', 10]] }]),
  'xlsx/no-rows.xlsx': workbookOf([{ name: 'Лист1', rows: [] }]),
  'xlsx/cut-short.xlsx': plain.subarray(0, plain.length - 400),
  'xlsx/damaged-xml.xlsx': zipOf([{ name: 'xl/workbook.xml', bytes: Buffer.from('<workbook><sheets><sheet name="x" r:id="rId1"/></sheets></workbook>') }, { name: 'xl/worksheets/sheet1.xml', bytes: Buffer.from('<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>account_id</t></is></c></row><row r="2"><c r="A2"') }]),
  'xlsx/password.xlsx': oleOf(['EncryptionInfo', 'EncryptedPackage']),
  'xlsx/old.xls': oleOf(['Workbook']),
  'xlsx/web-page.xls': '<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><table><tr><td>account_id</td></tr></table></body></html>',
  'xlsx/xml-2003.xls': '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
  'xlsx/open-document.ods': zipOf([{ name: 'mimetype', bytes: Buffer.from('application/vnd.oasis.opendocument.spreadsheet') }, { name: 'content.xml', bytes: Buffer.from('<x/>') }, { name: 'styles.xml', bytes: Buffer.from('<x/>') }]),
};

const uk = encoded(table(UK, ';'), 'windows-1251');
const long = Buffer.from(table([EN[0]!, ...Array.from({ length: 400 }, (_, index) => [`A${index}`, `Ivan ${(index * 7919) % 1000}`, `+38067${1_000_000 + ((index * 104_729) % 9_000_000)}`, `${1 + ((index * 31) % 500)}.50`])]));
const packed = gzipSync(long);
const dbf = Buffer.alloc(97);
Buffer.from([0x03, 126, 11, 30]).copy(dbf);
dbf.writeUInt16LE(97, 8);
dbf.writeUInt16LE(80, 10);

export const packages: Files = {
  'packed/list.csv.gz': gzipSync(uk),
  'packed/gzip-called-csv.csv': gzipSync(uk),
  'packed/two-members.csv.gz': Buffer.concat([gzipSync(Buffer.from(table(EN))), gzipSync(Buffer.from('A3,Taras Shevchenko,0931234567,30\r\n'))]),
  'packed/truncated.csv.gz': packed.subarray(0, Math.floor(packed.length * 0.6)),
  'packed/damaged.csv.gz': Buffer.concat([packed.subarray(0, packed.length - 6), Buffer.from([1, 2, 3, 4, 5, 6])]),
  'packed/two-lists.zip': zipOf([{ name: 'київ.csv', bytes: Buffer.from(table(UK, ';')) }, { name: '__MACOSX/._київ.csv', bytes: Buffer.from('x') }, { name: 'харьков/список.csv', bytes: encoded(table(RU, ';'), 'windows-1251') }]),
  'packed/different-columns.zip': zipOf([{ name: '1.csv', bytes: Buffer.from(table(EN)) }, { name: '2.csv', bytes: Buffer.from(table([['debt', 'note', 'phones', 'account_id', 'name'], ['30', 'later', '0931234567', 'B1', 'Taras'], ['0', 'zero', '0931234567', 'B2', 'Taras']])) }]),
  'packed/names-in-cp866.zip': zipOf([{ name: encoded('должники.csv', 'cp866'), bytes: uk }]),
  'packed/spreadsheet-within.zip': zipOf([{ name: 'боржники.xlsx', bytes: plain }]),
  'packed/gzip-within.zip': zipOf([{ name: 'list.csv.gz', bytes: gzipSync(uk) }]),
  'packed/locked.zip': zipOf([{ name: 'list.csv', bytes: uk, locked: true }]),
  'packed/one-bad-list.zip': zipOf([{ name: '1.csv', bytes: uk }, { name: '2.csv', bytes: Buffer.from('a,b\n1,2\n') }]),
  'packed/empty.zip': zipOf([]),
  'packed/cut-short.zip': zipOf([{ name: 'list.csv', bytes: uk }]).subarray(0, 150),
  'packed/archive.rar': Buffer.concat([Buffer.from('Rar!\x1a\x07\x01\x00', 'latin1'), Buffer.alloc(60, 7)]),
  'packed/list.pdf': '%PDF-1.7\n%\u00e2\u00e3\n1 0 obj\n<<>>\nendobj\n',
  'packed/list.dbf': dbf,
};

export const mappings: Files = {
  'maps/debts.yaml': '# Котра з двох сум є боргом\ndebt: Заборгованість\nignore: [Борг]\n',
  'maps/by-number.yaml': 'headings: none\naccount_id: 1\nname: 2\nphones: 3\ndebt: 4\n',
  'maps/unknown.yaml': 'account_id: стовпчик1\nname: стовпчик2\nphones: [стовпчик3]\ndebt: стовпчик4\n',
  'maps/misspelt.yaml': 'account_id: стовпчик1\nname: стовпчик2\nphones: стовбчик3\ndebt: стовпчик4\n',
  'maps/wrong.yaml': 'account_id: 1\nnmae: 2\nphones: []\n',
  'maps/parts.yaml': "name: [Ім'я, Прізвище]\naccount_id: account_id\nphones: телефон\ndebt: борг\n",
};
