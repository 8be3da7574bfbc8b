import type { Response } from '../../core/attempt.ts';
import { unreachable } from '../../core/errors.ts';
import { nextSteps, type Choice, type Flow, type FlowStep } from '../../core/flow.ts';

/** How long each prompt is, ms; a step that is missing has not been prepared yet. */
export type PromptDurations = Readonly<Record<string, number>>;

/**
 * Where a conversation stands.
 * - `playing`: the prompt of `step` was asked for under `playId` and has not ended.
 * - `waiting`: the prompt of the gather `step` ended; the callee has `waitSeconds` to press a digit.
 * - `done`: the flow came to its end; nothing more is played.
 */
export type FlowPosition =
  | { readonly kind: 'playing'; readonly step: string; readonly playId: number; readonly sinceMs: number }
  | { readonly kind: 'waiting'; readonly step: string }
  | { readonly kind: 'done' };

export interface FlowState {
  readonly flow: Flow;
  readonly today: string;
  /** The step this run of the flow began at: `flow.start`, or `flow.messageStart` for a machine. */
  readonly from: string;
  readonly position: FlowPosition;
  /** Prompts asked for whose end is not known yet, by playId. A stopped prompt ends after its successor was asked for. */
  readonly open: Readonly<Record<number, string>>;
  readonly nextPlayId: number;
  /** Tries of the current gather that are left, this one included. */
  readonly triesLeft: number;
  readonly digits: string;
  readonly response: Response;
  /** The most that was played of each step in one go, ms. */
  readonly playedMs: Readonly<Record<string, number>>;
  readonly playedWhole: readonly string[];
}

export type FlowEvent =
  | { readonly kind: 'play_ended'; readonly playId: number; readonly playedMs: number; readonly result: 'completed' | 'stopped' | 'failed' }
  | { readonly kind: 'digit'; readonly digit: string }
  | { readonly kind: 'wait_over' };

export type FlowAction =
  | { readonly kind: 'play'; readonly playId: number; readonly step: string }
  | { readonly kind: 'stop_play' }
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'stop_wait' }
  | { readonly kind: 'end'; readonly why: 'finished' | 'play_failed' };

export interface FlowTransition {
  readonly state: FlowState;
  readonly actions: readonly FlowAction[];
}

const MAX_DIGITS = 64;

/** Begins a flow at `from`. `today` is the callee's local date, from which a promised date is counted. */
export function startFlow(flow: Flow, from: string, today: string, nowMs: number): FlowTransition {
  const state: FlowState = {
    flow, today, from, position: { kind: 'done' }, open: {}, nextPlayId: 1, triesLeft: 0, digits: '', response: { kind: 'none' }, playedMs: {}, playedWhole: [],
  };
  return enter(state, from, nowMs);
}

/** Begins again at `from`, keeping what was heard and pressed so far. */
export function restartFlow(state: FlowState, from: string, nowMs: number): FlowTransition {
  return enter({ ...state, from }, from, nowMs);
}

export function stepFlow(state: FlowState, event: FlowEvent, nowMs: number): FlowTransition {
  switch (event.kind) {
    case 'play_ended':
      return afterPlay(state, event, nowMs);
    case 'digit':
      return afterDigit(state, event.digit, nowMs);
    case 'wait_over':
      return state.position.kind === 'waiting' ? nextTry(state, state.position.step, nowMs) : { state, actions: [] };
    default:
      return unreachable(event);
  }
}

/** Notes that the prompt under way only began now: it had to be prepared first. */
export function playBegan(state: FlowState, nowMs: number): FlowState {
  return state.position.kind === 'playing' ? { ...state, position: { ...state.position, sinceMs: nowMs } } : state;
}

function stepOf(flow: Flow, name: string): FlowStep {
  // The flow's schema proved that every named step exists; a missing one could only end the call.
  return (Object.hasOwn(flow.steps, name) ? flow.steps[name] : undefined) ?? { kind: 'hangup' };
}

