import type { Frame } from '../audio/frame.ts';
import { BeepDetector } from './beep.ts';
import { CallProgress } from './call-progress.ts';
import { isCed, isCng, V21Preamble } from './fax.ts';
import { SitDetector, type SpecialInformationTone } from './sit.ts';
import { ToneTracker } from './tone-tracker.ts';

/** A tone this long is no vowel: voices hold one harmonic above all others for less. */
const SOUNDING_MS = 80;
/** Unless it is as pure as no voice is. */
const PURE = 0.93;
const PURE_SOUNDING_MS = 30;
/** The window still holds the tone this long after it was lost. */
const RELEASE_MS = 50;

/** A shorter beep makes nobody a machine: some women hold one harmonic of a vowel as steadily for 0.12 s (voicemails beep for 0.2-0.8 s). */
export const DECIDING_BEEP_MS = 150;

/** All tones of one call, frame by frame. `sit` and `fax` stay; `beepHz` is set on one frame, 0.1 s after a beep's end. */
export class ToneListener {
  /** A steady tone sounds now (or a beating one of ringback or busy): not a voice. */
  sounding = false;
  fax: string | null = null;
  beepHz: number | null = null;
  beepEndMs = 0;
  beepLengthMs = 0;
  beepLevelDb = -120;
  longestBeepMs = 0;
  /** Start of the tone now sounding, ms: what was taken for voice since then was this tone. */
  soundingSinceMs = 0;
  /** Until when the tone that sounded last is held to sound, ms. */
  releaseUntilMs = 0;
  readonly progress: CallProgress;
  private readonly tracker = new ToneTracker();
  private readonly sitDetector = new SitDetector();
  private readonly beeps = new BeepDetector(this.tracker);
  private readonly v21 = new V21Preamble();

  /** `country` (ISO 3166) says whose ringback and busy tones to expect; null: any known. */
  constructor(country: string | null = null) {
    this.progress = new CallProgress(country);
  }

  get sit(): SpecialInformationTone | null {
    return this.sitDetector.found;
  }

  push(frame: Frame, timeMs: number): void {
    const { tracker, beeps } = this;
    const ended = tracker.push(frame, timeMs) ? tracker.ended : null;
    if (ended !== null) {
      this.progress.ended(ended);
      if (isCng(ended)) this.fax ??= `CNG of ${Math.round(ended.frequencyHz)} Hz`;
    }
    const sounds = tracker.gapMs === 0 ? tracker.soundingMs : 0;
    beeps.push(frame, timeMs, tracker, ended, this.progress);
    this.beepHz = beeps.heardHz;
    if (this.beepHz !== null) {
      this.beepEndMs = beeps.endMs;
      this.beepLengthMs = beeps.lengthMs;
      this.beepLevelDb = beeps.levelDb;
      this.longestBeepMs = Math.max(this.longestBeepMs, beeps.lengthMs);
    }
    this.sitDetector.push(frame, timeMs);
    this.v21.push(frame);
    if (this.v21.found) this.fax ??= 'V.21 preamble';
    if (sounds >= SOUNDING_MS || (sounds >= PURE_SOUNDING_MS && frame.dualPurity > PURE)) {
      this.soundingSinceMs = tracker.current.startMs;
      this.releaseUntilMs = timeMs + RELEASE_MS;
    }
    this.sounding = timeMs < this.releaseUntilMs;
    if (sounds > 0 && isCed(tracker.current)) this.fax ??= `CED of ${Math.round(tracker.current.frequencyHz)} Hz`;
  }
}
