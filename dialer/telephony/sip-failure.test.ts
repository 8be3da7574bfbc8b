import { expect, test } from 'vitest';
import { plainWords, sipFailureOf } from './sip-failure.ts';

const sipError = (status: number, reason: string, reasonHeader?: string): Error =>
  Object.assign(new Error(`Sip non-success response: ${status}`), { status, reason, res: { get: (name: string) => (name === 'Reason' ? reasonHeader : undefined) } });

test.each([
  [sipError(486, 'Busy Here', 'Q.850;cause=17;text="User busy"'), { kind: 'sip', status: 486, q850Cause: 17, reason: 'Busy Here' }],
  [sipError(404, 'Not Found', 'SIP;cause=404, Q.850;cause=1'), { kind: 'sip', status: 404, q850Cause: 1, reason: 'Not Found' }],
  [sipError(503, 'Service Unavailable'), { kind: 'sip', status: 503, q850Cause: 0, reason: 'Service Unavailable' }],
  [sipError(480, 'No user 380671234567 here'), { kind: 'sip', status: 480, q850Cause: 0, reason: 'No user *** here' }],
  [new Error('invalid request-uri: sip:+380671234567@x'), { kind: 'signalling', reason: 'invalid request-uri: sip:***@x' }],
  ['gone', { kind: 'signalling', reason: 'gone' }],
])('%s', (error, failure) => {
  expect(sipFailureOf(error)).toEqual(failure);
});

test('words of a server fit a log: one short line, no phone, no control characters', () => {
  expect(plainWords(' a\r\nb\u0000c \u041f +380671234567 ')).toBe('a b c ***');
  expect(plainWords('x'.repeat(999))).toHaveLength(200);
});
