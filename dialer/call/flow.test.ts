import { describe, expect, test } from 'vitest';
import { flowSchema } from '../../core/flow.ts';
import { addDays, heardSoFar, startFlow, stepFlow, type FlowEvent, type FlowState, type FlowTransition } from './flow.ts';

const flow = flowSchema.parse({
  start: 'hello',
  steps: {
    hello: { kind: 'say', text: { en: 'x' }, next: 'debt' },
    debt: { kind: 'say', text: { en: 'x' }, essential: true, next: 'ask' },
    ask: { kind: 'gather', prompt: { en: 'x' }, waitSeconds: 4, tries: 2, choices: { 1: { meaning: 'promise_to_pay', withinDays: 5, next: 'bye' }, 2: { meaning: 'repeat', next: 'debt' }, 3: { meaning: 'wrong_person', next: 'ask' }, 9: { meaning: 'opt_out', next: 'ask' } }, otherwise: 'sorry' },
    sorry: { kind: 'say', text: { en: 'x' }, next: 'bye' },
    bye: { kind: 'hangup' },
  },
});
const durations = { hello: 1000, debt: 2000, ask: 1500, sorry: 500 };

const begin = (): FlowTransition => startFlow(flow, 'hello', '2026-12-30', 0);
const playing = (state: FlowState): number => (state.position.kind === 'playing' ? state.position.playId : -1);
const whole = (state: FlowState): FlowEvent => ({ kind: 'play_ended', playId: playing(state), playedMs: state.position.kind === 'playing' ? durations[state.position.step as keyof typeof durations] : 0, result: 'completed' });
const digit = (pressed: string): FlowEvent => ({ kind: 'digit', digit: pressed });

/** Follows events; the word `whole` plays the current prompt to its end. */
function follow(...events: (FlowEvent | 'whole')[]): FlowTransition {
  let made = begin();
  for (const event of events) made = stepFlow(made.state, event === 'whole' ? whole(made.state) : event, 0);
  return made;
}

describe('the flow', () => {
  test('says, asks, waits, asks again, then goes on without an answer', () => {
    expect(begin().actions).toEqual([{ kind: 'play', playId: 1, step: 'hello' }]);
    expect(follow('whole', 'whole').actions).toEqual([{ kind: 'play', playId: 3, step: 'ask' }]);
    expect(follow('whole', 'whole', 'whole').actions).toEqual([{ kind: 'wait', waitMs: 4000 }]);
    expect(follow('whole', 'whole', 'whole', { kind: 'wait_over' }).actions).toEqual([{ kind: 'play', playId: 4, step: 'ask' }]);
    expect(follow('whole', 'whole', 'whole', { kind: 'wait_over' }, 'whole', { kind: 'wait_over' }).actions).toEqual([{ kind: 'play', playId: 5, step: 'sorry' }]);
  });

  test('a digit pressed while a say leads to the question answers it', () => {
    const made = follow(digit('1'));
    expect(made.actions).toEqual([{ kind: 'stop_play' }, { kind: 'end', why: 'finished' }]);
    expect(made.state.response).toEqual({ kind: 'promise_to_pay', promisedDate: '2027-01-04' });
  });

  test('an unknown digit means nothing before the question, and costs a try after', () => {
    expect(follow(digit('5')).actions).toEqual([]);
    expect(follow('whole', 'whole', digit('5')).actions).toEqual([{ kind: 'stop_play' }, { kind: 'play', playId: 4, step: 'ask' }]);
    expect(follow('whole', 'whole', 'whole', digit('5'), digit('5')).actions).toEqual([{ kind: 'stop_play' }, { kind: 'play', playId: 5, step: 'sorry' }]);
    expect(follow(digit('5'), 'whole', 'whole', digit('7')).state.digits).toBe('57');
  });

  test('repeat says it again and gives fresh tries', () => {
    const made = follow('whole', 'whole', 'whole', digit('2'));
    expect(made.actions).toEqual([{ kind: 'stop_wait' }, { kind: 'play', playId: 4, step: 'debt' }]);
    expect(made.state.response).toEqual({ kind: 'none' });
  });

  test('the last answer counts, but an opt-out stands', () => {
    expect(follow(digit('3'), digit('1')).state.response.kind).toBe('promise_to_pay');
    expect(follow(digit('9'), digit('1')).state.response.kind).toBe('opt_out');
  });

  test('the end of a prompt that was replaced only tells how much of it was heard', () => {
    const made = stepFlow(follow('whole', digit('2')).state, { kind: 'play_ended', playId: 2, playedMs: 700, result: 'stopped' }, 0);
    expect(made.actions).toEqual([]);
    expect(heardSoFar(made.state, durations, 0)).toEqual({ messageMs: 3000, heardMs: 1700, whole: false });
  });

  test('a prompt that the switch could not play ends the flow', () => {
    expect(stepFlow(begin().state, { kind: 'play_ended', playId: 1, playedMs: 0, result: 'failed' }, 0).actions).toEqual([{ kind: 'end', why: 'play_failed' }]);
  });

  test('heard is the message up to the question; repeating adds nothing; whole needs the essential step', () => {
    expect(heardSoFar(follow('whole').state, durations, 0)).toEqual({ messageMs: 3000, heardMs: 1000, whole: false });
    expect(heardSoFar(follow('whole').state, durations, 1999)).toEqual({ messageMs: 3000, heardMs: 2999, whole: false });
    expect(heardSoFar(follow('whole', 'whole', digit('2'), 'whole').state, durations, 0)).toEqual({ messageMs: 3000, heardMs: 3000, whole: true });
  });

  test('days are counted over month and year', () => {
    expect(addDays('2028-02-28', 2)).toBe('2028-03-01');
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  });
});
