/**
 * Call starts under one cap: at most `ceil(cap)` in any span of `ceil(cap)/cap` seconds (so with a whole cap: never more
 * than the cap in any sliding second; with 0.5 one in any two seconds), spread evenly. A plain ring of the last starts.
 */
export interface LimiterState {
  /** Start times, ms; a ring in which `head` is where the next goes. */
  readonly times: Float64Array;
  head: number;
  count: number;
  /** When the next start is due if starts are spread evenly. */
  nextAtMs: number;
}

/** Added to the span: a start is granted a moment before it happens, and two grants do not take equally long. */
export const GUARD_MS = 5;
/** A caller that comes late may catch up with as many starts as fall into this time, no more: no bursts after a pause. */
export const CATCH_UP_MS = 200;
/** A last start further in the future than this was left by another clock. */
const FOREIGN_CLOCK_MS = 10_000;

export function emptyLimiter(): LimiterState {
  return { times: new Float64Array(16), head: 0, count: 0, nextAtMs: 0 };
}

/** The starts at most, and the span in ms in which they may fall, under a cap per second. */
export function spanOf(maxPerSecond: number): { starts: number; spanMs: number } {
  const starts = Math.ceil(maxPerSecond);
  return { starts, spanMs: (starts / maxPerSecond) * 1000 };
}

/** @returns when the next start may be granted: at once if that is not after `nowMs` */
export function earliestStart(state: LimiterState, maxPerSecond: number, nowMs: number): number {
  if (!(maxPerSecond > 0)) return nowMs + 1000;
  const { starts, spanMs } = spanOf(maxPerSecond);
  if (state.count === 0) return nowMs;
  const last = at(state, 1);
  if (last > nowMs + FOREIGN_CLOCK_MS) return nowMs;
  const window = state.count >= starts ? at(state, starts) + spanMs + GUARD_MS : -Infinity;
  return Math.max(nowMs, window, Math.min(state.nextAtMs, last + 1000 / maxPerSecond), last);
}

/** Notes a start at `nowMs` that {@link earliestStart} allows. Changes `state`, or replaces it when it must grow. */
export function noteStart(state: LimiterState, maxPerSecond: number, nowMs: number): LimiterState {
  const { starts } = spanOf(maxPerSecond);
  let own = state;
  if (own.count > 0 && at(own, 1) > nowMs + FOREIGN_CLOCK_MS) own = emptyLimiter();
  if (own.times.length < starts) own = grown(own, starts);
  own.times[own.head] = nowMs;
  own.head = (own.head + 1) % own.times.length;
  own.count = Math.min(own.count + 1, own.times.length);
  own.nextAtMs = Math.max(own.nextAtMs, nowMs - CATCH_UP_MS) + 1000 / maxPerSecond;
  return own;
}

/** The `back`-th last start, 1 for the last. */
function at(state: LimiterState, back: number): number {
  const { times } = state;
  return times[(state.head - back + times.length) % times.length]!;
}

function grown(state: LimiterState, starts: number): LimiterState {
  const times = new Float64Array(Math.max(starts, state.times.length * 2));
  for (let index = 0; index < state.count; index++) times[index] = at(state, state.count - index);
  return { times, head: state.count, count: state.count, nextAtMs: state.nextAtMs };
}
