import { encoded } from '../../campaign-loader/fixtures/encoded.ts';
import type { Encoding } from '../../campaign-loader/format/encoding.ts';

export type Files = Readonly<Record<string, string | Buffer>>;
type Rows = readonly (readonly string[])[];

/** Rows to text. Cells are written as they are: fixtures quote for themselves. */
export const table = (rows: Rows, delimiter = ',', lineEnd = '\r\n'): string => rows.map((row) => row.join(delimiter) + lineEnd).join('');

const UK_HEADINGS = ['Особовий рахунок', 'ПІБ', 'Телефон', 'Борг, грн'];
export const UK: Rows = [UK_HEADINGS, ['100200301', 'Шевченко Тарас Григорович', '067 123-45-67', '1234,56'], ['100200302', "В'язовська Ганна Юріївна", '(050) 111-22-33', '99,10'], ['100200303', 'Ґалаґан Їжак Євгенович', '+380931234567', '45,00']];
export const RU: Rows = [['Лицевой счёт', 'ФИО', 'Телефон', 'Сумма долга'], ['7001', 'Иванов Пётр Сергеевич', '0671234567', '1520.40'], ['7002', 'Щукина Эмма Юрьевна', '0501112233', '88.00'], ['7003', 'Объедков Семён', '0931234567', '12.00']];
export const EN: Rows = [['account_id', 'name', 'phones', 'debt'], ['A1', 'Ivan Petrenko', '+380671234567', '100.50'], ['A2', 'Olha Koval', '0501112233', '20']];
const row = (account: string, rest: string): string => `${account},${rest}\n`;
const H = 'account_id,name,phones,debt\n';
const OK = 'Олена Бондар,0671234567,100.50';
const capitals = (rows: Rows): Rows => rows.map((cells) => cells.map((cell) => cell.toUpperCase()));

const inEncoding = (rows: Rows, encoding: Encoding, delimiter = ';'): Buffer => encoded(table(rows, delimiter), encoding);

export const encodings: Files = {
  'encoding/utf-8-with-mark.csv': `\ufeff${table(UK, ';')}`,
  'encoding/utf-8.csv': table(UK, ';'),
  'encoding/windows-1251-ukrainian.csv': inEncoding(UK, 'windows-1251'),
  'encoding/windows-1251-russian.csv': inEncoding(RU, 'windows-1251'),
  'encoding/windows-1251-capitals.csv': inEncoding(capitals(UK), 'windows-1251'),
  'encoding/koi8-u.csv': inEncoding(UK, 'koi8-u'),
  'encoding/koi8-r.csv': inEncoding(RU, 'koi8-u'),
  'encoding/cp866-russian.txt': inEncoding(RU, 'cp866'),
  'encoding/cp1125-ukrainian.txt': inEncoding(UK, 'cp1125'),
  'encoding/utf-16le-with-mark.txt': Buffer.concat([Buffer.from([0xff, 0xfe]), inEncoding(UK, 'utf-16le', '\t')]),
  'encoding/utf-16be-with-mark.csv': Buffer.concat([Buffer.from([0xfe, 0xff]), inEncoding(UK, 'utf-16be')]),
  'encoding/utf-16le-without-mark.csv': inEncoding(UK, 'utf-16le'),
  'encoding/utf-16be-without-mark.csv': inEncoding(RU, 'utf-16be'),
  'encoding/ascii-at-first.csv': Buffer.concat([encoded(H + Array.from({ length: 40 }, (_, index) => row(`B${index}`, `Ivan Petrenko,05011122${10 + index},10`)).join(''), 'utf-8'), encoded(row('C1', 'Їжакевич Ґанна,0671234567,11'), 'windows-1251')]),
  'encoding/one-row-in-another.csv': Buffer.concat([encoded(H + row('1', OK) + row('2', OK), 'utf-8'), encoded(row('3', OK), 'windows-1251'), encoded(row('4', OK), 'utf-8')]),
  'encoding/nul-bytes.csv': `${H}${row('1', OK)}${row('2', 'Оле\0на,0671234567,5')}${row('3', OK)}`,
};

