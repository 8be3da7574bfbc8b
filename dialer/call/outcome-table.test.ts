import { describe, expect, test } from 'vitest';
import type { CallFailure } from '../telephony/port.ts';
import { outcomeOfFailure } from './outcome-table.ts';

const sip = (status: number, q850Cause = 0): CallFailure => ({ kind: 'sip', status, q850Cause, reason: '' });

describe('what an unanswered call means', () => {
  test.each([
    // status, cause, outcome, fault, eases the trunk
    [486, 0, 'busy', 'callee', false],
    [486, 17, 'busy', 'callee', false],
    [600, 0, 'busy', 'callee', false],
    [480, 17, 'busy', 'callee', false],
    [404, 0, 'invalid_number', 'callee', false],
    [404, 1, 'invalid_number', 'callee', false],
    [410, 0, 'invalid_number', 'callee', false],
    [410, 22, 'invalid_number', 'callee', false],
    [484, 28, 'invalid_number', 'callee', false],
    [485, 0, 'invalid_number', 'callee', false],
    [604, 0, 'invalid_number', 'callee', false],
    [500, 1, 'invalid_number', 'callee', false],
    [480, 0, 'no_answer', 'callee', false],
    [480, 18, 'no_answer', 'callee', false],
    [480, 19, 'no_answer', 'callee', false],
    [487, 0, 'no_answer', 'callee', false],
    [480, 20, 'unreachable', 'callee', false],
    [480, 27, 'unreachable', 'callee', false],
    [404, 3, 'unreachable', 'network', false],
    [404, 2, 'unreachable', 'network', false],
    [408, 0, 'unreachable', 'network', false],
    [408, 102, 'unreachable', 'network', false],
    [502, 0, 'unreachable', 'network', false],
    [504, 0, 'unreachable', 'network', false],
    [503, 0, 'congestion', 'trunk', true],
    [503, 34, 'congestion', 'trunk', true],
    [503, 17, 'busy', 'callee', true],
    [500, 34, 'congestion', 'trunk', true],
    [500, 38, 'congestion', 'trunk', true],
    [480, 41, 'congestion', 'trunk', true],
    [486, 42, 'congestion', 'trunk', true],
    [429, 0, 'congestion', 'trunk', true],
    [603, 0, 'rejected', 'callee', false],
    [603, 21, 'rejected', 'callee', false],
    [403, 0, 'rejected', 'callee', false],
    [403, 21, 'rejected', 'callee', false],
    [607, 0, 'rejected', 'callee', false],
    [608, 0, 'rejected', 'callee', false],
    [480, 16, 'no_answer', 'callee', false],
    [486, 127, 'busy', 'callee', false],
    [400, 0, 'failed', 'trunk', false],
    [401, 0, 'failed', 'trunk', false],
    [488, 0, 'failed', 'trunk', false],
    [500, 0, 'failed', 'trunk', false],
    [302, 0, 'failed', 'trunk', false],
    [699, 0, 'failed', 'trunk', false],
  ] as const)('%i with cause %i is %s, by the %s', (status, cause, outcome, fault, easesTrunk) => {
    expect(outcomeOfFailure(sip(status, cause))).toEqual({ outcome, fault, easesTrunk });
  });

  test('what we ended ourselves, and what never reached the trunk', () => {
    expect(outcomeOfFailure({ kind: 'cancelled', why: 'ring_timeout' })).toEqual({ outcome: 'no_answer', fault: 'callee', easesTrunk: false });
    expect(outcomeOfFailure({ kind: 'cancelled', why: 'asked' })).toEqual({ outcome: 'failed', fault: 'dialer', easesTrunk: false });
    expect(outcomeOfFailure({ kind: 'media', reason: 'no endpoint' })).toEqual({ outcome: 'failed', fault: 'dialer', easesTrunk: false });
    expect(outcomeOfFailure({ kind: 'signalling', reason: 'gone' })).toEqual({ outcome: 'failed', fault: 'dialer', easesTrunk: false });
  });
});
