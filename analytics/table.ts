import { minorDigits } from '../core/currency.ts';

/** A column of a printed table; numbers stand to the right. */
export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Lays rows out under their titles, aligned, two spaces between columns; cells are shown as they are. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, i) => Math.max(width(column.title), ...rows.map((row) => width(row[i] ?? ''))));
  const line = (cells: readonly string[]): string => columns.map((column, i) => pad(cells[i] ?? '', widths[i]!, column.align)).join('  ').trimEnd();
  return [line(columns.map((column) => column.title)), widths.map((one) => '-'.repeat(one)).join('  '), ...rows.map(line)].join('\n');
}

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Letters as they are seen, an accent counted with its letter; those of every alphabet in use here are one column wide. */
const width = (text: string): number => Array.from(letters.segment(text)).length;

function pad(text: string, to: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, to - width(text)));
  return align === 'left' ? text + space : space + text;
}

/** What a spreadsheet runs as a formula if a cell begins with it (OWASP, "CSV Injection"). */
export const FORMULA_STARTS = '=+-@\t\r';

/** One line of CSV (RFC 4180). Text that a spreadsheet would run as a formula is led by an apostrophe. */
export function csvLine(cells: readonly (string | number | boolean | null)[]): string {
  return cells.map(csvCell).join(',');
}

function csvCell(cell: string | number | boolean | null): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = cell !== '' && FORMULA_STARTS.includes(cell[0]!) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
/** `12 345`. */
export const formatCount = (count: number): string => grouped.format(count).replaceAll(',', ' ');

/** A share as per cent with one decimal: `12.3 %`; `-` where there is nothing to take it of. */
export const formatShare = (part: number, whole: number | null): string => (whole === null || whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);

/** Money from minor units without the currency's code: `12 345.67`. */
export function formatMoney(minor: number, currency: string): string {
  const digits = minorDigits(currency);
  const format = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return format.format(minor / 10 ** digits).replace(/^-(?=[0.,]+$)/, '').replaceAll(',', ' ');
}

/** Names come from files: control and direction characters must not reach a terminal, nor turn a line about. */
// eslint-disable-next-line no-control-regex
export const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '�');

/** A name of the schema as people say it. */
export const spoken = (name: string): string => name.replaceAll('_', ' ');
