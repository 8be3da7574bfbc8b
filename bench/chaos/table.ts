import { isGreen, type ChaosResult } from './result.ts';

type Column = readonly [title: string, of: (result: ChaosResult) => string];

const seconds = (value: number | null | undefined): string => (value === null || value === undefined ? '-' : value.toFixed(1));

const COLUMNS: readonly Column[] = [
  ['row', (result) => result.name],
  ['came at', (result) => result.moment],
  ['lasted s', (result) => seconds(result.awayS)],
  ['next call s', (result) => seconds(result.recovery?.firstCallS)],
  ['longest silence s', (result) => seconds(result.recovery?.longestSilenceS)],
  ['80 % rate s', (result) => seconds(result.recovery?.rateBackS)],
  ['calls', (result) => String(result.judgement?.calls ?? '-')],
  ['worst second', (result) => String(result.judgement?.worstSecond ?? '-')],
  ['at once', (result) => String(result.judgement?.mostAtOnce ?? '-')],
  ['seen', (result) => result.seen],
  ['holds', (result) => (isGreen(result) ? 'yes' : 'NO')],
];

/** The rows as aligned text. */
export function tableText(results: readonly ChaosResult[]): string {
  const rows = [COLUMNS.map(([title]) => title), ...results.map((result) => COLUMNS.map(([, of]) => of(result)))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n');
}

/** The rows as a table of Markdown, with what was done. */
export function tableMarkdown(results: readonly ChaosResult[]): string {
  const columns: readonly Column[] = [COLUMNS[0]!, ['what is done', (result) => result.what], ...COLUMNS.slice(1)];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns.map(([title]) => title)), line(columns.map(() => '---')), ...results.map((result) => line(columns.map(([, of]) => of(result).replaceAll('|', '\\|'))))].join('\n');
}
