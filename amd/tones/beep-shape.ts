import type { Tone } from './tone-tracker.ts';

const LOWEST_HZ = 385;
const HIGHEST_HZ = 2080;
const MAX_LENGTH_MS = 2500;
/*
 * Measured on 1,500 drawn beeps at 10-30 dB SNR with up to 5 % of loss, and on the 900 stretches of 3.4 h of speech and music that came
 * nearest to them: median deviation under 1.2 Hz (voices: 2.6), glide between the halves under 1.4 Hz (voices: 3.9).
 */
const MAX_DEVIATION_HZ = 1.5;
const MAX_GLIDE_HZ = 2.5;
const MAX_FADE_DB = 1;
const MAX_RIPPLE_DB = 0.7;
const MIN_HEARD = 0.65;
/** A packet lost in a short beep moves the median of a half; what is left is steadier than any voice. */
const STEADY_HZ = 0.75;
const STEADY_RESIDUE_DB = -12;
const SPOILT_GLIDE_HZ = 13;
const SPOILT_FADE_DB = 4;
/** A vowel's strongest harmonic lies below this, and is held for less than that. */
const FORMANT_HZ = 620;
const FORMANT_MS = 260;
const DUAL_RESIDUE_DB = -9.5;
/** DTMF (ITU-T Q.23), +-1.8 %: a key, not a beep. */
const DTMF_LOW_HZ = [697, 770, 852, 941];
const DTMF_HIGH_HZ = [1209, 1336, 1477, 1633];
const DTMF_SHARE = 0.018;
/** First formants lie below. */
const VOWEL_HZ = 560;

/** What a tone must keep to, at least (`minMs`, `heard`, `riseDb`) or at most; `fallDb` and `riseDb` are of what follows and goes before it, dB re it. */
export interface ToneLimits {
  readonly minMs: number;
  readonly heard: number;
  readonly deviationHz: number;
  readonly rippleDb: number;
  readonly glideHz: number;
  readonly fadeDb: number;
  readonly residueDb: number;
  readonly fallDb: number;
  readonly riseDb: number;
}

/*
 * GSM 06.10 makes a sine tremble: its pulses are coded anew each 5 ms, on one of four grids, and its filter each 20 ms. Level and frequency
 * waver by up to 2 dB and 5 Hz from frame to frame, about a middle that stays. Voices waver as much, but are not held as long or are not as
 * pure: of 2,561 tone-like stretches in 10 h of speech and music through A-law, GSM and a code-excited coder none kept to limits much like these
 * (`heard` of low ones keeps beating ringback away), which were chosen looking at them; of 2,400 beeps through GSM at 10-30 dB 97 % did or were steady.
 */
const TREMBLING_VOWEL_HZ = 750;
const TREMBLING_LONG_MS = 200;
const TREMBLING_LOW: ToneLimits = { minMs: 250, heard: 0.9, deviationHz: 6, rippleDb: 2.5, glideHz: 4, fadeDb: 3, residueDb: -9, fallDb: -10, riseDb: 10 };
const TREMBLING_LOW_PURE: ToneLimits = { minMs: 200, heard: 0.9, deviationHz: 2.5, rippleDb: 1.5, glideHz: 2, fadeDb: 2, residueDb: -12, fallDb: -12, riseDb: 10 };
const TREMBLING_SHORT: ToneLimits = { minMs: 120, heard: 0.8, deviationHz: 5, rippleDb: 2.5, glideHz: 6, fadeDb: 3.6, residueDb: -11, fallDb: -9, riseDb: 9 };
const TREMBLING_LONG: ToneLimits = { minMs: TREMBLING_LONG_MS, heard: 0.65, deviationHz: 8, rippleDb: 3.2, glideHz: 6, fadeDb: 5.5, residueDb: -8, fallDb: -8.5, riseDb: 2 };

