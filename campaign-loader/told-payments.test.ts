import { Readable } from 'node:stream';
import { beforeEach, expect, test } from 'vitest';
import { paymentsTopic } from '../core/bus/topics.ts';
import { MemoryBus } from './memory-bus.contract.ts';
import { readPayments, type PaymentListReport } from './payment-list.ts';
import { toldPayments } from './told-payments.ts';

const HEADING = 'payment_id,account_id,amount,paid_at,posted_at,status';
let bus: MemoryBus;
beforeEach(() => {
  bus = new MemoryBus();
});

async function load(now: string, ...rows: readonly string[]): Promise<PaymentListReport> {
  return readPayments({ kind: 'stream', stream: Readable.from([Buffer.from([HEADING, ...rows].join('\n'))]), name: 'payments' }, {
    currency: 'UAH', timezone: 'Europe/Kyiv', nowMs: Date.parse(now), refusedPath: null, isKnown: () => true, isTold: await toldPayments(bus.asBus),
    take: (payments) => bus.publish(paymentsTopic, payments.map((value) => ({ key: value.accountId, value }))),
  });
}
const told = (): [string, string][] => bus.all(paymentsTopic).map(({ value }) => [value.paymentId, new Date(value.receivedAtMs).toISOString()]);

test('a file that grows from day to day: each payment is known since it was first told', async () => {
  const first = ['p1,A1,50,30.11.2026,,', 'p2,A2,70,2026-11-30 09:00,,'];
  expect(await load('2026-11-30T10:00:00Z', ...first)).toMatchObject({ accepted: 2, alreadyTold: 0 });
  expect(await load('2026-12-01T10:00:00Z', ...first, 'p3,A1,20,01.12.2026,,')).toMatchObject({ rows: 3, accepted: 3, refused: 0, alreadyTold: 2 });
  expect(told()).toEqual([['p1', '2026-11-30T10:00:00.000Z'], ['p2', '2026-11-30T10:00:00.000Z'], ['p3', '2026-12-01T10:00:00.000Z']]);
});

test('a date alone of the day it was told on is the same payment when that day is over', async () => {
  const row = 'p1,A1,50,30.11.2026,30.11.2026,';
  await load('2026-11-30T10:00:00Z', row);
  expect(await load('2026-12-02T10:00:00Z', row)).toMatchObject({ alreadyTold: 1 });
  expect(told()).toHaveLength(1);
});

test.each([
  ['account', 'p1,A2,50,2026-11-29,,'],
  ['amount', 'p1,A1,51,2026-11-29,,'],
  ['day', 'p1,A1,50,2026-11-28,,'],
  ['booking', 'p1,A1,50,2026-11-29,2026-11-29,'],
])('another %s is news, and so is the first word said again after it', async (_, row) => {
  const before = 'p1,A1,50,2026-11-29,,';
  await load('2026-11-30T10:00:00Z', before);
  expect(await load('2026-12-01T10:00:00Z', row)).toMatchObject({ alreadyTold: 0 });
  expect(await load('2026-12-02T10:00:00Z', before)).toMatchObject({ alreadyTold: 0 });
  expect(told()).toHaveLength(3);
});

test('of a payment taken back only the taking back is news, once', async () => {
  await load('2026-11-30T10:00:00Z', 'p1,A1,50,2026-11-29,,');
  expect(await load('2026-12-01T10:00:00Z', 'p1,A1,50,2026-11-29,,reversed')).toMatchObject({ reversed: 1, alreadyTold: 0 });
  expect(await load('2026-12-02T10:00:00Z', 'p1,A1,50,2026-11-29,,reversed')).toMatchObject({ alreadyTold: 1 });
  expect(told()).toEqual([['p1', '2026-11-30T10:00:00.000Z'], ['p1/reversed', '2026-12-01T10:00:00.000Z']]);
});
