import fc from 'fast-check';
import { expect, test } from 'vitest';
import { namePartsSchema } from '../../core/contact.ts';
import { partsOfColumns, properCase, readName } from './name-parts.ts';

test.each([
  ['Шевченко Тарас Григорович', { last: 'Шевченко', first: 'Тарас', patronymic: 'Григорович' }],
  ['Тарас Григорович Шевченко', { first: 'Тарас', patronymic: 'Григорович', last: 'Шевченко' }],
  ['ІВАНЕНКО МАРІЯ ПЕТРІВНА', { last: 'Іваненко', first: 'Марія', patronymic: 'Петрівна' }],
  ['Кузнецова Анна Ильинична', { last: 'Кузнецова', first: 'Анна', patronymic: 'Ильинична' }],
  ['Ленін Володимир Ілліч', { last: 'Ленін', first: 'Володимир', patronymic: 'Ілліч' }],
  ['Адам Янович Мицкевич', { first: 'Адам', patronymic: 'Янович', last: 'Мицкевич' }],
  ['Алиев Мамед Гасан оглы', { last: 'Алиев', first: 'Мамед', patronymic: 'Гасан оглы' }],
  ['Марія Іванівна', { first: 'Марія', patronymic: 'Іванівна' }],
  ['Софія Бондаренко', { first: 'Софія', last: 'Бондаренко' }],
  ['Бондаренко Софія', { first: 'Софія', last: 'Бондаренко' }],
  ['Petrenko Ivan', { first: 'Ivan', last: 'Petrenko' }],
  ['Шевченко Т.Г.', { last: 'Шевченко' }], ['Шевченко Т. Г.', { last: 'Шевченко' }], ['Т.Г. Шевченко', { last: 'Шевченко' }],
  ['Нечуй-Левицький Іван Семенович', { last: 'Нечуй-Левицький', first: 'Іван', patronymic: 'Семенович' }],
])('%s', (text, parts) => expect(readName(text).parts).toEqual(parts));

test.each([
  // Two ways to read it, an organisation, one word, too many.
  'Адам Мицкевич', 'Марія Софія', 'Петренко Бондаренко', 'ТОВ "Ромашка"', 'ФОП Шевченко Тарас Григорович', 'ОСББ Мрія', 'ООО Рога и Копыта', 'Магазин продукти', 'Шевченко', 'Аб Вг Де Жз Кл', 'Гімназія №5',
])('%s is left whole', (text) => expect(readName(text)).toEqual({ name: text, parts: null }));

test.each([
  ['ШЕВЧЕНКО ТАРАС', 'Шевченко Тарас'], ['шевченко тарас', 'Шевченко Тарас'], ['НЕЧУЙ-ЛЕВИЦЬКИЙ', 'Нечуй-Левицький'], ['ЛУК\'ЯНЕНКО Д’АРТА', 'Лук\'яненко Д’арта'], ['О\'КОННОР', 'О\'Коннор'], ['ШЕВЧЕНКО Т.Г.', 'Шевченко Т.Г.'],
  ['ШЕВЧЕНКО Тарас', 'Шевченко Тарас'], ['МакДональд Рон', 'МакДональд Рон'], ['АЛИЕВ МАМЕД ГАСАН ОГЛЫ', 'Алиев Мамед Гасан оглы'], ['Ян Ю', 'Ян Ю'],
])('%s is written %s', (text, proper) => expect(properCase(text)).toBe(proper));

test('columns of their own need no guessing', () => {
  expect(partsOfColumns({ first: 'АДАМ', last: 'МИЦКЕВИЧ', patronymic: '' })).toEqual({ first: 'Адам', last: 'Мицкевич' });
  expect(partsOfColumns({ first: 'Т.', last: 'Шевченко', patronymic: 'Г.' })).toEqual({ last: 'Шевченко' });
  expect(partsOfColumns({ first: '', last: '', patronymic: '' })).toBeNull();
});

/** Some small letters have another capital's small letter (ᲀ, В, в). */
const caseless = (text: string): string => text.toUpperCase().toLowerCase();

test('whatever the text, the parts are words of it that the contact’s schema takes', () => {
  const pieces = fc.array(fc.constantFrom('Шевченко', 'ТАРАС', 'григорович', 'Т.', 'Іванівна', 'оглы', '"', '№5', '-', "О'Коннор", 'ТОВ', 'Ivan'), { maxLength: 6 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.oneof(pieces, fc.string({ unit: 'grapheme', maxLength: 220 })), (text) => {
      const { name, parts } = readName(text);
      expect(caseless(name)).toBe(caseless(text));
      if (parts !== null) expect(namePartsSchema.safeParse(parts).success).toBe(true);
    }),
    { numRuns: 1500, examples: [['ᲀ一&'], ['ᲀ一']] },
  );
});
