import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { attemptSchema } from '../attempt.ts';
import { commandSchema } from '../command.ts';
import { contactClosedSchema, contactSchema } from '../contact.ts';
import { loadSchema } from '../load.ts';
import { paymentSchema } from '../payment.ts';
import { compileCheck } from './compiled-check.ts';
import { deadLetterSchema } from './topics.ts';

const ids = { contactId: 'c-1', campaignId: 'november', accountId: '04-100056' };
const contact = {
  ...ids, name: 'Іваненко', debtMinor: 12_345, currency: 'UAH', dueDate: '2026-11-30', language: 'uk', timezone: 'Europe/Kyiv',
  phones: ['+380671234567', '+380501234567'], group: 'called', priority: 5, fields: { address: 'вул. Шевченка 1', meter: '7' }, loadId: 'l-1', loadedAtMs: 1_790_000_000_000,
};
const attempt = {
  ...ids, attemptId: 'a-1', group: 'called', language: 'ru', timezone: 'Europe/Kyiv', attemptNumber: 2, phone: '+380671234567', phoneIndex: 0, trunk: 'main',
  callerId: '+380443334455', dialerId: 'd-1', outcome: 'human', endedBy: 'callee', sipStatus: 200, q850Cause: 16, startedAtMs: 1_790_000_000_000, endedAtMs: 1_790_000_040_000,
  answeredAtMs: 1_790_000_009_000, postDialDelayMs: 1200, ringMs: 7800, verdict: 'human', verdictConfidence: 0.93, verdictReason: 'short greeting', verdictAudioMs: 1480,
  verdictLatencyMs: 1530, talkMs: 31_000, messageMs: 18_000, heardMs: 18_000, heardWhole: true, digits: '1', response: { kind: 'promise_to_pay', promisedDate: '2026-11-30' },
};
const unanswered = { ...attempt, outcome: 'busy', answeredAtMs: null, postDialDelayMs: null, verdict: null, verdictConfidence: null, verdictReason: null, verdictAudioMs: null, verdictLatencyMs: null, response: { kind: 'none' } };

/** By topic: its schema, and messages as they go over the bus. */
const TOPICS: readonly (readonly [name: string, schema: z.ZodType, messages: readonly object[]])[] = [
  ['contacts', contactSchema, [contact, without(contact, 'dueDate'), { ...contact, fields: {} }]],
  ['attempts', attemptSchema, [attempt, unanswered, { ...attempt, response: { kind: 'transfer', result: 'failed' } }]],
  ['dispositions', contactClosedSchema, [{ ...ids, group: 'held_out', disposition: 'held_out', reason: 'held out', attempts: 0, closedAtMs: 1 }]],
  ['payments', paymentSchema, [{ paymentId: 'p-1', accountId: 'x', amountMinor: -5, currency: 'UAH', paidAtMs: 1, receivedAtMs: 2 }]],
  ['commands', commandSchema, [
    { kind: 'pause', campaignId: 'november', atMs: 1 },
    { kind: 'set', campaignId: 'november', atMs: 1, maxCallsPerSecond: 0.5 },
    { kind: 'dnc_add', phone: '+380671234567', reason: 'asked', expiresAtMs: null, atMs: 1 },
  ]],
  ['loads', loadSchema, [{ loadId: 'l-1', campaignId: 'november', source: 'list.csv', sourceMark: null, state: 'done', reason: null, contentHash: null, format: 'csv', encoding: 'utf-8', by: 'clerk@desk', version: '0.1.0', atOnce: false, sinceMs: null, rows: 3, accepted: 2, heldOut: 0, suppressed: { 'suppressed.dispute': 1 }, refused: { 'debt:zero': 1 }, duplicates: 0, startedAtMs: 1, endedAtMs: 2 }]],
  ['dead letters', deadLetterSchema, [{ topic: 'contacts', partition: 1, offset: 7, key: 'k', text: '{', reason: 'not JSON', atMs: 1 }]],
];

function without(value: object, name: string): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

