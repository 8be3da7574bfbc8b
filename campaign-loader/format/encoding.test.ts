import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENCODINGS, decoderOf, detectEncoding, encodingNamed } from './encoding.ts';
import type { Encoding } from './encoding.ts';
import { encoded } from '../fixtures/encoded.ts';
import { TextOfBytes } from './text-of-bytes.ts';

const UKRAINIAN = ['Особовий рахунок;ПІБ;Телефон;Борг\n', '1001;Шевченко Тарас Григорович;0671234567;1 234,56\n', '1002;Ґудзь Їжакевич Євгенія;0501112233;99,10\n', '1003;ІВАНЕНКО ОЛЕНА ПЕТРІВНА;;12\n', 'м. Київ, вул. Хрещатик, буд. 7, кв. 12\n'];
const RUSSIAN = ['Лицевой счёт;ФИО;Телефон;Сумма долга\n', '1001;Иванов Пётр Сергеевич;0671234567;1 234,56\n', '1002;СИДОРОВА АННА ВЛАДИМИРОВНА;;10\n', 'г. Харьков, ул. Сумская, д. 7, кв. 12\n', '1004;Щукин Эдуард Юрьевич;0501234567;7,00\n'];
const SINGLE: readonly Encoding[] = ['windows-1251', 'koi8-u', 'cp1125'];

describe('the encoding of a text', () => {
  test.each(UKRAINIAN.flatMap((line) => [...SINGLE, 'utf-8' as const, 'utf-16le' as const, 'utf-16be' as const].map((encoding) => [encoding, line] as const)))('%s is told by one Ukrainian line: %s', (encoding, line) => {
    const bytes = encoded(line, encoding);
    const found = detectEncoding(bytes).encoding;
    expect(decoderOf(found).end(bytes)).toBe(line);
  });

  test.each(RUSSIAN.flatMap((line) => [...SINGLE, 'cp866' as const, 'utf-8' as const, 'utf-16le' as const, 'utf-16be' as const].map((encoding) => [encoding, line] as const)))('%s is told by one Russian line: %s', (encoding, line) => {
    const bytes = encoded(line, encoding);
    const found = detectEncoding(bytes).encoding;
    expect(decoderOf(found).end(bytes)).toBe(line);
  });

  test('is told by any few rows of names, in either language, small or capital letters', () => {
    const names = ['Іваненко Марія Петрівна', 'Шевченко Олег', 'Коваль Наталія Іванівна', 'Сидоров Пётр Ильич', 'Бондар Ірина', 'Мельник Андрій', 'Кузнецова Светлана', 'Лисенко Юрій', 'Гаврилюк Христина', 'Щербань Зоя', 'вул. Незалежності', 'ул. Первомайская'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names), { minLength: 2, maxLength: 6 }), fc.constantFrom<Encoding>('windows-1251', 'koi8-u', 'cp1125', 'utf-8', 'utf-16le', 'utf-16be'), fc.boolean(), (rows, encoding, capitals) => {
        const text = `account_id;name\n${rows.map((name, index) => `${index};${capitals ? name.toUpperCase() : name}`).join('\n')}\n`;
        const bytes = encoded(text, encoding);
        expect(decoderOf(detectEncoding(bytes).encoding).end(bytes)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test('a damaged byte does not make another encoding of UTF-8', () => {
    const bytes = Buffer.concat([encoded(UKRAINIAN.join(''), 'utf-8'), Buffer.from([0xff]), encoded(UKRAINIAN.join(''), 'utf-8')]);
    expect(detectEncoding(bytes)).toEqual({ encoding: 'utf-8', sureness: 0.9 });
  });

  test.each([['CP1251', 'windows-1251'], ['utf8', 'utf-8'], ['KOI8-U', 'koi8-u'], ['dos', 'cp866'], ['latin1', null]])('%s names %s', (name, encoding) => {
    expect(encodingNamed(name)).toBe(encoding);
  });
});

describe('TextOfBytes', () => {
  test('gives the same text however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ENCODINGS.filter((encoding) => encoding !== 'koi8-r' && encoding !== 'cp866')), fc.array(fc.constantFrom(...UKRAINIAN), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (encoding, lines, cuts) => {
        const text = lines.join('');
        const bytes = encoded(text, encoding);
        const flow = new TextOfBytes(null);
        let read = '';
        for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
          const length = cuts[cut % cuts.length]!;
          read += flow.push(bytes.subarray(at, at + length));
          at += length;
        }
        expect(read + flow.end()).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  test('stays open while only ASCII comes, and decides on the first other byte', () => {
    const flow = new TextOfBytes(null);
    const ascii = 'account_id,name\n'.repeat(10_000);
    expect(flow.push(Buffer.from(ascii)).length).toBe(ascii.length);
    expect(flow.encoding).toBeNull();
    const rest = flow.push(encoded(UKRAINIAN.join(''), 'windows-1251')) + flow.end();
    expect(rest).toBe(UKRAINIAN.join(''));
    expect(flow.encoding).toBe('windows-1251');
  });
});
