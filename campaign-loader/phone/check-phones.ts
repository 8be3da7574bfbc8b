import type { LineType } from '../../core/contact.ts';
import type { Problem, ProblemCode } from '../problem.ts';
import { parsePhone } from './e164.ts';
import type { ParsedPhone } from './e164.ts';
import { planOf } from './plan.ts';

/** Phones a contact may have. */
export const MAX_PHONES = 10;

/** What the phone cells of one row gave: distinct good phones in the order written, what was mended in them, and what was wrong with the others. */
export interface CheckedPhones {
  readonly phones: ParsedPhone[];
  readonly remarks: Problem[];
  readonly problems: Problem[];
}

export interface PhoneRules {
  /** ISO 3166 country of numbers without a country code. */
  readonly country: string;
  /** Lines that are never called. */
  readonly skip: readonly LineType[];
  /** The row's account id: it slides into the phone column now and then. */
  readonly accountId?: string;
}

/** A phone read, perhaps mended (`mended` says how), or the damage it shows. */
export type ReadPhone =
  | { readonly kind: 'ok'; readonly value: ParsedPhone; readonly mended: { readonly code: ProblemCode; readonly expected: string } | null }
  | { readonly kind: 'bad'; readonly code: ProblemCode; readonly expected: string };

const SCIENTIFIC = /^\+?(\d)(?:[.,](\d+))?[eEеЕ]\+?(\d{1,2})$/;
const AMOUNT = /^[-+]?\d{1,3}(?:[ \u00a0\u2009\u202f']?\d{3})*[.,]\d{1,2}(?:\s*\p{L}+\.?|\s*\p{Sc})?$/u;
/** A number that a spreadsheet took for a fraction: `380671234567.0`. */
const WHOLE_FRACTION = /^(\+?\d{9,15})[.,]0{1,2}$/;
/** A number with an inner line behind it: `067 123-45-67 дод. 12`, `0441234567#12`. */
const EXTENSION = /^[\d +()\-/.\u00a0]{7,}?[\s,;]*(?:#|\*|x|ext|extension|вн|внутр|доб|дод|тон)[\p{L}.]*[\s:№]*\d{1,6}$/iu;
/** Digits among which letters stand that look like some: Latin and Cyrillic O for 0; l, I and Ukrainian І for 1; Cyrillic З for 3. */
const LIKE_DIGITS = /^[\d +()\-/.\u00a0oOоОlIіІзЗ]+$/u;
const LOOKALIKES: Readonly<Record<string, string>> = { o: '0', O: '0', 'о': '0', 'О': '0', l: '1', I: '1', 'і': '1', 'І': '1', 'з': '3', 'З': '3' };
/** Digits and punctuation without a mark that could be a decimal point: nothing that calls for a closer look if it parses. */
const PLAIN = /^[\d +()\-/\u00a0]+$/;
const SEPARATORS = /[;|\n]+/;
const UNSEEN_INSIDE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\ufffd]/u;

/**
 * Reads a row's phone cells. A cell may hold several numbers parted by `;`, `|`, `,` or `/` (or a line break each); a slash
 * within one number (030/1234567) is not a separator. Damage that spreadsheets and exports do is named before
 * the number is looked up in the country's plan, and mended where the plan leaves one reading only.
 */
export function checkPhones(cells: readonly (readonly [field: string, text: string])[], rules: PhoneRules): CheckedPhones {
  const phones: ParsedPhone[] = [];
  const remarks: Problem[] = [];
  const problems: Problem[] = [];
  // Most rows have one phone: a set for each row would cost more than looking.
  const seen: string[] = [];
  const take = (field: string, found: string, phone: ParsedPhone, mended: { code: ProblemCode; expected: string } | null): void => {
    const { e164, type } = phone;
    if (seen.includes(e164)) return;
    seen.push(e164);
    if (rules.skip.includes(type)) problems.push({ field, code: 'line_type_skipped', found, expected: `a number that may be called; this is a ${type.replaceAll('_', ' ')} line (list.skipLineTypes)` });
    else if (phones.length >= MAX_PHONES) problems.push({ field, code: 'too_many_phones', found, expected: `at most ${MAX_PHONES} phones` });
    else {
      phones.push(phone);
      if (mended !== null) remarks.push({ field, found, ...mended });
    }
  };
  for (const [field, cell] of cells) {
    const text = cell.trim();
    if (text === '') continue;
    const plain = PLAIN.test(text) ? parseE164(text, rules.country) : null;
    if (plain !== null) {
      take(field, text, plain, lostZero(text, plain, rules.country));
      continue;
    }
    for (const [piece, phone] of split(text, rules.country)) {
      if (phone.kind === 'bad') {
        const { code, expected } = slidAccount(piece, rules.accountId) ?? phone;
        problems.push({ field, code, found: piece, expected });
        continue;
      }
      take(field, piece, phone.value, phone.mended);
    }
  }
  return { phones, remarks, problems };
}

function slidAccount(piece: string, accountId: string | undefined): { code: ProblemCode; expected: string } | null {
  if (accountId === undefined || accountId.length < 3 || piece.trim() !== accountId.trim()) return null;
  return { code: 'account_in_phone_column', expected: 'a phone; this is the row\'s account id' };
}

function split(text: string, country: string): [string, ReadPhone][] {
  const whole = PLAIN.test(text) || EXTENSION.test(text) ? onePhone(text, country) : null;
  if (whole !== null && (whole.kind === 'ok' || !text.includes('/'))) return [[text, whole]];
  const read: [string, ReadPhone][] = [];
  const pieces = text
    .split(SEPARATORS)
    // A comma that is a decimal mark, or stands before an extension, parts nothing.
    .flatMap((part) => (SCIENTIFIC.test(part.trim()) || AMOUNT.test(part.trim()) || WHOLE_FRACTION.test(part.trim()) || EXTENSION.test(part.trim()) ? [part] : part.split(',')))
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
  for (const piece of pieces.length > 0 ? pieces : [text]) {
    const phone = onePhone(piece, country);
    if (phone.kind === 'ok' || !piece.includes('/')) read.push([piece, phone]);
    else for (const half of piece.split('/')) if (half.trim() !== '') read.push([half.trim(), onePhone(half.trim(), country)]);
  }
  return read;
}

/** One written number: E.164, or the damage it shows. */
export function onePhone(text: string, country: string): ReadPhone {
  if (PLAIN.test(text)) {
    const parsed = parseE164(text, country);
    if (parsed !== null) return { kind: 'ok', value: parsed, mended: lostZero(text, parsed, country) };
  }
  if (text.length > 100) return bad('too_long', 'one phone');
  if (text.includes('\0')) return bad('nul', 'a phone without NUL bytes');
  if (text.includes('\ufffd')) return bad('broken_utf8', 'text in UTF-8');
  if (UNSEEN_INSIDE.test(text)) return bad('control_characters', 'a phone without line breaks and unseen characters');
  const scientific = SCIENTIFIC.exec(text);
  if (scientific !== null) return fromScientific(scientific, country);
  const fraction = WHOLE_FRACTION.exec(text);
  const unfractioned = fraction === null ? null : parseE164(fraction[1]!, country);
  if (unfractioned !== null) return { kind: 'ok', value: unfractioned, mended: { code: 'decimals_dropped', expected: 'a phone without decimals (a spreadsheet took it for an amount: format the column as text)' } };
  if (AMOUNT.test(text)) return bad('amount_in_phone_column', 'a phone; this looks like an amount');
  // Extensions must not be cut off in silence: libphonenumber would take `0671234567#12` for the number before it.
  if (EXTENSION.test(text)) return bad('extension', 'a number that can be dialled whole; an extension cannot');
  if (/\p{L}/u.test(text) && LIKE_DIGITS.test(text)) {
    const meant = parseE164(text.replace(/\p{L}/gu, (letter) => LOOKALIKES[letter]!), country);
    if (meant !== null && (text.match(/\d/g)?.length ?? 0) >= 6) return { kind: 'ok', value: meant, mended: { code: 'letter_for_digit', expected: 'digits only: a letter stood for one that looks like it' } };
  }
  if (/[\p{L}#*~,;]/u.test(text)) return bad('letters', 'digits only, no letters');
  const parsed = parseE164(text, country);
  return parsed !== null ? { kind: 'ok', value: parsed, mended: lostZero(text, parsed, country) } : whyNot(text, country);
}

/** `3.80671234567E+11` still has all its digits; of `3.80671E+11` six are gone for good. */
function fromScientific([, first = '', rest = '', exponent = '']: RegExpExecArray, country: string): ReadPhone {
  const digits = first + rest;
  const wanted = Number(exponent) + 1;
  if (digits.length >= wanted && /^0*$/.test(digits.slice(wanted))) {
    const parsed = parseE164(digits.slice(0, wanted), country);
    if (parsed !== null) return { kind: 'ok', value: parsed, mended: { code: 'scientific_restored', expected: 'a phone written out (a spreadsheet shortened it, but kept all digits: format the column as text)' } };
  }
  return bad('scientific_notation', `all ${wanted} digits of the phone: a spreadsheet kept ${Math.min(digits.length, wanted)}, the others cannot be recovered from this list (format the column as text and export again)`);
}

/** A number without the zero that its country writes before it; a number cell in a spreadsheet loses it. */
function lostZero(text: string, { e164 }: ParsedPhone, country: string): { code: ProblemCode; expected: string } | null {
  const plan = planOf(country);
  if (plan?.trunkPrefix !== '0' || text.startsWith('0') || text.startsWith('+') || text.startsWith('(')) return null;
  const national = e164.slice(1 + plan.callingCode.length);
  return e164.startsWith(`+${plan.callingCode}`) && text.replace(/\D/g, '') === national ? { code: 'leading_zero_restored', expected: `the number with its zero, 0${'x'.repeat(national.length)} (a spreadsheet drops it: format the column as text)` } : null;
}

/** A few plans have numbers shorter or longer than E.164 lets be dialled from abroad. */
const E164_LENGTH = { least: 8, most: 16 };

function parseE164(text: string, country: string): ParsedPhone | null {
  const parsed = parsePhone(text, country);
  return parsed !== null && parsed.e164.length >= E164_LENGTH.least && parsed.e164.length <= E164_LENGTH.most ? parsed : null;
}

function whyNot(text: string, country: string): ReadPhone {
  const digits = text.replace(/\D/g, '');
  const plan = planOf(country);
  const lengths = plan?.possibleLengths ?? [7, 15];
  const shortest = lengths[0]!;
  const longest = lengths.at(-1)! + (plan?.callingCode.length ?? 0) + 1;
  if (digits.length === 0) return bad('missing', 'a phone');
  if (/^[1-9]\d{2,4}$/.test(digits)) return bad('short_number', 'a subscriber\'s number; short numbers are services');
  if (digits.length < shortest) return bad('too_short', `a phone of at least ${shortest} digits`);
  if (digits.length > longest) {
    for (let at = 7; at <= digits.length - 7; at += 1) {
      if (isPhone(digits.slice(0, at), text, country) && isPhone(digits.slice(at), text, country)) return bad('two_numbers_glued', 'one phone, or several parted by ; or |');
    }
    return bad('too_long', 'one phone; this has too many digits');
  }
  return bad('not_in_plan', `a phone that exists in the numbering plan${plan ? ` of ${country}` : ''}`);
}

function isPhone(digits: string, text: string, country: string): boolean {
  return parsePhone(digits, country) !== null || (text.startsWith('+') && parsePhone(`+${digits}`, country) !== null);
}

function bad(code: ProblemCode, expected: string): ReadPhone {
  return { kind: 'bad', code, expected };
}
