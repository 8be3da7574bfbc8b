import { FORMULA_STARTS } from './table.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const APOSTROPHE = Buffer.from("'");
const FORMULA: ReadonlySet<number> = new Set(Buffer.from(FORMULA_STARTS));

/**
 * CSV as ClickHouse writes it (all texts in quotes, numbers without), with an apostrophe before texts that a spreadsheet would run as a formula, as in the reports' own
 * CSV. Numbers stay numbers.
 */
export async function* withoutFormulas(csv: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let at: 'field' | 'first letter' | 'number' | 'text' | 'quote in text' = 'field';
  for await (const chunk of csv) {
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      switch (at) {
        case 'field':
          at = byte === QUOTE ? 'first letter' : byte === COMMA || byte === LINE_FEED ? 'field' : 'number';
          break;
        case 'first letter':
          if (FORMULA.has(byte)) {
            yield chunk.subarray(from, i);
            yield APOSTROPHE;
            from = i;
          }
          at = byte === QUOTE ? 'quote in text' : 'text';
          break;
        case 'number':
          if (byte === COMMA || byte === LINE_FEED) at = 'field';
          break;
        case 'text':
          if (byte === QUOTE) at = 'quote in text';
          break;
        case 'quote in text':
          // Doubled it stands for one; else it ended the text.
          at = byte === QUOTE ? 'text' : 'field';
          break;
        default:
          at satisfies never;
      }
    }
    yield chunk.subarray(from);
  }
}
