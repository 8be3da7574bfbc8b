import { allowedCps, easeOff, fullRate, type EaseOff } from '../rules/ease-off.ts';
import type { CallResult } from '../call/call-state.ts';
import type { DialerListener } from './telemetry.ts';

/** A trunk as configured. */
export interface Trunk {
  readonly name: string;
  readonly maxCallsPerSecond: number;
  readonly maxChannels: number;
}

/** What each trunk can bear just now, learnt from its answers (`rules/ease-off`). */
export class TrunkRates {
  readonly #trunks: ReadonlyMap<string, Trunk>;
  readonly #states = new Map<string, EaseOff>();
  readonly #tell: DialerListener;

  constructor(trunks: readonly Trunk[], tell: DialerListener) {
    this.#trunks = new Map(trunks.map((trunk) => [trunk.name, trunk]));
    for (const trunk of trunks) this.#states.set(trunk.name, fullRate(trunk.maxCallsPerSecond));
    this.#tell = tell;
  }

  get states(): ReadonlyMap<string, EaseOff> {
    return this.#states;
  }

  get(name: string): Trunk | undefined {
    return this.#trunks.get(name);
  }

  /** Calls per second the trunk may be given now. */
  allowed(name: string, nowMs: number): number {
    const state = this.#states.get(name);
    return state === undefined ? 0 : allowedCps(state, nowMs);
  }

  /** Learns from how a placed call ended. */
  learn(name: string, result: CallResult, nowMs: number): void {
    const state = this.#states.get(name);
    if (state === undefined) return;
    // A fault of our own says nothing of the trunk.
    if (!result.easesTrunk && result.fault === 'dialer') return;
    const next = easeOff(state, result.easesTrunk ? { kind: 'congested', retryAfterMs: null } : { kind: 'accepted' }, nowMs);
    if (next === state) return;
    this.#states.set(name, next);
    this.#tell({ kind: 'trunk_rate', trunk: name, callsPerSecond: allowedCps(next, nowMs), maxCallsPerSecond: this.#trunks.get(name)?.maxCallsPerSecond ?? 0 });
  }
}
