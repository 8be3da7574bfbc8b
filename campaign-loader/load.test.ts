import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbeddedBus } from '../core/bus/embedded.ts';
import type { Bus } from '../core/bus/port.ts';
import { contactsTopic, loadsTopic } from '../core/bus/topics.ts';
import { campaignSchema } from '../core/campaign.ts';
import { contactSchema } from '../core/contact.ts';
import type { Contact } from '../core/contact.ts';
import type { Load } from '../core/load.ts';
import { loadList, openRows, refusedPathOf, remarksPathOf, validateList } from './index.ts';
import type { IntoCampaign, ListFormat, ListSource, LoadProgress, LoadReport } from './index.ts';

const campaign = campaignSchema.parse({
  id: 'november-debt',
  name: 'November',
  company: 'Energo',
  list: { otherCurrency: 'keep' },
  startsAt: '2026-11-01T00:00:00Z',
  expiresAt: '2026-12-01T00:00:00Z',
  trunks: ['main'],
  callerIds: ['+380443334455'],
  maxCallsPerSecond: 10,
  maxChannels: 100,
  flow: { start: 'bye', steps: { bye: { kind: 'hangup' } } },
});
const HEADING = 'account_id,name,phones,debt';
const nowMs = () => 1_763_000_000_000;

let dir: string;
let bus: Bus;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-loader-'));
  bus = await openEmbeddedBus({ dir: join(dir, 'bus'), nowMs });
});
afterEach(async () => {
  await bus.close();
  await rm(dir, { recursive: true, force: true });
});

const loadedBy = { by: 'clerk@desk', version: '1.2.3', sinceMs: null, sourceMark: 'mark' };
interface Given {
  source?: ListSource;
  format?: ListFormat;
  bus?: Bus;
  loadId?: string;
  refusedPath?: string | null;
  onProgress?: (progress: LoadProgress) => void;
  atOnce?: IntoCampaign['atOnce'];
}
const streamOf = (text: string | Buffer): ListSource => ({ kind: 'stream', stream: Readable.from([Buffer.from(text)]), name: 'list.csv' });
const refusedPath = (): string => join(dir, 'list.refused.csv');

async function load(text: string | Buffer, given: Given = {}): Promise<LoadReport> {
  const list = await openRows(given.source ?? streamOf(text), given.format === undefined ? {} : { format: given.format });
  return loadList(
    { campaign, list, nowMs, loadId: given.loadId ?? 'load-1', refusedPath: given.refusedPath === undefined ? refusedPath() : given.refusedPath, ...(given.onProgress === undefined ? {} : { onProgress: given.onProgress }) },
    { bus: given.bus ?? bus, loadedBy, atOnce: given.atOnce ?? null },
  );
}
async function loads(): Promise<Load[]> {
  const all: Load[] = [];
  for await (const { value } of bus.scan(loadsTopic)) all.push(value);
  return all;
}
async function contacts(): Promise<Contact[]> {
  const all: Contact[] = [];
  for await (const message of bus.scan(contactsTopic)) all.push(message.value);
  return all.sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
}
const refusedText = () => readFile(join(dir, 'list.refused.csv'), 'utf8');
const row = (account: number) => `A${account},Іван ${account},067${1_000_000 + account},${100 + account}.50`;

