import type { Frame } from '../audio/frame.ts';
import type { VoiceActivity } from './voice-activity.ts';

const HOP_MS = 10;
/** A gap shorter than this is a stop consonant or a click of the codec, not a pause between words. */
const WORD_GAP_MS = 60;
/** From here a gap is a pause of the speaker. */
const PAUSE_MS = 200;
const MIN_SEGMENT_MS = 60;
/** Voice frames without onset are forgotten after this long: a click, a breath. */
const FORGET_MS = 250;
const SYLLABLE_DIP_DB = 3;
const STILL_HZ = 8;
const STILL_FRAMES = 10;
/** Until then the floor is an assumption. */
const FLOOR_KNOWN_MS = 400;

/** What has been heard of the speech so far; times in ms of audio. One object a call, numbers only. */
export class SpeechStats {
  /** Audio time of the first speech; -1 until somebody speaks. */
  onsetMs = -1;
  elapsedMs = 0;
  speechMs = 0;
  silenceMs = 0;
  words = 0;
  pauses = 0;
  firstRunMs = 0;
  firstPauseMs = 0;
  longestRunMs = 0;
  longestPauseMs = 0;
  currentRunMs = 0;
  syllables = 0;
  voicedFrames = 0;
  voiceFrames = 0;
  steadyFrames = 0;
  /** Frames in which the strongest peak stays where it was 120 ms ago and all the while: a tone, not a voice. */
  stillFrames = 0;
  levelSum = 0;
  levelSquares = 0;
  levelMax = -200;
  levelDeltaSum = 0;
  flatnessSum = 0;
  flatnessSquares = 0;
  peakMoveSum = 0;
  /** Level at the start of the speech and of late, dB: a phrase that falls at its end is a phrase that has ended. */
  earlyLevelDb = -200;
  lateLevelDb = -200;
  levelDropSum = 0;
  levelDropFrames = 0;
  crestSum = 0;
  crestSquares = 0;
  /** Sum of the pauses that have ended. */
  pauseSumMs = 0;
  /** Lowest noise floor since it was known, dB; 200 before. */
  floorDb = 200;

  private candidateMs = -1;
  private wordMs = 0;
  private lastVoiceMs = 0;
  private lastLevelDb = -200;
  private lastPeakHz = 0;
  private steadyRun = 0;
  private stillRun = 0;
  private stillHz = 0;
  private smoothDb = -200;
  private troughDb = 200;
  private crestDb = -200;
  private rising = false;

  /** Mean level of the speech over the noise, dB. */
  get overFloorDb(): number {
    return this.floorDb > 100 || this.voiceFrames === 0 ? 30 : this.levelSum / this.voiceFrames - this.floorDb;
  }

  push(frame: Frame, activity: VoiceActivity, timeMs: number): void {
    if (timeMs > FLOOR_KNOWN_MS && activity.floorDb < this.floorDb) this.floorDb = activity.floorDb;
    if (this.onsetMs < 0) {
      this.seekOnset(activity, timeMs);
      if (this.onsetMs < 0) return;
    }
    this.elapsedMs = timeMs - this.onsetMs;
    if (activity.voice) this.takeVoice(frame, activity, timeMs);
    else this.takeSilence();
  }

  private seekOnset(activity: VoiceActivity, timeMs: number): void {
    if (activity.voice) {
      if (this.candidateMs < 0) this.candidateMs = timeMs - HOP_MS;
      this.lastVoiceMs = timeMs;
    } else if (timeMs - this.lastVoiceMs > FORGET_MS) this.candidateMs = -1;
    if (!activity.onset) return;
    this.onsetMs = Math.max(0, this.candidateMs);
    this.speechMs = timeMs - HOP_MS - this.onsetMs;
    this.currentRunMs = this.speechMs;
    this.wordMs = this.speechMs;
    this.words = 1;
  }

