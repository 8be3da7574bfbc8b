import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OUTCOMES, VERDICTS, type Verdict } from '../../core/outcome.ts';
import { flowSchema } from '../../core/flow.ts';
import { TIMER_NAMES, type CallEffect, type CallMachineEvent, type CallPlan, type CallState } from './call-state.ts';
import { startCall, step } from './machine.ts';

const flow = flowSchema.parse({
  start: 'hello',
  steps: {
    hello: { kind: 'say', text: { uk: 'x' }, essential: true, next: 'ask' },
    ask: { kind: 'gather', prompt: { uk: 'x' }, choices: { 1: { meaning: 'promise_to_pay', next: 'song' }, 2: { meaning: 'repeat', next: 'hello' }, 9: { meaning: 'opt_out', next: 'bye' } }, otherwise: 'bye' },
    song: { kind: 'play', file: { uk: 'x.wav' }, next: 'bye' },
    bye: { kind: 'hangup' },
    message: { kind: 'say', text: { uk: 'x' }, next: 'song' },
  },
  messageStart: 'message',
});

const planArbitrary: fc.Arbitrary<CallPlan> = fc.record({
  attemptId: fc.constant('a'), flow: fc.constant(flow), language: fc.constant('uk' as const), today: fc.constant('2026-02-27'),
  ringTimeoutMs: fc.constant(30_000), maxCallMs: fc.constant(60_000), slackMs: fc.constant(1000),
  detection: fc.option(fc.record({ latestDecisionMs: fc.constant(4000), unsureMeans: fc.constantFrom('human' as const, 'machine' as const) })),
  machine: fc.record({ policy: fc.constantFrom('hang_up' as const, 'leave_message' as const), beepTimeoutMs: fc.constant(20_000) }),
});

const at = { atMs: fc.nat(200_000) };
const callId = fc.constant('a');
const amdMessage = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('verdict' as const), callId, verdict: fc.constantFrom(...VERDICTS), confidence: fc.constant(0.5), audioMs: fc.nat(5000), speechOnsetMs: fc.constant(null), reason: fc.constant('r'), earlyMedia: fc.boolean(), talking: fc.boolean(), quietMs: fc.option(fc.nat(2000)), cause: fc.constant(null), takesBack: fc.constant(null) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('beep' as const), callId, audioMs: fc.nat(5000), frequencyHz: fc.constant(1000) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('turn_ended' as const, 'settled' as const, 'greeting_ended' as const, 'greeting_resumed' as const), callId, audioMs: fc.nat(5000) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('error' as const), callId, reason: fc.constant('r') }) },
);
const promptId = fc.constantFrom('hello', 'ask', 'song', 'message', 'unknown');
/** Everything but the end. The way to the answer is drawn often, so that the later states are met. */
const eventArbitrary: fc.Arbitrary<CallMachineEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('prepared' as const, 'invited' as const, 'ringing' as const, 'early_media' as const), ...at }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('answered' as const), ...at }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('may_invite' as const) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('prompt_ready' as const), promptId, files: fc.constant(['x']), durationMs: fc.nat(5000) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('amd' as const), ...at, message: amdMessage }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('amd_unavailable' as const), ...at, reason: fc.string() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('digit' as const), ...at, digit: fc.constantFrom('1', '2', '5', '9', 'x', '') }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('play_ended' as const), ...at, playId: fc.integer({ min: 0, max: 6 }), playedMs: fc.integer({ min: -5, max: 6000 }), result: fc.constantFrom('completed' as const, 'completed' as const, 'stopped' as const, 'failed' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('prompt_failed' as const), promptId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const), reason: fc.constantFrom('paid' as const, 'opted_out' as const, 'stopped' as const, 'drain_limit' as const, 'window_closed' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('timer' as const), name: fc.constantFrom(...TIMER_NAMES) }) },
);
const endArbitrary: fc.Arbitrary<CallMachineEvent> = fc.record({
  kind: fc.constant('ended' as const), ...at,
  end: fc.oneof(
    fc.record({ kind: fc.constant('hung_up' as const), by: fc.constantFrom('callee' as const, 'dialer' as const, 'switch' as const), q850Cause: fc.constant(16) }),
    fc.record({ kind: fc.constant('never_answered' as const), failure: fc.oneof(
      fc.record({ kind: fc.constant('sip' as const), status: fc.integer({ min: 300, max: 699 }), q850Cause: fc.integer({ min: 0, max: 127 }), reason: fc.constant('') }),
      fc.record({ kind: fc.constant('cancelled' as const), why: fc.constantFrom('ring_timeout' as const, 'asked' as const) }),
      fc.record({ kind: fc.constantFrom('media' as const, 'signalling' as const), reason: fc.constant('') }),
    ) }),
  ),
});

