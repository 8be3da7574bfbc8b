import type { CellFault, RawRow } from './format/raw-row.ts';
import type { Headings } from './headings/find.ts';
import type { ListField } from './headings/fields.ts';
import type { ListRow, ReadRow } from './list-row.ts';
import { OTHER_FIELDS, ObjectColumns } from './object-columns.ts';
import { restoreCell } from './refused-file.ts';
import type { PassedOver, UnderstoodColumn } from './understanding.ts';

export type CellsRow = Extract<RawRow, { kind: 'cells' }>;
/** What became of a row of cells: a row, a line that is none, or nothing at all in it. */
export type PlacedRow = ReadRow | { readonly kind: 'passed_over'; readonly why: PassedOver['why'] } | null;

/** The row of a sum below (or amid) the others, by how it begins. */
export const TOTAL = /^\s*(?:итого|всего|разом|усього|всього|загалом|(?:grand |sub)?total|сума:|сумма:)(?![\p{L}\d])/iu;

/** Puts the cells of one file's rows in their places. */
export class Columns {
  readonly #file: string;
  readonly #headings: Headings;
  readonly #understood: readonly UnderstoodColumn[];
  readonly #width: number;
  readonly #at = new Map<ListField, number>();
  readonly #names: readonly number[];
  readonly #addresses: readonly number[];
  readonly #phones: readonly (readonly [as: string, index: number])[];
  readonly #extra: readonly (readonly [as: string, index: number])[];
  /** Where each cell goes in `original`; null: where it stands. */
  readonly #places: readonly number[] | null;
  readonly #placesWidth: number;
  readonly #accountAt: number;
  readonly #firstHeading: number;

  /**
   * @param order in which several places of one field are taken; null: as they stand
   * @param places of the columns among the headings of all files; null: there is one layout
   */
  constructor(file: string, headings: Headings, understood: readonly UnderstoodColumn[], order: (field: ListField) => readonly number[] | null, places: { readonly of: readonly number[]; readonly width: number } | null) {
    this.#file = file;
    this.#headings = headings;
    this.#understood = understood;
    this.#width = headings.before + headings.names.length;
    this.#places = places?.of ?? null;
    this.#placesWidth = places?.width ?? headings.names.length;
    const indexes = (field: ListField): number[] => {
      const found = understood.flatMap((column) => (column.field === field ? [column.column - 1 + headings.before] : []));
      const wanted = order(field);
      return wanted === null ? found : wanted.map((column) => column - 1 + headings.before).filter((index) => found.includes(index));
    };
    for (const { field, column } of understood) if (field !== 'extra' && field !== 'ignored') this.#at.set(field, column - 1 + headings.before);
    this.#names = indexes('name');
    this.#addresses = indexes('address');
    this.#phones = indexes('phones').map((index) => [understood[index - headings.before]!.as, index] as const);
    this.#extra = understood.flatMap(({ field, as, column }) => (field === 'extra' ? [[as, column - 1 + headings.before] as const] : []));
    this.#accountAt = this.#at.get('account_id') ?? -1;
    this.#firstHeading = headings.names.findIndex((name) => name.trim() !== '');
  }