describe('a load', () => {
  test('publishes contacts with everything a dialer needs, and tells its manifest when it begins and when it ends', async () => {
    const report = await load('\ufeffAccount_ID;Name;Phones;Debt;Currency;Due_Date;Language;Timezone;Priority;Street\r\n1;Марія;067 123-45-67 | 0441234567;1 234,56;;30.11.2026;RU;;7;Хрещатик 1\r\n2;Jan;+48512345678;10;PLN;2026-12-01;en;Europe/Berlin;;\r\n');
    expect(report).toMatchObject({ rows: 2, accepted: 2, refusedRows: 0, duplicates: 0, refusedPath: null });
    const [first, second] = await contacts();
    expect(first).toMatchObject({
      accountId: '1', name: 'Марія', phones: ['+380671234567', '+380441234567'], debtMinor: 123_456, currency: 'UAH', dueDate: '2026-11-30', language: 'ru', timezone: 'Europe/Kyiv', priority: 7, fields: { street: 'Хрещатик 1' }, loadId: 'load-1',
    });
    expect(second).toMatchObject({ currency: 'PLN', timezone: 'Europe/Berlin', language: 'en', priority: 5, fields: {} });
    const [running, done, ...more] = await loads();
    expect(more).toEqual([]);
    expect(running).toMatchObject({ state: 'running', rows: 0, contentHash: null });
    expect(done).toMatchObject({ loadId: 'load-1', state: 'done', rows: 2, accepted: 2, campaignId: campaign.id, source: 'list.csv', by: 'clerk@desk', version: '1.2.3', sourceMark: 'mark' });
    expect(done!.contentHash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('takes NDJSON too', async () => {
    const report = await load('{"account_id":1,"name":"A","phones":["0671234567","+48512345678"],"debt":12.5,"Tariff":"x"}\n\nnot json\n{"account_id":"2","name":{},"phones":"0671234567","debt":1}\n', { format: 'ndjson' });
    expect(report).toMatchObject({ rows: 3, accepted: 1, refusedRows: 2 });
    expect(Object.keys(report.refused).sort()).toEqual(['name.not_text', 'row.not_json']);
    expect((await contacts())[0]).toMatchObject({ phones: ['+380671234567', '+48512345678'], debtMinor: 1250, fields: { tariff: 'x' } });
  });

  test.each([
    ['name,phones', /missing headings account_id, debt; found: name, phones; expected: account_id, name, debt, phones/],
    ['account_id,name,debt', /missing the heading phones/],
    ['account_id,name,debt,phone,NAME', /the heading "name" twice/],
    ['', /found an empty list/],
  ])('with the headings "%s" is no load', async (heading, message) => {
    await expect(load(`${heading}\n1,2,3,4\n`.trimStart().replace(/^1,2,3,4\n$/, ''))).rejects.toThrow(message);
    expect(await readdir(dir)).toEqual(['bus']);
  });

  test('refuses files that are no text, and a path that would overwrite the list', async () => {
    await expect(load(Buffer.from('%PDF-1.7\n'))).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('found a PDF') as string });
    const path = join(dir, 'list.refused.csv');
    await writeFile(path, `${HEADING}\n`);
    await expect(load('', { source: { kind: 'file', path }, refusedPath: path })).rejects.toThrow(/over the list itself/);
    await expect(load('', { source: { kind: 'file', path: join(dir, 'none.csv') } })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('twice of the same list adds nobody', async () => {
    const text = `${HEADING}\n${Array.from({ length: 5000 }, (_, index) => row(index)).join('\n')}\n`;
    expect(await load(text)).toMatchObject({ rows: 5000, accepted: 5000 });
    const before = await contacts();
    expect(await load(text, { loadId: 'load-2' })).toMatchObject({ rows: 5000, accepted: 0, duplicates: 5000, refusedRows: 0 });
    expect(await contacts()).toEqual(before);
  });

  test('broken off in the middle is made whole by running it again', async () => {
    const text = `${HEADING}\n${Array.from({ length: 9000 }, (_, index) => row(index)).join('\n')}\n`;
    let published = 0;
    const dying: Bus = { publish: (topic, messages) => (topic.name === 'contacts' && ++published > 2 ? Promise.reject(new Error('killed')) : bus.publish(topic, messages)), consume: () => Promise.reject(new Error('not used')), scan: (topic) => bus.scan(topic), rewrite: (topic, change) => bus.rewrite(topic, change), lag: () => Promise.resolve(0), hasCommitted: () => Promise.resolve(false), health: () => ({ kind: 'up' }), close: () => Promise.resolve() };
    await expect(load(text, { bus: dying })).rejects.toThrow('killed');
    const some = (await contacts()).length;
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(9000);
    expect(await load(text, { loadId: 'load-2' })).toMatchObject({ rows: 9000, duplicates: some, accepted: 9000 - some });
    expect((await loads()).map(({ loadId, state }) => [loadId, state])).toEqual([['load-1', 'running'], ['load-1', 'failed'], ['load-2', 'running'], ['load-2', 'done']]);
    const ids = (await contacts()).map((contact) => contact.contactId);
    expect(ids.length).toBe(9000);
    expect(new Set(ids).size).toBe(9000);
  });

  test('validates without a bus', async () => {
    const list = await openRows(streamOf(`${HEADING}\n${row(1)}\nA2,x,12,0\n`), { format: 'csv' });
    expect(await validateList({ campaign, list, nowMs, loadId: 'x', refusedPath: null })).toMatchObject({ dryRun: true, rows: 2, accepted: 1, refusedRows: 1, refusedPath: null });
    expect(await contacts()).toEqual([]);
  });

  test('tells its progress and ends with the whole', async () => {
    const path = join(dir, 'big.csv');
    const text = `${HEADING}\n${Array.from({ length: 3000 }, (_, index) => row(index)).join('\n')}\n`;
    await writeFile(path, text);
    const told: LoadProgress[] = [];
    await load('', { source: { kind: 'file', path }, onProgress: (progress) => told.push(progress) });
    const bytes = Buffer.byteLength(text);
    expect(told.at(-1)).toEqual({ rows: 3000, accepted: 3000, refused: 0, bytes, totalBytes: bytes });
  });

  test('counts duplicates within the list and phones that accounts share', async () => {
    const report = await load(`${HEADING}\n1,A,0671234567,5\n2,B,+380671234567,6\n1,C,0501234567,7\n`);
    expect(report).toMatchObject({ rows: 3, accepted: 2, refusedRows: 1, sharedPhones: 1 });
    expect(await refusedText()).toContain('4,account_id,duplicate_account,1,');
    expect((await contacts())[0]).toMatchObject({ accountId: '1', name: 'A' });
  });
});

describe('refused rows', () => {
  test('load back clean once they are mended', async () => {
    const report = await load(`${HEADING},note\n1,"Ким, ""Рома""",+380671234567,0,=1+1\n2,B,+38067123456; 12,10,-\n3,C,0671234567; 0671234,10,ok\n`);
    expect(report).toMatchObject({ accepted: 1, refusedRows: 2, refusedPath: join(dir, 'list.refused.csv'), remarksPath: join(dir, 'list.remarks.csv') });
    expect(report.refused).toMatchObject({ 'debt.zero': { rows: 1 }, 'phones.not_in_plan': { rows: 1 } });
    expect(await readFile(remarksPathOf(report.refusedPath!), 'utf8')).toContain('\r\n4,phones,too_short,0671234,');
    const mended = (await refusedText()).replace(`,0,'=1+1`, `,55,'=1+1`).replace('+38067123456; 12', '+380671234568');
    expect(mended).toContain(`,'=1+1`);
    const path = join(dir, 'list.refused.csv');
    const again = await load(mended, { refusedPath: refusedPathOf(path) });
    expect(again).toMatchObject({ rows: 2, accepted: 2, refusedRows: 0, refusedPath: null });
    expect(await contacts()).toMatchObject([{ name: 'Ким, "Рома"', phones: ['+380671234567'], fields: { note: '=1+1' } }, { phones: ['+380671234568'], fields: { note: '-' } }, { phones: ['+380671234567'] }]);
  });

  test('an old refused file goes away when nothing is refused', async () => {
    await load(`${HEADING}\n1,A,12,5\n`);
    expect(await readdir(dir)).toContain('list.refused.csv');
    await load(`${HEADING}\n1,A,0671234567,5\n`);
    expect(await readdir(dir)).toEqual(['bus']);
  });

  test('are shown in the report without what they say', async () => {
    const report = await load(`${HEADING}\n1,Ivan,+380 67 123 45,5\n2,Petro,0671234567,-5\n`);
    expect(JSON.stringify(report)).not.toMatch(/380 67|Ivan|Petro|671234567/);
    expect(report.refused['phones.not_in_plan']!.examples).toEqual([{ line: 2, found: '+999 99 999 99', expected: 'a phone that exists in the numbering plan of UA' }]);
  });
});

describe('hostile rows', () => {
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const COMMAND = 'Ivan\n\napi status\n\n';

  test('end harmless or refused, and never cost their neighbours', async () => {
    const hostile = [
      `1,${cell(COMMAND)},0671234567,5`,
      `2,${cell('{{debt}} {origination=x}[a]|sofia/external/1 $(id) `x`')},0671234567,5`,
      `3,Ivan,${cell('0671234567\r\nVia: SIP/2.0/UDP evil')},5`,
      `4,Ivan,${cell('067123\r4567')},5`,
      `${cell('5\r\nbgapi originate')},Ivan,0671234567,5`,
      '6,I\0van,0671234567,5',
      `7,${'x'.repeat(1_000_000)},0671234567,5`,
      `8,=cmd|' /C calc'!A0,=1+2,5`,
      `9,"open quote,0671234567,5`,
      `../../etc/passwd,O'Brien "Bob"; DROP TABLE contacts,0671234567,5`,
    ];
    const bytes = Buffer.concat([Buffer.from(`${HEADING}\n${row(100)}\n${hostile.join('\n')}\n11,Iv`), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from(`an,0671234567,5\n${row(101)}\n`)]);
    const report = await load(bytes);
    expect(report.rows).toBe(hostile.length + 3);
    expect(report.accepted + report.refusedRows).toBe(report.rows);
    const loaded = await contacts();
    expect(loaded.map((contact) => [contact.accountId, contact.name, contact.phones])).toEqual([
      ['../../etc/passwd', `O'Brien "Bob"; DROP TABLE contacts`, ['+380671234567']],
      ['1', 'Ivan api status', ['+380671234567']],
      ['2', 'debt origination=x a sofia/external/1 (id) x', ['+380671234567']],
      ['3', 'Ivan', ['+380671234567']],
      ['A100', 'Іван 100', ['+380671000100']],
      ['A101', 'Іван 101', ['+380671000101']],
    ]);
    expect(Object.keys(report.refused).sort()).toEqual(['account_id.control_characters', 'name.broken_utf8', 'name.nul', 'phones.control_characters', 'phones.too_short', 'row.broken_quotes', 'row.row_too_long']);
    expect(Object.keys(report.remarks).sort()).toEqual(['name.text_cleaned', 'phones.amount_in_phone_column', 'phones.letters']);
    const refused = await refusedText();
    expect(refused).toContain(`'=cmd|' /C calc'!A0`);
    for (const line of refused.split('\r\n')) expect(line).not.toMatch(/(^|,)"?[=@]/);
    expect(refused.length).toBeLessThan(20_000);
  });

  test('whatever the bytes, every row read is accepted, refused or a duplicate, and contacts keep to their schema', async () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('0671234567', '+380501234567', '3.80671E+11', '1234.56', '100', '-5', '1', '2', '', '"', 'a"b', '\r\n', '{{name}}', 'uk', 'Europe/Kyiv', '2026-11-30', '\0', '=1', "'=1", '0671234567 0501234567'),
    );
    const table = fc.array(fc.array(nasty, { minLength: 6, maxLength: 8 }), { maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(table, fc.boolean(), fc.constantFrom('\n', '\r\n'), async (cells, quoted, lineEnd) => {
        const text = [['account_id', 'phones', 'debt', 'name', 'language', 'x'], ...cells].map((line) => line.map((value) => (quoted ? cell(value) : value)).join(',')).join(lineEnd);
        const published: unknown[] = [];
        const memory: Bus = { publish: (topic, messages) => { if (topic.name === 'contacts') for (const { value } of messages) published.push(value); return Promise.resolve(); }, consume: () => Promise.reject(new Error('not used')), scan: (topic) => bus.scan(topic), rewrite: (topic, change) => bus.rewrite(topic, change), lag: () => Promise.resolve(0), hasCommitted: () => Promise.resolve(false), health: () => ({ kind: 'up' }), close: () => Promise.resolve() };
        const report = await load('', { source: { ...streamOf(text), name: 'x.csv' } as ListSource, bus: memory, loadId: 'x', refusedPath: join(dir, 'x.refused.csv') });
        expect(report.accepted + report.refusedRows + report.duplicates).toBe(report.rows);
        expect(published.length).toBe(report.accepted);
        if (quoted) expect(report.rows).toBe(cells.filter((line) => line.some((value) => value.trim() !== '')).length);
        for (const contact of published) {
          const parsed = contactSchema.parse(contact);
          // eslint-disable-next-line no-control-regex -- none may be left
          expect([parsed.accountId, parsed.name, ...Object.values(parsed.fields)].join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f{}|\ufffd]/);
        }
        const lines = Object.values(report.refused).reduce((sum, count) => sum + count.rows, 0);
        expect(lines).toBe(report.refusedRows);
      }),
      { numRuns: 100 },
    );
  });
});
