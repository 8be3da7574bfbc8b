import { describe, expect, test } from 'vitest';
import { flowSchema, nextSteps } from './flow.ts';

const say = (next: string) => ({ kind: 'say', text: { uk: 'Добрий день' }, next });
const gather = { kind: 'gather', prompt: { uk: 'Натисніть один' }, choices: { '1': { meaning: 'promise_to_pay', next: 'end' }, '2': { meaning: 'repeat', next: 'greet' } }, otherwise: 'end' };
const end = { kind: 'hangup' };

const faults = (flow: unknown): string[] => {
  const parsed = flowSchema.safeParse(flow);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

describe('flowSchema', () => {
  test('a flow that speaks, asks, repeats and ends', () => {
    const flow = flowSchema.parse({ start: 'greet', steps: { greet: say('ask'), ask: gather, end } });
    expect(flow.steps.ask).toMatchObject({ waitSeconds: 5, tries: 2, choices: { '1': { withinDays: 3 } } });
    expect(flow.steps.greet).toMatchObject({ essential: false });
    expect(nextSteps(flow.steps.greet!)).toEqual(['ask']);
    expect(nextSteps(flow.steps.ask!)).toEqual(['end', 'end', 'greet']);
    expect(nextSteps(flow.steps.end!)).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['a start that is not there', { start: 'hello', steps: { end } }, 'start: there is no step named "hello"; steps: end'],
    ['a next that is not there', { start: 'greet', steps: { greet: say('ask'), end } }, 'steps.greet: there is no step named "ask"; steps: greet, end'],
    ['a step named like a property of every object', { start: 'constructor', steps: { end } }, 'start: there is no step named "constructor"; steps: end'],
    ['speech that goes round', { start: 'a', steps: { a: say('b'), b: say('a') } }, 'steps.a: speaks for ever: the steps after it come back without a gather or a hangup'],
    ['a message that is not there', { start: 'end', steps: { end }, messageStart: 'leave' }, 'messageStart: there is no step named "leave"; steps: end'],
    ['a message that asks a machine', { start: 'greet', steps: { greet: say('ask'), ask: gather, end }, messageStart: 'greet' }, 'messageStart: step "ask" gathers digits; a machine presses none'],
  ])('%s is refused', (_name, flow, fault) => {
    expect(faults(flow)).toContain(fault);
  });

  test.each<[string, unknown]>([
    ['an unknown kind', { kind: 'sing', next: 'end' }],
    ['an unknown key', { ...say('end'), loud: true }],
    ['an empty text', { kind: 'say', text: { uk: '' }, next: 'end' }],
    ['a language that is none', { kind: 'say', text: { xx: 'hello' }, next: 'end' }],
    ['a digit that is none', { ...gather, choices: { '10': { meaning: 'repeat', next: 'end' } } }],
    ['an unknown meaning', { ...gather, choices: { '1': { meaning: 'dance', next: 'end' } } }],
  ])('a step with %s is refused', (_name, step) => {
    expect(faults({ start: 'end', steps: { greet: step, end } })).not.toEqual([]);
  });
});
