import type { Checked } from './problem.ts';

/** Anything `cleanText` may have to look at; almost no cell matches, so one test suffices for almost all. */
// eslint-disable-next-line no-control-regex -- finding control characters is what it is for
const SUSPICIOUS = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff{}[\]|<>`$\\^]/;
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/u;
const UNSEEN_ALL = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;
/**
 * Characters with a meaning to something further on: braces (templates), brackets and `<` `>` (phonemes and markup of the
 * speech engine), pipe, backslash, `^`, `$` and backtick (the switch's dial strings and shells).
 */
const MEANINGFUL = /[{}[\]|<>`$\\^]+/g;

/** What cleaning made of a text: `cleaned` if anything but outer space was changed. */
export interface CleanText {
  readonly text: string;
  readonly cleaned: boolean;
}

/**
 * Text from a list for names and further fields. NUL and broken characters mean that the file is damaged: refused. Line
 * breaks, other unseen characters, and characters that mean something to a template, the switch or the speech engine become
 * one space: the text stays readable and can never be taken for a command. Quotes stay (company names have them).
 */
export function cleanText(raw: string): Checked<CleanText> {
  if (!SUSPICIOUS.test(raw)) return { kind: 'ok', value: { text: raw.trim(), cleaned: false } };
  const damage = damageOf(raw);
  if (damage !== null) return damage;
  const text = raw.replace(UNSEEN_ALL, ' ').replace(MEANINGFUL, ' ').replace(/ {2,}/g, ' ').trim();
  return { kind: 'ok', value: { text, cleaned: text !== raw.trim() } };
}

/** An identifier or a code: as it is, or refused; never changed. */
export function plainText(raw: string): Checked<string> {
  if (!SUSPICIOUS.test(raw)) return { kind: 'ok', value: raw.trim() };
  const damage = damageOf(raw);
  if (damage !== null) return damage;
  if (UNSEEN.test(raw)) return { kind: 'bad', code: 'control_characters', expected: 'text without line breaks, tabs and unseen characters' };
  return { kind: 'ok', value: raw.trim() };
}

function damageOf(raw: string): { kind: 'bad'; code: 'nul' | 'broken_utf8'; expected: string } | null {
  if (raw.includes('\0')) return { kind: 'bad', code: 'nul', expected: 'text without NUL bytes' };
  if (raw.includes('\ufffd') || /\p{Cs}/u.test(raw)) return { kind: 'bad', code: 'broken_utf8', expected: 'text in UTF-8' };
  return null;
}
