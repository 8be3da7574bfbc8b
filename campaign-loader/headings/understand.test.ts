import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UnderstoodColumn } from '../understanding.ts';
import { fieldNamed } from './known-names.ts';
import { readMapping } from './mapping.ts';
import { normalHeading } from './normal.ts';
import { understandColumns } from './understand.ts';

/** Rows as they come, columns as they are looked at. */
function understood(headings: readonly string[], rows: readonly (readonly string[])[] = []): UnderstoodColumn[] {
  return understandColumns(headings, headings.map((_, index) => rows.map((row) => row[index] ?? '')), 'list.csv: line 1', null);
}
const fieldsOf = (columns: readonly UnderstoodColumn[]): string[] => columns.map(({ field }) => field);

describe('a heading', () => {
  test.each([
    ['Лицевой счёт', 'account_id'], ['ЛИЦЕВОЙ СЧЕТ №', 'account_id'], ['л/с', 'account_id'], ['Л.С.', 'account_id'], ['№ л/с', 'account_id'], ['Особовий рахунок', 'account_id'], ['о/р', 'account_id'], ['О/Р №', 'account_id'], ['Account No.', 'account_id'], ['account-number', 'account_id'],
    ['ФИО', 'name'], ['Ф. И. О.', 'name'], ['П.І.Б.', 'name'], ["Прізвище, ім'я, по батькові", 'name'], ['Фамилия', 'last_name'], ['Імʼя', 'first_name'], ["Ім'я", 'first_name'], ['По-батькові', 'patronymic'],
    ['Телефон', 'phones'], ['тел.', 'phones'], ['Моб.тел.', 'phones'], ['Мобільний №2', 'phones'], ['Телефон 3', 'phones'], ['phone 2', 'phones'], ['Контактний телефон', 'phones'], ['MobilePhone', 'phones'],
    ['Сумма долга', 'debt'], ['СУМА БОРГУ, ГРН.', 'debt'], ['Заборгованість (грн)', 'debt'], ['До сплати', 'debt'], ['Задолженность', 'debt'], ['К оплате', 'debt'], ['amount due', 'debt'],
    ['Область', 'region'], ['регіон', 'region'], ['Мова', 'language'], ['Язык', 'language'], ['Адреса', 'address'], ['Адрес', 'address'], ['Срок оплаты', 'due_date'], ['Термін сплати', 'due_date'], ['Дата виникнення боргу', 'debt_since'],
    ['Дата рождения', 'birth_date'], ['Неповнолітній', 'minor'], ['Оплачено', 'paid'], ['Борг оскаржується', 'disputed'], ['Валюта', 'currency'], ['Часовий пояс', 'timezone'], ['Пріоритет', 'priority'],
  ])('"%s" is a name of %s', (heading, field) => {
    expect(fieldNamed(heading)?.field).toBe(field);
  });

  test.each(['Сумма', 'Номер', 'Дата', 'Тариф', 'Примітка', 'Дом', 'Квартира', 'Показания счётчика', '№ п/п', ''])('"%s" is a name of no field', (heading) => {
    expect(fieldNamed(heading)).toBeNull();
  });

  test('is compared without letter case, signs and ё', () => {
    expect(normalHeading('  "Лицевой   Счёт", №')).toBe('лицевой счет no');
    expect(normalHeading('П. І. Б.')).toBe('піб');
    expect(normalHeading('customerName')).toBe('customer name');
  });
});

