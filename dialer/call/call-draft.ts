import { TURN_TIMES } from '../../core/amd-wire.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { CallEffect, CallPhase, CallPlan, CallResult, CallState, Ending, PromptState, StopReason, TimerName, Transition, VerdictFacts } from './call-state.ts';
import { closeFlow, heardSoFar, playBegan, reachableSteps, restartFlow, startFlow, straightPath, type FlowState, type FlowTransition } from './flow.ts';
import { durationsOf, flowOf, heardFlowOf } from './result.ts';

/** Longest wait for `ended` after `hang_up`, on top of the slack: a BYE or CANCEL is confirmed well within it. */
const END_TIMEOUT_MS = 5_000;
/** Longest pause in a conversation for a prompt that is not ready. */
const PROMPT_TIMEOUT_MS = 5_000;

const unheard = (flow: FlowState): FlowState => ({ ...flow, playedMs: {}, playedWhole: [], open: {} });

type Talking = Extract<CallPhase, { kind: 'speaking' | 'leaving_message' }>;

/**
 * The next state of a call in the making: a copy of the last one with the effects that lead from it. It keeps the two
 * promises no transition may forget: what is armed is known, and the last effect is `finish`.
 */
export class CallDraft {
  readonly plan: CallPlan;
  readonly nowMs: number;
  phase: CallPhase;
  startedAtMs: number | null;
  firstSignAtMs: number | null;
  answeredAtMs: number | null;
  verdict: VerdictFacts | null;
  quietSinceMs: number | null;
  waitedMs: number | null;
  amdLost: string | null;
  prompts: Readonly<Record<string, PromptState>>;
  stopReason: StopReason | null;
  #armed: readonly TimerName[];
  readonly #effects: CallEffect[] = [];

  constructor(state: CallState, nowMs: number) {
    this.nowMs = nowMs;
    this.plan = state.plan;
    this.phase = state.phase;
    this.startedAtMs = state.startedAtMs;
    this.firstSignAtMs = state.firstSignAtMs;
    this.answeredAtMs = state.answeredAtMs;
    this.verdict = state.verdict;
    this.quietSinceMs = state.quietSinceMs;
    this.waitedMs = state.waitedMs;
    this.amdLost = state.amdLost;
    this.prompts = state.prompts;
    this.stopReason = state.stopReason;
    this.#armed = state.armed;
  }

  state(): CallState {
    return {
      plan: this.plan, phase: this.phase, startedAtMs: this.startedAtMs, firstSignAtMs: this.firstSignAtMs, answeredAtMs: this.answeredAtMs,
      verdict: this.verdict, quietSinceMs: this.quietSinceMs, waitedMs: this.waitedMs, amdLost: this.amdLost, prompts: this.prompts, armed: this.#armed, stopReason: this.stopReason,
    };
  }

