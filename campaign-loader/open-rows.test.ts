import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ObzvonError } from '../core/errors.ts';
import { encoded } from './fixtures/encoded.ts';
import type { Encoding } from './format/encoding.ts';
import type { ListRow, ReadRow } from './list-row.ts';
import type { ListSource } from './list-source.ts';
import { openRows } from './open-rows.ts';
import type { ReadOptions } from './read-options.ts';
import { ProblemFile } from './refused-file.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-rows-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const streamOf = (pieces: readonly Uint8Array[], name = 'list'): ListSource => ({ kind: 'stream', stream: Readable.from(pieces), name });

/** Pieces of these lengths, over and over. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length]!;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

async function read(source: ListSource, options: ReadOptions = {}): Promise<{ rows: ReadRow[]; error: string | null; hash: string }> {
  let rows: ReadRow[] = [];
  let open;
  try {
    open = await openRows(source, options);
  } catch (error) {
    if (!(error instanceof ObzvonError)) throw error;
    return { rows, error: error.code, hash: '' };
  }
  try {
    for await (const batch of open.rows) rows = [...rows, ...batch];
    return { rows, error: null, hash: open.contentHash() };
  } catch (error) {
    if (!(error instanceof ObzvonError)) throw error;
    return { rows, error: error.code, hash: open.contentHash() };
  } finally {
    await open.close();
  }
}

const HEADINGS = 'Особовий рахунок;ПІБ;Телефон;Борг;Адреса';

describe('openRows', () => {
  test('gives the same rows however the bytes are cut and packed, in each encoding', async () => {
    const cell = fc.string({ unit: fc.constantFrom('Ї', 'ґ', 'а', 'ы', '7', '0', '"', ';', ',', ' ', '\r', 'x'), maxLength: 8 });
    const quoted = (value: string): string => (/["\r;]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(cell, { minLength: 5, maxLength: 5 }), { maxLength: 20 }), fc.constantFrom<Encoding>('utf-8', 'utf-16le', 'utf-16be', 'windows-1251', 'cp1125'), fc.boolean(), fc.constantFrom('\n', '\r\n'), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }), async (cells, encoding, packed, lineEnd, lengths) => {
        const text = [HEADINGS, ...cells.map((row) => row.map(quoted).join(';'))].join(lineEnd) + lineEnd;
        const plain = encoded(encoding === 'windows-1251' || encoding === 'cp1125' ? text.replace(/[^\p{ASCII}а-яґїі]/giu, '?') : text, encoding);
        const bytes = packed ? gzipSync(plain) : plain;
        // The encoding is said: of such cells nobody could tell it.
        const whole = await read(streamOf([bytes]), { encoding });
        const inPieces = await read(streamOf(cut(bytes, lengths)), { encoding });
        expect(inPieces).toEqual(whole);
        expect(whole.error).toBeNull();
        expect(whole.hash).toBe(createHash('sha256').update(bytes).digest('hex'));
        // All rows that have anything in them are accounted for.
        expect(whole.rows.length).toBe(cells.filter((row) => row.some((value) => value.trim() !== '')).length);
        expect(whole.rows.every((row) => row.kind === 'row')).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('zeros behind a gzip file, with which tapes fill their blocks, are nothing', async () => {
    const packed = gzipSync(`${HEADINGS}\n1;Іван;0671234567;10;x\n`);
    for (const zeros of [8, 512, 300_000]) {
      const { rows, error } = await read(streamOf(cut(Buffer.concat([packed, Buffer.alloc(zeros)]), [1000])));
      expect({ rows: rows.length, error }).toEqual({ rows: 1, error: null });
    }
  });

  test('ends in rows or in words whatever the bytes are', async () => {
    const start = fc.constantFrom(...['', `${HEADINGS}\n`, 'account_id,name,phones,debt\n', '[{"account_id":1},', '{"account_id":"1","phones":"0671234567","name":"x","debt":5}\n', 'sep=;\n', '\ufeff', 'PK\x03\x04', '\x1f\x8b\x08\x00'].map((text) => Buffer.from(text, text.startsWith('\x1f') ? 'latin1' : 'utf8')));
    const noise = fc.oneof(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)), fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', '1', 'і', '{', '}', '[', ']', ':', '\\'), maxLength: 120 }).map((text) => Buffer.from(text)));
    await fc.assert(
      fc.asyncProperty(start, noise, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 3 }), async (beginning, bytes, lengths) => {
        const all = Buffer.concat([beginning, bytes]);
        const whole = await read(streamOf([all]));
        const inPieces = await read(streamOf(cut(all, lengths)));
        expect({ ...inPieces, rows: inPieces.rows }).toEqual({ ...whole, rows: whole.rows });
      }),
      { numRuns: 400 },
    );
  });

  test('reads several files one after another, knows each row\'s file, and finds what is wrong with any before the first row', async () => {
    const folder = await mkdtemp(join(dir, 'glob-'));
    await writeFile(join(folder, 'b.csv'), encoded(`${HEADINGS}\n2;Ганна;0501112233;20;x\n`, 'windows-1251'));
    await writeFile(join(folder, 'a.csv'), 'name,note,account_id,phone,debt\nІван,ввечері,1,0671234567,10\n');
    const source: ListSource = { kind: 'glob', pattern: join(folder, '*.csv') };
    const open = await openRows(source);
    expect(open.understood.files.map(({ name, encoding, columns }) => [name.slice(folder.length + 1), encoding, columns.length])).toEqual([['a.csv', 'utf-8', 5], ['b.csv', 'windows-1251', 5]]);
    const rows: ReadRow[] = [];
    for await (const batch of open.rows) rows.push(...batch);
    expect(open.headings).toEqual(['name', 'note', 'account_id', 'phone', 'debt', 'Особовий рахунок', 'ПІБ', 'Телефон', 'Борг', 'Адреса']);
    expect(rows).toMatchObject([
      { row: { file: join(folder, 'a.csv'), line: 2, accountId: '1', name: 'Іван', debt: '10', original: ['Іван', 'ввечері', '1', '0671234567', '10', '', '', '', '', ''] } },
      { row: { file: join(folder, 'b.csv'), line: 2, accountId: '2', name: 'Ганна', address: 'x', original: ['', '', '', '', '', '2', 'Ганна', '0501112233', '20', 'x'] } },
    ]);
    await open.close();
    await writeFile(join(folder, 'c.csv'), 'a,b\n1,2\n');
    await expect(openRows(source)).rejects.toThrow(/c\.csv: line 1: missing headings/);
    await expect(openRows({ kind: 'glob', pattern: join(folder, '*.xlsx') })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('reads no further than it is asked', async () => {
    let given = 0;
    const endless = Readable.from((function* () {
      yield Buffer.from('account_id,name,phones,debt\n');
      for (let row = 0; ; row += 1) {
        given += 1;
        yield Buffer.from(`${row},Олена,0671234567,10\n`.repeat(100));
      }
    })());
    const open = await openRows({ kind: 'stream', stream: endless, name: 'endless' });
    let rows = 0;
    for await (const batch of open.rows) if ((rows += batch.length) > 20_000) break;
    await open.close();
    expect(given * 100).toBeLessThan(rows + 10_000);
    expect(endless.destroyed).toBe(true);
  });

  test.each([
    ['CSV', `${HEADINGS};примітка\n1;"Ко;валь";0671234567;=1;вул. 1;'x\n`],
    ['objects, one key of which comes late', `${Array.from({ length: 301 }, (_, index) => `{"account_id":${index},"name":"Іван","phones":["0671234567","0501112233"],"debt":1.5,"note":""}\n`).join('')}{"account_id":"7","name":"Ганна","phones":"0931234567","debt":2,"мова":"ru","late":"пізно"}\n`],
  ])('reads back from a refused file what it gave (%s)', async (_name, text) => {
    const open = await openRows(streamOf([Buffer.from(text)]));
    const given: ListRow[] = [];
    for await (const batch of open.rows) for (const row of batch) if (row.kind === 'row') given.push(row.row);
    await open.close();
    const path = join(dir, 'back.refused.csv');
    const file = new ProblemFile(path);
    for (const row of given) file.add(open.headings, row.line, [{ field: 'debt', code: 'zero', found: '', expected: '' }], row.original);
    await file.finish();
    const { rows } = await read({ kind: 'file', path });
    const told = ({ accountId, name, phones, debt, address, language, extra }: ListRow) => ({ accountId, name, debt, address, language, phones: phones.flatMap(([, cell]) => cell.split('; ')), extra: Object.fromEntries(extra.filter(([, value]) => value !== '')) });
    expect(rows.map((row) => (row.kind === 'row' ? told(row.row) : row))).toEqual(given.map(told));
  });

  test('shows how the columns were understood, and the first rows', async () => {
    const open = await openRows(streamOf([Buffer.from(`Звіт\n\n${HEADINGS};Баланс до оплати\n${Array.from({ length: 8 }, (_, row) => `${row};Іван;0671234567;1 000,5${row};;7\n`).join('')}`)]));
    const [file] = open.understood.files;
    expect(file).toMatchObject({ name: 'list', format: 'csv', compression: 'none', encoding: 'utf-8', delimiter: ';', decimalMark: ',', headingLine: 3 });
    expect(file!.firstRows.map(({ line }) => line)).toEqual([4, 5, 6, 7, 8]);
    expect(file!.columns.map(({ heading, field, as, why, sureness }) => [heading, field, as, why, sureness])).toEqual([
      ['Особовий рахунок', 'account_id', 'account_id', 'synonym', 0.95],
      ['ПІБ', 'name', 'name', 'synonym', 0.95],
      ['Телефон', 'phones', 'телефон', 'synonym', 0.95],
      ['Борг', 'debt', 'debt', 'synonym', 0.95],
      ['Адреса', 'address', 'address', 'synonym', 0.95],
      ['Баланс до оплати', 'extra', 'баланс_до_оплати', 'not_known', 1],
    ]);
    expect(file!.columns.at(-1)!.remark).toMatch(/may also be debt, but "Борг" is more surely that/);
    await open.close();
    expect(open.passedOver()).toEqual([]);
  });
});