export const shapes: Files = {
  'shape/semicolon-decimal-commas.csv': table([['account_id', 'name', 'phones', 'debt'], ['1', 'Іван Франко', '0671234567', '12,50'], ['2', 'Леся Косач', '0501112233', '1 234,56'], ['3', 'Марко Вовчок', '0931234567', '7,05']], ';'),
  'shape/tabs.tsv': table(UK, '\t', '\n'),
  'shape/pipes.txt': table(RU, '|', '\n'),
  'shape/sep-line.csv': `sep=;\r\n${table(EN, ';')}`,
  'shape/single-quotes.csv': table([["'account_id'", "'name'", "'phones'", "'debt'"], ["'1'", "'Коваль, Іван'", "'0671234567'", "'10'"], ["'2'", "'Д''Артаньян'", "'0501112233'", "'20'"]]),
  'shape/line-breaks-in-quotes.csv': table([['account_id', 'name', 'phones', 'debt', '"Адреса\nабонента"'], ['1', 'Іван', '"0671234567\n0501112233"', '10', '"вул. Садова, 1\r\nкв. 2"'], ['2', 'Ганна', '0931234567', '20', 'пл. Ринок, 1'.replace(',', '')]]),
  'shape/doubled-quotes.csv': `${H}1,"ТОВ ""Ромашка""",0671234567,10\n2,ПП "Троянда",0501112233,20\n`,
  'shape/quotes-not-doubled.csv': `${H}1,"ТОВ "Ромашка"",0671234567,10\n2,Ганна,0501112233,20\n`,
  'shape/open-quote.csv': `${H}1,"Іван,0671234567,10\n2,Ганна,0501112233,20\n3,Олег,0931234567,30\n`,
  'shape/mixed-line-ends.csv': `${H.trim()}\r\n${row('1', OK)}${row('2', OK).trim()}\r${row('3', OK).trim()}\r\n${row('4', OK).trim()}\r${row('5', OK)}`,
  'shape/old-mac.csv': table(UK, ';', '\r'),
  'shape/delimiters-at-the-end.csv': `account_id,name,phones,debt,,\n1,${OK},,\n2,${OK},,\n`,
  'shape/delimiter-in-a-cell.csv': `${H}1,Коваль, Іван,0671234567,10\n2,Ганна,0501112233,20\n`,
  'shape/short-row.csv': `${H}1,${OK}\n2,Ганна\n3,${OK}\n`,
  'shape/blank-lines.csv': `\n\n${H}\n1,${OK}\n,,,\n   \n2,${OK}\n\n`,
  'shape/no-last-line-end.csv': `${H}1,${OK}\n2,${OK}`,
  'shape/one-row.csv': `${H}1,${OK}\n`,
  'shape/headings-only.csv': H,
  'shape/empty.csv': '',
  'shape/byte-order-mark-only.csv': '\ufeff',
  'shape/blank.csv': ' \n\n\t\n',
  'shape/300-columns.csv': table([['account_id', 'name', ...Array.from({ length: 296 }, (_, index) => `показник ${index + 1}`), 'phones', 'debt'], ...[1, 2].map((account) => [String(account), 'Олена Бондар', ...Array.from({ length: 296 }, (_, index) => String(index)), '0671234567', '15.50'])], ';'),
  'shape/long-cell.csv': `${H}1,${'Олена '.repeat(12_000)},0671234567,10\n2,${OK}\n`,
};

