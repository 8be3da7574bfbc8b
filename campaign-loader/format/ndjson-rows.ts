import { MAX_ROW_CHARACTERS } from './raw-row.ts';
import type { BrokenRow, RawRow } from './raw-row.ts';

export type ObjectRow = Extract<RawRow, { kind: 'object' }> | BrokenRow;

/** Splits NDJSON (one JSON object a line) that comes in pieces; a bad or over-long line costs itself alone. */
export class NdjsonRows {
  #rest = '';
  #line = 1;
  /** The line being read is too long and already refused. */
  #skipping = false;

  push(text: string): ObjectRow[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    const rows: ObjectRow[] = [];
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

  end(): ObjectRow[] {
    const rows: ObjectRow[] = [];
    this.#takeLine(this.#rest, rows);
    return rows;
  }

  #takeLine(line: string, rows: ObjectRow[]): void {
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    if (line.length > MAX_ROW_CHARACTERS) rows.push(tooLong(this.#line, line));
    else if (line.trim() !== '') rows.push(parseObject(line, this.#line));
  }
}

export function tooLong(line: number, text: string): ObjectRow {
  return { kind: 'broken', line, code: 'row_too_long', found: text.slice(0, 200), expected: `a line of at most ${MAX_ROW_CHARACTERS} characters` };
}

export function parseObject(text: string, line: number): ObjectRow {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { kind: 'broken', line, code: 'not_json', found: text.slice(0, 200), expected: 'one JSON object on the line' };
  return { kind: 'object', line, object: value as Record<string, unknown> };
}
