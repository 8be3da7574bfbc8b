import type { Frame } from '../audio/frame.ts';
import { BIN_HZ } from '../audio/spectrum.ts';
import type { Tone } from './tone-tracker.ts';

/** Two sines 40 Hz apart beat: their level moves by more than this from frame to frame. A sine's does not, even at 10 dB SNR. */
const BEATING_DB = 1.6;

/** CED (ITU-T V.25, T.30): 2100 Hz +-15, at least 0.4 s of it; ANSam is the same with 15 Hz amplitude modulation. */
export function isCed(tone: Tone): boolean {
  return !tone.dual && Math.abs(tone.frequencyHz - 2100) <= 20 && tone.endMs - tone.startMs >= 400;
}

/** CNG (ITU-T T.30): 1100 Hz +-38 (and 5 of measurement), 0.5 s on, give or take 15 %. Only its length tells it from a beep. */
export function isCng(tone: Tone): boolean {
  const lengthMs = tone.endMs - tone.startMs;
  return !tone.dual && Math.abs(tone.frequencyHz - 1100) <= 43 && lengthMs >= 390 && lengthMs <= 625 && tone.rippleDb < BEATING_DB
    && tone.deviationHz < 4;
}

const LOW = [Math.round(1590 / BIN_HZ), Math.round(1720 / BIN_HZ)] as const;
const HIGH = [Math.round(1780 / BIN_HZ), Math.round(1910 / BIN_HZ)] as const;
const ALL_LOW = Math.round(300 / BIN_HZ);
const ALL_HIGH = Math.round(3400 / BIN_HZ);
/** The preamble takes a second (T.30: 1 s +-15 %); this much of it is no voice and no music. */
const PREAMBLE_FRAMES = 32;
const MAX_MISSES = 6;
const MIN_BAND_SHARE = 0.72;
/** Of six ones and two zeros, the zeros' share of power. */
const MIN_ZEROS = 0.06;
const MAX_ZEROS = 0.6;
const MAX_LEVEL_STEP_DB = 4;

/** HDLC flags in V.21 channel 2 (1650 and 1850 Hz), with which a facsimile machine that sends no CED begins. */
export class V21Preamble {
  found = false;
  private frames = 0;
  private misses = 0;
  private meanDb = 0;

  push(frame: Frame): void {
    if (this.isFlags(frame)) {
      this.frames++;
      this.misses = 0;
      this.meanDb += (frame.levelDb - this.meanDb) / Math.min(this.frames, 20);
      if (this.frames >= PREAMBLE_FRAMES) this.found = true;
    } else if (this.frames > 0 && ++this.misses > MAX_MISSES) this.frames = 0;
  }

  private isFlags(frame: Frame): boolean {
    // Most frames are told by their peak alone.
    if (frame.peakHz < 1560 || frame.peakHz > 1940 || frame.levelDb < -56) return false;
    if (this.frames > 4 && Math.abs(frame.levelDb - this.meanDb) > MAX_LEVEL_STEP_DB) return false;
    const { power } = frame;
    let whole = 1e-12;
    let ones = 0;
    let zeros = 0;
    for (let bin = ALL_LOW; bin < ALL_HIGH; bin++) whole += power[bin]!;
    for (let bin = LOW[0]; bin <= LOW[1]; bin++) ones += power[bin]!;
    for (let bin = HIGH[0]; bin <= HIGH[1]; bin++) zeros += power[bin]!;
    const share = zeros / (ones + zeros);
    return ones + zeros > MIN_BAND_SHARE * whole && share > MIN_ZEROS && share < MAX_ZEROS;
  }
}
