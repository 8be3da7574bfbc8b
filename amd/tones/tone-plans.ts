/** A network's signal: sines sounding together, Hz, and its cadence, ms. */
export interface NetworkSignal {
  signal: 'ringback' | 'busy' | 'reorder';
  hz: readonly number[];
  onMs: number;
  offMs: number;
}

export interface TonePlan {
  /** ISO 3166. */
  country: string;
  signals: readonly NetworkSignal[];
}

const one = (signal: NetworkSignal['signal'], hz: number | readonly number[], onMs: number, offMs = onMs): NetworkSignal =>
  ({ signal, hz: typeof hz === 'number' ? [hz] : hz, onMs, offMs });

/** GOST 45.223-2001 and the practice of the former Soviet networks: busy 0.3-0.4 s, reorder 0.15-0.2 s, ringback 0.8-1 s. */
const FORMER_SOVIET = [one('ringback', 425, 800, 3200), one('ringback', 425, 1000, 4000), one('busy', 425, 350), one('busy', 425, 400), one('reorder', 425, 175), one('reorder', 425, 200)];
const european = (busyMs: number, reorderMs: number, ringMs = 1000, pauseMs = 4000, hz = 425): readonly NetworkSignal[] =>
  [one('ringback', hz, ringMs, pauseMs), one('busy', hz, busyMs), one('reorder', hz, reorderMs)];
const NORTH_AMERICA = [one('ringback', [440, 480], 2000, 4000), one('busy', [480, 620], 500), one('reorder', [480, 620], 250)];

/**
 * Ringback, busy and reorder (congestion) by country: ITU-T E.180 supplement 2 (various tones used in national networks), BT SIN 350 for
 * GB, GOST 45.223 for RU. UA, KZ and BY are given as RU: their entries could not be read at the source.
 */
export const TONE_PLANS: readonly TonePlan[] = [
  ...['RU', 'UA', 'KZ', 'BY'].map((country) => ({ country, signals: FORMER_SOVIET })),
  ...['US', 'CA'].map((country) => ({ country, signals: NORTH_AMERICA })),
  {
    country: 'GB',
    signals: [one('ringback', [400, 450], 400, 200), one('busy', 400, 375), one('reorder', 400, 400, 350), one('reorder', 400, 225, 525)],
  },
  { country: 'DE', signals: european(480, 240) },
  { country: 'PL', signals: european(500, 500) },
  { country: 'AT', signals: european(400, 200, 1000, 5000, 420) },
  { country: 'CH', signals: european(500, 200) },
  { country: 'CZ', signals: european(330, 165) },
  { country: 'BG', signals: european(500, 250) },
  { country: 'HU', signals: european(300, 300, 1250, 3750) },
  { country: 'LT', signals: european(350, 200) },
  { country: 'EE', signals: european(300, 200) },
  { country: 'FI', signals: european(300, 200) },
  { country: 'IT', signals: european(500, 200) },
  { country: 'ES', signals: european(200, 200, 1500, 3000) },
];

/** The plans of `country`, or all of them if it is null or none of those known. */
export function plansOf(country: string | null): readonly TonePlan[] {
  const own = TONE_PLANS.filter((plan) => plan.country === country);
  return own.length > 0 ? own : TONE_PLANS;
}