/** What a producer with a fault, or a stranger, might write in place of a value. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -0, -1, 1, 0.5, 9, 10, 127, 128, 699, 700, 2 ** 53 - 1, 2 ** 53, 1e21, '', 'x', 'uk', 'human', 'none', 'set', '2026-02-29', '2024-02-29', '2026-11-31'),
  fc.constantFrom<unknown>('+380671234567', '+0671234567', '+12345678901234567', 'UAH', 'UAHX', '5#', '5#\n', 'x'.repeat(128), 'x'.repeat(129), 'x'.repeat(501), [], {}, [null], ['+380671234567'], { kind: 'none' }, { kind: 'none', more: 1 }, { kind: 'transfer' }),
  fc.jsonValue(),
);
const name = fc.constantFrom('kind', 'extra', '', '__proto__', 'constructor', 'toString', 'dueDate', 'priority', 'maxChannels', 'response', '0', 'x'.repeat(64), 'x'.repeat(65));

/** One change somewhere in the message: a value put in, taken out, or added; `place` picks where. */
function changed(value: unknown, place: number, change: 'replace' | 'remove' | 'add', key: string, by: unknown): unknown {
  if (typeof value !== 'object' || value === null) return change === 'replace' ? by : value;
  if (Array.isArray(value)) {
    const copy = [...(value as unknown[])];
    if (change === 'add') return [...copy, by];
    if (copy.length > 0) copy.splice(place % copy.length, 1, ...(change === 'remove' ? [] : [by]));
    return copy;
  }
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  const [at, inner]: readonly [string, unknown] = entries[place % Math.max(1, entries.length)] ?? ['', null];
  if (typeof inner === 'object' && inner !== null && place % 2 === 0) return Object.fromEntries(entries.map(([one, field]) => [one, one === at ? changed(inner, place >> 1, change, key, by) : field] as const));
  if (change === 'add') return Object.fromEntries([...entries, [key, by] as const]);
  return Object.fromEntries(entries.flatMap(([one, field]) => (one !== at ? [[one, field] as const] : change === 'remove' ? [] : [[one, by] as const])));
}

describe.each(TOPICS)('%s', (_topic, schema, messages) => {
  const check = compileCheck(schema);

  test('its messages as they are pass without the schema', () => {
    for (const message of messages) expect(check(JSON.parse(JSON.stringify(message)))).toBe(true);
  });

  test('what passes the schema accepts and hands back as it is; what it would change or refuse does not pass', () => {
    const change = fc.record({ place: fc.nat(5000), change: fc.constantFrom('replace' as const, 'remove' as const, 'add' as const), key: name, by: odd });
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.array(change, { minLength: 1, maxLength: 3 }), (message, changes) => {
        const mutated = changes.reduce<unknown>((value, one) => changed(value, one.place, one.change, one.key, one.by), message);
        const text = JSON.stringify(mutated);
        const value: unknown = JSON.parse(text);
        if (!check(value)) return;
        const parsed = schema.safeParse(value);
        expect(parsed.success, text).toBe(true);
        expect(parsed.data).toStrictEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });
});

test('a key __proto__, a key more, a default to fill in: the schema is asked', () => {
  const check = compileCheck(contactSchema);
  expect(check(contact)).toBe(true);
  expect(check(JSON.parse(`{"__proto__":1,${JSON.stringify(contact).slice(1)}`))).toBe(false);
  expect(check(JSON.parse(JSON.stringify({ ...contact, fields: {} }).replace('"fields":{}', '"fields":{"__proto__":"x"}')))).toBe(false);
  expect(check({ ...contact, more: 1 })).toBe(false);
  expect(check(without(contact, 'priority'))).toBe(false);
  expect(check({ ...contact, dueDate: undefined })).toBe(false);
});

test.each<[string, z.ZodType, unknown]>([
  ['a transform', z.object({ a: z.string().transform((text) => text.length) }), { a: 'x' }],
  ['trimming', z.object({ a: z.string().trim() }), { a: ' x ' }],
  ['a refinement', z.object({ a: z.string().refine((text) => text !== 'x') }), { a: 'x' }],
  ['a refinement of the object', z.object({ a: z.string() }).refine(() => false), { a: 'x' }],
  ['coercion', z.object({ a: z.coerce.number() }), { a: 1 }],
  ['a format with code behind it', z.object({ a: z.url() }), { a: 'http://x' }],
  ['a pattern that remembers', z.object({ a: z.string().regex(/x/g) }), { a: 'x' }],
  ['a multiple', z.object({ a: z.number().multipleOf(2) }), { a: 2 }],
  ['a catch', z.object({ a: z.string().catch('x') }), { a: 'x' }],
  ['a record of an enum', z.record(z.enum(['a', 'b']), z.string()), { a: 'x', b: 'y' }],
  ['a pipe', z.string().pipe(z.string()), 'x'],
])('%s is left to the schema', (_name, schema, value) => {
  expect(compileCheck(schema)(value)).toBe(false);
});
