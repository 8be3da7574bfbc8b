import { unreachable } from '../../core/errors.ts';

/**
 * How hard a trunk may be used, after what it answered: multiplicative decrease on congestion, additive increase after
 * (as TCP does: Chiu and Jain, 1989).
 *
 * - full: `rateCps` is `maxCps`, no strikes.
 * - paused (now < `pausedUntilMs`): nothing is sent. The pause doubles with each strike until a call is accepted.
 * - trying (after the pause): `rateCps` is allowed, and no more until a call was accepted.
 * - growing (`growsFromMs` set): the allowed rate grows evenly until it is full.
 */
export interface EaseOff {
  readonly maxCps: number;
  /** Allowed when the pause ends, or at `growsFromMs`. */
  readonly rateCps: number;
  readonly cutAtMs: number | null;
  readonly pausedUntilMs: number;
  readonly growsFromMs: number | null;
  readonly strikes: number;
}

export type TrunkEvent =
  /** 503 or another sign that the carrier has too much; `retryAfterMs` if it said when to come again. */
  | { readonly kind: 'congested'; readonly retryAfterMs: number | null }
  /** A call got past the trunk: it rang, was answered, or was refused by the callee's side. */
  | { readonly kind: 'accepted' };

const DECREASE = 0.5;
const FLOOR_SHARE = 0.01;
/** A full recovery from nothing takes 20 s. */
const GROWTH_SHARE_PER_SECOND = 0.05;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Calls sent before a cut are refused after it: they do not cut again. */
const CUT_HOLD_MS = 1000;

export function fullRate(maxCps: number): EaseOff {
  return { maxCps, rateCps: maxCps, cutAtMs: null, pausedUntilMs: 0, growsFromMs: null, strikes: 0 };
}

/** Calls per second the trunk may be given now; 0 while paused. */
export function allowedCps(state: EaseOff, nowMs: number): number {
  if (nowMs < state.pausedUntilMs) return 0;
  if (state.growsFromMs === null) return state.rateCps;
  const seconds = Math.max(0, nowMs - state.growsFromMs) / 1000;
  return Math.min(state.maxCps, state.rateCps + state.maxCps * GROWTH_SHARE_PER_SECOND * seconds);
}

/** The trunk's state after what it answered. */
export function easeOff(state: EaseOff, event: TrunkEvent, nowMs: number): EaseOff {
  switch (event.kind) {
    case 'congested': {
      if (state.cutAtMs !== null && nowMs < Math.max(state.cutAtMs + CUT_HOLD_MS, state.pausedUntilMs)) {
        if (event.retryAfterMs === null) return state;
        return { ...state, pausedUntilMs: Math.max(state.pausedUntilMs, nowMs + Math.min(event.retryAfterMs, LONGEST_PAUSE_MS)) };
      }
      const strikes = state.strikes + 1;
      const pauseMs = event.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** Math.min(strikes - 1, 16);
      return {
        maxCps: state.maxCps,
        rateCps: Math.max(state.maxCps * FLOOR_SHARE, allowedCps(state, nowMs) * DECREASE),
        cutAtMs: nowMs,
        pausedUntilMs: nowMs + Math.min(pauseMs, LONGEST_PAUSE_MS),
        growsFromMs: null,
        strikes,
      };
    }
    case 'accepted': {
      // During the pause these are answers to calls from before it.
      if (state.cutAtMs === null || nowMs < state.pausedUntilMs) return state;
      const rateCps = allowedCps(state, nowMs);
      if (rateCps >= state.maxCps) return fullRate(state.maxCps);
      return state.growsFromMs === null ? { ...state, growsFromMs: nowMs, strikes: 0 } : state;
    }
    default:
      return unreachable(event);
  }
}

/** The same state under another cap, as when an operator changes it. */
export function withMaxCps(state: EaseOff, maxCps: number, nowMs: number): EaseOff {
  if (maxCps === state.maxCps) return state;
  if (state.cutAtMs === null) return fullRate(maxCps);
  const grown = nowMs < state.pausedUntilMs ? state.rateCps : allowedCps(state, nowMs);
  return { ...state, maxCps, rateCps: Math.min(maxCps, (grown / state.maxCps) * maxCps), growsFromMs: state.growsFromMs === null ? null : nowMs };
}
