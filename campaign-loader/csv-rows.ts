/**
 * Longest row a list may have. A row of a debtor list has a few hundred characters; one that does not end within this many
 * is damaged, most often by a quote that is never closed. It also bounds what the reader holds in memory.
 */
export const MAX_ROW_CHARACTERS = 65_536;

/** One row of a list as it stands in the file, or what is wrong with it. `line` is the physical line where it starts, from 1. */
export type RawRow =
  | { readonly kind: 'cells'; readonly line: number; readonly cells: readonly string[] }
  | { readonly kind: 'broken'; readonly line: number; readonly code: 'broken_quotes' | 'row_too_long' | 'not_json'; readonly found: string; readonly expected: string };

const QUOTE = 0x22;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const DELIMITERS = [',', ';', '\t'] as const;

/** What a look at one row by its quotes gives. */
type QuotedRow = { kind: 'row'; cells: string[]; next: number; lineFeeds: number } | { kind: 'incomplete' } | { kind: 'broken'; found: string };

/**
 * Splits CSV (RFC 4180; `,`, `;` or tab, found by itself on the first line; CRLF or LF) that comes in pieces.
 *
 * A broken row costs that row alone: where a quote is never closed, or closed in mid cell, or the row is too long, the row
 * is given as `broken` and reading goes on at the next physical line. A quote inside a cell that does not begin with one is text.
 * Empty lines are passed over.
 *
 * Own code, because none of the libraries fits: uDSV (0.7.3) glues a row with too few cells to the next one, counts no
 * lines, and swallows the rest of the file after an open quote; papaparse gives no line numbers; csv-parse (0.38 M rows/s where this does 1.3 M) stops at a bad quote or takes the rest of the file into one cell.
 */
export class CsvRows {
  #delimiter: string | null = null;
  #rest = '';
  #line = 1;
  /** Dropping the rest of a physical line that was refused. */
  #skipping = false;

  /** Rows completed by this piece of text. */
  push(text: string): RawRow[] {
    this.#rest += text;
    return this.#take(false);
  }

  /** The last rows; the reader must not be used after it. */
  end(): RawRow[] {
    return this.#take(true);
  }