/** A way most calls go, cut anywhere and disturbed by anything. */
const opening: CallMachineEvent[] = [
  { kind: 'prepared', atMs: 1 },
  ...['hello', 'ask', 'song', 'message'].map((id) => ({ kind: 'prompt_ready', promptId: id, files: ['x'], durationMs: 1000 }) as const),
  { kind: 'may_invite' }, { kind: 'ringing', atMs: 10 }, { kind: 'answered', atMs: 20 },
];
const historyArbitrary = fc.tuple(fc.integer({ min: 0, max: opening.length }), fc.array(eventArbitrary, { maxLength: 40 })).map(([cut, rest]) => [...opening.slice(0, cut), ...rest]);

interface Run {
  state: CallState;
  effects: CallEffect[];
  seen: Set<string>;
}

function run(plan: CallPlan, events: readonly CallMachineEvent[]): Run {
  const begun = startCall(plan);
  const made: Run = { state: begun.state, effects: [...begun.effects], seen: new Set([begun.state.phase.kind]) };
  let nowMs = 0;
  for (const event of events) tell(made, event, (nowMs += 100));
  return made;
}

function tell(made: Run, event: CallMachineEvent, nowMs: number): void {
  const over = made.state.phase.kind === 'ended';
  const next = step(made.state, event, nowMs);
  if (over) expect(next.effects).toEqual([]);
  // Whatever runs is known, and whatever is known runs: the state's list and the effects agree.
  const armed = new Set(made.state.armed);
  if (event.kind === 'timer') armed.delete(event.name);
  for (const effect of next.effects) {
    if (effect.kind === 'set_timer') armed.add(effect.name);
    if (effect.kind === 'cancel_timer') expect(armed.delete(effect.name)).toBe(true);
  }
  expect([...armed].sort()).toEqual([...next.state.armed].sort());
  // Every living state has a timer that leads out, and an ended one has none.
  if (next.state.phase.kind === 'ended') expect(next.state.armed).toEqual([]);
  else expect(next.state.armed.length).toBeGreaterThan(0);
  made.state = next.state;
  made.effects.push(...next.effects);
  made.seen.add(next.state.phase.kind);
}

const count = (made: Run, kind: CallEffect['kind']): number => made.effects.filter((effect) => effect.kind === kind).length;

function expectFinished(made: Run): void {
  expect(made.state.phase.kind).toBe('ended');
  expect(count(made, 'finish')).toBe(1);
  expect(made.effects.at(-1)?.kind).toBe('finish');
  expect(count(made, 'invite')).toBeLessThanOrEqual(1);
  if (made.state.phase.kind !== 'ended') return;
  const { result } = made.state.phase;
  expect(OUTCOMES).toContain(result.outcome);
  expect(result.heardMs).toBeLessThanOrEqual(result.messageMs);
  for (const ms of [result.ringMs, result.talkMs, result.heardMs, result.messageMs]) expect(Number.isInteger(ms) && ms >= 0).toBe(true);
  if (result.heardWhole) expect(result.outcome).toBe('human');
  if (result.startedAtMs === null) expect(count(made, 'invite')).toBe(0);
}

