import fc from 'fast-check';
import { getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, test } from 'vitest';
import { LINE_TYPE_NAMES, parsePhone, type ParsedPhone } from './e164.ts';
import { plannedCountries } from './plan.ts';

/** What the loader must agree with, to the letter. */
function reference(text: string, country: string): ParsedPhone | null {
  const parsed = parsePhoneNumberFromString(text, country as never);
  return parsed?.isValid() ? { e164: parsed.number, country: parsed.country ?? null, type: LINE_TYPE_NAMES[parsed.getType() ?? 'UNKNOWN'] } : null;
}

const COUNTRIES = ['UA', 'RU', 'KZ', 'PL', 'DE', 'US', 'CA', 'GB', 'GG', 'MD', 'BY', 'AR', 'BR', 'MX', 'IT', 'VA', 'FI', 'AU', 'SG', 'HU', 'LT', 'JP', 'IN', 'CN', 'GE', 'CI', 'VI', 'NO', 'SJ'];
const CALLING_CODES = ['380', '7', '48', '49', '1', '44', '373', '375', '54', '55', '52', '39', '358', '61', '65', '36', '370', '800', '870', '999'];
const digitText = (min: number, max: number) => fc.string({ unit: fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'), minLength: min, maxLength: max });

describe('parsePhone says what libphonenumber-js/max says', () => {
  test.each([
    ['UA', '+380 67 123-45-67'], ['UA', '067 123 45 67'], ['UA', '671234567'], ['UA', '380671234567'], ['UA', '80671234567'], ['UA', '(044) 123.45.67'],
    ['UA', '00380671234567'], ['UA', '0038 (067) 1234567'], ['UA', '+3800671234567'], ['RU', '8 (800) 555-35-35'], ['RU', '800 555 35 35'], ['RU', '89161234567'],
    ['KZ', '87011234567'], ['KZ', '+77011234567'], ['RU', '+7 701 123 45 67'], ['US', '1 (415) 555-2671'], ['US', '4155552671'], ['GB', '020 7946 0958'],
    ['DE', '030/12345678'], ['AR', '0 11 15 2345-6789'], ['UA', ''], ['UA', '12'], ['UA', '+'], ['UA', '067 123 45 67 ext. 5'], ['UA', '０６７１２３４５６７'], ['UA', '+38 067 1234567;8'],
    ['UA', '(+380) 671234567'], ['UA', '++380671234567'], ['UA', '067+1234567'], ['XX', '+380671234567'], ['XX', '0671234567'], ['UA', '--0671234567--'],
  ])('%s %s', (country, text) => {
    expect(parsePhone(text, country)).toEqual(reference(text, country));
  });

  test('on every country\'s example number, with digits changed, in many spellings', () => {
    let valid = 0;
    let compared = 0;
    for (const country of plannedCountries()) {
      const example = getExampleNumber(country as never, examples);
      if (!example) continue;
      const national = example.nationalNumber;
      for (let place = 0; place < national.length; place += 1) {
        for (const digit of ['0', '3', '8']) {
          const changed = national.slice(0, place) + digit + national.slice(place + 1);
          for (const text of [`+${example.countryCallingCode}${changed}`, `0${changed}`, changed, `${example.countryCallingCode}${changed}`]) {
            const expected = reference(text, country);
            if (JSON.stringify(parsePhone(text, country)) !== JSON.stringify(expected)) expect({ text, country, phone: parsePhone(text, country) }).toEqual({ text, country, phone: expected });
            compared += 1;
            if (expected) valid += 1;
          }
        }
      }
    }
    expect(compared).toBeGreaterThan(20_000);
    expect(valid).toBeGreaterThan(5_000);
    expect(compared - valid).toBeGreaterThan(5_000);
  });

  test('on random digits behind real codes and prefixes', () => {
    const written = fc.tuple(
      fc.constantFrom('', '+', '00', '0', '8', '810', '011', ' (', '++'),
      fc.constantFrom('', ...CALLING_CODES),
      fc.constantFrom('', ' ', '-', ' (0) ', '.'),
      digitText(0, 14),
      fc.constantFrom('', ' ', ')', '-', '/', '#', ' доб 5', 'x7'),
    ).map((parts) => parts.join(''));
    fc.assert(
      fc.property(written, fc.constantFrom(...COUNTRIES), (text, country) => {
        expect(parsePhone(text, country)).toEqual(reference(text, country));
      }),
      { numRuns: 20_000 },
    );
  });

  test('each line type has a number that shows it', () => {
    const shown = new Map([
      ['0671234567', 'mobile'], ['0441234567', 'fixed'], ['0800501234', 'toll_free'], ['0900201234', 'premium'], ['0891234567', 'voip'],
    ]);
    for (const [text, type] of shown) expect([text, parsePhone(text, 'UA')?.type]).toEqual([text, type]);
    expect(parsePhone('+14155552671', 'UA')?.type).toBe('fixed_or_mobile');
    expect(parsePhone('+48801123456', 'UA')?.type).toBe('shared_cost');
  });

  test('on any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(parsePhone(text, 'UA')).toEqual(reference(text, 'UA'));
      }),
      { numRuns: 2_000 },
    );
  });
});
