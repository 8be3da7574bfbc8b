import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Payment } from '../core/payment.ts';
import { momentOf } from './moment.ts';
import { readPayments, type PaymentListReport } from './payment-list.ts';

const NOW_MS = Date.parse('2026-12-01T10:00:00+02:00');
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-payments-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function read(rows: readonly string[], heading = 'payment_id,account_id,amount,paid_at'): Promise<{ report: PaymentListReport; payments: Payment[]; refused: string }> {
  const payments: Payment[] = [];
  const refusedPath = join(dir, 'refused.csv');
  const report = await readPayments({ kind: 'stream', stream: Readable.from([Buffer.from([heading, ...rows].join('\n'))]), name: 'payments' }, {
    currency: 'UAH', timezone: 'Europe/Kyiv', nowMs: NOW_MS, refusedPath, isKnown: (accountId) => accountId.startsWith('A'), isTold: () => false,
    take: (taken) => {
      payments.push(...taken);
      return Promise.resolve();
    },
  });
  return { report, payments, refused: await readFile(refusedPath, 'utf8').catch(() => '') };
}

describe('moments as billing exports them', () => {
  test.each([
    ['2026-11-30', '2026-11-29T22:00:00Z'],
    ['30.11.2026', '2026-11-29T22:00:00Z'],
    ['1.7.2026 9:05', '2026-07-01T06:05:00Z'],
    ['30.11.2026 23:59:59', '2026-11-30T21:59:59Z'],
    ['2026-11-30 12:00', '2026-11-30T10:00:00Z'],
    ['2026-11-30T12:00:05.123', '2026-11-30T10:00:05Z'],
    ['2026-11-30T12:00:00+01:00', '2026-11-30T11:00:00Z'],
    ['2026-11-30 12:00:00+0100', '2026-11-30T11:00:00Z'],
    ['2026-11-30T12:00:00Z', '2026-11-30T12:00:00Z'],
  ])('%s in Kyiv is %s', (text, expected) => {
    expect(momentOf(text, 'Europe/Kyiv')).toBe(Date.parse(expected));
  });

  test.each(['', 'yesterday', '30.02.2026', '2026-13-01', '30.11.2026 25:00', '11/30/2026', '20261130', '30.11.26', '1969-12-31T00:00:00Z'])('"%s" is none', (text) => {
    expect(momentOf(text, 'Europe/Kyiv')).toBeNull();
  });
});

test('amounts with decimal commas, the two dates apart, a currency of its own', async () => {
  const { report, payments } = await read(['p1;A1;1 234,56;30.11.2026;01.12.2026 08:00;', 'p2;A2;99.5;2026-11-30;;EUR'], 'payment_id;account_id;amount;paid_at;posted_at;currency');
  expect(payments).toEqual([
    { paymentId: 'p1', accountId: 'A1', amountMinor: 123_456, currency: 'UAH', paidAtMs: Date.parse('2026-11-30T21:59:59Z'), postedAtMs: Date.parse('2026-12-01T06:00:00Z'), receivedAtMs: NOW_MS },
    { paymentId: 'p2', accountId: 'A2', amountMinor: 9950, currency: 'EUR', paidAtMs: Date.parse('2026-11-30T21:59:59Z'), receivedAtMs: NOW_MS },
  ]);
  expect(report).toMatchObject({ rows: 2, accepted: 2, refused: 0, repeated: 0, reversed: 0, unmatched: 0 });
});

describe('a date alone, of a day on which the debtor was called, does not come before the call', () => {
  const NOW = '2026-12-01T10:00:00+02:00';
  test.each([
    ['a day that is over: its last second', '30.11.2026', '', '2026-11-30T23:59:59+02:00', undefined],
    ['today: no later than we heard of it', '2026-12-01', '', NOW, undefined],
    ['a day to come: the same', '04.12.2026', '', NOW, undefined],
    ['booked on the same day: no later than that', '30.11.2026', '30.11.2026 12:00', '2026-11-30T12:00:00+02:00', '2026-11-30T12:00:00+02:00'],
    ['booked by a date alone: no lag', '30.11.2026', '30.11.2026', '2026-11-30T23:59:59+02:00', '2026-11-30T23:59:59+02:00'],
    ['booked today', '30.11.2026', '01.12.2026', '2026-11-30T23:59:59+02:00', NOW],
    ['booked before its date: that tells nothing', '30.11.2026', '29.11.2026', '2026-11-30T23:59:59+02:00', '2026-11-29T23:59:59+02:00'],
    ['booked at midnight, as databases write a date: the same', '30.11.2026', '30.11.2026 00:00:00', '2026-11-30T23:59:59+02:00', '2026-11-30T00:00:00+02:00'],
    ['a time is taken as it is', '30.11.2026 09:00', '', '2026-11-30T09:00:00+02:00', undefined],
    ['midnight, when written', '30.11.2026 00:00', '', '2026-11-30T00:00:00+02:00', undefined],
  ])('%s', async (_, paid, posted, paidAt, postedAt) => {
    const { payments } = await read([`p1,A1,50,${paid},${posted}`], 'payment_id,account_id,amount,paid_at,posted_at');
    expect(payments.map(({ paidAtMs, postedAtMs }) => [paidAtMs, postedAtMs])).toEqual([[Date.parse(paidAt), postedAt === undefined ? undefined : Date.parse(postedAt)]]);
  });
});

