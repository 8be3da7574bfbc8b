import type { Analytics } from './client.ts';

/** What a trunk costs from a moment on. Money in minor units of `currency`. */
export interface Tariff {
  readonly trunk: string;
  readonly validFromMs: number;
  readonly currency: string;
  /** Of talk. */
  readonly perMinuteMinor: number;
  /** Of a call answered, beside its talk. */
  readonly perCallMinor: number;
  /** Talk that is paid at least, then steps that are paid whole once begun, seconds. */
  readonly firstSeconds: number;
  readonly stepSeconds: number;
  readonly setAtMs: number;
}

/** Sets what a trunk costs from `validFromMs` until its next tariff; set again for the same moment, the last counts. */
export async function setTariff(analytics: Analytics, t: Tariff): Promise<void> {
  await analytics.insert(
    'tariffs',
    ['trunk', 'valid_from', 'currency', 'per_minute_minor', 'per_call_minor', 'first_seconds', 'step_seconds', 'set_at'],
    [[t.trunk, t.validFromMs, t.currency, t.perMinuteMinor, t.perCallMinor, t.firstSeconds, t.stepSeconds, t.setAtMs]],
  );
}
