import { MAX_ROW_CHARACTERS } from './csv-rows.ts';
import type { RawRow } from './csv-rows.ts';

/** One object of an NDJSON list, or what is wrong with its line. */
export type RawObject = { readonly kind: 'object'; readonly line: number; readonly object: Readonly<Record<string, unknown>> } | Extract<RawRow, { kind: 'broken' }>;

/** Splits NDJSON (one JSON object a line) that comes in pieces; a bad or over-long line costs itself alone. */
export class NdjsonRows {
  #rest = '';
  #line = 1;
  /** The line being read is too long and already refused. */
  #skipping = false;

  push(text: string): RawObject[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    const rows: RawObject[] = [];
    for (const line of lines) {
      this.#takeLine(line, rows);
      this.#line += 1;
    }
    if (this.#rest.length > MAX_ROW_CHARACTERS) {
      if (!this.#skipping) rows.push(tooLong(this.#line, this.#rest));
      this.#skipping = true;
      this.#rest = '';
    }
    return rows;
  }

  end(): RawObject[] {
    const rows: RawObject[] = [];
    this.#takeLine(this.#rest, rows);
    return rows;
  }

  #takeLine(line: string, rows: RawObject[]): void {
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    if (line.length > MAX_ROW_CHARACTERS) rows.push(tooLong(this.#line, line));
    else if (line.trim() !== '') rows.push(parseObject(line, this.#line));
  }
}

function tooLong(line: number, text: string): RawObject {
  return { kind: 'broken', line, code: 'row_too_long', found: text.slice(0, 200), expected: `a line of at most ${MAX_ROW_CHARACTERS} characters` };
}

function parseObject(text: string, line: number): RawObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { kind: 'broken', line, code: 'not_json', found: text.slice(0, 200), expected: 'one JSON object on the line' };
  return { kind: 'object', line, object: value as Record<string, unknown> };
}