describe('columns', () => {
  const rest = ['ПІБ', 'Телефон', 'Борг'];

  test('are told by the words of their headings, if the values agree', () => {
    const rows = [['77', 'Коваль Ганна', '0671234567', '120,50', '15.11.2026'], ['78', 'Бондар Олег', '0501112233', '7,00', '15.11.2026']];
    expect(fieldsOf(understood(['Код споживача', 'Прізвище споживача', 'Телефон (основний)', 'Борг на кінець періоду', 'Дата боргу'], [...rows, ['79', 'Ткач Юрій', '0931234567', '3,00', '']]))).toEqual(['account_id', 'name', 'phones', 'debt', 'extra']);
  });

  test.each([
    ['Номер', [['100200301'], ['100200302'], ['100200399']], 'account_id'],
    ['Номер', [['0671234567'], ['+380501112233'], ['(093) 123-45-67']], 'phones'],
    ['Контакт', [['0671234567'], ['0501112233']], 'phones'],
    ['Абонент', [['Коваль Ганна'], ['ТОВ "Роза"']], 'name'],
    ['Абонент', [['A-1001'], ['A-1002']], 'account_id'],
    ['Сума', [['120,50'], ['1 007,00']], 'debt'],
    ['Сума нарахована', [['120,50'], ['1 007,00']], 'extra'],
    ['Дата останньої оплати', [['15.11.2026']], 'extra'],
    ['Тип телефону', [['моб'], ['дом']], 'extra'],
    ['№', [['1'], ['2'], ['3']], 'extra'],
  ])('"%s" with such values (%j) is %s', (heading, values, field) => {
    const others = { account_id: ['о/р', '1'], name: ['ПІБ', 'x'], phones: ['Тел', '0671234567'], debt: ['Борг', '5'] };
    const further = Object.entries(others).filter(([other]) => other !== field).map(([, column]) => column);
    const columns = understood([heading, ...further.map(([name]) => name!)], values.map(([value]) => [value!, ...further.map(([, cell]) => cell!)]));
    expect(columns[0]).toMatchObject({ field, ...(field === 'extra' ? {} : { why: 'words' }) });
    if (field !== 'extra') expect(columns[0]!.sureness).toBeLessThan(0.8);
  });

  test('that may be one field are an error that names them and the way out', () => {
    expect(() => understood(['о/р', ...rest, 'До сплати'])).toThrow('list.csv: line 1: found "Борг" (column 4) and "До сплати" (column 5), which may each be debt; expected one column for it: say in a mapping file (--map) which it is, for example "debt: Борг"');
    expect(() => understood(['account_id', 'Account_ID', ...rest])).toThrow(/found the heading "account_id" twice \(columns 1 and 2\).*"account_id: 1"/);
  });

  test('give way to surer ones, and say so', () => {
    const columns = understood(['account_id', 'Лицевой счёт', ...rest, 'Сума'], [['1', '2', 'x', '0671234567', '5,00', '7,00']]);
    expect(fieldsOf(columns)).toEqual(['account_id', 'extra', 'name', 'phones', 'debt', 'extra']);
    expect(columns.map(({ remark }) => remark)).toEqual([null, expect.stringMatching(/may also be account_id, but "account_id"/), null, null, null, expect.stringMatching(/may also be debt, but "Борг"/)]);
  });

  test('whose values do not look like their heading are marked', () => {
    const [, , phones] = understood(['о/р', ...rest], [['1', 'x', '120,50', '0671234567'], ['2', 'y', '10,00', '0501112233']]).slice(0);
    expect(phones).toMatchObject({ field: 'phones', sureness: 0.5, remark: 'of the values looked at only 0 % look like a phone' });
  });
});

describe('a mapping file', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'obzvon-mapping-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));
  const mapping = async (yaml: string) => {
    const path = join(dir, 'map.yaml');
    await writeFile(path, yaml);
    return readMapping(path);
  };
  const headings = ['о/р', 'Назва', 'Тел 1', 'Тел 2', 'Борг', 'Заборгованість', 'Назва'];

  test('decides what headings leave open', async () => {
    const columns = understandColumns(headings, [], 'list.csv: line 1', await mapping('debt: заборгованість\nname: 2\nphones: [Тел 2]\nignore: [Борг, 7]\n'));
    expect(columns.map(({ field, why }) => `${field} ${why}`)).toEqual(['account_id synonym', 'name mapping_file', 'extra not_known', 'phones mapping_file', 'ignored mapping_file', 'debt mapping_file', 'ignored mapping_file']);
    expect(columns[2]!.remark).toBe('the mapping file names another column for phones');
  });

  test.each([
    ['debt: Борк\n', /map\.yaml:1: debt: found "Борк", which is no heading of list\.csv: line 1; did you mean "Борг"\?/],
    ['name: Назва\n', /map\.yaml:1: name: found "Назва", which is the heading of columns 2 and 7/],
    ['# a\ndebt: 9\n', /map\.yaml:2: debt: found column 9; expected a number from 1 to 7/],
    ['debt: 5\naccount_id: Борг\n', /column 5 \("Борг"\), which is already/],
  ])('that says %j is refused with its line', async (yaml, message) => {
    const read = await mapping(yaml);
    expect(() => understandColumns(headings, [], 'list.csv: line 1', read)).toThrow(message);
  });

  test.each([
    ['dept: 1\n', /map\.yaml:1: dept: unknown key "dept"; did you mean "debt"\?/],
    ['account_id: 1\ndebt: [1, 2]\n', /map\.yaml:2: debt: found a list of 2; expected string, or expected number/],
    ['headings: first\n', /map\.yaml:1: headings: found "first"; expected "none", or expected number/],
    ['a: [\n', /map\.yaml:\d+: not YAML/],
  ])('written %j is refused with its line', async (yaml, message) => {
    await expect(mapping(yaml)).rejects.toThrow(message);
  });
});
