/** The share of the full rate with which a campaign begins. */
export const RAMP_FROM = 0.1;

/**
 * Calls per second allowed while a campaign ramps up: evenly from a tenth of `maxCallsPerSecond` at the first call to all
 * of it after `rampUpSeconds`.
 * @param firstCallAtMs null before the first call
 */
export function rampedRate(maxCallsPerSecond: number, rampUpSeconds: number, firstCallAtMs: number | null, nowMs: number): number {
  if (rampUpSeconds <= 0) return maxCallsPerSecond;
  const elapsedMs = firstCallAtMs === null ? 0 : Math.max(0, nowMs - firstCallAtMs);
  const share = Math.min(1, elapsedMs / (rampUpSeconds * 1000));
  return maxCallsPerSecond * (RAMP_FROM + (1 - RAMP_FROM) * share);
}
