import { parseObject, tooLong } from './ndjson-rows.ts';
import type { ObjectRow } from './ndjson-rows.ts';
import { MAX_ROW_CHARACTERS } from './raw-row.ts';

type Place = 'before' | 'between' | 'element' | 'after';

/**
 * Splits a JSON array of objects that comes in pieces; an element that cannot be read costs itself alone as long as its braces and quotes
 * are in order. `line` is the physical line on which the element begins.
 */
export class JsonArrayRows {
  #place: Place = 'before';
  #line = 1;
  #startLine = 1;
  #depth = 0;
  #inText = false;
  #escaped = false;
  #element = '';
  /** The element is too long and already refused. */
  #dropped = false;

  push(text: string): ObjectRow[] {
    const rows: ObjectRow[] = [];
    let start = this.#place === 'element' ? 0 : -1;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === LINE_FEED) this.#line += 1;
      if (this.#place === 'element') {
        if (this.#inside(code)) continue;
        // A comma or the closing bracket of the array is not the element's own.
        const own = code === CLOSE_BRACE ? at + 1 : at;
        this.#keep(text.slice(start, own), rows);
        this.#finish(rows);
        start = -1;
        this.#place = code === CLOSE_BRACKET ? 'after' : 'between';
      } else if (isSpace(code) || (code === COMMA && this.#place === 'between')) continue;
      else if (this.#place === 'before' && code === OPEN_BRACKET) this.#place = 'between';
      else if (this.#place === 'between' && code === CLOSE_BRACKET) this.#place = 'after';
      else {
        // Also what stands after the end of the array: it is refused, not lost.
        this.#place = 'element';
        this.#startLine = this.#line;
        this.#depth = 0;
        this.#inText = false;
        start = at;
        this.#inside(code);
      }
    }
    if (this.#place === 'element') this.#keep(text.slice(start), rows);
    return rows;
  }

  end(): ObjectRow[] {
    const rows: ObjectRow[] = [];
    if (this.#place === 'element') this.#finish(rows);
    else if (this.#place === 'between') rows.push({ kind: 'broken', line: this.#line, code: 'not_json', found: 'the end of the list', expected: 'the closing bracket of the array (is the file cut short?)' });
    return rows;
  }

  /** Takes one character of an element; false if the element ends before it, or with it if it closes a brace. */
  #inside(code: number): boolean {
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false;
      else if (code === BACKSLASH) this.#escaped = true;
      else if (code === QUOTE) this.#inText = false;
    } else if (code === QUOTE) this.#inText = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (this.#depth === 0) return code === CLOSE_BRACE;
      this.#depth -= 1;
      return this.#depth > 0 || code === CLOSE_BRACKET;
    } else if (code === COMMA && this.#depth === 0) return false;
    return true;
  }

  #keep(text: string, rows: ObjectRow[]): void {
    if (this.#dropped) return;
    this.#element += text;
    if (this.#element.length <= MAX_ROW_CHARACTERS) return;
    rows.push(tooLong(this.#startLine, this.#element));
    this.#element = '';
    this.#dropped = true;
  }

  #finish(rows: ObjectRow[]): void {
    if (!this.#dropped) rows.push(parseObject(this.#element, this.#startLine));
    this.#element = '';
    this.#dropped = false;
  }
}

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const isSpace = (code: number): boolean => code === 0x20 || code === LINE_FEED || code === 0x0d || code === 0x09;