function enter(state: FlowState, name: string, nowMs: number): FlowTransition {
  const step = stepOf(state.flow, name);
  if (step.kind === 'hangup') return { state: { ...state, position: { kind: 'done' } }, actions: [{ kind: 'end', why: 'finished' }] };
  return playStep({ ...state, triesLeft: step.kind === 'gather' ? step.tries : 0 }, name, nowMs);
}

function playStep(state: FlowState, step: string, nowMs: number): FlowTransition {
  const playId = state.nextPlayId;
  return {
    state: { ...state, nextPlayId: playId + 1, open: { ...state.open, [playId]: step }, position: { kind: 'playing', step, playId, sinceMs: nowMs } },
    actions: [{ kind: 'play', playId, step }],
  };
}

function afterPlay(before: FlowState, event: Extract<FlowEvent, { kind: 'play_ended' }>, nowMs: number): FlowTransition {
  const step = before.open[event.playId];
  if (step === undefined) return { state: before, actions: [] };
  const state = closeFlow(before, event.playId, event.playedMs, event.result === 'completed');
  const { position } = state;
  if (position.kind !== 'playing' || position.playId !== event.playId) return { state, actions: [] };
  // Nobody but us stops a prompt, and then the position has moved on: a stop here is the switch's failure too.
  if (event.result !== 'completed') return { state: { ...state, position: { kind: 'done' } }, actions: [{ kind: 'end', why: 'play_failed' }] };
  const current = stepOf(state.flow, step);
  switch (current.kind) {
    case 'say':
    case 'play':
      return enter(state, current.next, nowMs);
    case 'gather':
      return { state: { ...state, position: { kind: 'waiting', step } }, actions: [{ kind: 'wait', waitMs: current.waitSeconds * 1000 }] };
    case 'hangup':
      return { state, actions: [] };
    default:
      return unreachable(current);
  }
}

function noteHeard(state: FlowState, step: string, playedMs: number, whole: boolean): FlowState {
  return {
    ...state,
    playedMs: { ...state.playedMs, [step]: Math.max(state.playedMs[step] ?? 0, Math.max(0, Math.round(playedMs))) },
    playedWhole: whole && !state.playedWhole.includes(step) ? [...state.playedWhole, step] : state.playedWhole,
  };
}

/** Notes how much of a prompt was played, once it has ended. Alone: after the flow was left because we hung up. */
export function closeFlow(state: FlowState, playId: number, playedMs: number, whole: boolean): FlowState {
  const step = state.open[playId];
  if (step === undefined) return state;
  const open = Object.fromEntries(Object.entries(state.open).filter(([id]) => Number(id) !== playId));
  return noteHeard({ ...state, open }, step, playedMs, whole);
}

