import type { Frame } from '../audio/frame.ts';

/** A steady tone that has ended, or is still sounding. What is measured of it is measured robustly: a lost packet spoils some frames. */
export interface Tone {
  frequencyHz: number;
  /** The other sine of a dual tone; 0 if there is none. */
  secondHz: number;
  startMs: number;
  endMs: number;
  levelDb: number;
  /** Two sines far enough apart to be seen as two peaks (480 + 620 Hz). */
  dual: boolean;
  /** Median change of level between frames, dB: a single sine has under 1, two close sines (440 + 480 Hz) beat with 3 and more. Of ended tones only, as all below. */
  rippleDb: number;
  /** Median distance of the frequency from its median, Hz. */
  deviationHz: number;
  /** Between the medians of its first and second half: a sine's frequency and level stay, those of a held vowel glide. */
  glideHz: number;
  fadeDb: number;
  /** Everything that is not the tone while it sounds, dB re the tone (median): the noise, and in a voice the other harmonics. */
  residueDb: number;
  /** Share of its frames in which it was heard. */
  heard: number;
}

export interface ToneTrackerOptions {
  /** Least share of power in the peak. 0.72 is a tone 4 dB above everything else. */
  minPurity: number;
  /** The same for two peaks together. */
  minDualPurity: number;
  maxDriftHz: number;
  /** A gap this short does not end a tone: a lost packet that is concealed spoils the windows of 50 ms, ANSam's phase reversals 30. */
  maxGapMs: number;
  minLevelDb: number;
}

export const TONE_TRACKER_DEFAULTS: ToneTrackerOptions = { minPurity: 0.72, minDualPurity: 0.85, maxDriftHz: 15, maxGapMs: 60, minLevelDb: -56 };

const HOP_MS = 10;
/** Another tone so many frames long ends the one that was. */
const TAKE_OVER_FRAMES = 3;
/** The first and last frames of a tone hold only a part of it: they measure the window, not the tone. */
const EDGE_FRAMES = 3;
/** A frame further off was spoilt; it does not move the tone's frequency. */
const FOLLOWED_HZ = 30;
const MIN_FRAMES = 4;
const DUAL_SHARE = 0.1;

/** Frames remembered of one tone: 0.64 s; of longer ones the last. */
const MEMORY = 64;

const emptyTone = (): Tone => ({
  frequencyHz: 0, secondHz: 0, startMs: 0, endMs: 0, levelDb: -120, dual: false, rippleDb: 0, deviationHz: 0, glideHz: 0, fadeDb: 0, residueDb: 0, heard: 0,
});

/** For medians; JavaScript runs one call's frame at a time, so all calls share it. */
const sorting = new Float64Array(MEMORY);

/** Sorts the first `count` of `sorting` (they are few) and gives the middle one. */
function medianOf(count: number): number {
  for (let index = 1; index < count; index++) {
    const value = sorting[index]!;
    let place = index;
    while (place > 0 && sorting[place - 1]! > value) {
      sorting[place] = sorting[place - 1]!;
      place--;
    }
    sorting[place] = value;
  }
  return sorting[count >> 1]!;
}

/** Median of `values[(from + index) % MEMORY]` for index 0..count-1. */
function medianIn(values: Float32Array, from: number, count: number): number {
  for (let index = 0; index < count; index++) sorting[index] = values[(from + index) % MEMORY]!;
  return medianOf(count);
}

/**
 * Follows one tone at a time over 10 ms frames. States: no tone (`frames === 0`); sounding (`frames > 0`, `current` is true
 * to date, `gapMs` tells how long it has not been heard); a tone ends after `maxGapMs` without it, or when another frequency
 * takes over. `push` is true on the frame at which a tone ended; it is then in `ended`. Nothing is allocated.
 */
export class ToneTracker {
  readonly current: Tone = emptyTone();
  readonly ended: Tone = emptyTone();
  /** Since the tone was last heard; 0 while it sounds. */
  gapMs = 0;
  private frames = 0;
  private otherFrames = 0;
  private otherHz = 0;
  private dualFrames = 0;
  private secondSum = 0;
  private readonly hz = new Float32Array(MEMORY);
  private readonly db = new Float32Array(MEMORY);
  private readonly residue = new Float32Array(MEMORY);
  private readonly options: ToneTrackerOptions;

  constructor(options: ToneTrackerOptions = TONE_TRACKER_DEFAULTS) {
    this.options = options;
  }

  /** Length of the tone now sounding, ms; 0 if none. */
  get soundingMs(): number {
    return this.frames === 0 ? 0 : this.current.endMs - this.current.startMs;
  }

