import { BINS, WINDOW_SAMPLES } from './spectrum.ts';

/** 300-1500 Hz: the harmonics a telephone lets through and a voice has most of. */
const LOW_BIN = 8;
const HIGH_BIN = 48;
/** 75-400 Hz at 8 kHz, every second lag: the peak is refined by a parabola. */
const FIRST_LAG = 20;
const LAST_LAG = 106;
const LAG_STEP = 2;
const COS = Float64Array.from({ length: WINDOW_SAMPLES }, (_, index) => Math.cos((2 * Math.PI * index) / WINDOW_SAMPLES));
/** The Hann window fades the correlation at long lags; this gives it back, but no more than threefold. */
const GAIN = Float64Array.from({ length: LAST_LAG + LAG_STEP + 1 }, (_, lag) => {
  let sum = 0;
  let whole = 0;
  for (let index = 0; index < WINDOW_SAMPLES; index++) {
    const at = 0.5 - 0.5 * COS[index]!;
    whole += at * at;
    if (index + lag < WINDOW_SAMPLES) sum += at * (0.5 - 0.5 * COS[index + lag]!);
  }
  return Math.min(3, whole / sum);
});

const correlation = new Float64Array(LAST_LAG + LAG_STEP + 1);

/**
 * Pitch by the autocorrelation of a frame, taken from its power spectrum. About 2 microseconds; written over and over. Coarse lags: a voice
 * above 250 Hz may be told a whole multiple too low, so only the movement of the pitch and its strength are for use.
 */
export class Pitch {
  /** Semitones over 55 Hz. */
  semitones = 0;
  /** Correlation at the pitch's period: near 1 for a clear voice, under 0.4 for noise. */
  strength = 0;

  measure(power: Float64Array): void {
    let whole = 1e-12;
    for (let bin = LOW_BIN; bin < HIGH_BIN; bin++) whole += power[bin]!;
    let best = FIRST_LAG;
    for (let lag = FIRST_LAG - LAG_STEP; lag <= LAST_LAG + LAG_STEP; lag += LAG_STEP) {
      let sum = 0;
      for (let bin = LOW_BIN; bin < HIGH_BIN; bin++) sum += power[bin]! * COS[(bin * lag) & (2 * BINS - 1)]!;
      // Two periods correlate as well as one: of equals the shorter is meant.
      correlation[lag] = (sum / whole) * GAIN[lag]! * (1 - lag / 800);
      if (lag >= FIRST_LAG && lag <= LAST_LAG && correlation[lag]! > correlation[best]!) best = lag;
    }
    const before = correlation[best - LAG_STEP]!;
    const at = correlation[best]!;
    const after = correlation[best + LAG_STEP]!;
    const curve = before - 2 * at + after;
    const lag = best + (curve < 0 ? Math.max(-1, Math.min(1, (0.5 * (before - after)) / curve)) * LAG_STEP : 0);
    this.semitones = 12 * Math.log2(8000 / lag / 55);
    this.strength = at;
  }
}