describe('payments taken back', () => {
  test('a negative amount, and one that names what it reverses', async () => {
    const { report, payments } = await read(['p1,A1,-50,30.11.2026,', 'p2,A1,50,30.11.2026,p0'], 'payment_id,account_id,amount,paid_at,reverses');
    expect(payments.map(({ amountMinor, reverses }) => [amountMinor, reverses])).toEqual([[-5000, undefined], [-5000, 'p0']]);
    expect(report.reversed).toBe(2);
  });

  test.each(['reversed', 'Сторно', 'повернено', 'отменён', 'REFUND'])('the status %s: told with its contrary, so that the sum is nought whatever was told before', async (status) => {
    const { report, payments } = await read([`p1,A1,50,30.11.2026,${status}`], 'payment_id,account_id,amount,paid_at,status');
    expect(payments.map(({ paymentId, amountMinor, reverses }) => [paymentId, amountMinor, reverses])).toEqual([['p1', 5000, undefined], ['p1/reversed', -5000, 'p1']]);
    expect(report).toMatchObject({ rows: 1, accepted: 1, reversed: 1 });
  });

  test.each([
    ['paid', '', '50', [['p2', 5000, undefined]]],
    ['paid', '', '-50', [['p2', -5000, undefined]]],
    ['paid', 'p1', '50', [['p2', -5000, 'p1']]],
    ['paid', 'p1', '-50', [['p2', -5000, 'p1']]],
    ['сторно', '', '50', [['p2', 5000, undefined], ['p2/reversed', -5000, 'p2']]],
    ['сторно', '', '-50', [['p2/reversed', -5000, undefined]]],
    ['сторно', 'p1', '50', [['p2', -5000, 'p1']]],
    ['сторно', 'p1', '-50', [['p2', -5000, 'p1']]],
  ])('status %s, reverses "%s", amount %s: taken back once, however many ways say so', async (status, reverses, amount, told) => {
    const { report, payments } = await read([`p2,A1,${amount},30.11.2026,${status},${reverses}`], 'payment_id,account_id,amount,paid_at,status,reverses');
    expect(payments.map((one) => [one.paymentId, one.amountMinor, one.reverses])).toEqual(told);
    expect(report.reversed).toBe(told.some(([, minor]) => Number(minor) < 0) ? 1 : 0);
  });

  test('a status nobody knows is refused by name', async () => {
    const { report, refused, payments } = await read(['p1,A1,50,30.11.2026,pending', 'p2,A1,50,30.11.2026,Оплачено'], 'payment_id,account_id,amount,paid_at,status');
    expect(payments.map((one) => one.paymentId)).toEqual(['p2']);
    expect(report.examples).toMatchObject([{ line: 2, field: 'status', code: 'unknown_status' }]);
    expect(refused).toContain('pending');
  });
});

test('the same row twice is one payment told twice; another amount under the same id is refused', async () => {
  const { report, payments, refused } = await read(['p1,A1,50,30.11.2026', 'p1,A1,50,30.11.2026', 'p1,A1,60,30.11.2026', 'p1,A2,50,30.11.2026']);
  expect(new Set(payments.map((one) => one.paymentId)).size).toBe(1);
  expect(report).toMatchObject({ rows: 4, accepted: 2, refused: 2, repeated: 1 });
  expect(refused).toContain('told_otherwise');
});

test('accounts that no campaign has are told all the same, and reported by line', async () => {
  const { report, payments } = await read(['p1,A1,50,30.11.2026', 'p2,X7,50,30.11.2026', 'p3,X8,50,30.11.2026']);
  expect(payments).toHaveLength(3);
  expect(report).toMatchObject({ unmatched: 2, unmatchedLines: [3, 4] });
});

test('bad rows are refused with field, found and expected; the rest goes on', async () => {
  const { report, payments, refused } = await read(['p1,,50,30.11.2026', ',A1,50,30.11.2026', 'p3,A1,many,30.11.2026', 'p4,A1,50,31.11.2026', 'p5,A1,50,30.11.2026']);
  expect(payments.map((one) => one.paymentId)).toEqual(['p5']);
  expect(report.examples.map(({ line, field, code }) => [line, field, code])).toEqual([[2, 'account_id', 'missing'], [3, 'payment_id', 'missing'], [4, 'amount', 'not_a_number'], [5, 'paid_at', 'not_a_date']]);
  expect(refused.split('\r\n')).toHaveLength(6);
});
