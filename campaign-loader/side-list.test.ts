import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { OutgoingMessage } from '../core/bus/port.ts';
import { commandSchema, type Command } from '../core/command.ts';
import { readDncList, suppressionReasonOf, type DncListOptions, type SideListReport } from './side-list.ts';

async function read(text: string, options: Partial<DncListOptions> = {}): Promise<{ report: SideListReport; orders: Command[] }> {
  const orders: OutgoingMessage<Command>[] = [];
  const report = await readDncList({ kind: 'stream', stream: Readable.from([Buffer.from(text)]), name: 'do-not-call.csv' }, {
    country: 'UA', nowMs: 1, refusedPath: null, ...options,
    take: (some) => {
      orders.push(...some);
      return Promise.resolve();
    },
  });
  return { report, orders: orders.map(({ value }) => commandSchema.parse(value)) };
}

test('a list of numbers and of accounts, with reason, expiry and source', async () => {
  const { report, orders } = await read('phone,account_id,reason,expires\n0671234567,,просив не дзвонити,\n,07-1,dispute,2027-01-31\n0501234567,07-2,,\n');
  expect(report).toMatchObject({ rows: 3, accepted: 3, refused: 0 });
  expect(orders).toEqual([
    { kind: 'dnc_add', phone: '+380671234567', reason: 'просив не дзвонити', code: 'opt_out', source: 'do-not-call.csv', expiresAtMs: null, atMs: 1 },
    { kind: 'suppress_add', accountId: '07-1', reason: 'dispute', source: 'do-not-call.csv', expiresAtMs: Date.parse('2027-01-31T00:00:00Z'), atMs: 1 },
    { kind: 'dnc_add', phone: '+380501234567', reason: 'imported', code: 'other', source: 'do-not-call.csv', expiresAtMs: null, atMs: 1 },
    { kind: 'suppress_add', accountId: '07-2', reason: 'other', source: 'do-not-call.csv', expiresAtMs: null, atMs: 1 },
  ]);
});

test('a list of accounts alone, under a reason for all of them', async () => {
  const { orders } = await read('account_id\n1\n2\n', { reason: 'regulator', source: 'NEURC 2026-11' });
  expect(orders.map((order) => order.kind === 'suppress_add' && [order.accountId, order.reason, order.source])).toEqual([['1', 'regulator', 'NEURC 2026-11'], ['2', 'regulator', 'NEURC 2026-11']]);
});

test('a row that names nobody, a number that is none and a date that is none are refused by name', async () => {
  const { report } = await read('phone,expires\n,\n3.80671E+11,\n0671234567,tomorrow\n');
  expect(report).toMatchObject({ rows: 3, accepted: 0, refused: 3 });
  expect(report.examples.map(({ field, code }) => `${field}.${code}`)).toEqual(['phone.missing', 'phone.scientific_notation', 'expires.not_a_date']);
});

test('a list without either heading is no such list', async () => {
  await expect(read('name\nx\n')).rejects.toThrow(/missing phone or account_id/);
});

test.each([['opt_out', 'opt_out'], ['Legal', 'legal'], ['рішення суду', 'legal'], ['помер', 'deceased'], ['реєстр НКРЕКП', 'regulator'], ['так сказали', 'other']])('%s means %s', (text, reason) => expect(suppressionReasonOf(text)).toBe(reason));
