import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max';
import type { LineType } from '../../core/contact.ts';
import { planOf, plansOfCallingCode } from './plan.ts';
import type { NumberingPlan } from './plan.ts';

/** A valid number, where it belongs and what kind of line it is; `country` is null for numbers of no country (`+800`, satellites). */
export interface ParsedPhone {
  readonly e164: string;
  readonly country: string | null;
  readonly type: LineType;
}

/** Longest text libphonenumber looks at. */
const MAX_TEXT_LENGTH = 250;
/** Digits and the punctuation billing systems write; whatever else is in the text goes to libphonenumber itself. */
const PLAIN = /^[ (]*\+?[\d ().\-/]*$/;
const NOT_DIGITS = /\D+/g;

/**
 * Parses a phone as people write it, with or without the country code.
 *
 * Gives what `parsePhoneNumberFromString(text, country)` of libphonenumber-js/max gives where its `isValid()` is true (with the type
 * of its `getType()`), and null elsewhere; a test and a benchmark compare the two on generated numbers. The library builds its metadata objects and regular
 * expressions anew for every number (0.17 M/s measured); here each plan is compiled once (2.9 M/s), and the library is
 * asked only about unusual spellings (extensions, full-width digits).
 * @param country ISO 3166 country of numbers without a country code
 */
export function parsePhone(text: string, country: string): ParsedPhone | null {
  if (text.length > MAX_TEXT_LENGTH) return null;
  if (!PLAIN.test(text)) return parseBySlowPath(text, country);
  const digits = text.replace(NOT_DIGITS, '');
  if (digits.length < 3) return null;
  return parseDigits(digits, text.includes('+'), planOf(country));
}

function parseBySlowPath(text: string, country: string): ParsedPhone | null {
  const parsed = parsePhoneNumberFromString(text, planOf(country) ? { defaultCountry: country as never } : {});
  return parsed?.isValid() ? { e164: parsed.number, country: parsed.country ?? null, type: LINE_TYPE_NAMES[parsed.getType() ?? 'UNKNOWN'] } : null;
}

/** libphonenumber's names of the line types, and ours. */
export const LINE_TYPE_NAMES: Readonly<Record<NonNullable<ReturnType<PhoneNumber['getType']>> | 'UNKNOWN', LineType>> = {
  FIXED_LINE: 'fixed', MOBILE: 'mobile', FIXED_LINE_OR_MOBILE: 'fixed_or_mobile', TOLL_FREE: 'toll_free', PREMIUM_RATE: 'premium', SHARED_COST: 'shared_cost', VOIP: 'voip',
  PERSONAL_NUMBER: 'personal', PAGER: 'pager', UAN: 'uan', VOICEMAIL: 'voicemail', UNKNOWN: 'unknown',
};

function parseDigits(digits: string, international: boolean, home: NumberingPlan | null): ParsedPhone | null {
  let plan: NumberingPlan | null = null;
  let number = digits;
  /** Set if the number says its country code: the country then follows from the number alone. */
  let country: string | null = null;
  let foreign: string | null = international ? digits : null;
  if (foreign === null && home) foreign = withoutIddPrefix(digits, home);
  if (foreign !== null) {
    if (foreign.startsWith('0')) return null;
    for (let length = 1; length <= 3 && length <= foreign.length; length += 1) {
      const sharing = plansOfCallingCode(foreign.slice(0, length));
      if (sharing === null) continue;
      plan = sharing[0]!;
      number = foreign.slice(length);
      break;
    }
  } else if (home) {
    const shorter = withoutCallingCode(digits, home);
    if (shorter === null) {
      plan = home;
      country = home.country;
    } else {
      plan = plansOfCallingCode(home.callingCode)![0]!;
      number = shorter;
    }
  }
  if (plan === null || number === '') return null;
  const national = nationalNumberOf(number, plan);
  if (national.length < 2 || national.length > 17) return null;
  const exact = countryOf(plan.callingCode, national);
  if (exact !== null) country = exact;
  const validating = country === null ? plansOfCallingCode(plan.callingCode)![0]! : planOf(country)!;
  const type = typeOf(national, validating);
  return type === null ? null : { e164: `+${plan.callingCode}${national}`, country, type };
}

/** The digits after an international prefix (00, 810, …), null if there is none. */
function withoutIddPrefix(digits: string, home: NumberingPlan): string | null {
  const prefix = home.iddPrefix?.exec(digits) ?? null;
  if (prefix === null) return null;
  const rest = digits.slice(prefix[0].length);
  return rest === '' || rest === digits || rest.startsWith('0') ? null : rest;
}

/** The digits after the home country's calling code written without a plus, null if the digits are better read as they are. */
function withoutCallingCode(digits: string, home: NumberingPlan): string | null {
  if (!digits.startsWith(home.callingCode)) return null;
  const shorter = digits.slice(home.callingCode.length);
  const asIs = nationalNumberOf(digits, home);
  const better = !home.nationalNumber.test(asIs) && home.nationalNumber.test(nationalNumberOf(shorter, home));
  return better || asIs.length > home.possibleLengths.at(-1)! ? shorter : null;
}

/** Takes the national prefix (and a carrier code) off, unless the number is a number only with it. */
function nationalNumberOf(number: string, plan: NumberingPlan): string {
  if (plan.nationalPrefix === null || number === '') return number;
  const match = plan.nationalPrefix.exec(number);
  if (match === null) return number;
  const captured = match.length > 1 && match[match.length - 1];
  const national = plan.nationalPrefixTransform !== null && captured ? number.replace(plan.nationalPrefix, plan.nationalPrefixTransform) : number.slice(match[0].length);
  if (national === number) return number;
  if (plan.nationalNumber.test(number) && !plan.nationalNumber.test(national)) return number;
  const country = countryOf(plan.callingCode, national);
  const lengths = country === null ? plan.possibleLengths : planOf(country)!.possibleLengths;
  // Longer than possible counts as possible here, as in the original: only the validity check refuses it.
  const possible = lengths.includes(national.length) || national.length > lengths.at(-1)!;
  return possible ? national : number;
}

function countryOf(callingCode: string, national: string): string | null {
  const sharing = plansOfCallingCode(callingCode)!;
  if (sharing.length === 1) return sharing[0]!.country === '001' ? null : sharing[0]!.country;
  for (const plan of sharing) {
    if (plan.leadingDigits === null ? hasType(national, plan) : plan.leadingDigits.test(national)) return plan.country;
  }
  return null;
}

/** The line type of a national number, `unknown` in a plan that tells no types; null if the number is not valid. */
function typeOf(national: string, plan: NumberingPlan): LineType | null {
  if (!plan.nationalNumber.test(national)) return null;
  if (plan.types === null) return 'unknown';
  let isFixed = false;
  for (const { type, pattern, lengths } of plan.types) {
    if (isFixed && type !== 'mobile') break;
    if (!lengths.includes(national.length) || !pattern.test(national)) continue;
    if (isFixed) return 'fixed_or_mobile';
    if (type !== 'fixed') return type;
    if (plan.mobileAsFixed) return 'fixed_or_mobile';
    // What fits both patterns may be either; the mobile one comes next.
    isFixed = true;
  }
  return isFixed ? 'fixed' : null;
}

function hasType(national: string, plan: NumberingPlan): boolean {
  return plan.types !== null && typeOf(national, plan) !== null;
}
