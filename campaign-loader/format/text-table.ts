import { unreachable } from '../../core/errors.ts';
import type { LookedAt } from '../source/byte-file.ts';
import { csvDialectOf } from './csv-dialect.ts';
import { CsvRows } from './csv-rows.ts';
import type { Encoding } from './encoding.ts';
import { JsonArrayRows } from './json-array-rows.ts';
import { NdjsonRows } from './ndjson-rows.ts';
import type { FoundHeadings, RowSplitter, Table, TextDialect } from './table.ts';
import { TextOfBytes } from './text-of-bytes.ts';

export type TextFormat = TextDialect['format'];

/** Rows of the beginning that are looked at. */
const HEAD_ROWS = 300;

/**
 * A list in text: CSV, NDJSON or a JSON array.
 * @param asked what the user said of it; null: found out
 * @param known how many headings of a row are known
 */
export function textTable(looked: LookedAt, asked: { readonly format: TextFormat | null; readonly encoding: Encoding | null }, known: (cells: readonly string[]) => number): Table {
  const look = new TextOfBytes(asked.encoding);
  const text = look.push(looked.head) + look.end();
  const format = asked.format ?? formatOf(text, looked.file.name);
  const dialect: TextDialect = format === 'csv' ? { format, csv: csvDialectOf(text, known) } : { format };
  const splitter = splitterOf(dialect, null);
  const head = [...splitter.push(text), ...(looked.ended ? splitter.end() : [])].slice(0, HEAD_ROWS);
  // What the beginning is in, all of it is in; a beginning in ASCII says nothing yet.
  let flow = new TextOfBytes(look.encoding);
  const sure = look.encoding === null ? null : look;
  return {
    name: looked.file.name,
    facts: () => ({
      format,
      compression: looked.file.compression,
      encoding: (sure ?? flow).encoding ?? 'ascii',
      delimiter: dialect.format === 'csv' ? dialect.csv.delimiter : null,
      quote: dialect.format === 'csv' ? dialect.csv.quote : null,
      sheet: null,
      otherSheets: [],
    }),
    headings: { kind: format === 'csv' ? 'in_rows' : 'in_objects' },
    head,
    async *rows(headings) {
      flow = new TextOfBytes(look.encoding);
      const rows = splitterOf(dialect, headings);
      for await (const piece of looked.all()) {
        const batch = rows.push(flow.push(piece));
        if (batch.length > 0) yield batch;
      }
      yield [...rows.push(flow.end()), ...rows.end()];
    },
    close: () => looked.close(),
  };
}

function splitterOf(dialect: TextDialect, headings: FoundHeadings | null): RowSplitter {
  switch (dialect.format) {
    case 'csv':
      return new CsvRows(headings === null ? dialect.csv : { ...dialect.csv, width: headings.width, headingLine: headings.line });
    case 'ndjson':
      return new NdjsonRows();
    case 'json':
      return new JsonArrayRows();
    default:
      return unreachable(dialect);
  }
}

function formatOf(text: string, name: string): TextFormat {
  if (/^\s*\{\s*"/.test(text)) return 'ndjson';
  if (/^\s*\[\s*(?:\{|\])/.test(text)) return 'json';
  return /\.(ndjson|jsonl)$/i.test(name) ? 'ndjson' : 'csv';
}
