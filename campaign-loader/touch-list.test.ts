import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTouches, type Touch } from './touch-list.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-touches-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function read(text: string, channel: string | null = null) {
  const path = join(dir, 'list.csv');
  await writeFile(path, text);
  const taken: Touch[] = [];
  const report = await readTouches({ kind: 'file', path }, { channel, timezone: 'Europe/Kyiv', refusedPath: null, take: (rows) => Promise.resolve(void taken.push(...rows)) });
  return { taken, report };
}

test('letters and SMS are read with the channel of the row, else that of the list, and the date on the zone\'s clock', async () => {
  const { taken, report } = await read('account_id,at,channel\nA-1,30.11.2026,\nA-2,2026-11-30T12:00:00Z,SMS\n', 'letter');
  expect(taken).toEqual([{ accountId: 'A-1', channel: 'letter', atMs: Date.parse('2026-11-29T22:00:00Z') }, { accountId: 'A-2', channel: 'sms', atMs: Date.parse('2026-11-30T12:00:00Z') }]);
  expect(report).toMatchObject({ rows: 2, accepted: 2, refused: 0 });
});

test('a row without a channel, an account or a date is refused, and the rest goes on', async () => {
  const { taken, report } = await read('account_id,at,channel\nA-1,30.11.2026,\n,30.11.2026,sms\nA-3,some day,sms\nA-4,30.11.2026,"=cmd|1"\nA-5,30.11.2026,sms\n');
  expect(taken.map(({ accountId }) => accountId)).toEqual(['A-5']);
  expect(report.examples.map(({ line, field, code }) => [line, field, code])).toEqual([[2, 'channel', 'missing'], [3, 'account_id', 'missing'], [4, 'at', 'not_a_date'], [5, 'channel', 'not_text']]);
});

test('a list without the columns is refused by name', async () => {
  await expect(read('account,when\n1,2\n')).rejects.toThrow(/missing account_id, at/);
});
