import type { Tone } from './tone-tracker.ts';

/** ITU-T E.180/Q.35: 950, 1400, 1800 Hz +-50; the North American patterns use the pairs below (Telcordia SR-2275). */
const FIRST_HZ = [913.8, 950, 985.2];
const SECOND_HZ = [1370.6, 1400, 1428.5];
const THIRD_HZ = [1776.7, 1800];
/** The standard's 50 Hz and the error of measurement in noise. */
const TOLERANCE_HZ = 58;
const MIN_SEGMENT_MS = 180;
const MAX_SEGMENT_MS = 480;
/** The standard allows 30 ms; a window and a lossy channel add to it. */
const MAX_GAP_MS = 90;
/** The third segment is believed once it has sounded this long. */
const THIRD_MS = 90;

const near = (hz: number, list: readonly number[]): boolean => list.some((centre) => Math.abs(hz - centre) <= TOLERANCE_HZ);

/**
 * Special information tone: three rising segments in a row. States: 0 nothing, 1 the first segment has ended, 2 the
 * second has. Any other tone, or too long a gap, goes back to 0.
 */
export class SitDetector {
  private stage: 0 | 1 | 2 = 0;
  private lastEndMs = 0;

  /** A tone has ended. */
  ended(tone: Tone): void {
    const lengthMs = tone.endMs - tone.startMs;
    const fits = !tone.dual && lengthMs >= MIN_SEGMENT_MS && lengthMs <= MAX_SEGMENT_MS;
    const follows = tone.startMs - this.lastEndMs <= MAX_GAP_MS;
    if (fits && this.stage === 1 && follows && near(tone.frequencyHz, SECOND_HZ)) this.stage = 2;
    else if (fits && near(tone.frequencyHz, FIRST_HZ)) this.stage = 1;
    else if (lengthMs >= MIN_SEGMENT_MS) this.stage = 0;
    if (lengthMs >= MIN_SEGMENT_MS) this.lastEndMs = tone.endMs;
  }

  /** True once the third segment sounds. */
  sounding(tone: Tone): boolean {
    return this.stage === 2 && tone.endMs - tone.startMs >= THIRD_MS && tone.startMs - this.lastEndMs <= MAX_GAP_MS
      && near(tone.frequencyHz, THIRD_HZ);
  }

  reset(): void {
    this.stage = 0;
  }
}
