import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contactsTopic, loadsTopic } from '../core/bus/topics.ts';
import { campaignSchema } from '../core/campaign.ts';
import { loadList, openRows, type IntoCampaign, type LoadReport } from './index.ts';
import { MemoryBus } from './memory-bus.contract.ts';

const campaign = campaignSchema.parse({
  id: 'fuzz', name: 'F', company: 'Energo', startsAt: '2026-11-01T00:00:00Z', expiresAt: '2026-12-01T00:00:00Z', trunks: ['main'], callerIds: ['+380443334455'],
  maxCallsPerSecond: 10, maxChannels: 100, flow: { start: 'bye', steps: { bye: { kind: 'hangup' } } },
});
const COLUMNS = ['account_id', 'name', 'phones', 'debt', 'language', 'note'];
/** A cell that is right in its column. */
const right = (column: string, row: number): string =>
  ({ account_id: `fixed-${row}`, name: 'Марія', phones: `067 12${String(10_000 + row)}`, debt: '12,50', language: 'uk', note: 'ok' })[column] ?? 'ok';

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom(
    '', ' ', '0', '-5', '1e9', '3.80671E+11', '380671234567380501234567', '1234.56', '1 234,56 грн', '12,345', '067123456', '+380671234567', '0671234567; x', '"', 'a"b', "'=1", '=1+1', '@x', '\t', '\0', 'a\nb', '\ufeff',
    '#REF!', 'uk', 'xx', 'Разом', 'account_id', ';', ',', '|', '\u202e', '\ud800', 'null', '{}', 'ї'.repeat(300),
  ),
);
/** Rows that are right but for some cells; some repeat an account, some have a cell too many or too few. */
const rows = fc.array(
  fc.record({ account: fc.integer({ min: 1, max: 12 }), damage: fc.dictionary(fc.constantFrom(...COLUMNS), nasty, { maxKeys: 3 }), cells: fc.constantFrom(0, 0, 0, 0, 1, -1) }),
  { maxLength: 12 },
);
const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-fuzz-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function load(bus: MemoryBus, bytes: Buffer, atOnce: IntoCampaign['atOnce'] = null): Promise<LoadReport> {
  const list = await openRows({ kind: 'stream', stream: Readable.from([bytes]), name: 'list.csv' }, { format: 'csv' });
  return loadList(
    { campaign, list, nowMs: () => 1_763_000_000_000, loadId: `load-${bus.all(loadsTopic).length}`, refusedPath: join(dir, 'list.refused.csv') },
    { bus: bus.asBus, loadedBy: { by: 'fuzz', version: '0', sinceMs: null, sourceMark: '' }, atOnce },
  );
}

function expectSums(report: LoadReport): void {
  expect(report.accepted + report.refusedRows + report.duplicates).toBe(report.rows);
  expect(Object.values(report.refused).reduce((sum, { rows: count }) => sum + count, 0)).toBe(report.refusedRows);
}

const idsOf = (bus: MemoryBus): string[] => bus.all(contactsTopic).map(({ key }) => key);

test('whatever the cells, every row is accounted for; the refused file loads back clean once the cells it names are mended, and nobody is there twice', async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom(',', ';', '\t'), fc.constantFrom('\n', '\r\n'), async (given, delimiter, lineEnd) => {
      const bus = new MemoryBus();
      const lines = given.map(({ account, damage, cells }, index) => {
        const row = COLUMNS.map((column) => damage[column] ?? (column === 'account_id' ? `A${account}` : right(column, index)));
        if (cells === 1) row.push('one more');
        return (cells === -1 ? row.slice(0, -1) : row).map(quoted).join(delimiter);
      });
      const report = await load(bus, Buffer.from(['\ufeff' + COLUMNS.join(delimiter), ...lines].join(lineEnd)));
      expectSums(report);
      expect(bus.all(contactsTopic).length).toBe(report.accepted);
      if (report.refusedPath === null) return;

      const refused: string[][] = parse(await readFile(report.refusedPath, 'utf8'), { bom: true, relaxColumnCount: true });
      const [headings, ...bad] = refused as [string[], ...string[][]];
      expect(bad.length).toBe(report.refusedRows);
      const mended = bad.map((cells, index) => {
        const named = cells[1]!.split(' | ').map((field) => field.replace(/^fields\./, ''));
        // Two refused rows of one account: nothing is wrong with it as long as neither is loaded.
        if (bad.findIndex((other) => other[5] === cells[5]) !== index) named.push('account_id');
        return headings.map((heading, at) => (at >= 5 && (named.includes(heading) || named.includes('row')) ? right(heading, 100 + index) : cells[at] ?? ''));
      });
      const again = await load(bus, Buffer.from([headings, ...mended].map((cells) => cells.map(quoted).join(',')).join('\r\n')));
      expect(again).toMatchObject({ refusedRows: 0, rows: bad.length });
      expectSums(again);
      const ids = idsOf(bus);
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 150 },
  );
});

test('whatever the bytes, the load ends: with a report that adds up, or with an error that says what was expected', async () => {
  const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)), nasty.map((text) => Buffer.from(text)), fc.constantFrom('\n', ';', ',', '\t', '"', '\r\n', 'account_id;name;phones;debt\n', '1;A;0671234567;5\n').map((text) => Buffer.from(text)));
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.boolean(), async (pieces, withHeadings) => {
      const bus = new MemoryBus();
      try {
        expectSums(await load(bus, Buffer.concat([...(withHeadings ? [Buffer.from('account_id;name;phones;debt\n')] : []), ...pieces])));
      } catch (error) {
        expect(error).toMatchObject({ name: 'ObzvonError', exitCode: 2 });
      }
      expect(new Set(idsOf(bus)).size).toBe(idsOf(bus).length);
    }),
    { numRuns: 150 },
  );
});

test('all or nothing: nobody is loaded above the limit, all below it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }), fc.double({ min: 0, max: 1, noNaN: true }), async (good, bad, limit) => {
      const bus = new MemoryBus();
      const lines = [...Array.from({ length: good }, (_, index) => `A${index},Марія,067${1_000_000 + index},5`), ...Array.from({ length: bad }, (_, index) => `B${index},Марія,12,5`)];
      const report = await load(bus, Buffer.from(`account_id,name,phones,debt\n${lines.join('\n')}\n`), { maxRefusedShare: limit, spoolDir: join(dir, 'spool') });
      const tooMany = good + bad > 0 && bad / (good + bad) > limit;
      expect(report.end.kind).toBe(tooMany ? 'refused_whole' : 'loaded');
      expect(idsOf(bus).length).toBe(tooMany ? 0 : good);
      expect(bus.all(loadsTopic).at(-1)?.value).toMatchObject({ state: tooMany ? 'failed' : 'done', accepted: tooMany ? 0 : good, atOnce: true });
    }),
    { numRuns: 40 },
  );
});
