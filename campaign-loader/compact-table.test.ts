import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CompactTable } from './compact-table.ts';

/** First words of few shapes, so that many entries want the same place. */
const first = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 3 }), fc.constantFrom(0x80000000, 0xffffffff, 0xfffffffe, 0x3fffffff));

test('keeps the last value of each entry, however many want one place and however many it was made for', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(first, fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0xff })), { maxLength: 3000 }), fc.constantFrom(0, 5000), (entries, expected) => {
      const table = new CompactTable(expected, 0xff);
      const model = new Map<string, number>();
      for (const [word, key, value] of entries) {
        table.set(word, key | (value << 24));
        model.set(`${word} ${key}`, (key | (value << 24)) >>> 0);
      }
      expect(table.size).toBe(model.size);
      for (const [name, second] of model) expect(table.get(Number(name.split(' ')[0]), second & 0xff)).toBe(second);
      for (const [word, key] of entries) if (!model.has(`${word} ${key ^ 0x55}`)) expect(table.get(word, key ^ 0x55)).toBe(-1);
    }),
    { numRuns: 30 },
  );
});

test('entries that all want one place are all kept, also when the table grows', () => {
  const table = new CompactTable(0, 0xffffffff);
  for (let second = 0; second < 1000; second += 1) table.set(7, second);
  for (let word = 0; word < 2000; word += 1) table.set(Math.imul(word, 0x9e3779b1), 5000);
  expect(table.size).toBe(3000);
  for (let second = 0; second < 1000; second += 1) expect(table.get(7, second)).toBe(second);
  for (let word = 0; word < 2000; word += 1) expect(table.get(Math.imul(word, 0x9e3779b1), 5000)).toBe(5000);
  expect(table.get(7, 1000)).toBe(-1);
});

test('a table made for millions, whose entries are narrower, tells apart what differs in one bit', () => {
  const table = new CompactTable(5_000_000, 0xffffffff);
  for (let word = 0; word < 2000; word += 1) table.set(Math.imul(word, 0x9e3779b1), word);
  for (let bit = 0; bit < 32; bit += 1) {
    table.set(0x12345678 ^ (1 << bit), 9);
    table.set(0x12345678, 9 ^ (1 << bit));
  }
  expect(table.size).toBe(2064);
  expect(table.get(0x12345678, 9)).toBe(-1);
  for (let bit = 0; bit < 32; bit += 1) expect(table.get(0x12345678 ^ (1 << bit), 9)).toBe(9);
});
