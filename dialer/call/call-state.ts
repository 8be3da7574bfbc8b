import type { UnsureMeans } from '../../core/amd-wire.ts';
import type { EndedBy, Response } from '../../core/attempt.ts';
import type { Language } from '../../core/contact.ts';
import type { Flow, FlowStep } from '../../core/flow.ts';
import type { Outcome, Verdict } from '../../core/outcome.ts';
import type { CallEvent } from '../telephony/port.ts';
import type { FlowState } from './flow.ts';
import type { FaultParty } from './outcome-table.ts';

/** Everything the call machine must know before it begins. Plain data. */
export interface CallPlan {
  readonly attemptId: string;
  readonly flow: Flow;
  readonly language: Language;
  /** The callee's local date, `YYYY-MM-DD`: promises count from it. */
  readonly today: string;
  /** The switch cancels after this long; the machine only steps in if it does not. */
  readonly ringTimeoutMs: number;
  readonly maxCallMs: number;
  /** null: no detection; whoever answers is taken for a human. */
  readonly detection: { readonly latestDecisionMs: number; readonly unsureMeans: UnsureMeans } | null;
  readonly machine: { readonly policy: 'hang_up' | 'leave_message'; readonly beepTimeoutMs: number };
  /** How late news of the switch may come before the machine acts without it, ms. Larger under a clock that runs fast. */
  readonly slackMs: number;
}

export const DEFAULT_SLACK_MS = 3000;

export type StopReason = 'paid' | 'opted_out' | 'stopped' | 'drain_limit' | 'window_closed';

export const TIMER_NAMES = ['prepare', 'start', 'ring', 'verdict', 'turn', 'beep', 'listen', 'digit', 'prompt', 'max_call', 'end'] as const;
export type TimerName = (typeof TIMER_NAMES)[number];

/** What the machine hears: the switch's events, its own timers, the pacer, the prompts and whoever wants the call ended. */
export type CallMachineEvent =
  | CallEvent
  | { readonly kind: 'timer'; readonly name: TimerName }
  /** The pacer granted the start that `request_start` asked for. */
  | { readonly kind: 'may_invite' }
  | { readonly kind: 'prompt_ready'; readonly promptId: string; readonly files: readonly string[]; readonly durationMs: number }
  | { readonly kind: 'prompt_failed'; readonly promptId: string }
  | { readonly kind: 'stop'; readonly reason: StopReason };

/** What the machine wants done. The first group are the port's commands, word for word. */
export type CallEffect =
  | { readonly kind: 'invite' }
  | { readonly kind: 'play'; readonly playId: number; readonly files: readonly string[] }
  | { readonly kind: 'stop_play' }
  | { readonly kind: 'stop_listening' }
  | { readonly kind: 'hang_up' }
  /** Sets the named timer; one of this name still running is replaced. */
  | { readonly kind: 'set_timer'; readonly name: TimerName; readonly delayMs: number }
  | { readonly kind: 'cancel_timer'; readonly name: TimerName }
  /** Prepare the prompt of a step (its id is the step's name) and answer `prompt_ready` or `prompt_failed`. */
  | { readonly kind: 'need_prompt'; readonly promptId: string; readonly step: FlowStep }
  /** All is prepared: ask the pacer and answer `may_invite`. */
  | { readonly kind: 'request_start' }
  /** Once, last. */
  | { readonly kind: 'finish'; readonly result: CallResult };

/** What the call knows of its attempt (core/attempt.ts) when it is over. */
export interface CallResult {
  readonly outcome: Outcome;
  readonly fault: FaultParty | null;
  readonly easesTrunk: boolean;
  readonly endedBy: EndedBy;
  readonly sipStatus: number;
  readonly q850Cause: number;
  /** When the INVITE was sent; null: none was, nobody's phone rang. */
  readonly startedAtMs: number | null;
  readonly endedAtMs: number;
  readonly answeredAtMs: number | null;
  readonly postDialDelayMs: number | null;
  readonly ringMs: number;
  readonly verdict: Verdict | null;
  readonly verdictConfidence: number | null;
  readonly verdictReason: string | null;
  readonly verdictAudioMs: number | null;
  readonly verdictLatencyMs: number | null;
  /** How long the callee was quiet before we spoke; null: we did not, or it is not known. */
  readonly waitedMs: number | null;
  readonly talkMs: number;
  readonly messageMs: number;
  readonly heardMs: number;
  readonly heardWhole: boolean;
  readonly digits: string;
  readonly response: Response;
  /** The first reason somebody gave to end the call, if any, whether or not it came to that. */
  readonly stopReason: StopReason | null;
}

