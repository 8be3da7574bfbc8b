import type { FileUnderstanding } from '../understanding.ts';
import type { CsvDialect } from './csv-rows.ts';
import type { RawRow } from './raw-row.ts';

/** What is known of how a table is written, beside its headings. */
export type TableFacts = Pick<FileUnderstanding, 'format' | 'compression' | 'encoding' | 'delimiter' | 'quote' | 'sheet' | 'otherSheets'>;

/** What reading needs to know of the headings once they are found. */
export interface FoundHeadings {
  /** 0: there are none among the rows. */
  readonly line: number;
  /** Cells of the heading row; null if it is not known. */
  readonly width: number | null;
}

/** One list as a table whose beginning was looked at. */
export interface Table {
  /** As it may be shown. */
  readonly name: string;
  facts(): TableFacts;
  /** Where the headings are: in a row that is still to be found, beside the rows (a query), or in each row (objects). */
  readonly headings: { readonly kind: 'in_rows' } | { readonly kind: 'given'; readonly names: readonly string[] } | { readonly kind: 'in_objects' };
  /** The first rows, as they stand. */
  readonly head: readonly RawRow[];
  /** All rows from the beginning; to be walked once. */
  rows(headings: FoundHeadings): AsyncIterable<readonly RawRow[]>;
  close(): Promise<void>;
}

/** What splits text into rows, piece by piece. */
export interface RowSplitter {
  push(text: string): RawRow[];
  end(): RawRow[];
}

export type TextDialect = { readonly format: 'csv'; readonly csv: CsvDialect } | { readonly format: 'ndjson' } | { readonly format: 'json' };
