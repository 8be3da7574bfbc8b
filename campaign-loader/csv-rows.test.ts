import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsvRows, MAX_ROW_CHARACTERS } from './csv-rows.ts';
import type { RawRow } from './csv-rows.ts';

function read(text: string, pieceLength = text.length || 1): RawRow[] {
  const reader = new CsvRows();
  const rows: RawRow[] = [];
  for (let at = 0; at < text.length; at += pieceLength) rows.push(...reader.push(text.slice(at, at + pieceLength)));
  return [...rows, ...reader.end()];
}
const short = (rows: RawRow[]) => rows.map((row) => [row.line, row.kind === 'cells' ? row.cells : row.code]);

describe('CsvRows', () => {
  test.each([
    ['commas, LF', 'a,b\n1,2\n', [[1, ['a', 'b']], [2, ['1', '2']]]],
    ['semicolons, CRLF, no last line end', 'a;b\r\n1,5;2', [[1, ['a', 'b']], [2, ['1,5', '2']]]],
    ['tabs', 'a\tb\n1;2\t3\n', [[1, ['a', 'b']], [2, ['1;2', '3']]]],
    ['a delimiter within quotes does not count', '"a,b,c";d\n1;2\n', [[1, ['a,b,c', 'd']], [2, ['1', '2']]]],
    ['line breaks in quotes keep the line numbers', 'a,b\n"1\n\r\n2",x\n3,y\n', [[1, ['a', 'b']], [2, ['1\n\r\n2', 'x']], [5, ['3', 'y']]]],
    ['doubled quotes', 'a,b\n"say ""hi""",""""\n', [[1, ['a', 'b']], [2, ['say "hi"', '"']]]],
    ['quotes inside an unquoted cell are text', 'a,b\nLLC "Rose",2\n', [[1, ['a', 'b']], [2, ['LLC "Rose"', '2']]]],
    ['empty lines are passed over but counted', 'a,b\n\n\r\n1,2\n', [[1, ['a', 'b']], [4, ['1', '2']]]],
    ['too few cells stay their own row', 'a,b,c\n1\n2,3,4\n', [[1, ['a', 'b', 'c']], [2, ['1']], [3, ['2', '3', '4']]]],
    ['an open quote costs its row alone', 'a,b\n"1,2\n3,4\n', [[1, ['a', 'b']], [2, 'broken_quotes'], [3, ['3', '4']]]],
    ['an open quote met by the next row\'s', 'a,b\n"1,2\n"3",4\n5,6\n', [[1, ['a', 'b']], [2, 'broken_quotes'], [3, ['3', '4']], [4, ['5', '6']]]],
    ['quotes not doubled', 'a,b\n"LLC "Rose"",2\n3,4\n', [[1, ['a', 'b']], [2, 'broken_quotes'], [3, ['3', '4']]]],
    ['a lone carriage return is text', 'a,b\n1\r2,3\n', [[1, ['a', 'b']], [2, ['1\r2', '3']]]],
  ])('%s', (_name, text, expected) => {
    for (const pieceLength of [text.length, 1, 3, 7]) expect(short(read(text, pieceLength))).toEqual(expected);
  });

  test.each([['plain', 'x'.repeat(1_000_000)], ['quoted', `"${'x'.repeat(1_000_000)}"`], ['quoted, open', `"${'x'.repeat(1_000_000)}`]])('a cell of 1 MB (%s) is refused and forgotten', (_name, cell) => {
    for (const pieceLength of [5_000_000, 64 * 1024, 1000]) {
      const rows = read(`a,b\n1,${cell}\n3,4\n`, pieceLength);
      expect(short(rows)).toEqual([[1, ['a', 'b']], [2, 'row_too_long'], [3, ['3', '4']]]);
      expect(JSON.stringify(rows).length).toBeLessThan(1000);
    }
  });

  test('an open quote in a large file costs one row', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index},name`);
    lines[100] = '100,"name';
    const rows = read(`a,b\n${lines.join('\n')}\n`, 10_000);
    expect(rows.length).toBe(20_001);
    expect(rows.filter((row) => row.kind === 'broken').map((row) => row.line)).toEqual([102]);
    expect(lines.join('\n').length).toBeGreaterThan(2 * MAX_ROW_CHARACTERS);
  });

  test('reads what csv-parse reads, whatever the pieces', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'б', '"', ',', ';', '\n', '\r\n', ' ', '1', '='), maxLength: 8 });
    const quoted = (value: string) => (/["\n\r,;\t]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { maxLength: 12 }), fc.constantFrom(',', ';'), fc.constantFrom('\n', '\r\n'), fc.integer({ min: 1, max: 40 }), (table, delimiter, lineEnd, pieceLength) => {
        const text = [['h1', 'h2'], ...table].map((row) => row.map(quoted).join(delimiter)).join(lineEnd) + lineEnd;
        const cells = read(text, pieceLength).map((row) => (row.kind === 'cells' ? row.cells : row.code));
        expect(cells).toEqual(parse(text, { delimiter, relax_column_count: true, skip_empty_lines: true }));
      }),
      { numRuns: 1000 },
    );
  });
});
