import type { RawRow } from './csv-rows.ts';
import type { Problem } from './problem.ts';

/** One row of a list with its cells put in their places; an absent column is an empty text. */
export interface ListRow {
  readonly line: number;
  readonly accountId: string;
  readonly name: string;
  /** Phone cells with the heading each stood under. */
  readonly phones: readonly (readonly [field: string, text: string])[];
  readonly debt: string;
  readonly currency: string;
  readonly dueDate: string;
  readonly language: string;
  readonly timezone: string;
  readonly priority: string;
  readonly region: string;
  readonly address: string;
  /** Since when the debt stands. */
  readonly debtSince: string;
  /** Yes or no: billing and the debtor disagree. */
  readonly disputed: string;
  /** Yes or no: a minor of law. */
  readonly minor: string;
  readonly birthDate: string;
  /** Yes or no: paid since the list was made. */
  readonly paid: string;
  /** The name's parts, if the list has them in columns of their own. */
  readonly nameParts: { readonly first: string; readonly last: string; readonly patronymic: string };
  /** Further columns, by the name they get in `contact.fields`. */
  readonly extra: readonly (readonly [name: string, text: string])[];
  /** The row as it stood, for the refused file. */
  readonly original: readonly string[];
}

/** A row to check, or one whose form is already wrong. */
export type ReadRow = { readonly kind: 'row'; readonly row: ListRow } | { readonly kind: 'broken'; readonly line: number; readonly problem: Problem; readonly original: readonly string[] };

/** A row whose text could not be taken apart. */
export function brokenRow(raw: Extract<RawRow, { kind: 'broken' }>): ReadRow {
  return { kind: 'broken', line: raw.line, problem: { field: 'row', code: raw.code, found: raw.found, expected: raw.expected }, original: [] };
}
