import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvDialectOf } from './csv-dialect.ts';
import { CsvRows } from './csv-rows.ts';
import { MAX_ROW_CHARACTERS } from './raw-row.ts';
import type { RawRow } from './raw-row.ts';

function read(text: string, pieceLength = text.length || 1, width: number | null = 2): RawRow[] {
  const reader = new CsvRows({ ...csvDialectOf(text.slice(0, 60_000), () => 0), width, headingLine: 1 });
  const rows: RawRow[] = [];
  for (let at = 0; at < text.length; at += pieceLength) rows.push(...reader.push(text.slice(at, at + pieceLength)));
  return [...rows, ...reader.end()];
}
const short = (rows: RawRow[]) => rows.map((row) => [row.line, row.kind === 'cells' ? row.cells : row.kind === 'broken' ? row.code : row.object]);

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
    ['a lone carriage return in mid row is text', 'a,b\n1\r2,3\n', [[1, ['a', 'b']], [2, ['1\r2', '3']]]],
    ['a lone carriage return after a whole row ends it', 'a,b\r1,2\r3,4\r\n5,"6"\r"7",8\n', [[1, ['a', 'b']], [2, ['1', '2']], [3, ['3', '4']], [4, ['5', '6']], [5, ['7', '8']]]],
    ['lone carriage returns alone', 'a,b\r1,2\r"3\r",4\r', [[1, ['a', 'b']], [2, ['1', '2']], [3, ['3\r', '4']]]],
    ['single quotes', "'a';'b'\n'1;2';'it''s'\n", [[1, ['a', 'b']], [2, ['1;2', "it's"]]]],
    ['pipes', 'a|b\n1,5|2\n', [[1, ['a', 'b']], [2, ['1,5', '2']]]],
    ['decimal commas in every row do not make a comma the delimiter', 'a;b\n1,5;2,5\n2,5;3,5\n', [[1, ['a', 'b']], [2, ['1,5', '2,5']], [3, ['2,5', '3,5']]]],
    ['a first line that names the delimiter', 'sep=|\r\na,x|b\r\n1|2\r\n', [[2, ['a,x', 'b']], [3, ['1', '2']]]],
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
        const reader = new CsvRows({ delimiter, quote: '"', lineEnd: '\n', width: null, headingLine: 0 });
        const pieces = text.match(new RegExp(`[^]{1,${pieceLength}}`, 'g')) ?? [];
        const cells = [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()].map((row) => (row.kind === 'cells' ? row.cells : row.code));
        expect(cells).toEqual(parse(text, { delimiter, relax_column_count: true, skip_empty_lines: true }));
      }),
      { numRuns: 1000 },
    );
  });
});