  push(frame: Frame, timeMs: number): boolean {
    const { minPurity, minDualPurity, minLevelDb, maxDriftHz, maxGapMs } = this.options;
    const tonal = frame.peakDb > minLevelDb && frame.peakHz > 300 && (frame.purity > minPurity || frame.dualPurity > minDualPurity);
    if (this.frames === 0) {
      if (tonal) this.begin(frame, timeMs);
      return false;
    }
    if (tonal && this.isNear(frame, maxDriftHz)) {
      this.continueWith(frame, timeMs);
      return false;
    }
    this.gapMs += HOP_MS;
    if (!tonal) this.otherFrames = 0;
    else if (this.otherFrames === 0 || Math.abs(frame.peakHz - this.otherHz) > maxDriftHz) {
      this.otherFrames = 1;
      this.otherHz = frame.peakHz;
    } else this.otherFrames++;
    if (this.gapMs <= maxGapMs && this.otherFrames < TAKE_OVER_FRAMES) return false;
    const ended = this.finish();
    if (tonal) this.begin(frame, timeMs);
    return ended;
  }

  private isNear(frame: Frame, maxDriftHz: number): boolean {
    const { frequencyHz, secondHz } = this.current;
    // Two peaks of like height take turns in being the higher one.
    const allowedHz = frame.dualPurity - frame.purity > DUAL_SHARE ? maxDriftHz + 10 : maxDriftHz;
    if (Math.abs(frame.peakHz - frequencyHz) < allowedHz) return true;
    if (frame.secondRatio > 0.25 && Math.abs(frame.secondPeakHz - frequencyHz) < allowedHz) return true;
    return secondHz > 0 && frame.secondRatio > 0.25 && Math.abs(frame.peakHz - secondHz) < allowedHz;
  }

  private begin(frame: Frame, timeMs: number): void {
    const current = this.current;
    current.frequencyHz = frame.peakHz;
    current.secondHz = 0;
    current.startMs = Math.max(0, timeMs - HOP_MS * Math.max(1, this.otherFrames));
    current.endMs = timeMs;
    current.levelDb = frame.peakDb;
    current.dual = false;
    this.frames = 1;
    this.gapMs = 0;
    this.otherFrames = 0;
    this.dualFrames = 0;
    this.secondSum = 0;
    this.remember(frame.peakHz, frame.peakDb, frame.purity);
  }

  private continueWith(frame: Frame, timeMs: number): void {
    const current = this.current;
    this.frames++;
    this.gapMs = 0;
    this.otherFrames = 0;
    current.endMs = timeMs;
    const dual = frame.dualPurity - frame.purity > DUAL_SHARE;
    const swapped = dual && Math.abs(frame.secondPeakHz - current.frequencyHz) < Math.abs(frame.peakHz - current.frequencyHz);
    const hz = swapped ? frame.secondPeakHz : frame.peakHz;
    if (dual) {
      this.dualFrames++;
      this.secondSum += swapped ? frame.peakHz : frame.secondPeakHz;
      current.secondHz = this.secondSum / this.dualFrames;
    }
    const weight = 1 / Math.min(this.frames, 20);
    if (Math.abs(hz - current.frequencyHz) < FOLLOWED_HZ) current.frequencyHz += weight * (hz - current.frequencyHz);
    current.levelDb += weight * (frame.peakDb - current.levelDb);
    current.dual = this.dualFrames * 2 > this.frames;
    this.remember(hz, dual ? frame.peakDb + 10 * Math.log10(1 + frame.secondRatio) : frame.peakDb, dual ? frame.dualPurity : frame.purity);
  }

  private remember(hz: number, db: number, purity: number): void {
    const slot = (this.frames - 1) % MEMORY;
    this.hz[slot] = hz;
    this.db[slot] = db;
    this.residue[slot] = 1 - purity;
  }

  private finish(): boolean {
    const { current, frames } = this;
    this.frames = 0;
    this.gapMs = 0;
    if (frames < MIN_FRAMES) return false;
    const known = Math.min(frames, MEMORY);
    const edge = frames >= 4 * EDGE_FRAMES ? EDGE_FRAMES : 1;
    const first = frames > MEMORY ? frames : edge;
    const count = known - (frames > MEMORY ? edge : 2 * edge);
    const half = count >> 1;
    current.heard = (frames * HOP_MS) / (current.endMs - current.startMs);
    const middle = medianIn(this.hz, first, count);
    current.frequencyHz = middle;
    current.levelDb = medianIn(this.db, first, count);
    const share = medianIn(this.residue, first, count);
    current.residueDb = 10 * Math.log10(Math.max(1e-6, share) / Math.max(1e-6, 1 - share));
    current.glideHz = half < 1 ? 0 : medianIn(this.hz, first + half, count - half) - medianIn(this.hz, first, half);
    current.fadeDb = half < 1 ? 0 : medianIn(this.db, first + half, count - half) - medianIn(this.db, first, half);
    for (let index = 0; index < count; index++) sorting[index] = Math.abs(this.hz[(first + index) % MEMORY]! - middle);
    current.deviationHz = medianOf(count);
    for (let index = 0; index < count - 1; index++) sorting[index] = Math.abs(this.db[(first + index + 1) % MEMORY]! - this.db[(first + index) % MEMORY]!);
    current.rippleDb = count < 2 ? 0 : medianOf(count - 1);
    Object.assign(this.ended, current);
    return true;
  }
}
