import type { BrokenRow } from './format/raw-row.ts';
import type { Problem } from './problem.ts';

/** The parts of a name that stand in columns of their own; empty where there is none. */
export interface NameParts {
  readonly first: string;
  readonly patronymic: string;
  readonly last: string;
}

/** One row of a list with its cells put in their places; an absent column is an empty text. */
export interface ListRow {
  /** Which file of the source it is from, as `FileUnderstanding.name`. */
  readonly file: string;
  readonly line: number;
  readonly accountId: string;
  /** As in the list, or its parts joined as first name, patronymic, last name. */
  readonly name: string;
  /** Null if the list has the name whole only. */
  readonly nameParts: NameParts | null;
  /** Phone cells with the heading each stood under. */
  readonly phones: readonly (readonly [field: string, text: string])[];
  readonly debt: string;
  readonly currency: string;
  readonly dueDate: string;
  /** When the debt arose. */
  readonly debtSince: string;
  readonly language: string;
  readonly timezone: string;
  readonly region: string;
  readonly address: string;
  readonly priority: string;
  /** Whether the debtor disputes the debt, in the list's own words (`так`, `1`, `yes`, a date). */
  readonly disputed: string;
  /** Whether the debtor is a minor, likewise. */
  readonly minor: string;
  readonly birthDate: string;
  /** Whether it is paid already, likewise. */
  readonly paid: string;
  /** Further columns, by the name they get in `contact.fields`. */
  readonly extra: readonly (readonly [name: string, text: string])[];
  /** The row as it stood, in the order of `OpenRows.headings`, for the refused file. */
  readonly original: readonly string[];
}

/** A row to check, or one whose form is already wrong. */
export type ReadRow =
  | { readonly kind: 'row'; readonly row: ListRow }
  | { readonly kind: 'broken'; readonly file: string; readonly line: number; readonly problem: Problem; readonly original: readonly string[] };

/** A row whose text could not be taken apart. */
export function brokenRow(file: string, raw: BrokenRow): ReadRow {
  return { kind: 'broken', file, line: raw.line, problem: { field: 'row', code: raw.code, found: raw.found, expected: raw.expected }, original: [] };
}
