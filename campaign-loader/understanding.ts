import type { ListField } from './headings/fields.ts';
import type { ListFormat } from './list-source.ts';

/**
 * Why a column was understood as it was, surest first: a mapping file says so; the heading is a field's own name (`account_id`);
 * it is a known name of one field (`лицевой счёт`); its words speak for one (`остаток долга на конец`); the values look like it.
 * `not_known`: nothing speaks for any field, the column is kept under its own name.
 */
export type WhyUnderstood = 'mapping_file' | 'exact_name' | 'synonym' | 'words' | 'looks' | 'not_known';

/** What one column was taken for. */
export interface UnderstoodColumn {
  /** Place in the row, from 1. For a list of objects: place of first appearance. */
  readonly column: number;
  /** As it stands in the list. */
  readonly heading: string;
  /** A field; `extra` (kept in the contact's fields under `as`); `ignored` (a mapping file says so). */
  readonly field: ListField | 'extra' | 'ignored';
  /** The name under which rows carry it. */
  readonly as: string;
  readonly why: WhyUnderstood;
  /** 0 to 1; below 0.8 a person should look. */
  readonly sureness: number;
  /** Said to the clerk, if there is more to say: what else it might have been and why it is not. */
  readonly remark: string | null;
}

/** How one file (a sheet, a member of a zip, the rows of a query) is read. */
export interface FileUnderstanding {
  /** `november.zip/kyiv.csv`; no secret is in it. */
  readonly name: string;
  readonly format: ListFormat | 'sql';
  /** Around the file itself. */
  readonly compression: 'none' | 'gzip' | 'zip';
  /** `utf-8`, `windows-1251`...; null where a format has none of its own. `ascii`: no other character was seen so far. */
  readonly encoding: string | null;
  readonly delimiter: string | null;
  readonly quote: string | null;
  /** The decimal mark of the debts among the rows looked at; null if none has decimals, or they disagree. */
  readonly decimalMark: '.' | ',' | null;
  readonly sheet: string | null;
  /** Other sheets of the workbook, not read. */
  readonly otherSheets: readonly string[];
  /** Physical line (row of the sheet) of the headings; null if there are none (objects, queries, a mapping by number). */
  readonly headingLine: number | null;
  readonly columns: readonly UnderstoodColumn[];
  /** The first 5 rows after the headings, cells as they stand in the list: raw, to be masked by whoever shows them. */
  readonly firstRows: readonly { readonly line: number; readonly cells: readonly string[] }[];
}

/** How the whole source is read: known in full, for every file of it, before the first row is given. */
export interface Understanding {
  readonly files: readonly FileUnderstanding[];
}

/** Lines that are no rows and are left out: titles above the headings, the numbers of the columns under them, the headings once more, a total below. */
export interface PassedOver {
  readonly file: string;
  readonly line: number;
  readonly why: 'title' | 'column_numbers' | 'repeated_heading' | 'total';
}
