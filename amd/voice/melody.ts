import type { Frame } from '../audio/frame.ts';
import { Pitch } from '../audio/pitch.ts';

/** Less than this is no clear pitch. */
const PITCH_STRENGTH = 0.45;
/** A greater step within 20 ms is an error of the octave, not a glide. */
const PITCH_STEP_ST = 5;
const EARLY_FRAMES = 10;
const LATE_WEIGHT = 0.22;

/** How the pitch moves and how clear it is, measured every second frame of voiced sound (20 ms). The pitch itself is not told: it is the speaker's. */
export class Melody {
  /** Frames measured; those with a clear pitch; steps between two of them. */
  measured = 0;
  clear = 0;
  steps = 0;
  bends = 0;
  pitchSum = 0;
  pitchSquares = 0;
  stepSum = 0;
  /** Sum of changes of the step: a voice trembles, a synthesiser glides. */
  bendSum = 0;
  strengthSum = 0;
  strengthSquares = 0;
  earlySt = 0;
  lateSt = 0;
  /** Longest stretch of clear pitch, frames measured. */
  longestRun = 0;

  private readonly pitch = new Pitch();
  private skip = false;
  private run = 0;
  private lastSt = 0;
  private lastStep = 0;

  takeVoiced(frame: Frame): void {
    this.skip = !this.skip;
    if (!this.skip) return;
    const { pitch } = this;
    pitch.measure(frame.power);
    this.measured++;
    this.strengthSum += pitch.strength;
    this.strengthSquares += pitch.strength * pitch.strength;
    if (pitch.strength < PITCH_STRENGTH) {
      this.run = 0;
      return;
    }
    const now = pitch.semitones;
    this.clear++;
    this.pitchSum += now;
    this.pitchSquares += now * now;
    if (this.clear <= EARLY_FRAMES) this.earlySt += (now - this.earlySt) / this.clear;
    this.lateSt = this.clear === 1 ? now : this.lateSt + LATE_WEIGHT * (now - this.lateSt);
    const step = now - this.lastSt;
    this.lastSt = now;
    if (this.run === 0 || Math.abs(step) >= PITCH_STEP_ST) {
      this.run = 1;
      return;
    }
    this.stepSum += Math.abs(step);
    this.steps++;
    if (this.run >= 2) {
      this.bendSum += Math.abs(step - this.lastStep);
      this.bends++;
    }
    this.lastStep = step;
    this.run++;
    if (this.run > this.longestRun) this.longestRun = this.run;
  }

  /** A frame that is not voiced. */
  rest(): void {
    this.run = 0;
    this.skip = false;
  }
}
