import { expect, test } from 'vitest';
import { z } from 'zod';
import * as topics from './topics.ts';

const { jsonTopic, paymentsTopic } = topics;
const payment = { paymentId: 'p-1', accountId: '04-100056', amountMinor: 12345, currency: 'UAH', paidAtMs: 1_790_000_000_000, receivedAtMs: 1_790_000_100_000 };

test('what is encoded is decoded', () => {
  expect(paymentsTopic.decode(paymentsTopic.encode(payment))).toEqual({ kind: 'ok', value: payment });
});

test.each([
  ['text that is not JSON', '{"paymentId":', 'not JSON'],
  ['a field that is not there', JSON.stringify({ ...payment, accountId: undefined }), 'accountId: Invalid input: expected string, received undefined'],
  ['a field of another type', JSON.stringify({ ...payment, amountMinor: '12345' }), 'amountMinor: Invalid input: expected number, received string'],
])('%s is refused with the reason, never thrown', (_name, text, found) => {
  expect(paymentsTopic.decode(text)).toEqual({ kind: 'refused', found });
});

test('the reason stays short, however much is wrong', () => {
  const many = jsonTopic('many', 1, z.object(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`field${i}`, z.string()]))));
  const read = many.decode('{}');
  expect(read.kind === 'refused' && read.found.length).toBe(1000);
});

test('no two topics share a name', () => {
  const names = Object.values(topics).flatMap((topic) => ('partitions' in topic ? [topic.name] : []));
  expect(names.length).toBeGreaterThanOrEqual(7);
  expect(new Set(names).size).toBe(names.length);
});
