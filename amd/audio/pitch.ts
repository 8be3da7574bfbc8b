import { BINS, evenAutocorrelation, WINDOW_SAMPLES } from './spectrum.ts';

/** 300-1500 Hz: the harmonics a telephone lets through and a voice has most of. */
const LOW_BIN = 8;
const HIGH_BIN = 48;
/** 75-400 Hz at 8 kHz, every second lag: the peak is refined by a parabola. Halves of lags, in samples. */
const FIRST = 10;
const LAST = 53;
/** The Hann window fades the correlation at long lags; this gives it back, but no more than threefold. Two periods correlate as well as one: of equals the shorter is meant. */
const GAIN = Float64Array.from({ length: BINS / 2 }, (_, half) => {
  const lag = 2 * half;
  const hann = (index: number): number => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / WINDOW_SAMPLES);
  let sum = 0;
  let whole = 0;
  for (let index = 0; index < WINDOW_SAMPLES; index++) {
    whole += hann(index) ** 2;
    if (index + lag < WINDOW_SAMPLES) sum += hann(index) * hann(index + lag);
  }
  return Math.min(3, whole / sum) * (1 - lag / 800);
});

const correlation = new Float64Array(BINS / 2);

/**
 * Pitch by the autocorrelation of a frame, taken from its power spectrum. About 1 microsecond; written over and over. Coarse lags: a voice
 * above 250 Hz may be told a whole multiple too low, so only the movement of the pitch and its strength are for use.
 */
export class Pitch {
  /** Semitones over 55 Hz. */
  semitones = 0;
  /** Correlation at the pitch's period: near 1 for a clear voice, under 0.4 for noise. */
  strength = 0;

  measure(power: Float64Array): void {
    evenAutocorrelation(power, LOW_BIN, HIGH_BIN, correlation);
    const whole = correlation[0]! + 1e-12;
    let best = FIRST;
    for (let half = FIRST - 1; half <= LAST + 1; half++) {
      correlation[half]! *= GAIN[half]!;
      if (half >= FIRST && half <= LAST && correlation[half]! > correlation[best]!) best = half;
    }
    const before = correlation[best - 1]!;
    const at = correlation[best]!;
    const after = correlation[best + 1]!;
    const curve = before - 2 * at + after;
    const lag = 2 * (best + (curve < 0 ? Math.max(-1, Math.min(1, (0.5 * (before - after)) / curve)) : 0));
    this.semitones = 12 * Math.log2(8000 / lag / 55);
    this.strength = at / whole;
  }
}
