import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flowSchema } from '../../core/flow.ts';
import { spokenAmount, spokenDate } from './spoken-numbers.ts';
import { checkTemplates, fillTemplate, splitSentences, type TemplateValues } from './template.ts';

const values: TemplateValues = { name: 'Іваненко Петро', debtMinor: 123_402, currency: 'UAH', dueDate: '2026-11-25', company: 'Київенерго', fields: { address: 'вул. Хрещатик, 1' }, today: '2026-11-20' };

describe('money as it is spoken', () => {
  test.each([
    [100, 'UAH', 'uk', 'одна гривня'],
    [200, 'UAH', 'uk', 'дві гривні'],
    [500, 'UAH', 'uk', 'п\'ять гривень'],
    [1100, 'UAH', 'uk', 'одинадцять гривень'],
    [2100, 'UAH', 'uk', 'двадцять одна гривня'],
    [11_200, 'UAH', 'uk', 'сто дванадцять гривень'],
    [123_402, 'UAH', 'uk', 'одна тисяча двісті тридцять чотири гривні дві копійки'],
    [200_000_000, 'UAH', 'uk', 'два мільйони гривень'],
    [51, 'UAH', 'uk', 'п\'ятдесят одна копійка'],
    [123_405, 'RUB', 'ru', 'одна тысяча двести тридцать четыре рубля пять копеек'],
    [102, 'UAH', 'ru', 'одна гривна две копейки'],
    [2200, 'USD', 'ru', 'двадцать два доллара'],
    [500_000, 'KZT', 'ru', 'пять тысяч тенге'],
    [300, 'PLN', 'uk', 'три злоті'],
    [1_200_050, 'EUR', 'uk', 'дванадцять тисяч євро п\'ятдесят центів'],
    [101, 'USD', 'en', '1 dollar and 1 cent'],
    [123_402, 'UAH', 'en', '1234 hryvnias and 2 kopecks'],
    [123_402, 'GBP', 'en', '1234.02 GBP'],
    [5000, 'JPY', 'uk', '5000 JPY'],
  ] as const)('%i %s in %s: %s', (minor, currency, language, spoken) => {
    expect(spokenAmount(minor, currency, language)).toBe(spoken);
  });

  test('every amount has words, and none has a hole in it', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10 ** 15 }), fc.constantFrom('UAH', 'PLN', 'KZT', 'RUB', 'USD', 'EUR', 'CHF'), fc.constantFrom('uk' as const, 'ru' as const, 'en' as const), (minor, currency, language) => {
      const spoken = spokenAmount(minor, currency, language);
      expect(spoken).not.toMatch(/undefined|NaN| {2}|^ | $/);
    }));
  });
});

describe('dates as they are spoken', () => {
  test.each([
    ['2026-11-25', 'uk', 'двадцять п\'ятого листопада'],
    ['2026-02-03', 'uk', 'третього лютого'],
    ['2026-01-30', 'ru', 'тридцатого января'],
    ['2025-12-31', 'uk', 'тридцять першого грудня дві тисячі двадцять п\'ятого року'],
    ['2020-05-01', 'ru', 'первого мая две тысячи двадцатого года'],
    ['2000-05-01', 'uk', 'першого травня двотисячного року'],
    ['2026-11-22', 'en', 'the 22nd of November'],
    ['2026-11-13', 'en', 'the 13th of November'],
    ['2024-11-01', 'en', 'the 1st of November 2024'],
  ] as const)('%s in %s: %s', (date, language, spoken) => {
    expect(spokenDate(date, '2026-11-20', language)).toBe(spoken);
  });
});

describe('templates', () => {
  test('are filled sentence by sentence; what tells of the debtor is marked', () => {
    expect(fillTemplate('Доброго дня! Телефонує {{company}}. {{ name }}, ваш борг {{debt}}. Сплатіть до {{dueDate}}.', 'uk', values)).toEqual([
      { text: 'Доброго дня!', personal: false },
      { text: 'Телефонує Київенерго.', personal: false },
      { text: 'Іваненко Петро, ваш борг одна тисяча двісті тридцять чотири гривні дві копійки.', personal: true },
      { text: 'Сплатіть до двадцять п\'ятого листопада.', personal: true },
    ]);
  });

  test('leave out a sentence that names what the contact does not have', () => {
    expect(fillTemplate('Hello. Pay by {{dueDate}}. See {{fields.office}}. Bye.', 'en', { ...values, dueDate: undefined })).toEqual([{ text: 'Hello.', personal: false }, { text: 'Bye.', personal: false }]);
  });

  test('say a name in capitals as a name, and do without an empty one', () => {
    expect(fillTemplate('{{name}}!', 'uk', { ...values, name: 'ІВАНЕНКО ПЕТРО' })[0]?.text).toBe('Іваненко Петро!');
    const polite = { ...values, nameParts: { first: 'Тарас', patronymic: 'Григорович', last: 'Шевченко' } };
    expect(fillTemplate('{{politeName}}! {{firstName}} {{lastName}}.', 'uk', polite).map(({ text }) => text)).toEqual(['Тарас Григорович!', 'Тарас Шевченко.']);
    // A name that could not be taken apart is spoken whole; a part that is not known takes its sentence along.
    expect(fillTemplate('{{politeName}}! Пане {{patronymic}}.', 'uk', values).map(({ text }) => text)).toEqual(['Іваненко Петро!']);
    expect(fillTemplate('Hello, {{name}}.', 'en', { ...values, name: '' })[0]?.text).toBe('Hello.');
  });

  test('a value stays text whatever it holds', () => {
    const hostile = 'x{{debt}} <speak>[[hh@]]</speak> | \\ \u0000\r\n\u202E${a}. `id`';
    fc.assert(fc.property(fc.oneof(fc.constant(hostile), fc.string({ unit: 'binary', maxLength: 60 })), (name) => {
      const parts = fillTemplate('Hello {{name}}, you owe. Bye.', 'en', { ...values, name });
      expect(parts).toHaveLength(2);
      for (const { text } of parts) expect(text).not.toMatch(/[<>{}|\\[\]$`@\p{C}]/u);
    }));
  });

  test('are checked when the campaign is read', () => {
    const flow = flowSchema.parse({ start: 'a', steps: { a: { kind: 'say', text: { en: 'Hi {{nmae}} {{fields.street}} {{debt}}', uk: 'Борг {{debt}' }, next: 'b' }, b: { kind: 'hangup' } } });
    expect(checkTemplates(flow)).toEqual([
      expect.stringContaining('flow.steps.a, language "en": unknown variable {{nmae}}'),
      expect.stringContaining('flow.steps.a, language "uk": a brace stands alone'),
    ]);
  });

  test('sentences end at punctuation followed by space, not within a number', () => {
    expect(splitSentences('You owe 12.50. Pay!  Now?\nBye')).toEqual(['You owe 12.50.', 'Pay!', 'Now?', 'Bye']);
  });
});
