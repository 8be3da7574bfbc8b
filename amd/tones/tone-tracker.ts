import type { Frame } from '../audio/frame.ts';

/** A steady tone that has ended, or is still sounding. */
export interface Tone {
  frequencyHz: number;
  startMs: number;
  endMs: number;
  /** Mean change of level between frames, dB: a single sine has under 1, two close sines (440 + 480 Hz) beat with 3 and more. */
  rippleDb: number;
  levelDb: number;
  /** Highest less lowest frequency: a sine's is a few Hz, even in noise; a harmonic held by a voice glides by 13 and more. */
  spreadHz: number;
  /** Two sines far enough apart to be seen as two peaks (480 + 620 Hz). */
  dual: boolean;
}

export interface ToneTrackerOptions {
  /** Least share of power in the peak (or the two peaks). 0.75 is a tone 5 dB above everything else. */
  minPurity: number;
  maxDriftHz: number;
  /** A gap this short does not end a tone: ANSam's phase reversals last one window. */
  maxGapMs: number;
  minLevelDb: number;
}

export const TONE_TRACKER_DEFAULTS: ToneTrackerOptions = { minPurity: 0.75, maxDriftHz: 15, maxGapMs: 30, minLevelDb: -52 };

const HOP_MS = 10;
const MAX_GLIDE_HZ = 30;

/**
 * Follows one tone at a time over 10 ms frames. States: no tone (`frames === 0`); sounding (`frames > 0`, `current` is true
 * to date); a tone ends after `maxGapMs` without it, or at once when another frequency takes over. `push` is true on the
 * frame at which a tone ended; it is then in `ended`.
 */
export class ToneTracker {
  readonly current: Tone = { frequencyHz: 0, startMs: 0, endMs: 0, rippleDb: 0, levelDb: -120, spreadHz: 0, dual: false };
  readonly ended: Tone = { frequencyHz: 0, startMs: 0, endMs: 0, rippleDb: 0, levelDb: -120, spreadHz: 0, dual: false };
  private frames = 0;
  private gapMs = 0;
  private lastDb = 0;
  private rippleSum = 0;
  private dualFrames = 0;
  private lowestHz = 0;
  private highestHz = 0;
  private readonly options: ToneTrackerOptions;

  constructor(options: ToneTrackerOptions = TONE_TRACKER_DEFAULTS) {
    this.options = options;
  }

  /** Length of the tone now sounding, ms; 0 if none. */
  get soundingMs(): number {
    return this.frames === 0 ? 0 : this.current.endMs - this.current.startMs;
  }

  push(frame: Frame, timeMs: number): boolean {
    const { minPurity, minLevelDb, maxDriftHz, maxGapMs } = this.options;
    const tonal = frame.peakDb > minLevelDb && frame.peakHz > 300 && (frame.purity > minPurity || frame.dualPurity > 0.9);
    const current = this.current;
    if (this.frames === 0) {
      if (tonal) this.begin(frame, timeMs);
      return false;
    }
    const allowedHz = frame.dualPurity - frame.purity > 0.15 ? maxDriftHz + 20 : maxDriftHz;
    const near = Math.abs(frame.peakHz - current.frequencyHz) < allowedHz || this.isSecondPeak(frame, allowedHz);
    if (tonal && near) {
      this.continueWith(frame, timeMs);
      return false;
    }
    this.gapMs += HOP_MS;
    // One window spans 32 ms: while it leaves the old tone and enters the new, neither is clear.
    if (this.gapMs <= maxGapMs && !(tonal && this.gapMs > 20)) return false;
    const ended = this.finish();
    if (tonal) this.begin(frame, timeMs);
    return ended;
  }

  reset(): void {
    this.frames = 0;
    this.gapMs = 0;
  }

  private isSecondPeak(frame: Frame, allowedHz: number): boolean {
    return frame.secondRatio > 0.3 && Math.abs(frame.secondPeakHz - this.current.frequencyHz) < allowedHz;
  }

  private begin(frame: Frame, timeMs: number): void {
    const current = this.current;
    current.frequencyHz = frame.peakHz;
    current.startMs = timeMs - HOP_MS;
    current.endMs = timeMs;
    current.levelDb = frame.peakDb;
    this.frames = 1;
    this.gapMs = 0;
    this.lastDb = frame.peakDb;
    this.rippleSum = 0;
    this.dualFrames = 0;
    this.lowestHz = Infinity;
    this.highestHz = 0;
    current.spreadHz = 0;
  }

  private continueWith(frame: Frame, timeMs: number): void {
    const current = this.current;
    this.frames++;
    this.gapMs = 0;
    current.endMs = timeMs;
    const weight = 1 / Math.min(this.frames, 20);
    if (Math.abs(frame.peakHz - current.frequencyHz) < 30) current.frequencyHz += weight * (frame.peakHz - current.frequencyHz);
    current.levelDb += weight * (frame.peakDb - current.levelDb);
    // The first frames are the window filling up, neither ripple nor glide; a second peak or an odd frame is no glide either.
    if (this.frames > 3 && Math.abs(frame.peakHz - current.frequencyHz) < MAX_GLIDE_HZ) {
      this.lowestHz = Math.min(this.lowestHz, frame.peakHz);
      this.highestHz = Math.max(this.highestHz, frame.peakHz);
      current.spreadHz = this.highestHz - this.lowestHz;
    }
    if (this.frames > 3) this.rippleSum += Math.abs(frame.peakDb - this.lastDb);
    this.lastDb = frame.peakDb;
    if (frame.dualPurity - frame.purity > 0.15) this.dualFrames++;
    current.rippleDb = this.frames > 3 ? this.rippleSum / (this.frames - 3) : 0;
    current.dual = this.dualFrames * 2 > this.frames;
  }

  private finish(): boolean {
    const long = this.frames >= 5;
    if (long) Object.assign(this.ended, this.current);
    this.frames = 0;
    this.gapMs = 0;
    return long;
  }
}