  read(row: CellsRow): PlacedRow {
    const { before } = this.#headings;
    const { line } = row;
    let cells = before > 0 ? row.cells.map(restoreCell) : row.cells;
    if (cells.length !== this.#width) {
      if (cells.every((cell) => cell.trim() === '')) return null;
      if (cells.length < this.#width || cells.slice(this.#width).some((cell) => cell.trim() !== '')) {
        if (this.#isTotal(cells)) return { kind: 'passed_over', why: 'total' };
        const problem = { field: 'row', code: 'number_of_cells', found: `${cells.length - before} cells`, expected: `${this.#headings.names.length} cells, as in the heading (is a cell with a delimiter not in quotes?)` } as const;
        return { kind: 'broken', file: this.#file, line, problem, original: this.#original(cells) };
      }
      cells = cells.slice(0, this.#width);
    }
    if (this.#accountAt >= 0 && cells[this.#accountAt]!.trim() === '' && cells.every((cell, index) => index < before || cell.trim() === '')) return null;
    if (this.#isHeadings(cells)) return { kind: 'passed_over', why: 'repeated_heading' };
    if (line === this.#headings.line + 1 && line > 1 && this.#width > 2 && cells.every((cell, index) => cell === String(index + 1))) return { kind: 'passed_over', why: 'column_numbers' };
    if (this.#isTotal(cells)) return { kind: 'passed_over', why: 'total' };
    const fault = row.faults?.find(({ column }) => this.#understood[column - before]?.field !== 'ignored');
    if (fault !== undefined) return this.#faulty(line, cells, fault);
    const placed = this.#place(line, cells);
    return { kind: 'row', row: before > 0 ? withOtherFields(placed) : placed };
  }

  #place(line: number, cells: readonly string[]): ListRow {
    const first = this.#cell(cells, 'first_name');
    const patronymic = this.#cell(cells, 'patronymic');
    const last = this.#cell(cells, 'last_name');
    const nameParts = this.#at.has('first_name') || this.#at.has('last_name') ? { first: first.trim(), patronymic: patronymic.trim(), last: last.trim() } : null;
    const whole = this.#names.length === 1 ? cells[this.#names[0]!]! : joined(cells, this.#names, ' ');
    const address = this.#addresses.length === 1 ? cells[this.#addresses[0]!]! : joined(cells, this.#addresses, ', ');
    const extra = this.#extra.map(([as, index]) => [as, cells[index]!] as const);
    return {
      file: this.#file,
      line,
      accountId: this.#cell(cells, 'account_id'),
      name: whole.trim() !== '' || nameParts === null ? whole : [nameParts.first, nameParts.patronymic, nameParts.last].filter((part) => part !== '').join(' '),
      nameParts,
      phones: this.#phones.map(([as, index]) => [as, cells[index]!] as const),
      debt: this.#cell(cells, 'debt'),
      currency: this.#cell(cells, 'currency'),
      dueDate: this.#cell(cells, 'due_date'),
      debtSince: this.#cell(cells, 'debt_since'),
      language: this.#cell(cells, 'language'),
      timezone: this.#cell(cells, 'timezone'),
      region: this.#cell(cells, 'region'),
      address,
      priority: this.#cell(cells, 'priority'),
      disputed: this.#cell(cells, 'disputed'),
      minor: this.#cell(cells, 'minor'),
      birthDate: this.#cell(cells, 'birth_date'),
      paid: this.#cell(cells, 'paid'),
      extra,
      original: this.#original(cells),
    };
  }

  #cell(cells: readonly string[], field: ListField): string {
    const index = this.#at.get(field);
    return index === undefined ? '' : cells[index]!;
  }

  #original(cells: readonly string[]): readonly string[] {
    const own = this.#headings.before > 0 ? cells.slice(this.#headings.before) : cells;
    if (this.#places === null) return own;
    const placed = new Array<string>(this.#placesWidth).fill('');
    own.forEach((cell, index) => {
      const place = this.#places![index];
      if (place !== undefined) placed[place] = cell;
    });
    return placed;
  }

  /** The heading row once more, as where several exports were put together. */
  #isHeadings(cells: readonly string[]): boolean {
    const { names, before } = this.#headings;
    const at = this.#firstHeading;
    if (at < 0 || this.#headings.line === 0 || cells[at + before] !== names[at]) return false;
    return names.every((name, index) => cells[index + before]!.trim() === name.trim());
  }

  /** No account, or the word itself there; no phone; and a cell that says it is a sum. */
  #isTotal(cells: readonly string[]): boolean {
    for (const [, index] of this.#phones) if ((cells[index] ?? '').trim() !== '') return false;
    const account = cells[this.#accountAt] ?? '';
    if (account.trim() !== '' && !TOTAL.test(account)) return false;
    return cells.some((cell) => TOTAL.test(cell));
  }

  #faulty(line: number, cells: readonly string[], fault: CellFault): ReadRow {
    const column = this.#understood[fault.column - this.#headings.before];
    const field = column === undefined ? 'row' : column.field === 'extra' ? `fields.${column.as}` : column.as;
    const expected = fault.code === 'formula_error' ? 'a value, not an error of the spreadsheet' : 'a value: the formula was never calculated (open the file in a spreadsheet program, save it, and load it again)';
    return { kind: 'broken', file: this.#file, line, problem: { field, code: fault.code, found: fault.found, expected }, original: this.#original(cells) };
  }
}

function joined(cells: readonly string[], indexes: readonly number[], by: string): string {
  return indexes.map((index) => cells[index]!.trim()).filter((cell) => cell !== '').join(by);
}

/** What a list of objects had under keys beside its headings comes back from its refused file, fields and all. */
function withOtherFields(row: ListRow): ListRow {
  const text = row.extra.find(([name]) => name === OTHER_FIELDS)?.[1] ?? '';
  if (text === '') return { ...row, extra: row.extra.filter(([name]) => name !== OTHER_FIELDS) };
  let object: unknown;
  try {
    object = JSON.parse(text);
  } catch {
    // Not what was written there: kept as it is.
    return row;
  }
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return row;
  const read = new ObjectColumns(row.file, [], [], () => null, { of: [], width: 1 }).read({ kind: 'object', line: row.line, object: object as Record<string, unknown> });
  if (read?.kind !== 'row') return row;
  const { file: _file, line: _line, original: _original, nameParts, phones, extra, ...fields } = read.row;
  const missing = Object.fromEntries(Object.entries(fields).filter(([name, value]) => value !== '' && row[name as keyof typeof fields] === ''));
  return { ...row, ...missing, nameParts: row.nameParts ?? nameParts, phones: [...row.phones, ...phones], extra: [...row.extra.filter(([name]) => name !== OTHER_FIELDS), ...extra] };
}
