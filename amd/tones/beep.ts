import type { Frame } from '../audio/frame.ts';
import type { CallProgress } from './call-progress.ts';
import type { Tone, ToneTracker } from './tone-tracker.ts';

const HOP_MS = 10;
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
const STEP_RESIDUE_DB = -9;
const STEP_MS = 60;
/** A window still looks like the tone when the tone has left this much of it. */
const WINDOW_TAIL_MS = 10;
/** After its beep a voicemail is quiet: how long that is waited for, from when the tone was last seen. */
const QUIET_FROM_MS = 30;
const QUIET_TO_MS = 100;
const RING = 31;
/** The level before a tone: 20 to 60 ms before it was first seen. */
const BEFORE_FROM = 2;
const BEFORE_FRAMES = 4;
const QUIET_FRAMES = (QUIET_TO_MS - QUIET_FROM_MS) / HOP_MS;
/** Quiet is so far under the tone: at 10 dB SNR the noise is. */
const MIN_FALL_DB = 8.5;
const MIN_RISE_DB = 8.5;
/** A tone that nothing but speech went before without a pause must be this steady and this long. */
const ABRUPT_HZ = 0.5;
const ABRUPT_MS = 150;
/** What sounds beside the tone is the line's noise (heard alone after the tone), or the codec's own. */
const NOISE_MARGIN_DB = 4;
const CODEC_NOISE_DB = -17;
/** Two beeps one after the other are one signal; four are a melody. */
const MAX_STEPS = 3;
const STEP_GAP_MS = 70;
/** DTMF (ITU-T Q.23), +-1.8 %: a key, not a beep. */
const DTMF_LOW_HZ = [697, 770, 852, 941];
const DTMF_HIGH_HZ = [1209, 1336, 1477, 1633];
const DTMF_SHARE = 0.018;

/** First formants lie below. */
const VOWEL_HZ = 560;

/** Least length: a vowel held on one harmonic (its first formant's, under 600 Hz) is pure and long, and one held on two longer. */
function minLengthMs(lowHz: number, dual: boolean): number {
  if (dual) return lowHz < 480 ? 300 : 100;
  return lowHz < VOWEL_HZ ? 110 : 70;
}

const hasNear = (list: readonly number[], hz: number): boolean => list.some((each) => Math.abs(hz - each) <= DTMF_SHARE * each);

function isDtmf(tone: Tone): boolean {
  if (!tone.dual) return false;
  return hasNear(DTMF_LOW_HZ, Math.min(tone.frequencyHz, tone.secondHz)) && hasNear(DTMF_HIGH_HZ, Math.max(tone.frequencyHz, tone.secondHz));
}

function isSteady(tone: Tone): boolean {
  if (tone.rippleDb > MAX_RIPPLE_DB || tone.heard < MIN_HEARD || tone.deviationHz > MAX_DEVIATION_HZ) return false;
  if (tone.dual && tone.residueDb > DUAL_RESIDUE_DB) return false;
  if (tone.frequencyHz < FORMANT_HZ && tone.endMs - tone.startMs < FORMANT_MS) return tone.deviationHz <= 1 && Math.abs(tone.glideHz) <= 1.2 && Math.abs(tone.fadeDb) <= 0.6;
  if (Math.abs(tone.glideHz) <= MAX_GLIDE_HZ && Math.abs(tone.fadeDb) <= MAX_FADE_DB) return true;
  return tone.deviationHz <= STEADY_HZ && tone.residueDb <= STEADY_RESIDUE_DB && Math.abs(tone.glideHz) <= SPOILT_GLIDE_HZ && Math.abs(tone.fadeDb) <= SPOILT_FADE_DB;
}

/** A step of a beep of several, one of which is beyond doubt; packets may have been lost in it. */
function goesOn(tone: Tone): boolean {
  return tone.endMs - tone.startMs >= STEP_MS && tone.heard >= 0.5 && tone.rippleDb <= 1.2 && Math.abs(tone.fadeDb) <= SPOILT_FADE_DB
    && tone.residueDb <= STEP_RESIDUE_DB;
}

const lowHzOf = (tone: Tone): number => (tone.dual ? Math.min(tone.frequencyHz, tone.secondHz) : tone.frequencyHz);

/** Frequency, length and steadiness of a voicemail's beep: one sine or two, the lower of 385-2080 Hz, 0.1-2.5 s. */
export function isBeepLike(tone: Tone, progress: CallProgress): boolean {
  const lengthMs = tone.endMs - tone.startMs;
  const lowHz = lowHzOf(tone);
  return lowHz >= LOWEST_HZ && lowHz <= HIGHEST_HZ && lengthMs >= minLengthMs(lowHz, tone.dual) && lengthMs <= MAX_LENGTH_MS
    && isSteady(tone) && !isDtmf(tone) && !progress.isNetworkTone(tone);
}

