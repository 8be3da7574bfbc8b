import { plansOf, type NetworkSignal } from './tone-plans.ts';
import type { Tone } from './tone-tracker.ts';

/** Two sines 40 Hz apart beat: their level moves by more than this from frame to frame. A sine's does not, even at 10 dB SNR. */
export const BEATING_DB = 1.6;
/** Sampled each 10 ms a beat may seem level; then its frequency moves by this, which a sine's does through a vocoder at most. */
const BEATING_HZ = 1.3;
/** Networks keep their frequency to a percent or better, whatever 425 +-15 Hz E.180 allows; 440 Hz is a beep. */
const SINGLE_HZ = 12;
const DUAL_HZ = 22;
/** Sines nearer than this are one peak that beats. */
const RESOLVED_HZ = 75;
const LENGTH_SHARE = 0.2;
const LENGTH_MS = 45;

/** True if the frequencies of `tone` are those of `hz`, whatever its length. */
function soundsLike(tone: Tone, hz: readonly number[]): boolean {
  const [low, high] = hz;
  if (low === undefined) return false;
  if (high === undefined) return !tone.dual && tone.rippleDb < BEATING_DB && Math.abs(tone.frequencyHz - low) <= SINGLE_HZ;
  if (high - low < RESOLVED_HZ) {
    const between = tone.frequencyHz > low - DUAL_HZ && tone.frequencyHz < high + DUAL_HZ;
    return between && (tone.rippleDb >= BEATING_DB || tone.deviationHz >= BEATING_HZ || (tone.dual && tone.secondHz > low - DUAL_HZ && tone.secondHz < high + DUAL_HZ));
  }
  if (!tone.dual) return false;
  const first = Math.min(tone.frequencyHz, tone.secondHz);
  const second = Math.max(tone.frequencyHz, tone.secondHz);
  return Math.abs(first - low) <= DUAL_HZ && Math.abs(second - high) <= DUAL_HZ;
}

const lasts = (ms: number, wantedMs: number): boolean => Math.abs(ms - wantedMs) <= Math.max(LENGTH_MS, LENGTH_SHARE * wantedMs);

/**
 * Hears the network's own signals by a country's plan, or by every plan known. A burst counts towards busy or reorder if its length, and
 * the pause since the last one, are the plan's. `cycles` is how many such bursts came in a row.
 */
export class CallProgress {
  /** Bursts in a row of one busy or reorder signal. */
  cycles = 0;
  /** Which signal those bursts are; null without any. Where plans differ in the word for one cadence, the first plan's. */
  signal: 'busy' | 'reorder' | null = null;
  /** When the first of them began, ms. */
  beganMs = 0;
  /** End of the last burst of ringback, ms; 0 if none was heard. */
  ringbackEndMs = 0;
  private readonly signals: readonly NetworkSignal[];
  private readonly counts: Float64Array;
  private lastEndMs = -1e9;

  constructor(country: string | null = null) {
    this.signals = plansOf(country).flatMap(({ signals }) => signals);
    this.counts = new Float64Array(this.signals.length);
  }

  /** A tone of the network, by frequency alone: no voicemail's beep. */
  isNetworkTone(tone: Tone): boolean {
    for (const { hz } of this.signals) if (soundsLike(tone, hz)) return true;
    return false;
  }

  /** A tone has ended. */
  ended(tone: Tone): void {
    const lengthMs = tone.endMs - tone.startMs;
    const pauseMs = tone.startMs - this.lastEndMs;
    this.lastEndMs = tone.endMs;
    this.cycles = 0;
    this.signal = null;
    for (let index = 0; index < this.signals.length; index++) {
      const { signal, hz, onMs, offMs } = this.signals[index]!;
      const heard = soundsLike(tone, hz) && lasts(lengthMs, onMs);
      if (heard && signal === 'ringback') this.ringbackEndMs = tone.endMs;
      if (!heard || signal === 'ringback') {
        this.counts[index] = 0;
        continue;
      }
      this.counts[index] = this.counts[index]! > 0 && lasts(pauseMs, offMs) ? this.counts[index]! + 1 : 1;
      if (this.counts[index]! > this.cycles) {
        this.cycles = this.counts[index]!;
        this.signal = signal;
      }
    }
    if (this.cycles === 1) this.beganMs = tone.startMs;
  }
}
