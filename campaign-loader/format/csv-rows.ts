import { MAX_ROW_CHARACTERS } from './raw-row.ts';
import type { BrokenRow, RawRow } from './raw-row.ts';

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/** How a CSV file is written. */
export interface CsvDialect {
  readonly delimiter: string;
  readonly quote: '"' | "'";
  /** `\r` for files of old Macs, which have no line feed at all. */
  readonly lineEnd: '\n' | '\r';
  /** Cells of a row. A lone carriage return ends a row that has so many before it; in others it is text. Null: it always ends a row. */
  readonly width: number | null;
  /** The physical line of the headings: above it the width is another. */
  readonly headingLine: number;
}
export const PLAIN_CSV: CsvDialect = { delimiter: ',', quote: '"', lineEnd: '\n', width: null, headingLine: 0 };

type CsvRow = Extract<RawRow, { kind: 'cells' }> | BrokenRow;

/** What a look at one row by its quotes gives. */
type QuotedRow = { kind: 'row'; cells: string[]; next: number; lineEnds: number } | { kind: 'incomplete' } | { kind: 'broken'; found: string };

/**
 * Splits CSV (RFC 4180; CRLF, LF and lone CR mixed as they may be) that comes in pieces.
 *
 * A broken row costs that row alone: where a quote is never closed, or closed in mid cell, or the row is too long, the row
 * is given as `broken` and reading goes on at the next physical line. A quote inside a cell that does not begin with one is text.
 * Empty lines are passed over, and so is a first line `sep=;`.
 *
 * Own code, because none of the libraries fits: uDSV (0.7.3) glues a row with too few cells to the next one, counts no
 * lines, and swallows the rest of the file after an open quote; papaparse gives no line numbers; csv-parse (0.38 M rows/s where this does 1.3 M) stops at a bad quote or takes the rest of the file into one cell.
 */