  #take(final: boolean): RawRow[] {
    const rows: RawRow[] = [];
    const text = this.#rest;
    let position = 0;
    if (this.#skipping) position = this.#afterLineFeed(text, 0);
    let quote = text.indexOf('"', position);
    while (position < text.length) {
      const lineFeed = text.indexOf('\n', position);
      const lineEnd = lineFeed === -1 ? text.length : lineFeed;
      if (this.#delimiter === null) {
        if (lineFeed === -1 && !final && text.length - position <= MAX_ROW_CHARACTERS) break;
        this.#delimiter = delimiterOf(text.slice(position, lineEnd));
      }
      if (quote !== -1 && quote < position) quote = text.indexOf('"', position);
      if (quote === -1 || quote > lineEnd) {
        if (lineEnd - position > MAX_ROW_CHARACTERS) {
          position = this.#refuse(rows, text, position, 'row_too_long');
          continue;
        }
        if (lineFeed === -1 && !final) break;
        const cellsEnd = lineEnd > position && text.charCodeAt(lineEnd - 1) === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;
        if (cellsEnd > position) rows.push({ kind: 'cells', line: this.#line, cells: text.slice(position, cellsEnd).split(this.#delimiter) });
        this.#line += 1;
        position = lineEnd + 1;
        continue;
      }
      const row = quotedRow(text, position, this.#delimiter, final);
      if (row.kind === 'row' && row.next - position <= MAX_ROW_CHARACTERS) {
        rows.push({ kind: 'cells', line: this.#line, cells: row.cells });
        this.#line += row.lineFeeds + 1;
        position = row.next;
      } else if (row.kind === 'broken') position = this.#refuse(rows, text, position, 'broken_quotes', row.found);
      else if (row.kind === 'row' || text.length - position > MAX_ROW_CHARACTERS) position = this.#refuse(rows, text, position, 'row_too_long');
      else break;
    }
    this.#rest = position < text.length ? text.slice(position) : '';
    return rows;
  }

  #refuse(rows: RawRow[], text: string, position: number, code: 'broken_quotes' | 'row_too_long', found?: string): number {
    const expected = code === 'broken_quotes'
      ? 'a cell that begins with a quote ends with one, and quotes within it are doubled'
      : `a row of at most ${MAX_ROW_CHARACTERS} characters (is a closing quote missing?)`;
    rows.push({ kind: 'broken', line: this.#line, code, found: found ?? text.slice(position, position + 200), expected });
    return this.#afterLineFeed(text, position);
  }

  #afterLineFeed(text: string, position: number): number {
    const lineFeed = text.indexOf('\n', position);
    this.#skipping = lineFeed === -1;
    if (lineFeed === -1) return text.length;
    this.#line += 1;
    return lineFeed + 1;
  }
}

/** The delimiter that stands most often outside quotes on the first line; a comma if there is none. */
function delimiterOf(line: string): string {
  const bare = line.replace(/"[^"]*"/g, '');
  let best = ',';
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const count = bare.split(delimiter).length - 1;
    if (count > most) [best, most] = [delimiter, count];
  }
  return best;
}

function quotedRow(text: string, start: number, delimiter: string, final: boolean): QuotedRow {
  const cells: string[] = [];
  const delimiterCode = delimiter.charCodeAt(0);
  let position = start;
  let lineFeeds = 0;
  for (;;) {
    if (text.charCodeAt(position) !== QUOTE) {
      const lineFeed = text.indexOf('\n', position);
      const cellEnd = text.indexOf(delimiter, position);
      if (cellEnd !== -1 && (lineFeed === -1 || cellEnd < lineFeed)) {
        cells.push(text.slice(position, cellEnd));
        position = cellEnd + 1;
        continue;
      }
      if (lineFeed === -1 && !final) return { kind: 'incomplete' };
      const rowEnd = lineFeed === -1 ? text.length : lineFeed;
      cells.push(text.slice(position, rowEnd > position && text.charCodeAt(rowEnd - 1) === CARRIAGE_RETURN ? rowEnd - 1 : rowEnd));
      return { kind: 'row', cells, next: rowEnd + 1, lineFeeds };
    }
    let close = position;
    let doubled = false;
    for (;;) {
      close = text.indexOf('"', close + 1);
      if (close === -1) return final ? { kind: 'broken', found: text.slice(position, position + 200) } : { kind: 'incomplete' };
      if (close + 1 === text.length && !final) return { kind: 'incomplete' };
      if (text.charCodeAt(close + 1) !== QUOTE) break;
      doubled = true;
      close += 1;
    }
    const value = text.slice(position + 1, close);
    lineFeeds += countLineFeeds(value);
    cells.push(doubled ? value.replaceAll('""', '"') : value);
    const next = text.charCodeAt(close + 1);
    if (next === delimiterCode) position = close + 2;
    else if (close + 1 === text.length) return { kind: 'row', cells, next: text.length, lineFeeds };
    else if (next === LINE_FEED) return { kind: 'row', cells, next: close + 2, lineFeeds };
    else if (next === CARRIAGE_RETURN && close + 2 === text.length) return final ? { kind: 'row', cells, next: text.length, lineFeeds } : { kind: 'incomplete' };
    else if (next === CARRIAGE_RETURN && text.charCodeAt(close + 2) === LINE_FEED) return { kind: 'row', cells, next: close + 3, lineFeeds };
    else return { kind: 'broken', found: text.slice(position, close + 40) };
  }
}

function countLineFeeds(value: string): number {
  let count = 0;
  for (let at = value.indexOf('\n'); at !== -1; at = value.indexOf('\n', at + 1)) count += 1;
  return count;
}
