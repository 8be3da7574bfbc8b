/**
 * Longest row a list may have. A row of a debtor list has a few hundred characters; one that does not end within this many
 * is damaged, most often by a quote that is never closed. It also bounds what the reader holds in memory.
 */
export const MAX_ROW_CHARACTERS = 65_536;

/** A cell of a spreadsheet that has no value to read, by its place in the row from 0. */
export interface CellFault {
  readonly column: number;
  readonly code: 'formula_without_value' | 'formula_error';
  readonly found: string;
}

/**
 * One row of a list as it stands in the file, or what is wrong with it. `line` is the physical line where it starts, from 1 (of a
 * sheet the row, of a query or an array the element).
 */
export type RawRow =
  | { readonly kind: 'cells'; readonly line: number; readonly cells: readonly string[]; readonly faults?: readonly CellFault[] }
  | { readonly kind: 'object'; readonly line: number; readonly object: Readonly<Record<string, unknown>> }
  | BrokenRow;

export interface BrokenRow {
  readonly kind: 'broken';
  readonly line: number;
  readonly code: 'broken_quotes' | 'row_too_long' | 'not_json';
  readonly found: string;
  readonly expected: string;
}