export const headings: Files = {
  'headings/wrong-order.csv': table([['debt', 'phones', 'примітка', 'name', 'account_id'], ['10.50', '0671234567', 'дзвонити ввечері', 'Іван Франко', '1'], ['20.00', '0501112233', '', 'Леся Косач', '2']]),
  'headings/ukrainian.csv': table([['№ о/р', 'П.І.Б. споживача', 'Моб. тел.', 'Дом. тел.', 'Сума заборгованості, грн.', 'Термін сплати', 'Мова', 'Область', 'Адреса', 'Дата народження', 'Борг оскаржується'], ['00012', 'Коваль Іван', '0671234567', '0442345678', '1500,00', '30.11.2026', 'uk', 'Львівська', 'вул. Садова 1', '01.02.1980', '']], ';'),
  'headings/russian.csv': table([['Л/С', 'Ф.И.О.', 'Сотовый телефон', 'Долг (грн)', 'Срок оплаты', 'Язык', 'Регион', 'Адрес', 'Примечание'], ['12', 'Иванов Иван', '0671234567', '150,00', '30.11.2026', 'ru', 'Киевская', 'ул. Мира 1', 'звонить вечером']], ';'),
  'headings/camel-case.csv': table([['AccountNumber', 'CustomerName', 'PhoneNumber', 'AmountDue', 'DueDate', 'Tariff'], ['1', 'Ivan', '0671234567', '10.00', '2026-11-30', 'day']]),
  'headings/name-in-parts.csv': table([['account_id', 'Прізвище', "Ім'я", 'По батькові', 'телефон', 'борг'], ['1', 'Франко', 'Іван', 'Якович', '0671234567', '10.5'], ['2', 'Косач', 'Лариса', '', '0501112233', '20.5']]),
  'headings/several-phones.csv': table([['account_id', 'name', 'Телефон 1', 'Телефон 2', 'тел. №3', 'debt'], ['1', 'Іван', '0671234567', '', '0501112233', '10'], ['2', 'Ганна', '', '0931234567', '', '10'], ['3', 'Олег', '', '', '', '10']]),
  'headings/two-debts.csv': table([['о/р', 'ПІБ', 'тел', 'Борг', 'Заборгованість'], ['1', 'Іван', '0671234567', '10,00', '12,00']], ';'),
  'headings/own-name-before-synonym.csv': table([['account_id', 'name', 'phones', 'debt', 'заборгованість'], ['1', 'Іван', '0671234567', '10', '12']]),
  'headings/same-heading-twice.csv': table([['account_id', 'name', 'debt', 'phone', 'Name'], ['1', 'Іван', '10', '0671234567', 'Петро']]),
  'headings/extra-heading-twice.csv': table([['account_id', 'name', 'debt', 'phone', 'note', 'note', ''], ['1', 'Іван', '10', '0671234567', 'a', 'b', 'c']]),
  'headings/header-twice.csv': `${H}1,${OK}\n2,${OK}\n${H}3,${OK}\n`,
  'headings/ambiguous-by-looks.csv': table([['Номер', 'Абонент', 'Контакт', 'Сума'], ['100200301', 'Франко Іван', '0671234567', '10,00'], ['100200302', 'Косач Лариса', '0501112233', '1 020,50'], ['100200303', 'Вовчок Марко', '0931234567', '7,00']], ';'),
  'headings/weak-words.csv': table([['Код абонента', 'Найменування споживача', 'Тел. для звʼязку', 'Залишок боргу на кінець'], ['100200301', 'Франко Іван', '0671234567', '10,00'], ['100200302', 'Косач Лариса', '0501112233', '20,00']], ';'),
  'headings/none.csv': table([['100200301', 'Франко Іван', '0671234567', '10.00'], ['100200302', 'Косач Лариса', '0501112233', '20.00']]),
  'headings/unknown.csv': table([['стовпчик1', 'стовпчик2', 'стовпчик3', 'стовпчик4'], ['100200301', 'Франко Іван', '0671234567', '10.00']]),
  'headings/phone-missing.csv': table([['account_id', 'name', 'debt'], ['1', 'Іван', '10']]),
  'headings/report-1c.csv': encoded(
    ['ТОВ "Обленерго";;;;', '"Реєстр боржників";;;;', 'за листопад 2026 р.;;;;', ';;;;', 'Особовий рахунок;Споживач;Телефон;Борг;Примітка', '1;2;3;4;5', '100200301;Франко Іван;0671234567;1 020,50;', '100200302;Косач Лариса;0501112233;7,00;була', ';Усього по дільниці 1;;1 027,50;', 'Особовий рахунок;Споживач;Телефон;Борг;Примітка', '100200303;Вовчок Марко;0931234567;33,33;', 'Разом:;;;1 060,83;', ';;;;', 'Головний бухгалтер;;;;Петренко О.О.', ''].join('\r\n'),
    'windows-1251',
  ),
  'headings/totals.csv': table([['Лицевой счёт', 'ФИО', 'Телефон', 'Долг'], ['1', 'Иванов', '0671234567', '10,00'], ['', 'Итого по участку', '', '10,00'], ['2', 'Итоговская Анна', '0501112233', '20,00'], ['Итого', '', '', '30,00']], ';'),
  'headings/values-do-not-fit.csv': table([['account_id', 'name', 'phones', 'debt'], ['1', 'Іван', '100.50', '0671234567'], ['2', 'Ганна', '20.00', '0501112233']]),
  'headings/all-fields.csv': table([['account_id', 'name', 'phones', 'debt', 'currency', 'due_date', 'debt_since', 'language', 'timezone', 'region', 'address', 'priority', 'disputed', 'birth_date', 'minor', 'paid', 'meter'], ['1', 'Іван', '0671234567', '10', 'UAH', '2026-11-30', '2026-01-15', 'uk', 'Europe/Kyiv', 'Київська', 'вул. Садова 1', '7', '', '1980-02-01', '', '', 'M-17']]),
};