test('whatever happens, the switch\'s `ended` finishes the call once', () => {
  fc.assert(fc.property(planArbitrary, historyArbitrary, endArbitrary, fc.array(eventArbitrary, { maxLength: 5 }), (plan, history, end, later) => {
    const made = run(plan, history);
    tell(made, end, 100_000);
    for (const event of later) tell(made, event, 100_100);
    tell(made, end, 100_200);
    expectFinished(made);
  }), { numRuns: 2000 });
});

test('whatever happens, the timers alone finish the call, and an answered one is hung up', () => {
  const seen = new Set<string>();
  fc.assert(fc.property(planArbitrary, historyArbitrary, (plan, history) => {
    const made = run(plan, history);
    let nowMs = 100_000;
    // Each firing of `max_call` or `end` leads on; the others come before it. The flow is not fed, so it cannot run for ever.
    for (let turn = 0; made.state.phase.kind !== 'ended' && turn < 20; turn++) tell(made, { kind: 'timer', name: made.state.armed.at(-1)! }, (nowMs += 1000));
    expectFinished(made);
    // No `ended` came from the switch, so it was told to hang up.
    expect(count(made, 'hang_up')).toBeGreaterThanOrEqual(1);
    for (const kind of made.seen) seen.add(kind);
  }), { numRuns: 2000 });
  // The draw reached every state there is.
  expect([...seen].sort()).toEqual(['answered_listening', 'awaiting_start', 'ended', 'ending', 'inviting', 'leaving_message', 'preparing', 'ringing', 'speaking', 'waiting_for_beep']);
});

test('whatever the machine is heard to do, its message is begun twice at the most, and never while one is playing', () => {
  const leave: CallPlan = {
    attemptId: 'a', flow, language: 'uk', today: '2026-02-27', ringTimeoutMs: 30_000, maxCallMs: 60_000, slackMs: 1000,
    detection: { latestDecisionMs: 4000, unsureMeans: 'machine' }, machine: { policy: 'leave_message', beepTimeoutMs: 20_000 },
  };
  const verdict = (verdict: Verdict, takesBack: 'human' | 'unsure' | null = null, talking = false): CallMachineEvent =>
    ({ kind: 'amd', atMs: 30, message: { type: 'verdict', callId: 'a', verdict, confidence: 1, audioMs: 900, speechOnsetMs: null, reason: 'r', earlyMedia: false, talking, quietMs: 400, cause: null, takesBack } });
  /** A machine at once, or after it was taken for a person, held or spoken to, or for nobody surely. */
  const first = fc.constantFrom<CallMachineEvent[]>([verdict('machine')], [verdict('human'), verdict('machine', 'human')], [verdict('human', null, true), verdict('machine', 'human')], [verdict('unsure')], [verdict('unsure'), verdict('machine', 'unsure')]);
  const heard = fc.constantFrom<CallMachineEvent>(
    { kind: 'amd', atMs: 40, message: { type: 'beep', callId: 'a', audioMs: 1, frequencyHz: 1000 } },
    { kind: 'amd', atMs: 40, message: { type: 'greeting_ended', callId: 'a', audioMs: 1 } },
    { kind: 'amd', atMs: 40, message: { type: 'greeting_resumed', callId: 'a', audioMs: 1 } },
    { kind: 'amd', atMs: 40, message: { type: 'turn_ended', callId: 'a', audioMs: 1 } },
    { kind: 'amd', atMs: 40, message: { type: 'settled', callId: 'a', audioMs: 1 } },
    verdict('machine', 'unsure'), verdict('silence'),
    { kind: 'timer', name: 'beep' },
  );
  fc.assert(fc.property(first, fc.array(heard, { maxLength: 20 }), (judged, events) => {
    const made = run(leave, [...opening, ...judged, ...events]);
    const before = count(run(leave, [...opening, ...judged]), 'play');
    let playing = false;
    for (const effect of made.effects) {
      if (effect.kind === 'play') {
        expect(playing).toBe(false);
        playing = true;
      }
      if (effect.kind === 'stop_play') playing = false;
    }
    expect(count(made, 'play') - before).toBeLessThanOrEqual(2);
    expect(['waiting_for_beep', 'leaving_message']).toContain(made.state.phase.kind);
  }), { numRuns: 1500 });
});
