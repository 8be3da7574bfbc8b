import { expect, test } from 'vitest';
import type { Attempt } from '../../core/attempt.ts';
import type { Contact } from '../../core/contact.ts';
import { timelineOf } from './timeline.ts';

const contact: Contact = {
  contactId: 'c1', campaignId: 'november', accountId: 'a1', name: 'Somebody', debtMinor: 100, currency: 'UAH', language: 'uk', timezone: 'Europe/Kyiv', phones: ['+380671234567'], group: 'called', priority: 5, fields: {},
  loadId: 'l1', loadedAtMs: 1000,
};
const attempt: Attempt = {
  attemptId: 't1', contactId: 'c1', campaignId: 'november', accountId: 'a1', group: 'called', language: 'uk', timezone: 'Europe/Kyiv', attemptNumber: 1, phone: '+380671234567', phoneIndex: 0, trunk: 'main', callerId: '+380440001001', dialerId: 'd',
  outcome: 'human', endedBy: 'callee', sipStatus: 200, q850Cause: 16, startedAtMs: 3000, endedAtMs: 40_000, answeredAtMs: 9000, postDialDelayMs: 900, ringMs: 5000, verdict: 'human', verdictConfidence: 0.9, verdictReason: 'short greeting', verdictAudioMs: 900, verdictLatencyMs: 950,
  talkMs: 31_000, messageMs: 18_000, heardMs: 18_000, heardWhole: true, digits: '1', response: { kind: 'promise_to_pay', promisedDate: '2026-11-10' },
};
const payment = { paymentId: 'p1', accountId: 'a1', amountMinor: 10_000, currency: 'UAH', paidAtMs: 2000, receivedAtMs: 50_000 };
const closed = { contactId: 'c1', campaignId: 'november', accountId: 'a1', group: 'called' as const, disposition: 'reached' as const, reason: 'a human heard the message whole', attempts: 1, closedAtMs: 40_001 };

test('everything in the order in which it happened, each once; what the dialer told beats what was presumed lost', () => {
  const lost: Attempt = { ...attempt, outcome: 'lost', answeredAtMs: null, talkMs: 0, response: { kind: 'none' } };
  const events = timelineOf({
    contacts: [contact, contact], attempts: [lost, attempt, attempt], closed: [closed, { ...closed, disposition: 'expired', closedAtMs: 60_000 }], payments: [payment, payment],
    commands: [
      { kind: 'dnc_add', phone: '+380671234567', reason: 'by letter', expiresAtMs: null, atMs: 70_000 },
      { kind: 'dnc_add', phone: '+380670000000', reason: 'another', expiresAtMs: null, atMs: 10 },
      { kind: 'pause', campaignId: 'november', atMs: 500 },
      { kind: 'revoke_load', campaignId: 'november', loadId: 'other', atMs: 600 },
    ],
  });
  expect(events.map(({ atMs, kind }) => [atMs, kind])).toEqual([[500, 'order'], [1000, 'loaded'], [2000, 'paid'], [3000, 'attempt'], [40_001, 'ended'], [50_000, 'payment_known'], [70_000, 'order']]);
  expect(events[3]!.text).toBe('attempt 1 to +38067***4567 over main from +38044***1001: human; SIP 200; talk 31.0 s, heard 18.0 s of 18.0 s (all that matters); verdict human (short greeting); promised to pay by 2026-11-10');
  expect(events[4]!.text).toBe('ended as reached after 1 attempt; the rule: a human heard the message whole');
  expect(events.map((event) => event.text).join('\n')).not.toMatch(/380671234567|Somebody/);
});

test('a payment is told in its currency, as billing told it last, and each time that it told something else', () => {
  const [yen, corrected] = [{ ...payment, amountMinor: 5000, currency: 'JPY' }, { ...payment, amountMinor: 4000, currency: 'JPY', receivedAtMs: 90_000 }];
  const atOnce = { ...payment, paymentId: 'p2', amountMinor: -1234, paidAtMs: 60_000, receivedAtMs: 60_000 };
  const events = timelineOf({ contacts: [contact], attempts: [], closed: [], payments: [corrected, yen, yen, corrected, atOnce], commands: [] });
  expect(events.slice(1).map(({ atMs, text }) => [atMs, text])).toEqual([
    [2000, 'paid: 4000 JPY (p1); not yet known here'],
    [50_000, 'payment p1 of 5000 JPY became known'],
    [60_000, 'a payment was taken back: -12.34 UAH (p2)'],
    [60_000, 'payment p2 of -12.34 UAH became known'],
    [90_000, 'payment p1 was told anew, of 4000 JPY'],
  ]);
});
