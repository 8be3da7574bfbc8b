import { hashFraction } from '../../core/ids.ts';
import { allowedCps, type EaseOff } from './ease-off.ts';

export type TrunkChoice = { readonly kind: 'trunk'; readonly trunk: string } | { readonly kind: 'wait'; readonly untilMs: number };

/**
 * Chooses a trunk for one attempt: each gets a share of the calls in proportion to the rate it may be given now, so a
 * trunk that was eased off is passed over while it pauses and gets little while it recovers.
 * @param trunks the campaign's trunks, at least one
 * @param states by trunk; one without a state counts as `fullCps`
 * @param attemptKey what the choice depends on: contact and attempt number
 */
export function chooseTrunk(trunks: readonly string[], states: ReadonlyMap<string, EaseOff>, attemptKey: string, nowMs: number, fullCps = 1): TrunkChoice {
  const weights = trunks.map((trunk) => {
    const state = states.get(trunk);
    return state === undefined ? fullCps : allowedCps(state, nowMs);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total <= 0) {
    const untilMs = Math.min(...trunks.map((trunk) => states.get(trunk)?.pausedUntilMs ?? nowMs));
    return { kind: 'wait', untilMs: Math.max(nowMs + 1, untilMs) };
  }
  let point = hashFraction('trunk', attemptKey) * total;
  let chosen = '';
  for (let index = 0; index < trunks.length; index++) {
    const weight = weights[index]!;
    if (weight <= 0) continue;
    chosen = trunks[index]!;
    if (point < weight) break;
    point -= weight;
  }
  return { kind: 'trunk', trunk: chosen };
}