export class CsvRows {
  readonly #dialect: CsvDialect;
  readonly #quote: string;
  readonly #lineEnd: string;
  #rest = '';
  #line = 1;
  /** Dropping the rest of a physical line that was refused. */
  #skipping = false;

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect;
    this.#quote = dialect.quote;
    this.#lineEnd = dialect.lineEnd;
  }

  /** Rows completed by this piece of text. */
  push(text: string): CsvRow[] {
    this.#rest += text;
    return this.#take(false);
  }

  /** The last rows; the reader must not be used after it. */
  end(): CsvRow[] {
    return this.#take(true);
  }

  #take(final: boolean): CsvRow[] {
    const rows: CsvRow[] = [];
    const text = this.#rest;
    const { delimiter } = this.#dialect;
    let position = 0;
    if (this.#skipping) position = this.#afterLineEnd(text, 0);
    let quote = text.indexOf(this.#quote, position);
    while (position < text.length) {
      const found = text.indexOf(this.#lineEnd, position);
      const lineEnd = found === -1 ? text.length : found;
      if (quote !== -1 && quote < position) quote = text.indexOf(this.#quote, position);
      if (quote === -1 || quote > lineEnd) {
        if (lineEnd - position > MAX_ROW_CHARACTERS) {
          position = this.#refuse(rows, text, position, 'row_too_long');
          continue;
        }
        if (found === -1 && !final) break;
        const cellsEnd = lineEnd > position && text.charCodeAt(lineEnd - 1) === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;
        if (cellsEnd > position) this.#addLine(rows, text.slice(position, cellsEnd), delimiter);
        this.#line += 1;
        position = lineEnd + 1;
        continue;
      }
      const row = quotedRow(text, position, this.#dialect, this.#line <= this.#dialect.headingLine ? null : this.#dialect.width, final);
      if (row.kind === 'row' && row.next - position <= MAX_ROW_CHARACTERS) {
        if (this.#line > 1 || row.cells.length > 1 || !SEPARATOR_LINE.test(row.cells[0]!)) rows.push({ kind: 'cells', line: this.#line, cells: row.cells });
        this.#line += row.lineEnds + 1;
        position = row.next;
      } else if (row.kind === 'broken') position = this.#refuse(rows, text, position, 'broken_quotes', row.found);
      else if (row.kind === 'row' || text.length - position > MAX_ROW_CHARACTERS) position = this.#refuse(rows, text, position, 'row_too_long');
      else break;
    }
    this.#rest = position < text.length ? text.slice(position) : '';
    return rows;
  }

  /** A line without quotes: one row, or several parted by lone carriage returns. */
  #addLine(rows: CsvRow[], line: string, delimiter: string): void {
    const cells = line.split(delimiter);
    const width = this.#line <= this.#dialect.headingLine ? null : this.#dialect.width;
    // Looked for only where something is odd: almost every row has the right number of cells.
    if (cells.length !== width && line.includes('\r')) {
      for (const part of partsOf(line, delimiter, width)) {
        if (part !== '') rows.push({ kind: 'cells', line: this.#line, cells: part.split(delimiter) });
        this.#line += 1;
      }
      this.#line -= 1;
    } else if (this.#line > 1 || !SEPARATOR_LINE.test(line)) rows.push({ kind: 'cells', line: this.#line, cells });
  }

  #refuse(rows: CsvRow[], text: string, position: number, code: 'broken_quotes' | 'row_too_long', found?: string): number {
    const expected = code === 'broken_quotes'
      ? 'a cell that begins with a quote ends with one, and quotes within it are doubled'
      : `a row of at most ${MAX_ROW_CHARACTERS} characters (is a closing quote missing?)`;
    rows.push({ kind: 'broken', line: this.#line, code, found: found ?? text.slice(position, position + 200), expected });
    return this.#afterLineEnd(text, position);
  }

  #afterLineEnd(text: string, position: number): number {
    const lineEnd = text.indexOf(this.#lineEnd, position);
    this.#skipping = lineEnd === -1;
    if (lineEnd === -1) return text.length;
    this.#line += 1;
    return lineEnd + 1;
  }
}

/** Spreadsheets write and read a first line that names the delimiter. */
export const SEPARATOR_LINE = /^"?sep=(.)"?\r?$/i;

/** Parts a line at those lone carriage returns that end a row of `width` cells (null: at all of them). */
function partsOf(line: string, delimiter: string, width: number | null): string[] {
  const parts: string[] = [];
  let part = '';
  for (const piece of line.split('\r')) {
    part = part === '' ? piece : `${part}\r${piece}`;
    if (width !== null && part.split(delimiter).length < width) continue;
    parts.push(part);
    part = '';
  }
  if (part !== '') parts.push(part);
  return parts;
}

function quotedRow(text: string, start: number, { delimiter, quote, lineEnd }: CsvDialect, width: number | null, final: boolean): QuotedRow {
  const cells: string[] = [];
  const delimiterCode = delimiter.charCodeAt(0);
  const quoteCode = quote.charCodeAt(0);
  const lineEndCode = lineEnd.charCodeAt(0);
  let position = start;
  let lineEnds = 0;
  for (;;) {
    if (text.charCodeAt(position) !== quoteCode) {
      const found = text.indexOf(lineEnd, position);
      const cellEnd = text.indexOf(delimiter, position);
      if (cellEnd !== -1 && (found === -1 || cellEnd < found)) {
        cells.push(text.slice(position, cellEnd));
        position = cellEnd + 1;
        continue;
      }
      if (found === -1 && !final) return { kind: 'incomplete' };
      const rowEnd = found === -1 ? text.length : found;
      // The last cell may hold a lone carriage return that ends the row; what follows it is another row.
      const lone = width === null || cells.length + 1 === width ? text.slice(position, rowEnd - 1).indexOf('\r') : -1;
      if (lone !== -1) {
        cells.push(text.slice(position, position + lone));
        return { kind: 'row', cells, next: position + lone + 1, lineEnds };
      }
      cells.push(text.slice(position, rowEnd > position && text.charCodeAt(rowEnd - 1) === CARRIAGE_RETURN ? rowEnd - 1 : rowEnd));
      return { kind: 'row', cells, next: rowEnd + 1, lineEnds };
    }
    let close = position;
    let doubled = false;
    for (;;) {
      close = text.indexOf(quote, close + 1);
      if (close === -1) return final ? { kind: 'broken', found: text.slice(position, position + 200) } : { kind: 'incomplete' };
      if (close + 1 === text.length && !final) return { kind: 'incomplete' };
      if (text.charCodeAt(close + 1) !== quoteCode) break;
      doubled = true;
      close += 1;
    }
    const value = text.slice(position + 1, close);
    lineEnds += countOf(value, lineEnd);
    cells.push(doubled ? value.replaceAll(quote + quote, quote) : value);
    const next = text.charCodeAt(close + 1);
    if (next === delimiterCode) position = close + 2;
    else if (close + 1 === text.length) return { kind: 'row', cells, next: text.length, lineEnds };
    else if (next === lineEndCode) return { kind: 'row', cells, next: close + 2, lineEnds };
    else if (next === CARRIAGE_RETURN && close + 2 === text.length) return final ? { kind: 'row', cells, next: text.length, lineEnds } : { kind: 'incomplete' };
    else if (next === CARRIAGE_RETURN) return { kind: 'row', cells, next: text.charCodeAt(close + 2) === LINE_FEED ? close + 3 : close + 2, lineEnds };
    else return { kind: 'broken', found: text.slice(position, close + 40) };
  }
}

function countOf(value: string, character: string): number {
  let count = 0;
  for (let at = value.indexOf(character); at !== -1; at = value.indexOf(character, at + 1)) count += 1;
  return count;
}
