import { ObzvonError } from '../core/errors.ts';
import { Columns, NDJSON_HEADINGS, readObject } from './columns.ts';
import { CsvRows } from './csv-rows.ts';
import { brokenRow } from './list-row.ts';
import type { ReadRow } from './list-row.ts';
import type { ListFormat } from './list-source.ts';
import { NdjsonRows } from './ndjson-rows.ts';

/** Turns the text of a list, piece by piece, into rows with their cells in place. Blank rows are passed over. */
export class ListReader {
  readonly #source: string;
  readonly #csv: CsvRows | null;
  readonly #ndjson: NdjsonRows;
  #columns: Columns | null = null;

  constructor(format: ListFormat, source: string) {
    this.#source = source;
    this.#csv = format === 'csv' ? new CsvRows() : null;
    this.#ndjson = new NdjsonRows();
  }

  /** The headings for refused rows; known once a row was read. */
  get headings(): readonly string[] {
    return this.#csv === null ? NDJSON_HEADINGS : (this.#columns?.headings ?? []);
  }

  /** @throws ObzvonError bad_input if the headings are wrong */
  push(text: string): ReadRow[] {
    return this.#read(text, false);
  }

  /** @throws ObzvonError bad_input if there were no headings */
  end(): ReadRow[] {
    const rows = this.#read('', true);
    if (this.#csv !== null && this.#columns === null) throw new ObzvonError('bad_input', `${this.#source}: found an empty list; expected a first row with the headings account_id, name, debt, phones`);
    return rows;
  }

  #read(text: string, last: boolean): ReadRow[] {
    const rows: ReadRow[] = [];
    if (this.#csv === null) {
      for (const raw of last ? this.#ndjson.end() : this.#ndjson.push(text)) rows.push(raw.kind === 'object' ? readObject(this.#source, raw.line, raw.object) : brokenRow(this.#source, raw));
      return rows;
    }
    for (const raw of last ? this.#csv.end() : this.#csv.push(text)) {
      if (this.#columns === null) {
        if (raw.kind === 'broken') throw new ObzvonError('bad_input', `${this.#source}: line ${raw.line}: the headings cannot be read (${raw.code}); expected ${raw.expected}`);
        this.#columns = new Columns(raw.cells, this.#source);
      } else if (raw.kind === 'broken') rows.push(brokenRow(this.#source, raw));
      else {
        const row = this.#columns.read(raw.line, raw.cells);
        if (row !== null) rows.push(row);
      }
    }
    return rows;
  }
}