  private takeVoice(frame: Frame, activity: VoiceActivity, timeMs: number): void {
    if (this.silenceMs > 0) this.endGap();
    this.lastVoiceMs = timeMs;
    this.speechMs += HOP_MS;
    this.currentRunMs += HOP_MS;
    this.wordMs += HOP_MS;
    if (this.wordMs === MIN_SEGMENT_MS && this.words === 0) this.words = 1;
    if (this.pauses === 0) this.firstRunMs = this.currentRunMs;
    if (this.currentRunMs > this.longestRunMs) this.longestRunMs = this.currentRunMs;
    this.measure(frame, activity);
  }

  private takeSilence(): void {
    this.silenceMs += HOP_MS;
    if (this.pauses === 0 || this.silenceMs === 0) this.firstPauseMs = this.silenceMs;
    if (this.silenceMs > this.longestPauseMs) this.longestPauseMs = this.silenceMs;
  }

  /** Speech goes on after a gap: it was a pause, the space between words, or nothing. */
  private endGap(): void {
    if (this.silenceMs >= PAUSE_MS) {
      if (this.pauses === 0) this.firstPauseMs = this.silenceMs;
      this.pauses++;
      this.pauseSumMs += this.silenceMs;
      this.currentRunMs = 0;
    }
    if (this.silenceMs >= WORD_GAP_MS) {
      this.words++;
      this.wordMs = 0;
    }
    this.silenceMs = 0;
  }

  private measure(frame: Frame, activity: VoiceActivity): void {
    const level = frame.levelDb;
    this.voiceFrames++;
    if (activity.voiced) this.voicedFrames++;
    this.levelSum += level;
    this.levelSquares += level * level;
    if (level > this.levelMax) this.levelMax = level;
    if (this.lastLevelDb > -200) this.levelDeltaSum += Math.abs(level - this.lastLevelDb);
    if (this.lastLevelDb > -200 && level < this.lastLevelDb) {
      this.levelDropSum += this.lastLevelDb - level;
      this.levelDropFrames++;
    }
    this.lastLevelDb = level;
    this.flatnessSum += frame.flatness;
    this.flatnessSquares += frame.flatness * frame.flatness;
    const moveHz = Math.min(200, Math.abs(frame.peakHz - this.lastPeakHz));
    this.peakMoveSum += moveHz;
    // A voice's harmonics glide; a note of music stands still for tens of frames.
    this.steadyRun = moveHz < 4 ? this.steadyRun + 1 : 0;
    if (this.steadyRun >= 6) this.steadyFrames += this.steadyRun === 6 ? 6 : 1;
    this.stillRun = Math.abs(frame.peakHz - this.stillHz) < STILL_HZ ? this.stillRun + 1 : 0;
    if (this.stillRun === 0) this.stillHz = frame.peakHz;
    if (this.stillRun >= STILL_FRAMES) this.stillFrames += this.stillRun === STILL_FRAMES ? STILL_FRAMES : 1;
    this.lastPeakHz = frame.peakHz;
    if (this.earlyLevelDb < -190) this.earlyLevelDb = level;
    else if (this.voiceFrames <= 30) this.earlyLevelDb += (level - this.earlyLevelDb) / this.voiceFrames;
    this.lateLevelDb = this.lateLevelDb < -190 ? level : this.lateLevelDb + 0.08 * (level - this.lateLevelDb);
    this.countSyllables(level);
  }

  /** A syllable is a crest of the smoothed level with a dip of 3 dB on either side. */
  private countSyllables(level: number): void {
    this.smoothDb = this.smoothDb < -190 ? level : this.smoothDb + 0.35 * (level - this.smoothDb);
    const smooth = this.smoothDb;
    if (this.rising) {
      if (smooth > this.crestDb) this.crestDb = smooth;
      else if (smooth < this.crestDb - SYLLABLE_DIP_DB) {
        this.syllables++;
        this.crestSum += this.crestDb;
        this.crestSquares += this.crestDb * this.crestDb;
        this.rising = false;
        this.troughDb = smooth;
      }
    } else if (smooth < this.troughDb) this.troughDb = smooth;
    else if (smooth > this.troughDb + SYLLABLE_DIP_DB) {
      this.rising = true;
      this.crestDb = smooth;
    }
  }
}
