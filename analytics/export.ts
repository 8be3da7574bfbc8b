import { extname } from 'node:path';
import writeXlsxFile, { type SheetData } from 'write-excel-file/node';
import { z } from 'zod';
import { ObzvonError } from '../core/errors.ts';
import type { Analytics, Parameters } from './client.ts';
import { withoutFormulas } from './csv-guard.ts';
import { sheetCsv, type Sheet, type SheetCell } from './sheet.ts';

export const EXPORT_FORMS = ['csv', 'parquet', 'xlsx'] as const;
export type ExportForm = (typeof EXPORT_FORMS)[number];

/** Rows that a sheet of XLSX holds, its heading among them (ECMA-376, and Excel's own limit). */
const XLSX_ROWS = 1_048_576;

/**
 * The form that a file's name asks for.
 * @throws ObzvonError `usage` for another ending
 */
export function exportFormOf(path: string): ExportForm {
  const ending = extname(path).slice(1).toLowerCase();
  const form = EXPORT_FORMS.find((one) => one === ending);
  if (form === undefined) throw new ObzvonError('usage', `-o: found "${ending === '' ? path : `.${ending}`}"; expected a file that ends in ${EXPORT_FORMS.map((one) => `.${one}`).join(', ')}`);
  return form;
}

/** A report's sheet as the bytes of a file. */
export async function sheetBytes(analytics: Analytics, sheet: Sheet, form: ExportForm): Promise<AsyncIterable<Uint8Array>> {
  switch (form) {
    case 'csv':
      return once(Buffer.from(sheetCsv(sheet)));
    case 'xlsx':
      return once(await xlsxOf(sheet));
    case 'parquet': {
      const types = { text: 'String', number: 'Nullable(Float64)', boolean: 'Bool' } as const;
      const structure = sheet.columns.map((column) => `\`${column.name}\` ${types[column.type]}`).join(', ');
      const rows = sheet.rows.map((row) => JSON.stringify(row)).join('\n');
      return analytics.export('SELECT * FROM format(JSONCompactEachRow, {structure:String}, {rows:String})', 'Parquet', { structure, rows });
    }
    default:
      return form satisfies never;
  }
}

/**
 * The answer to a saved query as the bytes of a file.
 * @throws ObzvonError `bad_input` for what does not read, or more rows than a sheet holds
 */
export async function queryBytes(analytics: Analytics, sql: string, form: ExportForm, parameters: Parameters = {}): Promise<AsyncIterable<Uint8Array>> {
  switch (form) {
    case 'csv':
      return withoutFormulas(await analytics.export(sql, 'CSVWithNames', parameters));
    case 'parquet':
      return analytics.export(sql, 'Parquet', parameters);
    case 'xlsx':
      return once(await xlsxOf(await querySheet(analytics, sql, parameters)));
    default:
      return form satisfies never;
  }
}

const cellSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]).catch((found) => JSON.stringify(found.value));

/** The answer to a query as a sheet: numbers are numbers, everything else as ClickHouse writes it. */
export async function querySheet(analytics: Analytics, sql: string, parameters: Parameters = {}): Promise<Sheet> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await analytics.export(sql, 'JSONCompactEachRowWithNamesAndTypes', parameters)) chunks.push(chunk);
  const [names, types, ...rows] = Buffer.concat(chunks).toString('utf8').split('\n').filter((line) => line !== '').map((line) => z.array(cellSchema).parse(JSON.parse(line)));
  const columns = (names ?? []).map((name, i): Sheet['columns'][number] => ({ name: String(name), type: /^(?:LowCardinality\()?(?:Nullable\()?(?:U?Int(?:8|16|32|64)|Float)/.test(String(types?.[i])) ? 'number' : types?.[i] === 'Bool' ? 'boolean' : 'text' }));
  return { columns, rows };
}

async function xlsxOf(sheet: Sheet): Promise<Buffer> {
  if (sheet.rows.length >= XLSX_ROWS) throw new ObzvonError('bad_input', `found ${sheet.rows.length} rows; a sheet of XLSX holds ${XLSX_ROWS - 1}: expected fewer rows, or .csv or .parquet`);
  const cell = (value: SheetCell) => {
    if (value === null) return null;
    // Text is written as text: a spreadsheet never runs it as a formula.
    if (typeof value === 'string') return { value, type: String };
    return typeof value === 'boolean' ? { value, type: Boolean } : { value, type: Number };
  };
  const data: SheetData = [sheet.columns.map((column) => ({ value: column.name, type: String, fontWeight: 'bold' as const })), ...sheet.rows.map((row) => row.map(cell))];
  return writeXlsxFile(data, { sheet: 'obzvon', stickyRowsCount: 1 }).toBuffer();
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