  transition(): Transition {
    return { state: this.state(), effects: this.#effects };
  }

  effect(effect: CallEffect): void {
    this.#effects.push(effect);
  }

  setTimer(name: TimerName, delayMs: number): void {
    if (!this.#armed.includes(name)) this.#armed = [...this.#armed, name];
    this.effect({ kind: 'set_timer', name, delayMs });
  }

  cancelTimer(name: TimerName): void {
    if (this.disarm(name)) this.effect({ kind: 'cancel_timer', name });
  }

  /** @returns false if the timer was not running: its news is stale */
  disarm(name: TimerName): boolean {
    if (!this.#armed.includes(name)) return false;
    this.#armed = this.#armed.filter((armed) => armed !== name);
    return true;
  }

  askPrompt(name: string): void {
    const step = this.plan.flow.steps[name];
    if (step === undefined || step.kind === 'hangup' || Object.hasOwn(this.prompts, name)) return;
    this.prompts = { ...this.prompts, [name]: { kind: 'asked' } };
    this.effect({ kind: 'need_prompt', promptId: name, step });
  }

  /** What is surely played from `step` on; the rest is prepared while they listen. */
  askPromptsFrom(step: string): void {
    for (const name of straightPath(this.plan.flow, step)) this.askPrompt(name);
  }

  /** The flow begins for a human. */
  speak(): void {
    const { nowMs } = this;
    const { flow, today } = this.plan;
    const before = flowOf(this.state());
    for (const timer of ['beep', 'prompt', 'turn'] as const) this.cancelTimer(timer);
    if (this.phase.kind === 'leaving_message' && this.phase.pendingPlay === null) this.effect({ kind: 'stop_play' });
    if (this.plan.detection !== null) this.setTimer('listen', TURN_TIMES.longestWatchMs + this.plan.slackMs);
    // The message for a machine is made at once where one is likely: it is wanted when the beep ends.
    if (this.verdict?.verdict === 'unsure' && this.plan.machine.policy === 'leave_message' && flow.messageStart !== undefined) this.askPromptsFrom(flow.messageStart);
    for (const name of reachableSteps(flow, flow.start)) this.askPrompt(name);
    // What a machine heard of the message does not count as heard by the person, but play ids go on.
    const fresh = before === null ? startFlow(flow, flow.start, today, nowMs) : restartFlow(unheard(before), flow.start, nowMs);
    this.follow({ kind: 'speaking', flow: fresh.state, pendingPlay: null }, fresh);
  }

  leaveMessage(): void {
    const { flow, today } = this.plan;
    this.cancelTimer('beep');
    const before = this.phase.kind === 'waiting_for_beep' ? this.phase.begun : null;
    // What was said into the greeting went unrecorded: it does not count, but play ids go on.
    const from = flow.messageStart ?? flow.start;
    const begun = before === null ? startFlow(flow, from, today, this.nowMs) : restartFlow(unheard(before), from, this.nowMs);
    this.follow({ kind: 'leaving_message', flow: begun.state, pendingPlay: null, restarted: this.phase.kind === 'waiting_for_beep' && this.phase.again }, begun);
  }

  /** A second beep, or the greeting went on: the message is stopped, to begin anew. Once only; @returns whether it was. */
  takeMessageBack(): boolean {
    const { phase } = this;
    if (phase.kind !== 'leaving_message' || phase.restarted) return false;
    this.stopTalking(phase);
    this.phase = { kind: 'waiting_for_beep', begun: phase.flow, again: true };
    return true;
  }

  /** The flow is stopped, for nobody heard it; @returns false if detection was off already. */
  stopSpeaking(): boolean {
    const { phase } = this;
    if (phase.kind !== 'speaking' || !this.#armed.includes('listen')) return false;
    this.cancelTimer('listen');
    this.stopTalking(phase);
    this.phase = { kind: 'waiting_for_beep', begun: { ...unheard(phase.flow), position: { kind: 'done' } }, again: false };
    return true;
  }

  /** Nothing the detector says counts any more: somebody is there for sure, or it has stopped doubting. */
  stopListening(): void {
    if (!this.#armed.includes('listen')) return;
    this.cancelTimer('listen');
    this.effect({ kind: 'stop_listening' });
  }

  private stopTalking({ pendingPlay }: Talking): void {
    this.cancelTimer('prompt');
    this.cancelTimer('digit');
    // A prompt that never began needs no stop.
    if (pendingPlay === null) this.effect({ kind: 'stop_play' });
  }

  /** Takes over what the flow came to and does what it asks. */
  follow(phase: Talking, next: FlowTransition): void {
    this.phase = { ...phase, flow: next.state };
    for (const action of next.actions) {
      switch (action.kind) {
        case 'play':
          this.phase = { ...this.phase, pendingPlay: { playId: action.playId, step: action.step } };
          this.askPrompt(action.step);
          if (this.prompts[action.step]?.kind === 'failed') {
            this.hangUpAfterFlow();
            return;
          }
          if (this.prompts[action.step]?.kind === 'asked') this.setTimer('prompt', PROMPT_TIMEOUT_MS + this.plan.slackMs);
          this.playPending();
          break;
        case 'stop_play':
          // A prompt that never began needs no stop.
          if (this.phase.pendingPlay === null) this.effect({ kind: 'stop_play' });
          this.phase = { ...this.phase, pendingPlay: null };
          this.cancelTimer('prompt');
          break;
        case 'wait':
          this.setTimer('digit', action.waitMs);
          break;
        case 'stop_wait':
          this.cancelTimer('digit');
          break;
        case 'end':
          this.hangUpAfterFlow();
          return;
      }
    }
  }

  /** Plays the prompt the flow waits for, if it is ready by now. */
  playPending(): void {
    const { phase } = this;
    if ((phase.kind !== 'speaking' && phase.kind !== 'leaving_message') || phase.pendingPlay === null) return;
    const prompt = this.prompts[phase.pendingPlay.step];
    if (prompt?.kind !== 'ready') return;
    this.cancelTimer('prompt');
    this.effect({ kind: 'play', playId: phase.pendingPlay.playId, files: prompt.files });
    if (phase.kind === 'speaking' && this.quietSinceMs !== null) this.waitedMs = Math.max(0, Math.round(this.nowMs - this.quietSinceMs));
    this.quietSinceMs = null;
    this.phase = { ...phase, flow: playBegan(phase.flow, this.nowMs), pendingPlay: null };
  }

  /** The news of a prompt that our hanging up stopped: it only tells how much was heard. */
  noteLatePlay(playId: number, playedMs: number, whole: boolean): void {
    if (this.phase.kind === 'ending' && this.phase.flow !== null) this.phase = { ...this.phase, flow: closeFlow(this.phase.flow, playId, playedMs, whole) };
  }

  /** `human` for who was spoken to; a machine's message is `message_left` only if it was heard whole. */
  flowOutcome(): Outcome {
    if (this.phase.kind !== 'leaving_message') return 'human';
    return heardSoFar(this.phase.flow, durationsOf(this.prompts), this.nowMs).whole ? 'message_left' : 'machine';
  }

  hangUpAfterFlow(): void {
    this.hangUp({ outcome: this.flowOutcome(), fault: null, endedBy: 'dialer' });
  }

  /** Asks the switch to end the call in whatever way it stands, and settles how it will be reported. */
  hangUp(ending: Ending): void {
    if (this.phase.kind === 'ending' || this.phase.kind === 'ended') return;
    const flow = heardFlowOf(this.state());
    for (const name of this.#armed) this.cancelTimer(name);
    this.effect({ kind: 'hang_up' });
    this.phase = { kind: 'ending', ending, flow, sinceMs: this.nowMs };
    this.setTimer('end', END_TIMEOUT_MS + this.plan.slackMs);
  }

  finish(result: CallResult): void {
    if (this.phase.kind === 'ended') return;
    for (const name of this.#armed) this.cancelTimer(name);
    this.phase = { kind: 'ended', result };
    this.effect({ kind: 'finish', result });
  }
}
