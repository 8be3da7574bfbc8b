import type { Frame } from '../audio/frame.ts';
import { isDtmf, isInRange, isSteadyBeep, tremblingLimits, type ToneLimits } from './beep-shape.ts';
import { StepChain } from './beep-steps.ts';
import type { CallProgress } from './call-progress.ts';
import type { Tone, ToneTracker } from './tone-tracker.ts';

const HOP_MS = 10;
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

/**
 * A beep is a steady tone with nothing beside it but the line's noise, and quiet after it. Voices and music fail one or the other: their
 * harmonics are beside the tone, and the next sound follows it. States: waiting for a tone; `pending`, a tone has ended and the
 * quiet after it is waited for.
 */
export class BeepDetector {
  /** Frequency of the beep that was confirmed on this frame; null on all others. */
  heardHz: number | null = null;
  endMs = 0;
  /** From its first step's start to its end, ms. */
  lengthMs = 0;
  levelDb = -120;
  private pending = false;
  private readonly chain = new StepChain();
  private tone: Tone;
  private startMs = -1;
  /** Level before the tone now sounding, and before the first step of the pending one. */
  private beforeDb = -120;
  private chainBeforeDb = -120;
  private chainStartMs = 0;
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
    const network = progress.isNetworkTone(tone);
    if (this.chain.add(tone, network)) {
      this.chainBeforeDb = this.beforeDb;
      this.chainStartMs = tone.startMs;
    }
    this.pending = this.chain.steps === 1
      ? isInRange(tone) && !isDtmf(tone) && !network && (isSteadyBeep(tone) || tremblingLimits(tone) !== null)
      : this.chain.limits !== null;
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
    const isBeep = this.chain.steps === 1
      ? (isSteadyBeep(tone) && standsAlone(tone, fallDb, riseDb)) || keepsQuiet(tremblingLimits(tone), fallDb, riseDb)
      : keepsQuiet(this.chain.limits, fallDb, riseDb);
    if (!isBeep) return;
    this.heardHz = tone.frequencyHz;
    this.endMs = Math.max(0, this.endMs - WINDOW_TAIL_MS);
    this.lengthMs = this.endMs - this.chainStartMs;
    this.levelDb = tone.levelDb;
  }
}

/** Quiet after a steady tone, nothing beside it but the line's noise, and quiet before it unless it is beyond doubt. */
function standsAlone(tone: Tone, fallDb: number, riseDb: number): boolean {
  if (fallDb > -MIN_FALL_DB || tone.residueDb > Math.max(fallDb + NOISE_MARGIN_DB, CODEC_NOISE_DB)) return false;
  return riseDb >= MIN_RISE_DB || (tone.deviationHz <= ABRUPT_HZ && tone.endMs - tone.startMs >= ABRUPT_MS);
}

const keepsQuiet = (limits: ToneLimits | null, fallDb: number, riseDb: number): boolean => limits !== null && fallDb <= limits.fallDb && riseDb >= limits.riseDb;
