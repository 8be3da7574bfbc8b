import { getExampleNumber, type CountryCode } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { hashFraction } from '../core/ids.ts';

/** A phone as a list writes it, and the country of numbers without a code. */
export interface WrittenPhone {
  readonly text: string;
  readonly country: string;
}

const COUNTRIES = ['UA', 'RU', 'KZ', 'PL', 'DE', 'US', 'GB', 'FR', 'IT', 'RO', 'MD', 'GE'] as const;
/** National beginnings of fixed, freephone, premium and other lines; the example number gives the mobile's. */
const BEGINNINGS: Readonly<Record<(typeof COUNTRIES)[number], readonly string[]>> = {
  UA: ['44', '32', '48', '57', '50', '67', '93', '800', '900', '89'], RU: ['495', '812', '383', '916', '926', '800', '809', '903'], KZ: ['727', '7172', '701', '705', '800', '747'],
  PL: ['22', '12', '61', '501', '600', '800', '70', '801'], DE: ['30', '89', '40', '151', '160', '170', '800', '900', '180', '700'], US: ['212', '415', '312', '800', '900', '500', '907'],
  GB: ['20', '121', '161', '7400', '7700', '800', '845', '909', '56', '70', '76'], FR: ['1', '2', '4', '6', '7', '800', '89', '81', '9'], IT: ['06', '02', '011', '320', '347', '800', '899', '84', '178'],
  RO: ['21', '31', '264', '721', '744', '800', '900'], MD: ['22', '231', '60', '69', '78', '800', '900', '3'], GE: ['32', '431', '555', '577', '599', '800', '70'],
};

/**
 * Numbers that look like a list's: two thirds with the mobile prefix of the country's example number, the others with fixed, special and foreign beginnings; nine in ten of the
 * right length; written with and without code, prefix, spaces, brackets. The same on every run.
 */
export function writtenPhones(count: number): WrittenPhone[] {
  const mobiles = new Map(COUNTRIES.map((country) => [country, getExampleNumber(country as CountryCode, examples)!] as const));
  return Array.from({ length: count }, (_, index) => {
    const chance = (what: string): number => hashFraction('phones', what, String(index));
    const country = COUNTRIES[index % COUNTRIES.length]!;
    const mobile = mobiles.get(country)!;
    const example: string = mobile.nationalNumber;
    const beginnings = BEGINNINGS[country];
    const beginning = chance('kind') < 2 / 3 ? example.slice(0, 3) : beginnings[Math.floor(chance('beginning') * beginnings.length)]!;
    const off = chance('length');
    const length = example.length + (off < 0.05 ? -1 : off < 0.1 ? 1 : 0);
    const national = (beginning + String(Math.floor(chance('digits') * 1e12)).padStart(12, '0')).slice(0, length);
    return { country, text: spelled(national, mobile.countryCallingCode, country, Math.floor(chance('spelling') * 8)) };
  });
}

function spelled(national: string, code: string, country: string, spelling: number): string {
  const trunk = country === 'RU' || country === 'KZ' ? '8' : ['UA', 'DE', 'GB', 'FR', 'RO', 'MD', 'GE'].includes(country) ? '0' : '';
  const rest = `${national.slice(3, 6)}-${national.slice(6, 8)}-${national.slice(8)}`;
  switch (spelling) {
    case 0:
    case 1:
      return `+${code}${national}`;
    case 2:
      return `${code}${national}`;
    case 3:
      return `${trunk}${national}`;
    case 4:
      return `(${trunk}${national.slice(0, 3)}) ${rest}`;
    case 5:
      return `+${code} (${national.slice(0, 3)}) ${rest}`;
    case 6:
      return `00${code} ${national}`;
    default:
      return national;
  }
}