/** How a call that we are ending will be reported. */
export interface Ending {
  readonly outcome: Outcome;
  readonly fault: FaultParty | null;
  readonly endedBy: EndedBy;
}

/**
 * The states of a call and what holds in each.
 *
 * - `preparing`: the switch was asked for a media endpoint (and, without detection, the prompts for the opening); something
 *   is missing. Nothing was sent to the callee. Timer `prepare` leads out.
 * - `awaiting_start`: all that was asked for is there, the pacer was asked. Timer `start` leads out.
 * - `inviting`: `invite` was given; the callee's side has said nothing yet. From here to the answer timer `ring` leads out.
 * - `ringing`: ringing or early media was reported; `firstSignAtMs` is set.
 * - `answered_listening`: answered, detection is on, nothing is played: no verdict yet, or (`held`) a person's, who still talks. From
 *   the answer to the end timer `max_call` leads out; here also `verdict`, or `turn`.
 * - `speaking`: a human (or who is taken for one) hears the flow. `pendingPlay` names a prompt that is still being prepared; then
 *   timer `prompt` runs. While timer `listen` runs detection is still on and may take its word back.
 * - `waiting_for_beep`: a machine greets; we listen for its beep or its greeting's end. Timer `beep` leads out. `begun` is what was
 *   played and stopped before; null if nothing was. `again`: that was the message, which begins anew, for the last time.
 * - `leaving_message`: the message is being played to a machine; still listening. `restarted` after the greeting turned
 *   out to go on.
 * - `ending`: `hang_up` was given; how it will be reported is settled. Timer `end` leads out.
 * - `ended`: `finish` was given. No event has any effect.
 */
export type CallPhase =
  | { readonly kind: 'preparing'; readonly prepared: boolean }
  | { readonly kind: 'awaiting_start' }
  | { readonly kind: 'inviting' }
  | { readonly kind: 'ringing' }
  | { readonly kind: 'answered_listening'; readonly beepHeard: boolean; readonly held: boolean }
  | { readonly kind: 'speaking'; readonly flow: FlowState; readonly pendingPlay: PendingPlay | null }
  | { readonly kind: 'waiting_for_beep'; readonly begun: FlowState | null; readonly again: boolean }
  | { readonly kind: 'leaving_message'; readonly flow: FlowState; readonly pendingPlay: PendingPlay | null; readonly restarted: boolean }
  | { readonly kind: 'ending'; readonly ending: Ending; readonly flow: FlowState | null; readonly sinceMs: number }
  | { readonly kind: 'ended'; readonly result: CallResult };

export interface PendingPlay {
  readonly playId: number;
  readonly step: string;
}

export type PromptState =
  | { readonly kind: 'asked' }
  | { readonly kind: 'ready'; readonly files: readonly string[]; readonly durationMs: number }
  | { readonly kind: 'failed' };

export interface VerdictFacts {
  readonly verdict: Verdict;
  readonly confidence: number | null;
  readonly reason: string;
  readonly audioMs: number | null;
  readonly atMs: number;
}

export interface CallState {
  readonly plan: CallPlan;
  readonly phase: CallPhase;
  readonly startedAtMs: number | null;
  readonly firstSignAtMs: number | null;
  readonly answeredAtMs: number | null;
  readonly verdict: VerdictFacts | null;
  /** Since when the callee has been quiet, as far as the detector told; null: it is not known, or they were spoken to. */
  readonly quietSinceMs: number | null;
  /** How long they were quiet before we spoke; null: we did not, or it is not known. */
  readonly waitedMs: number | null;
  /** Why no verdict can come any more; null while one may. */
  readonly amdLost: string | null;
  readonly prompts: Readonly<Record<string, PromptState>>;
  /** Timers set and neither fired nor cancelled. The news of any other timer is stale and ignored. */
  readonly armed: readonly TimerName[];
  readonly stopReason: StopReason | null;
}

export interface Transition {
  readonly state: CallState;
  readonly effects: readonly CallEffect[];
}