const lengthMs = (tone: Tone): number => tone.endMs - tone.startMs;
const lowHzOf = (tone: Tone): number => (tone.dual ? Math.min(tone.frequencyHz, tone.secondHz) : tone.frequencyHz);

/** Least length: a vowel held on one harmonic (its first formant's, under 600 Hz) is pure and long, and one held on two longer. */
function minLengthMs(lowHz: number, dual: boolean): number {
  if (dual) return lowHz < 480 ? 300 : 100;
  return lowHz < VOWEL_HZ ? 110 : 90;
}

const hasNear = (list: readonly number[], hz: number): boolean => list.some((each) => Math.abs(hz - each) <= DTMF_SHARE * each);

export function isDtmf(tone: Tone): boolean {
  if (!tone.dual) return false;
  return hasNear(DTMF_LOW_HZ, Math.min(tone.frequencyHz, tone.secondHz)) && hasNear(DTMF_HIGH_HZ, Math.max(tone.frequencyHz, tone.secondHz));
}

/** Where voicemails beep: one sine or two, the lower of 385-2080 Hz. */
export function isInRange(tone: Tone): boolean {
  const lowHz = lowHzOf(tone);
  return lowHz >= LOWEST_HZ && lowHz <= HIGHEST_HZ;
}

/** As steady as a sine on a line without a vocoder. */
export function isSteady(tone: Tone): boolean {
  if (tone.rippleDb > MAX_RIPPLE_DB || tone.heard < MIN_HEARD || tone.deviationHz > MAX_DEVIATION_HZ) return false;
  if (tone.dual && tone.residueDb > DUAL_RESIDUE_DB) return false;
  if (tone.frequencyHz < FORMANT_HZ && lengthMs(tone) < FORMANT_MS) return tone.deviationHz <= 0.6 && Math.abs(tone.glideHz) <= 1 && Math.abs(tone.fadeDb) <= 0.6;
  if (Math.abs(tone.glideHz) <= MAX_GLIDE_HZ && Math.abs(tone.fadeDb) <= MAX_FADE_DB) return true;
  return tone.deviationHz <= STEADY_HZ && tone.residueDb <= STEADY_RESIDUE_DB && Math.abs(tone.glideHz) <= SPOILT_GLIDE_HZ && Math.abs(tone.fadeDb) <= SPOILT_FADE_DB;
}

/** Steady and long enough for a beep, 0.1-2.5 s. */
export function isSteadyBeep(tone: Tone): boolean {
  return lengthMs(tone) >= minLengthMs(lowHzOf(tone), tone.dual) && lengthMs(tone) <= MAX_LENGTH_MS && isSteady(tone);
}

/** What must hold around `tone` for it to be a beep through a vocoder; null if it is none, whatever is around it. */
export function tremblingLimits(tone: Tone): ToneLimits | null {
  if (lengthMs(tone) > MAX_LENGTH_MS) return null;
  if (lowHzOf(tone) >= TREMBLING_VOWEL_HZ) {
    const limits = lengthMs(tone) < TREMBLING_LONG_MS ? TREMBLING_SHORT : TREMBLING_LONG;
    return keepsTo(tone, limits) ? limits : null;
  }
  if (keepsTo(tone, TREMBLING_LOW)) return TREMBLING_LOW;
  return keepsTo(tone, TREMBLING_LOW_PURE) ? TREMBLING_LOW_PURE : null;
}

/** `fallDb` and `riseDb` are not of the tone; they are left to whoever hears what is around it. */
export function keepsTo(tone: Tone, limits: ToneLimits): boolean {
  return lengthMs(tone) >= limits.minMs && tone.heard >= limits.heard && tone.deviationHz <= limits.deviationHz && tone.rippleDb <= limits.rippleDb
    && Math.abs(tone.glideHz) <= limits.glideHz && Math.abs(tone.fadeDb) <= limits.fadeDb && tone.residueDb <= limits.residueDb;
}
