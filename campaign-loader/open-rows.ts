import { ObzvonError } from '../core/errors.ts';
import { Columns, TOTAL } from './columns.ts';
import type { PlacedRow } from './columns.ts';
import type { RawRow } from './format/raw-row.ts';
import type { Table } from './format/table.ts';
import type { ListField } from './headings/fields.ts';
import { findHeadings } from './headings/find.ts';
import type { Headings } from './headings/find.ts';
import { decimalMarkOf } from './headings/looks.ts';
import type { Mapping } from './headings/mapping.ts';
import { normalHeading } from './headings/normal.ts';
import { understandColumns } from './headings/understand.ts';
import { brokenRow } from './list-row.ts';
import type { ReadRow } from './list-row.ts';
import type { ListSource } from './list-source.ts';
import { OTHER_FIELDS, ObjectColumns } from './object-columns.ts';
import type { ReadOptions } from './read-options.ts';
import { openTables } from './tables.ts';
import type { FileUnderstanding, PassedOver, UnderstoodColumn, Understanding } from './understanding.ts';

/** A list being read. */
export interface OpenRows {
  /** The source as it may be shown: a path, `stdin`, a URL without its secrets. */
  readonly name: string;
  readonly understood: Understanding;
  /**
   * The rows, in batches; the next is read when it is asked for. Blank rows are passed over. To be walked once.
   * While walking: ObzvonError bad_input if the source is damaged (rows before the damage were given), unreachable if it breaks off.
   */
  readonly rows: AsyncIterable<readonly ReadRow[]>;
  /** Lines left out so far because they are no rows; the first 1000. */
  passedOver(): readonly PassedOver[];
  /** Raw bytes read so far, packed if they are packed. */
  bytes(): number;
  /** Null if the source does not say. */
  readonly totalBytes: number | null;
  /** The headings of `original`, for the refused file. With several files of different columns: those of all. */
  readonly headings: readonly string[];
  /** SHA-256 (hex) of the raw bytes read, files in their order; of a query, of its rows. Valid when `rows` has ended. */
  contentHash(): string;
  /** Lets go of files and connections; needed also when `rows` was not walked to its end. */
  close(): Promise<void>;
}

/** Rows that speak for a column by their looks. */
const LOOKED_ROWS = 200;
const FIRST_ROWS = 5;
const MAX_PASSED_OVER = 1000;

/** One file with its columns understood. */
interface UnderstoodTable {
  readonly table: Table;
  readonly headings: Headings;
  readonly columns: readonly UnderstoodColumn[];
  readonly values: readonly (readonly string[])[];
  readonly firstRows: FileUnderstanding['firstRows'];
}

/**
 * Opens a list, wherever it is and whatever it is in, and understands its headings; of several files those of all, before a row is given.
 * @throws ObzvonError not_found, unreachable if there is no such source; unsupported if it is in no form that can be read;
 *   bad_input if the headings do not tell which column is what; usage if an option is none
 */
export async function openRows(source: ListSource, options: ReadOptions = {}): Promise<OpenRows> {
  const open = await openTables(source, options);
  let parts: UnderstoodTable[];
  try {
    parts = open.tables.map((table) => understandTable(table, options.mapping ?? null));
  } catch (error) {
    await open.close();
    throw error;
  }
  const headings = headingsOfAll(parts);
  const passedOver: PassedOver[] = [];
  async function* rows(): AsyncGenerator<readonly ReadRow[]> {
    for (const part of parts) {
      const place = placer(part, options.mapping ?? null, headings);
      for await (const batch of part.table.rows({ line: part.headings.line, width: part.headings.before + part.headings.names.length })) {
        const read: ReadRow[] = [];
        for (const raw of batch) {
          const row = place(raw);
          if (row === null) continue;
          if (row.kind !== 'passed_over') read.push(row);
          else if (passedOver.length < MAX_PASSED_OVER) passedOver.push({ file: part.table.name, line: raw.line, why: row.why });
        }
        yield read;
      }
    }
  }
  return {
    name: open.name,
    understood: {
      get files() {
        return parts.map(describe);
      },
    },
    rows: rows(),
    passedOver: () => passedOver,
    bytes: () => open.meter.bytes,
    totalBytes: open.totalBytes,
    headings,
    contentHash: () => open.meter.digest(),
    close: () => open.close(),
  };
}

