import { csvLine } from './table.ts';

export type SheetCell = string | number | boolean | null;

/** Rows and typed columns: what a CSV, an XLSX or a Parquet file is made of. Money is in minor units, shares are fractions. */
export interface Sheet {
  readonly columns: readonly { readonly name: string; readonly type: 'text' | 'number' | 'boolean' }[];
  readonly rows: readonly (readonly SheetCell[])[];
}

export const sheetCsv = (sheet: Sheet): string => [sheet.columns.map((column) => column.name), ...sheet.rows].map((cells) => `${csvLine(cells)}\n`).join('');

const LONG_FORM: Sheet['columns'] = [
  { name: 'campaign', type: 'text' },
  { name: 'section', type: 'text' },
  { name: 'row', type: 'text' },
  { name: 'measure', type: 'text' },
  { name: 'value', type: 'number' },
  { name: 'base', type: 'number' },
  { name: 'currency', type: 'text' },
];

interface FigureOptions {
  /** What a share of it is to be taken of. */
  readonly base?: number | null;
  /** Of money, ISO 4217. */
  readonly currency?: string;
}

/** Long form, one figure a line, for a report of several tables: section, row of it, measure, value, what a share is to be taken of, and of money the currency. */
export class LongSheet implements Sheet {
  readonly columns = LONG_FORM;
  readonly rows: SheetCell[][] = [];
  readonly #campaignId: string;

  constructor(campaignId: string) {
    this.#campaignId = campaignId;
  }

  add(section: string, row: string | number, measure: string, value: number | null, { base = null, currency = '' }: FigureOptions = {}): void {
    this.rows.push([this.#campaignId, section, String(row), measure, value, base, currency]);
  }
}
