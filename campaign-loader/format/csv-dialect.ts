import { CsvRows, PLAIN_CSV, SEPARATOR_LINE } from './csv-rows.ts';
import type { CsvDialect } from './csv-rows.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;
/** Rows looked at. */
const ROWS = 200;

/**
 * Finds out how CSV is written by its beginning: the delimiter under which most rows have the same number of cells and the headings
 * make sense, the quote that stands around cells, the line end.
 * @param head the first characters of the text (some 60,000); its last row may be cut
 * @param known how many headings of a row are known: the row that has most is taken for the headings
 */
export function csvDialectOf(head: string, known: (cells: readonly string[]) => number): CsvDialect {
  const lineEnd = head.includes('\n') || !head.includes('\r') ? '\n' : '\r';
  const named = SEPARATOR_LINE.exec(head.slice(0, 20).split(/\r?\n/, 1)[0]!)?.[1];
  let best = { score: -1, delimiter: ',', quote: PLAIN_CSV.quote };
  for (const delimiter of named === undefined ? DELIMITERS : [named]) {
    const quote = quoteOf(head, delimiter);
    const rows = cellsOf(head, { ...PLAIN_CSV, delimiter, quote, lineEnd });
    const widths = new Map<number, number>();
    for (const { length } of rows) widths.set(length, (widths.get(length) ?? 0) + 1);
    let usual = 1;
    let most = 0;
    for (const [width, count] of widths) if (width > 1 && count > most) [usual, most] = [width, count];
    const share = rows.length === 0 ? 0 : most / rows.length;
    const headings = Math.max(0, ...rows.slice(0, 40).map(known));
    const score = share ** 2 * Math.log2(usual) + headings;
    if (score > best.score) best = { score, delimiter, quote };
  }
  return { ...PLAIN_CSV, delimiter: best.delimiter, quote: best.quote, lineEnd };
}

/** A single quote only if it stands around cells and the usual one does not. */
function quoteOf(head: string, delimiter: string): '"' | "'" {
  let single = 0;
  let double = 0;
  for (const line of head.split(/[\r\n]+/, ROWS)) {
    for (const cell of line.split(delimiter)) {
      if (/^'[^']*'$/.test(cell)) single += 1;
      if (/^"|"$/.test(cell)) double += 1;
    }
  }
  return single >= 2 && double === 0 ? "'" : '"';
}

function cellsOf(head: string, dialect: CsvDialect): (readonly string[])[] {
  const rows = new CsvRows(dialect).push(head).slice(0, ROWS);
  // The text may be whole and end without a line end; a cut row among many does no harm.
  if (rows.length < 2) rows.push(...new CsvRows(dialect).push(`${head}${dialect.lineEnd}`).slice(rows.length, rows.length + 1));
  return rows.flatMap((row) => (row.kind === 'cells' ? [row.cells] : []));
}