function afterDigit(before: FlowState, digit: string, nowMs: number): FlowTransition {
  const { position } = before;
  if (position.kind === 'done' || !/^[0-9*#A-D]$/.test(digit)) return { state: before, actions: [] };
  const state = { ...before, digits: (before.digits + digit).slice(0, MAX_DIGITS) };
  const gatherName = gatherAhead(state.flow, position.step);
  if (gatherName === null) return { state, actions: [] };
  const gather = stepOf(state.flow, gatherName);
  const choice = gather.kind === 'gather' && Object.hasOwn(gather.choices, digit) ? gather.choices[digit] : undefined;
  if (choice === undefined) {
    // A wrong digit while the question is not asked yet means nothing; after that it costs a try.
    return gatherName === position.step ? interrupted(state, nextTry(state, gatherName, nowMs)) : { state, actions: [] };
  }
  return interrupted(state, enter({ ...state, response: respond(state.response, choice, state.today) }, choice.next, nowMs));
}

/** Puts what ends the prompt or the wait under way before what follows. */
function interrupted(before: FlowState, after: FlowTransition): FlowTransition {
  return { state: after.state, actions: [{ kind: before.position.kind === 'waiting' ? 'stop_wait' : 'stop_play' }, ...after.actions] };
}

function nextTry(state: FlowState, name: string, nowMs: number): FlowTransition {
  const gather = stepOf(state.flow, name);
  if (state.triesLeft > 1) return playStep({ ...state, triesLeft: state.triesLeft - 1 }, name, nowMs);
  return enter(state, gather.kind === 'gather' ? gather.otherwise : name, nowMs);
}

/** The gather that `name` is, or that its says and plays lead to; null if there is none. */
function gatherAhead(flow: Flow, name: string): string | null {
  return straightPath(flow, name).find((ahead) => stepOf(flow, ahead).kind === 'gather') ?? null;
}

/** From `from` along says and plays up to and including the first gather or hangup. */
export function straightPath(flow: Flow, from: string): string[] {
  const path: string[] = [];
  let name: string | undefined = from;
  while (name !== undefined && !path.includes(name)) {
    path.push(name);
    const step = stepOf(flow, name);
    name = step.kind === 'say' || step.kind === 'play' ? step.next : undefined;
  }
  return path;
}

/** Every step that can be met from `from`, in the order of first meeting. */
export function reachableSteps(flow: Flow, from: string): string[] {
  const found = [from];
  for (const name of found) for (const next of nextSteps(stepOf(flow, name))) if (!found.includes(next)) found.push(next);
  return found;
}

/** An opt-out stands whatever is pressed later; otherwise the last answer counts. */
function respond(before: Response, choice: Choice, today: string): Response {
  if (before.kind === 'opt_out') return before;
  switch (choice.meaning) {
    case 'repeat':
      return before;
    case 'promise_to_pay':
      return { kind: 'promise_to_pay', promisedDate: addDays(today, choice.withinDays) };
    case 'opt_out':
      return { kind: 'opt_out' };
    case 'wrong_person':
      return { kind: 'wrong_person' };
    default:
      return unreachable(choice);
  }
}

/** Adds whole days to a calendar date `YYYY-MM-DD`. Counted in UTC, where every day has 24 hours. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

export interface Heard {
  /** Length of the message: the says and plays from the run's beginning to its first gather or end. */
  readonly messageMs: number;
  /** How much of the message was played, each step counted once. */
  readonly heardMs: number;
  /** True if every essential step of the run was played whole; without essential steps, every step of the message. */
  readonly whole: boolean;
}

/**
 * How much was heard by `nowMs`. A prompt still playing (the call ended under it) counts by the time since it began,
 * and is never whole before its full length has passed.
 */
export function heardSoFar(before: FlowState, durations: PromptDurations, nowMs: number): Heard {
  let state = before;
  if (state.position.kind === 'playing') {
    const { step, sinceMs, playId } = state.position;
    const durationMs = durations[step] ?? 0;
    const elapsedMs = nowMs - sinceMs;
    if (state.open[playId] !== undefined && durationMs > 0) state = noteHeard(state, step, Math.min(elapsedMs, durationMs), elapsedMs >= durationMs);
  }
  const path = straightPath(state.flow, state.from).filter((name) => stepOf(state.flow, name).kind !== 'hangup');
  const spoken = path.filter((name) => stepOf(state.flow, name).kind !== 'gather');
  // A flow that opens with its question has that question for a message.
  const message = spoken.length > 0 ? spoken : path;
  const essential = reachableSteps(state.flow, state.from).filter((name) => {
    const step = stepOf(state.flow, name);
    return (step.kind === 'say' || step.kind === 'play') && step.essential;
  });
  const needed = essential.length > 0 ? essential : message;
  return {
    messageMs: sum(message.map((name) => durations[name] ?? 0)),
    heardMs: sum(message.map((name) => Math.min(state.playedMs[name] ?? 0, durations[name] ?? 0))),
    whole: needed.length > 0 && needed.every((name) => state.playedWhole.includes(name)),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
