/** How calls went on after a fault; seconds of the wall's, from the fault's beginning. */
export interface Recovery {
  /** Calls started in a second before the fault. */
  readonly rateBefore: number;
  /** Until the first call started after it. null: none did. */
  readonly firstCallS: number | null;
  /** The longest time without a call's start from then to the rate's return, 8 s at least. */
  readonly longestSilenceS: number;
  /** Until calls started at 80 % of the rate before, or more. null: not again (the trial had nobody left to call). */
  readonly rateBackS: number | null;
}

const BEFORE_MS = 3000;
/** The rate is looked at over so long. */
const SPAN_MS = 2000;
/** A fault may be felt a little after it came. */
const LOOK_MS = 8000;
const BACK_SHARE = 0.8;

/** @param startsMs wall times of calls' starts, rising. @param faultMs when the fault came, on the same clock */
export function recoveryOf(startsMs: readonly number[], faultMs: number): Recovery {
  const before = startsMs.filter((ms) => ms < faultMs && ms >= faultMs - BEFORE_MS).length;
  const firstBeforeMs = startsMs[0] ?? faultMs;
  const rateBefore = before / Math.max(0.5, Math.min(BEFORE_MS, faultMs - firstBeforeMs) / 1000);
  const after = startsMs.filter((ms) => ms >= faultMs);
  let rateBackMs: number | null = null;
  const wanted = rateBefore * BACK_SHARE * (SPAN_MS / 1000);
  // A span may begin with the fault itself (nothing was felt), or with any call.
  let last = 0;
  for (const [first, ms] of [faultMs, ...after].entries()) {
    while (last < after.length && after[last]! < ms + SPAN_MS) last++;
    if (last - Math.max(0, first - 1) >= wanted) {
      rateBackMs = ms;
      break;
    }
  }
  let longestMs = 0;
  let previousMs = faultMs;
  for (const ms of after) {
    // Later the trial thins out by itself.
    if (rateBackMs !== null && previousMs >= Math.max(rateBackMs, faultMs + LOOK_MS)) break;
    longestMs = Math.max(longestMs, ms - previousMs);
    previousMs = ms;
  }
  const seconds = (ms: number | null | undefined): number | null => (ms === null || ms === undefined ? null : Math.round((ms - faultMs) / 10) / 100);
  return { rateBefore, firstCallS: seconds(after[0]), longestSilenceS: Math.round(longestMs / 10) / 100, rateBackS: seconds(rateBackMs) };
}