const damaged = (phones: string, debt = '100.50'): string => `Олена Бондар,${phones},${debt}`;
/** A phone of one's own: a number on many accounts is another damage. */
const phone = (index: number): string => `067${1_234_567 + index}`;
export const damages: Files = {
  'damage/scientific-phones.csv': `${H}1,${damaged('3.80671E+11')}\n2,${damaged('"3,80671E+11"')}\n3,${damaged('3.80671234567E+11')}\n4,${OK}\n`,
  'damage/lost-leading-zero.csv': `${H}1,${damaged('671234567')}\n2,${damaged('442345678')}\n3,${damaged('12345678')}\n`,
  'damage/two-numbers-glued.csv': `${H}1,${damaged('06712345670501112233')}\n2,${damaged('380671234567380501112233')}\n3,${damaged('0671234567/0501112233')}\n`,
  'damage/amount-in-phone-column.csv': `${H}1,${damaged('1234.56')}\n2,${damaged('1 234.56 грн')}\n3,${OK}\n`,
  'damage/words-for-phones.csv': `${H}1,${damaged('немає')}\n2,${damaged('-')}\n3,${damaged('0671234567 (донька)')}\n4,${damaged('0671234567 нет')}\n`,
  'damage/several-phones-in-a-cell.csv': `${H}1,${damaged('"067 123-45-67, 050 111-22-33"')}\n2,${damaged('0671234567;0442345678')}\n3,${damaged('0671234567; 12')}\n4,${damaged('0671234567 0501112233')}\n`,
  'damage/phone-for-debt.csv': `${H}1,${damaged('0671234567', '0671234567')}\n2,${damaged('0671234567', '380671234567')}\n`,
  'damage/amounts.csv': `${H}${['1234.56', '"1234,56"', '"1 234,56"', '"1\u00a0234,56"', '"1\u202f234,56"', '"1,234.56"', '"1.234,56"', '1234', '-50', '0', '', 'багато', '"1,234"', '12.345', '1.5E+3', '999999999999', '"1 234,56 грн"', '"1234,56 грн."', '₴150'].map((debt, index) => `${index + 1},${damaged(phone(index), debt)}\n`).join('')}`,
  'damage/dates.csv': `account_id,name,phones,debt,due_date\n${['2026-11-30', '30.11.2026', '1.2.2026', '2026-11-30T00:00:00', '2026-11-30 12:30:00', '31.02.2026', '30/11/2026', '46356', 'вчора', ''].map((date, index) => `${index + 1},Олена Бондар,${phone(index)},100.50,${date}\n`).join('')}`,
  'damage/scientific-accounts.csv': `${H}${row('1.00200301E+15', OK)}${row('"1,002E+11"', OK)}${row('100200301', OK)}`,
  'damage/duplicate-accounts.csv': `${H}${row('1', OK)}${row('2', OK)}${row('1', 'Інша Людина,0501112233,7')}`,
  'damage/one-phone-on-many-accounts.csv': `${H}${Array.from({ length: 12 }, (_, index) => row(String(index + 1), OK)).join('')}`,
  'damage/missing-values.csv': `${H}${row('', OK)}${row('2', ',0671234567,5')}${row('3', 'Олена,,5')}${row('4', 'Олена,0671234567,')}`,
  'damage/formulas-as-text.csv': `${H}${row('1', "=HYPERLINK(A1),0671234567,5")}${row('=1+1', OK)}${row('3', '+Олена,0671234567,5')}`,
  'damage/markup.csv': `${H}${row('1', '{{debt}} <b>Олена</b> | $(id),0671234567,5')}${row('2', 'Олена\u200bБондар,0671234567,5')}`,
  'damage/foreign-countries.csv': `${H}${row('1', 'Jan Kowalski,+48512345678,5')}${row('2', 'Ivan,+79161234567,5')}${row('3', 'Nobody,+999123456789,5')}`,
};

