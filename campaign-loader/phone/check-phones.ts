import type { Checked, Problem, ProblemCode } from '../problem.ts';
import { parsePhone } from './e164.ts';
import type { ParsedPhone } from './e164.ts';
import { planOf } from './plan.ts';

/** Phones a contact may have. */
export const MAX_PHONES = 10;

/** What the phone cells of one row gave: distinct good phones in the order written, and what was wrong with the others. */
export interface CheckedPhones {
  readonly phones: ParsedPhone[];
  readonly problems: Problem[];
}

const SCIENTIFIC = /^\+?\d(?:[.,]\d+)?[eEеЕ][+]?\d{1,2}$/;
const AMOUNT = /^[-+]?\d{1,3}(?:[ \u00a0']?\d{3})*[.,]\d{1,2}(?:\s*\p{L}+\.?|\s*\p{Sc})?$/u;
/** Digits and punctuation without a mark that could be a decimal point: nothing that calls for a closer look if it parses. */
const PLAIN = /^[\d +()\-/\u00a0]+$/;
const SEPARATORS = /[;|\n]+/;
const UNSEEN_INSIDE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\ufffd]/u;

/**
 * Reads a row's phone cells. A cell may hold several numbers parted by `;`, `|`, `,` or `/` (or a line break each); a slash
 * within one number (030/1234567) is not a separator. Damage that spreadsheets and exports do is named before
 * the number is looked up in the country's plan.
 * @param country ISO 3166 country of numbers without a country code
 */
export function checkPhones(cells: readonly (readonly [field: string, text: string])[], country: string): CheckedPhones {
  const phones: ParsedPhone[] = [];
  const problems: Problem[] = [];
  // Most rows have one phone: a set for each row would cost more than looking.
  const seen: string[] = [];
  for (const [field, cell] of cells) {
    const text = cell.trim();
    if (text === '') continue;
    const plain = PLAIN.test(text) ? parseE164(text, country) : null;
    if (plain !== null && phones.length === 0) {
      phones.push(plain);
      seen.push(plain.e164);
      continue;
    }
    for (const [piece, phone] of split(text, country)) {
      if (phone.kind === 'bad') problems.push({ field, code: phone.code, found: piece, expected: phone.expected });
      else if (!seen.includes(phone.value.e164)) {
        if (phones.length < MAX_PHONES) phones.push(phone.value);
        else problems.push({ field, code: 'too_many_phones', found: piece, expected: `at most ${MAX_PHONES} phones` });
        seen.push(phone.value.e164);
      }
    }
  }
  return { phones, problems };
}

function split(text: string, country: string): [string, Checked<ParsedPhone>][] {
  const read: [string, Checked<ParsedPhone>][] = [];
  const pieces = text
    .split(SEPARATORS)
    // A comma that is a decimal mark parts nothing.
    .flatMap((part) => (SCIENTIFIC.test(part.trim()) || AMOUNT.test(part.trim()) ? [part] : part.split(',')))
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
export function onePhone(text: string, country: string): Checked<ParsedPhone> {
  if (PLAIN.test(text)) {
    const parsed = parseE164(text, country);
    if (parsed !== null) return { kind: 'ok', value: parsed };
  }
  if (text.length > 100) return bad('too_long', 'one phone');
  if (text.includes('\0')) return bad('nul', 'a phone without NUL bytes');
  if (text.includes('\ufffd')) return bad('broken_utf8', 'text in UTF-8');
  if (UNSEEN_INSIDE.test(text)) return bad('control_characters', 'a phone without line breaks and unseen characters');
  if (SCIENTIFIC.test(text)) return bad('scientific_notation', 'all digits of the phone (a spreadsheet shortened it: format the column as text)');
  if (AMOUNT.test(text)) return bad('amount_in_phone_column', 'a phone; this looks like an amount');
  // Extensions must not be cut off in silence: libphonenumber would take `0671234567#12` for the number before it.
  if (/[\p{L}#*~,;]/u.test(text)) return bad('letters', 'digits only, no letters (an extension cannot be dialled)');
  const parsed = parseE164(text, country);
  return parsed !== null ? { kind: 'ok', value: parsed } : whyNot(text, country);
}

/** A few plans have numbers shorter or longer than E.164 lets be dialled from abroad. */
const E164_LENGTH = { least: 8, most: 16 };

function parseE164(text: string, country: string): ParsedPhone | null {
  const parsed = parsePhone(text, country);
  return parsed !== null && parsed.e164.length >= E164_LENGTH.least && parsed.e164.length <= E164_LENGTH.most ? parsed : null;
}

function whyNot(text: string, country: string): Checked<ParsedPhone> {
  const digits = text.replace(/\D/g, '');
  const plan = planOf(country);
  const lengths = plan?.possibleLengths ?? [7, 15];
  const shortest = lengths[0]!;
  const longest = lengths.at(-1)! + (plan?.callingCode.length ?? 0) + 1;
  if (digits.length === 0) return bad('missing', 'a phone');
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

function bad(code: ProblemCode, expected: string): Checked<ParsedPhone> {
  return { kind: 'bad', code, expected };
}
