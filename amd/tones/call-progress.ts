import type { Tone } from './tone-tracker.ts';

const within = (value: number, centre: number, tolerance: number): boolean => Math.abs(value - centre) <= tolerance;

/** Two sines 40 Hz apart beat: their level moves by more than this from frame to frame. A sine's does not, even at 10 dB SNR. */
const BEATING_DB = 1.6;
/** A vowel on one harmonic (the first formant's, under 560 Hz) is as pure and as long as a short beep, but glides. */
const GLIDING_HZ = 11;
const VOWEL_HZ = 560;

/**
 * Ringback, busy, reorder: 425 Hz (most of Europe, RU, UA, KZ), 440 + 480 and 480 + 620 (US), 400 + 450 and 400 (UK);
 * ITU-T E.180 supplement 2. A single steady sine near 400 Hz other than these may be a voicemail's beep.
 */
export function isCallProgress(tone: Tone): boolean {
  const hz = tone.frequencyHz;
  if (tone.dual) return hz > 330 && hz < 660;
  if (hz < 385 || hz > 500) return false;
  return within(hz, 425, 16) || within(hz, 400, 8) || tone.rippleDb > BEATING_DB;
}

const isGliding = (tone: Tone): boolean => tone.frequencyHz < VOWEL_HZ && tone.spreadHz >= GLIDING_HZ;

/** Length and steadiness of a voicemail's beep. 400-2000 Hz, one sine, 0.12-1.3 s. */
export function isBeep(tone: Tone): boolean {
  const lengthMs = tone.endMs - tone.startMs;
  // Below 500 Hz a held vowel can look like a sine for a while.
  const minMs = tone.frequencyHz < 500 ? 200 : 120;
  return !tone.dual && tone.frequencyHz >= 395 && tone.frequencyHz <= 2050 && lengthMs >= minMs && lengthMs <= 1300
    && tone.rippleDb < BEATING_DB && !isGliding(tone) && !isCallProgress(tone);
}

/** CED (ITU-T V.25): 2100 Hz +-15, at least 0.4 s of it; ANSam is the same with 15 Hz amplitude modulation. */
export function isCed(tone: Tone): boolean {
  return !tone.dual && within(tone.frequencyHz, 2100, 22) && tone.endMs - tone.startMs >= 400;
}

/** CNG (ITU-T T.30): 1100 Hz +-38 (and the error of measurement), 0.5 s on. Only its length tells it from a beep. */
export function isCng(tone: Tone): boolean {
  const lengthMs = tone.endMs - tone.startMs;
  return !tone.dual && within(tone.frequencyHz, 1100, 44) && lengthMs >= 380 && lengthMs <= 640 && tone.rippleDb < BEATING_DB;
}
