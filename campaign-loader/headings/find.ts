import { ObzvonError } from '../../core/errors.ts';
import type { RawRow } from '../format/raw-row.ts';
import type { Table } from '../format/table.ts';
import { REFUSAL_HEADINGS } from '../refused-file.ts';
import { fieldNamed } from './known-names.ts';
import type { Mapping } from './mapping.ts';
import { normalHeading } from './normal.ts';

/** Where the headings of a table are and what they say. */
export interface Headings {
  /** Physical line; 0 if they are in none. */
  readonly line: number;
  /** The list's own, without empty ones at the end. */
  readonly names: readonly string[];
  /** Cells before the list's own columns: those that a refused file puts there. */
  readonly before: number;
}

/** Lines above the headings that are looked through: exports have a title, a company and a date there. */
const MAX_TITLE_ROWS = 40;

/** How many of these cells are headings that are known by name, each field once. */
export function knownHeadings(cells: readonly string[], mapping: Mapping | null): number {
  const named = new Set(mapping?.columns.flatMap(({ place }) => (typeof place === 'string' ? [normalHeading(place)] : [])) ?? []);
  const fields = new Set<string>();
  for (const cell of cells) {
    if (cell === '' || cell.length > 100) continue;
    const field = fieldNamed(cell)?.field;
    if (field !== undefined) fields.add(field);
    else if (named.size > 0 && named.has(normalHeading(cell))) fields.add(normalHeading(cell));
  }
  return fields.size;
}

const isRefusedFile = (cells: readonly string[]): boolean => REFUSAL_HEADINGS.every((heading, index) => cells[index]?.trim().toLowerCase() === heading);

/**
 * Finds the heading row: the one among the first that has most known headings; the first if none has any.
 * @throws ObzvonError bad_input if the table is empty, or the row cannot be read
 */
export function findHeadings(table: Table, mapping: Mapping | null): Headings {
  const { head, headings } = table;
  if (headings.kind === 'given') return { line: 0, names: headings.names, before: 0 };
  if (head.length === 0) throw new ObzvonError('bad_input', `${table.name}: found an empty list; expected a first row with the headings account_id, name, debt, phones`);
  if (headings.kind === 'in_objects') return { line: 0, names: keysOf(head), before: 0 };
  const rows = head.slice(0, MAX_TITLE_ROWS).filter((row) => row.kind === 'cells');
  if (mapping?.headings === 'none') {
    const width = Math.max(0, ...rows.map(({ cells }) => cells.length));
    return { line: 0, names: Array.from({ length: width }, (_, index) => `column_${index + 1}`), before: 0 };
  }
  if (typeof mapping?.headings === 'number') {
    const { headings: line } = mapping;
    const row = head.find((candidate) => candidate.line === line);
    if (row?.kind === 'cells') return named(row);
    throw new ObzvonError('bad_input', `${mapping.path}: headings: found ${line}; expected the number of a line with cells, among the first of ${table.name}`);
  }
  let best = rows[0];
  let most = 0;
  for (const row of rows) {
    const known = isRefusedFile(row.cells) ? Infinity : knownHeadings(row.cells, mapping);
    if (known > most) [best, most] = [row, known];
  }
  const first = head[0]!;
  if (best === undefined || (most === 0 && first.kind === 'broken')) {
    const { line, code, expected } = first.kind === 'broken' ? first : { line: first.line, code: 'no cells', expected: 'a row of headings' };
    throw new ObzvonError('bad_input', `${table.name}: line ${line}: the headings cannot be read (${code}); expected ${expected}`);
  }
  return named(best);
}

function named({ line, cells }: Extract<RawRow, { kind: 'cells' }>): Headings {
  const before = isRefusedFile(cells) ? REFUSAL_HEADINGS.length : 0;
  const names = cells.slice(before);
  while (names.length > 0 && names.at(-1)!.trim() === '') names.pop();
  return { line, names, before };
}

/** A hostile list may have any number of keys; those not among the first are kept too, in one further column. */
const MAX_KEYS = 500;

function keysOf(head: readonly RawRow[]): string[] {
  const keys = new Set<string>();
  for (const row of head) if (row.kind === 'object') for (const key of Object.keys(row.object)) if (keys.size < MAX_KEYS) keys.add(key);
  return [...keys];
}
