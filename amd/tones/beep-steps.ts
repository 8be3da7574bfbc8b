import { isDtmf, isInRange, isSteady, keepsTo, tremblingLimits, type ToneLimits } from './beep-shape.ts';
import type { Tone } from './tone-tracker.ts';

/** Two beeps one after the other are one signal; four are a melody. */
const MAX_STEPS = 3;
const STEP_GAP_MS = 70;
const STEADY_STEP_MS = 70;
/*
 * What each step must keep to. Beside one that is steady beyond doubt the others may be spoilt by lost packets, as a packet is a fifth of a
 * step; where all tremble, none may be too bad. In 6.7 h of speech and music through mu-law and GSM no two tones one after the other kept to either.
 */
const BESIDE_STEADY: ToneLimits = { minMs: 60, heard: 0.5, deviationHz: 9, rippleDb: 4, glideHz: 25, fadeDb: 12, residueDb: -9, fallDb: -8.5, riseDb: 8.5 };
const ALL_TREMBLING: ToneLimits = { minMs: 60, heard: 0.6, deviationHz: 8, rippleDb: 3, glideHz: 10, fadeDb: 5, residueDb: -9, fallDb: -9, riseDb: 9 };

/** Tones that follow one another without a pause, as the steps of one beep do. */
export class StepChain {
  /** How many tones follow one another so far. */
  steps = 0;
  private lastEndMs = -1e9;
  private inRange = false;
  private besideSteady = false;
  private allTrembling = false;
  private anySteady = false;
  private anyTrembling = false;
  private network = false;

  /** The next tone that has ended; `network` if it is one of the network's. True if it began a new chain. */
  add(tone: Tone, network: boolean): boolean {
    const begins = tone.startMs - this.lastEndMs > STEP_GAP_MS;
    this.lastEndMs = tone.endMs;
    if (begins) {
      this.steps = 0;
      this.inRange = this.besideSteady = this.allTrembling = this.network = true;
      this.anySteady = this.anyTrembling = false;
    }
    this.steps++;
    this.inRange &&= isInRange(tone) && !isDtmf(tone);
    this.besideSteady &&= keepsTo(tone, BESIDE_STEADY);
    this.allTrembling &&= keepsTo(tone, ALL_TREMBLING);
    // A network's tone is one frequency: a step to another is none of its own.
    this.network &&= network;
    this.anySteady ||= isSteady(tone) && tone.endMs - tone.startMs >= STEADY_STEP_MS;
    this.anyTrembling ||= tremblingLimits(tone) !== null;
    return begins;
  }

  /** What must hold around two or three steps for them to be a beep; null if they are none. */
  get limits(): ToneLimits | null {
    if (this.steps > MAX_STEPS || !this.inRange || this.network) return null;
    if (this.besideSteady && this.anySteady) return BESIDE_STEADY;
    return this.allTrembling && this.anyTrembling ? ALL_TREMBLING : null;
  }
}
