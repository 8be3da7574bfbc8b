import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonBytes } from './json-bytes.ts';

function bytesOf(value: unknown): Buffer {
  const written = new JsonBytes();
  written.addJson(value);
  const bytes = Buffer.alloc(written.length);
  written.copyTo(bytes);
  return bytes;
}

test('writes any value that JSON.parse can give as JSON.stringify and UTF-8 do, lone surrogates, escapes and all', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constantFrom('Іваненко Марія', 'ТОВ "Ромашка"', '\ud800', '\udfff\ud800', '\u007f\u0080\u07ff\u0800\uffff', '\u2028'));
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.dictionary(text, fc.oneof(text, fc.double(), fc.integer(), fc.constantFrom(0, -0, 9, 10, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 1.5, NaN, Infinity, true, null, undefined))), (value, object) => {
      for (const each of [value, object, [object, value, undefined]]) expect(bytesOf(each).toString('latin1')).toBe(Buffer.from(JSON.stringify(each)).toString('latin1'));
    }),
    { numRuns: 500 },
  );
});

test('what says itself what it is in JSON is asked; what comes by a prototype is left out', () => {
  const object = Object.assign(Object.create({ inherited: 1 }) as object, { date: new Date(0), nothing: undefined, work: () => 1 });
  expect(bytesOf(object).toString()).toBe(JSON.stringify(object));
});

test('texts follow one another, however long, and are gone once cleared', () => {
  const written = new JsonBytes();
  const long = 'ї€x'.repeat(500_000);
  written.addText('key');
  written.addJson([long]);
  const bytes = Buffer.alloc(written.length);
  written.copyTo(bytes);
  expect(bytes.equals(Buffer.from(`key${JSON.stringify([long])}`))).toBe(true);
  written.clear();
  expect(written.length).toBe(0);
});