export const objects: Files = {
  'json/lines.ndjson': '{"account_id":"1","name":"Іван","phones":["0671234567","0501112233"],"debt":10.5}\n{"account_id":2,"name":"Ганна","phones":"0931234567","debt":"20,00"}\n',
  'json/broken-lines.ndjson': '{"account_id":"1","name":"Іван","phones":"0671234567","debt":10.5}\n{"account_id":"2","name":"Ганна","phones":"0931234567"\nне json\n[1,2]\n\n{"account_id":"5","name":"Олег","phones":"0501112233","debt":7}\n',
  'json/ukrainian-keys.ndjson': '{"особовий рахунок":"1","ПІБ":"Іван","телефон":"0671234567","борг":"10,50","тариф":"день"}\n',
  'json/late-keys.ndjson': `${Array.from({ length: 320 }, (_, index) => `{"account_id":"${index}","name":"Іван","phones":"${phone(index)}","debt":10}\n`).join('')}{"account_id":"999","name":"Іван","phones":"${phone(999)}","debt":10,"мова":"ru","note":"пізно"}\n`,
  'json/nested.ndjson': '{"account_id":"1","name":{"first":"Іван"},"phones":"0671234567","debt":10}\n{"account_id":"2","name":"Ганна","phones":[{"n":"0671234567"}],"debt":10}\n{"account_id":"3","name":"Олег","phones":[],"debt":10}\n',
  'json/array.json': '[\n  {"account_id": "1", "name": "Іван", "phones": ["0671234567"], "debt": 10.5},\n  {"account_id": "2", "name": "Ганна \\"Г\\" {]}", "phones": "0931234567", "debt": 20}\n]\n',
  'json/array-with-a-broken-element.json': '[{"account_id":"1","name":"Іван","phones":"0671234567","debt":10},\n{"account_id":2 "name":"Ганна"},\n17,\n{"account_id":"4","name":"Олег","phones":"0501112233","debt":5}]',
  'json/array-cut-short.json': '[{"account_id":"1","name":"Іван","phones":"0671234567","debt":10},\n{"account_id":"2","name":"Ганна","pho',
  'json/array-empty.json': '[]\n',
  'json/array-in-windows-1251.json': encoded('[{"account_id":"1","name":"Іван Франко","phones":"0671234567","debt":10}]', 'windows-1251'),
};
