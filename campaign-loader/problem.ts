/** Everything that can be wrong with a row. Stable: they stand in refused files, in the Load record and in reports. */
export const PROBLEM_CODES = [
  'broken_quotes', 'row_too_long', 'not_json', 'number_of_cells',
  'formula_without_value', 'formula_error',
  'missing', 'too_long', 'control_characters', 'nul', 'broken_utf8', 'text_cleaned',
  'scientific_notation', 'amount_in_phone_column', 'two_numbers_glued', 'too_short', 'letters', 'not_in_plan', 'too_many_phones',
  'scientific_restored', 'decimals_dropped', 'leading_zero_restored', 'letter_for_digit', 'account_in_phone_column', 'extension', 'line_type_skipped', 'short_number',
  'shared_by_too_many', 'duplicate_phone', 'on_do_not_call_list', 'called_recently',
  'not_a_number', 'negative', 'zero', 'over_limit', 'under_limit', 'ambiguous_amount', 'decimal_mark_taken', 'spreadsheet_error',
  'other_currency', 'not_a_date', 'not_a_flag', 'unknown_language', 'unknown_timezone', 'unknown_currency', 'not_a_priority', 'not_text', 'duplicate_account', 'unknown_status', 'told_otherwise',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** One thing wrong with one row. `found` is raw text of the list: it goes to the refused file, never to a log. */
export interface Problem {
  readonly field: string;
  readonly code: ProblemCode;
  readonly found: string;
  readonly expected: string;
}

/** A value read, or why not; `problem` knows no field yet. */
export type Checked<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'bad'; readonly code: ProblemCode; readonly expected: string };

const FOUND_LENGTH = 60;

/** The text as an operator can read it in one cell: control characters as `\n`, `\x00`; at most 60 characters. */
export function printable(text: string): string {
  const shown = text
    .slice(0, FOUND_LENGTH + 1)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
      const code = character.codePointAt(0)!;
      if (code === 0x0a) return '\\n';
      if (code === 0x0d) return '\\r';
      if (code === 0x09) return '\\t';
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
    });
  return shown.length > FOUND_LENGTH || text.length > FOUND_LENGTH ? `${shown.slice(0, FOUND_LENGTH - 1).replace(/[\ud800-\udbff]$/, '')}…` : shown;
}

/** The shape of a text without what it says, for reports and logs: letters become x, digits 9. */
export function masked(text: string): string {
  return printable(text).replace(/\p{L}/gu, 'x').replace(/\p{Nd}/gu, '9');
}
