/**
 * Call starts under one cap: at most `starts = ceil(cap)` in any span of `starts/cap` seconds (with a whole cap: never more than
 * the cap in any sliding second; with 0.5 one in any two seconds), spread evenly. Slots are granted a little ahead of their time; a
 * start that left late is told by {@link noteLate}.
 *
 * The contract, for every ledger that does this arithmetic. Kept for each key: the times of the last `starts` grants in the order of
 * granting, how many were granted in all (`granted`), and where two schedules stand: even spacing (`nextAtMs`), and the closest that
 * starts may come while they catch up (`closestAtMs`). All in ms, with fractions.
 *
 *     period      = (spanMs + GUARD_MS) / starts         the even spacing that the window lets through for ever
 *     last        = time of the latest grant; `nth` that of the one `starts` grants ago, that is the latest under a cap of 1
 *     slot        = max(nowMs,
 *                       last,
 *                       nth + spanMs + GUARD_MS,         the hard window, over when starts really left
 *                       min(closestAtMs, last + CLOSEST * period),
 *                       min(nextAtMs, last + period))    so that a raised cap is felt at once
 *     granted if ceil(slot) <= nowMs + START_AHEAD_MS, at ceil(slot); then
 *     idle        = there is no last, or nowMs is more than spanMs after it
 *     closestAtMs = (idle ? slot : max(closestAtMs, slot - BURST_MS)) + CLOSEST * period
 *     nextAtMs    = (idle ? slot : max(nextAtMs, slot - CATCH_UP_MS)) + period
 *
 * With several limits the slot is the latest of theirs and is noted under each. A late start moves its own entry, found by its number,
 * forward to when it left. As slots never go back in time and a start never leaves before its slot, the entry `starts` before
 * stands for every earlier one: no span holds more, in whatever order the late ones leave.
 */
export interface LimiterState {
  /** Start times, ms; a ring in which `head` is where the next goes. */
  readonly times: Float64Array;
  head: number;
  count: number;
  /** When the next start is due if starts are spread evenly. */
  nextAtMs: number;
  /** When it may come at the earliest to catch up. */
  closestAtMs: number;
  /** How many were granted in all: the number of the latest. */
  granted: number;
}

/** Added to the span: what may pass unseen between a start and its INVITE on the wire, and the fraction of a ms that rounding adds. */
export const GUARD_MS = 5;
/** Starts that were late by so much in sum may be caught up with; what is more is let go. */
export const CATCH_UP_MS = 200;
/** How close starts come while catching up, in periods. */
export const CLOSEST = 0.9;
/** As many starts as fall into this time may come at once: a caller's timer fires once in a ms, or later, whatever the cap. */
export const BURST_MS = 50;
/** A last start further in the future than this was left by another clock. */
export const FOREIGN_CLOCK_MS = 10_000;

export function emptyLimiter(): LimiterState {
  return { times: new Float64Array(16), head: 0, count: 0, nextAtMs: 0, closestAtMs: 0, granted: 0 };
}

/** The starts at most, and the span in ms in which they may fall, under a cap per second. */
export function spanOf(maxPerSecond: number): { starts: number; spanMs: number } {
  const starts = Math.ceil(maxPerSecond);
  return { starts, spanMs: (starts / maxPerSecond) * 1000 };
}

/** @returns the slot of the next start, not before `nowMs`; a second later, always, under a cap of nothing */
export function earliestStart(state: LimiterState, maxPerSecond: number, nowMs: number): number {
  if (!(maxPerSecond > 0)) return nowMs + 1000;
  if (state.count === 0) return nowMs;
  const last = at(state, 1);
  if (last > nowMs + FOREIGN_CLOCK_MS) return nowMs;
  const { starts, spanMs } = spanOf(maxPerSecond);
  const period = (spanMs + GUARD_MS) / starts;
  const window = state.count >= starts ? at(state, starts) + spanMs + GUARD_MS : -Infinity;
  return Math.max(nowMs, last, window, Math.min(state.closestAtMs, last + CLOSEST * period), Math.min(state.nextAtMs, last + period));
}

/**
 * Notes a start granted at `slotMs`, which {@link earliestStart} allows. Changes `state`, or replaces it when it must grow.
 * `granted` of what is returned is the start's number.
 */
export function noteStart(state: LimiterState, maxPerSecond: number, slotMs: number, nowMs: number): LimiterState {
  const { starts, spanMs } = spanOf(maxPerSecond);
  let own = state;
  if (own.count > 0 && at(own, 1) > nowMs + FOREIGN_CLOCK_MS) own = { ...emptyLimiter(), granted: own.granted };
  const idle = own.count === 0 || nowMs - at(own, 1) > spanMs;
  if (own.times.length < starts) own = grown(own, starts);
  own.times[own.head] = slotMs;
  own.head = (own.head + 1) % own.times.length;
  own.count = Math.min(own.count + 1, own.times.length);
  const period = (spanMs + GUARD_MS) / starts;
  own.closestAtMs = (idle ? slotMs : Math.max(own.closestAtMs, slotMs - BURST_MS)) + CLOSEST * period;
  own.nextAtMs = (idle ? slotMs : Math.max(own.nextAtMs, slotMs - CATCH_UP_MS)) + period;
  own.granted++;
  return own;
}

/** The start of this number left only at `startedAtMs`. Nothing is changed if it is too old to be kept. */
export function noteLate(state: LimiterState, number: number, startedAtMs: number): void {
  const back = state.granted - number + 1;
  if (back < 1 || back > state.count) return;
  const index = (state.head - back + state.times.length) % state.times.length;
  state.times[index] = Math.max(state.times[index]!, startedAtMs);
}

/** When the last of the starts kept leaves, ms; null if none is. */
export function latestStart(state: LimiterState): number | null {
  let latest: number | null = null;
  for (let back = 1; back <= state.count; back++) latest = Math.max(latest ?? -Infinity, at(state, back));
  return latest;
}

/** The `back`-th last start, 1 for the last. */
function at(state: LimiterState, back: number): number {
  const { times } = state;
  return times[(state.head - back + times.length) % times.length]!;
}

function grown(state: LimiterState, starts: number): LimiterState {
  const times = new Float64Array(Math.max(starts, state.times.length * 2));
  for (let index = 0; index < state.count; index++) times[index] = at(state, state.count - index);
  return { ...state, times, head: state.count };
}
