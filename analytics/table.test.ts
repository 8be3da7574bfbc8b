import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LocalTimes } from './local-time.ts';
import { splitStatements } from './statements.ts';
import { csvLine, formatMoney, formatShare, renderTable } from './table.ts';

test('columns stand under one another, Cyrillic included', () => {
  const text = renderTable([{ title: 'що', align: 'left' }, { title: 'n', align: 'right' }], [['люди', '5'], ['a', '1 200']]);
  expect(text).toBe(['що        n', '----  -----', 'люди      5', 'a     1 200'].join('\n'));
});

test('money from minor units', () => {
  expect(formatMoney(1_234_567, 'UAH')).toBe('12 345.67');
  expect(formatMoney(-5, 'UAH')).toBe('-0.05');
  expect(formatMoney(-0.2, 'UAH')).toBe('0.00');
  expect(formatMoney(1200, 'JPY')).toBe('1 200');
});

test('shares', () => {
  expect(formatShare(1, 3)).toBe('33.3 %');
  expect(formatShare(0, 0)).toBe('-');
});

test('CSV that no spreadsheet runs or splits', () => {
  expect(csvLine(['a,b', 'say "hi"', 'two\nlines', '=1+1', null, -5, true])).toBe('"a,b","say ""hi""","two\nlines",\'=1+1,,-5,true');
});

test('statements end at their own semicolons only', () => {
  const sql = "-- one; two\nSELECT ';', \"a;b\", `c;d`, 'it''s;', '\\';' /* ; */ ;\n\n;  -- nothing;\nSELECT 2";
  const statements = splitStatements(sql);
  expect(statements).toHaveLength(2);
  expect(statements[0]).toContain("'\\';' /* ; */");
  expect(statements[1]).toBe('-- nothing;\nSELECT 2');
  expect(splitStatements(' ;; -- only words\n')).toEqual([]);
});

test('local hours agree with the calendar in zones of every kind', () => {
  const times = new LocalTimes();
  const zones = ['Europe/Kyiv', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Chatham', 'UTC'];
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2060, 0) }), (timeZone, atMs) => {
      const parts = new Intl.DateTimeFormat('en-US', { timeZone, hour: 'numeric', hourCycle: 'h23', weekday: 'long' }).formatToParts(atMs);
      const names = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
      expect(times.at(timeZone, atMs)).toEqual({
        hour: Number(parts.find((part) => part.type === 'hour')!.value),
        weekday: names.indexOf(parts.find((part) => part.type === 'weekday')!.value) + 1,
      });
    }),
  );
  expect(times.at('No/Such', Date.UTC(2025, 10, 3, 7))).toEqual({ hour: 7, weekday: 1 });
});
