import type { EndedBy } from '../../core/attempt.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { CallResult, CallState, PromptState } from './call-state.ts';
import { heardSoFar, type FlowState, type PromptDurations } from './flow.ts';
import type { FaultParty } from './outcome-table.ts';

export interface HowItEnded {
  readonly outcome: Outcome;
  readonly fault: FaultParty | null;
  readonly easesTrunk: boolean;
  readonly endedBy: EndedBy;
  readonly sipStatus: number;
  readonly q850Cause: number;
}

/** Durations of the prompts that are ready, ms. */
export function durationsOf(prompts: Readonly<Record<string, PromptState>>): PromptDurations {
  const durations: Record<string, number> = {};
  for (const [name, prompt] of Object.entries(prompts)) if (prompt.kind === 'ready') durations[name] = prompt.durationMs;
  return durations;
}

/** The attempt's part that the call knows, at its end. Durations never come out negative, whatever order the times came in. */
export function resultOf(state: CallState, how: HowItEnded, endedAtMs: number): CallResult {
  const { startedAtMs, firstSignAtMs, answeredAtMs, verdict } = state;
  const flow = heardFlowOf(state);
  const heard = flow === null ? { messageMs: 0, heardMs: 0, whole: false } : heardSoFar(flow, durationsOf(state.prompts), state.phase.kind === 'ending' ? state.phase.sinceMs : endedAtMs);
  return {
    outcome: how.outcome,
    fault: how.fault,
    easesTrunk: how.easesTrunk,
    endedBy: how.endedBy,
    sipStatus: how.sipStatus,
    q850Cause: how.q850Cause,
    startedAtMs,
    endedAtMs,
    answeredAtMs,
    postDialDelayMs: firstSignAtMs === null || startedAtMs === null ? null : span(startedAtMs, firstSignAtMs),
    ringMs: firstSignAtMs === null ? 0 : span(firstSignAtMs, answeredAtMs ?? endedAtMs),
    verdict: verdict?.verdict ?? null,
    verdictConfidence: verdict?.confidence ?? null,
    verdictReason: verdict?.reason ?? null,
    verdictAudioMs: verdict?.audioMs ?? null,
    verdictLatencyMs: verdict === null || answeredAtMs === null ? null : span(answeredAtMs, verdict.atMs),
    waitedMs: state.waitedMs,
    talkMs: answeredAtMs === null ? 0 : span(answeredAtMs, endedAtMs),
    messageMs: heard.messageMs,
    heardMs: heard.heardMs,
    heardWhole: heard.whole && how.outcome === 'human',
    digits: flow?.digits ?? '',
    response: flow?.response ?? { kind: 'none' },
    stopReason: state.stopReason,
  };
}

/** The flow that counts as heard; what a machine was told before it was known for one, nobody heard. */
export function heardFlowOf(state: CallState): FlowState | null {
  return state.phase.kind === 'waiting_for_beep' && !state.phase.again ? null : flowOf(state);
}

/** The flow of the call as it stands; null if nothing was ever played. */
export function flowOf(state: CallState): FlowState | null {
  const { phase } = state;
  if (phase.kind === 'waiting_for_beep') return phase.begun;
  return phase.kind === 'speaking' || phase.kind === 'leaving_message' || phase.kind === 'ending' ? phase.flow : null;
}

const span = (fromMs: number, toMs: number): number => Math.max(0, Math.round(toMs - fromMs));
