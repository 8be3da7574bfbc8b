import type { Frame } from '../audio/frame.ts';
import { isBeep, isCallProgress, isCed, isCng } from './call-progress.ts';
import { SitDetector } from './sit.ts';
import { ToneTracker } from './tone-tracker.ts';

/** A tone this long is no vowel: voices hold one harmonic above all others for less. */
const SOUNDING_MS = 80;
/** Unless it is as pure as no voice is. */
const PURE = 0.93;
const PURE_SOUNDING_MS = 30;
/** The window still holds the tone this long after it was lost. */
const RELEASE_MS = 50;

/** A window still looks like the tone when the tone has left this much of it. */
const WINDOW_TAIL_MS = 10;

/** All tones of one call, frame by frame. `sit`, `fax` and `busyCycles` stay; `beepHz` is set on the frame after a beep. */
export class ToneListener {
  /** A steady tone sounds now (or a beating one of ringback or busy): not a voice. */
  sounding = false;
  sit = false;
  fax: number | null = null;
  beepHz: number | null = null;
  beepEndMs = 0;
  anyBeep = false;
  /** Bursts of busy or reorder tone in a row, 0.15-0.7 s each. */
  busyCycles = 0;
  /** Start of the tone now sounding, ms: what was taken for voice since then was this tone. */
  soundingSinceMs = 0;
  private releaseUntilMs = 0;
  private lastBurstEndMs = 0;
  private readonly tracker = new ToneTracker();
  private readonly sitDetector = new SitDetector();

  push(frame: Frame, timeMs: number): void {
    const { tracker } = this;
    this.beepHz = null;
    if (tracker.push(frame, timeMs)) this.take();
    const { soundingMs } = tracker;
    const heard = soundingMs >= SOUNDING_MS || (soundingMs >= PURE_SOUNDING_MS && frame.dualPurity > PURE);
    if (heard) {
      this.soundingSinceMs = tracker.current.startMs;
      this.releaseUntilMs = timeMs + RELEASE_MS;
    }
    this.sounding = timeMs < this.releaseUntilMs;
    if (soundingMs === 0) return;
    if (this.sitDetector.sounding(tracker.current)) this.sit = true;
    if (isCed(tracker.current)) this.fax = tracker.current.frequencyHz;
  }

  private take(): void {
    const tone = this.tracker.ended;
    this.sitDetector.ended(tone);
    if (isCng(tone)) this.fax = tone.frequencyHz;
    if (isBeep(tone)) {
      this.beepHz = tone.frequencyHz;
      this.beepEndMs = Math.max(0, tone.endMs - WINDOW_TAIL_MS);
      this.anyBeep = true;
    }
    if (!isCallProgress(tone)) return;
    const lengthMs = tone.endMs - tone.startMs;
    const burst = lengthMs >= 150 && lengthMs <= 700;
    const follows = tone.startMs - this.lastBurstEndMs < 800;
    if (!burst) this.busyCycles = 0;
    else this.busyCycles = follows || this.busyCycles === 0 ? this.busyCycles + 1 : 1;
    this.lastBurstEndMs = tone.endMs;
  }
}