/**
 * A beep is a steady tone with nothing beside it but the line's noise, and quiet after it. Voices and music fail one or the other: their
 * harmonics are beside the tone, and the next sound follows it. States: waiting for a tone; `pending`, a tone has ended and the
 * quiet after it is waited for.
 */
export class BeepDetector {
  /** Frequency of the beep that was confirmed on this frame; null on all others. */
  heardHz: number | null = null;
  endMs = 0;
  private pending = false;
  private steps = 0;
  /** Every step so far may be a beep's; one of them was beyond doubt. */
  private chainGood = false;
  private chainSteady = false;
  private tone: Tone;
  private startMs = -1;
  /** Level before the tone now sounding, and before the first step of the pending one. */
  private beforeDb = -120;
  private chainBeforeDb = -120;
  private lastToneEndMs = -1e9;
  /** Levels of the last frames: a tone is known to have begun or ended only some frames later. */
  private readonly levels = new Float64Array(RING + 1).fill(-120);
  private at = 0;

  constructor(tracker: ToneTracker) {
    this.tone = tracker.ended;
  }

  /** `ended` is the tone that ended on this frame; null if none did. */
  push(frame: Frame, timeMs: number, tracker: ToneTracker, ended: Tone | null, progress: CallProgress): void {
    this.heardHz = null;
    if (ended !== null) this.toneEnded(ended, progress);
    const { current } = tracker;
    const sounds = tracker.gapMs === 0 ? tracker.soundingMs : 0;
    if (sounds > 0 && current.startMs !== this.startMs) {
      this.startMs = current.startMs;
      this.beforeDb = this.meanDb(BEFORE_FROM + Math.round((timeMs - current.startMs) / HOP_MS) - 1, BEFORE_FRAMES);
    }
    this.levels[this.at++ & RING] = frame.levelDb;
    if (!this.pending) return;
    // Another tone has begun: `toneEnded` tells whether it goes on with this one.
    if (sounds >= 60) this.pending = false;
    else if (timeMs >= this.endMs + QUIET_TO_MS) this.judge(timeMs);
  }

  /** Mean level of `frames` frames, the last of them `back` frames ago. */
  private meanDb(back: number, frames: number): number {
    let sum = 0;
    for (let index = 0; index < frames; index++) sum += this.levels[(this.at - 1 - back - index) & RING]!;
    return sum / frames;
  }

  private toneEnded(tone: Tone, progress: CallProgress): void {
    const follows = tone.startMs - this.lastToneEndMs <= STEP_GAP_MS;
    this.steps = follows ? this.steps + 1 : 1;
    this.lastToneEndMs = tone.endMs;
    if (!follows) this.chainBeforeDb = this.beforeDb;
    const step = goesOn(tone) && !isDtmf(tone);
    // A melody's notes fade, and a vowel glides into the next: then nothing that follows is a beep.
    this.chainGood = step && (!follows || this.chainGood);
    this.chainSteady = (isSteady(tone) && tone.endMs - tone.startMs >= 70) || (follows && this.chainSteady);
    this.pending = this.steps === 1 ? isBeepLike(tone, progress)
      : this.steps <= MAX_STEPS && this.chainGood && this.chainSteady && lowHzOf(tone) >= LOWEST_HZ && lowHzOf(tone) <= HIGHEST_HZ && !progress.isNetworkTone(tone);
    if (!this.pending) return;
    this.tone = tone;
    this.endMs = tone.endMs;
  }

  private judge(timeMs: number): void {
    this.pending = false;
    const { tone } = this;
    const late = Math.round((timeMs - this.endMs - QUIET_TO_MS) / HOP_MS);
    const fallDb = this.meanDb(late, QUIET_FRAMES) - tone.levelDb;
    const riseDb = tone.levelDb - this.chainBeforeDb;
    if (fallDb > -MIN_FALL_DB || tone.residueDb > Math.max(fallDb + NOISE_MARGIN_DB, CODEC_NOISE_DB)) return;
    if (riseDb < MIN_RISE_DB && (tone.deviationHz > ABRUPT_HZ || tone.endMs - tone.startMs < ABRUPT_MS)) return;
    this.heardHz = tone.frequencyHz;
    this.endMs = Math.max(0, this.endMs - WINDOW_TAIL_MS);
  }
}