function understandTable(table: Table, mapping: Mapping | null): UnderstoodTable {
  const headings = findHeadings(table, mapping);
  const rows = table.head.filter((row) => row.line > headings.line && row.kind !== 'broken').slice(0, LOOKED_ROWS);
  const cellsOf = (row: RawRow): readonly string[] => (row.kind === 'cells' ? row.cells.slice(headings.before) : row.kind === 'object' ? headings.names.map((key) => shownValue(row.object[key])) : []);
  // Lines that are no rows say nothing of the columns.
  const isRow = (row: readonly string[]): boolean => row.some((cell) => cell.trim() !== '') && !row.some((cell) => TOTAL.test(cell)) && !row.every((cell, index) => cell === String(index + 1)) && !row.every((cell, index) => cell.trim() === (headings.names[index] ?? '').trim());
  const cells = rows.map(cellsOf).filter(isRow);
  const values = headings.names.map((_, index) => cells.map((row) => row[index] ?? ''));
  const where = headings.line === 0 ? table.name : `${table.name}: line ${headings.line}`;
  if (headings.names.length === 0) throw new ObzvonError('bad_input', `${table.name}: found no row that can be read; expected the headings account_id, name, debt, phones`);
  const broken = headings.names.find((name) => name.includes('\ufffd'));
  if (broken !== undefined) throw new ObzvonError('bad_input', `${where}: the headings cannot be read in ${table.facts().encoding ?? 'their encoding'}; expected another: say which (--encoding windows-1251)`);
  const columns = understandColumns(headings.names, values, where, mapping);
  return { table, headings, columns, values, firstRows: rows.map((row) => ({ line: row.line, cells: cellsOf(row) })).filter((row) => isRow(row.cells)).slice(0, FIRST_ROWS) };
}

function shownValue(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(shownValue).join('; ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function describe({ table, headings, columns, values, firstRows }: UnderstoodTable): FileUnderstanding {
  const debt = columns.find(({ field }) => field === 'debt');
  return { name: table.name, ...table.facts(), decimalMark: debt === undefined ? null : decimalMarkOf(values[debt.column - 1]!), headingLine: headings.line === 0 ? null : headings.line, columns, firstRows };
}

/** The headings under which rows of any of the files can be written down; of one file its own. */
function headingsOfAll(parts: readonly UnderstoodTable[]): string[] {
  const all = [...(parts[0]?.headings.names ?? [])];
  const taken = new Set(all.map(normalHeading));
  for (const { headings } of parts.slice(1)) {
    for (const name of headings.names) {
      if (taken.has(normalHeading(name))) continue;
      taken.add(normalHeading(name));
      all.push(name);
    }
  }
  if (parts.some(({ table }) => table.headings.kind === 'in_objects')) all.push(OTHER_FIELDS);
  return all;
}

/** What puts the rows of a file in their places. */
function placer({ table, headings, columns }: UnderstoodTable, mapping: Mapping | null, all: readonly string[]): (raw: RawRow) => PlacedRow {
  const file = table.name;
  const normal = all.map(normalHeading);
  const taken = new Set<number>();
  const of = headings.names.map((name, index) => {
    const place = normal.findIndex((heading, at) => heading === normalHeading(name) && !taken.has(at));
    // The same heading twice in one file only: it has a place where it stands.
    const found = place === -1 ? index : place;
    taken.add(found);
    return found;
  });
  const orderOf = (field: ListField): number[] | null => {
    const named = columns.filter((column) => column.field === field && column.why === 'mapping_file');
    if (named.length === 0 || mapping === null) return null;
    const rank = ({ heading, column }: UnderstoodColumn): number => mapping.columns.findIndex(({ field: said, place }) => said === field && (place === column || (typeof place === 'string' && normalHeading(place) === normalHeading(heading))));
    return named.sort((a, b) => rank(a) - rank(b)).map(({ column }) => column);
  };
  if (table.headings.kind === 'in_objects') {
    const objects = new ObjectColumns(file, headings.names, columns, (field) => orderOf(field)?.map((column) => headings.names[column - 1]!) ?? null, { of, width: all.length });
    return (raw) => (raw.kind === 'object' ? objects.read(raw) : raw.kind === 'broken' ? brokenRow(file, raw) : null);
  }
  const same = of.length === all.length && of.every((place, index) => place === index);
  const cells = new Columns(file, headings, columns, orderOf, same ? null : { of, width: all.length });
  return (raw) => {
    if (raw.line <= headings.line) return raw.line < headings.line ? { kind: 'passed_over', why: 'title' } : null;
    return raw.kind === 'cells' ? cells.read(raw) : raw.kind === 'broken' ? brokenRow(file, raw) : null;
  };
}
