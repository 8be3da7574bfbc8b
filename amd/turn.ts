import { TURN_TIMES } from '../core/amd-wire.ts';
import { TALKING_SILENCE_MS } from './decision/stopping-policy.ts';

const HOP_MS = 10;
/** A voicemail's beep follows its greeting within this; the greeting may go on after what seemed its end, but not for ever (`TURN_TIMES`). */
const WATCH_MS = 3000;

/**
 * Follows whoever was taken for a person, or for nobody surely. States: `talking` (the verdict fell while they talk: they are not spoken to
 * yet), `over` (they wait to be spoken to; a beep may still show that it was a machine), `settled` (nothing more can come).
 */
export class TurnFollower {
  private state: 'talking' | 'over' | 'settled';
  private quietMs: number;
  private sinceMs = 0;
  private readonly longestMs: number;

  /** The verdict fell after `quietMs` of quiet, `leftMs` before the latest: voices behind a person may never pause, and they too are to be spoken to by then. */
  constructor(quietMs: number, leftMs: number) {
    this.state = quietMs < TALKING_SILENCE_MS ? 'talking' : 'over';
    this.quietMs = quietMs;
    this.longestMs = Math.max(TURN_TIMES.leastMs, leftMs);
  }

  get talking(): boolean {
    return this.state === 'talking';
  }

  /** One frame after the verdict; `sounding` is true while a voice or a tone sounds. */
  push(sounding: boolean): 'turn_ended' | 'settled' | null {
    this.sinceMs += HOP_MS;
    switch (this.state) {
      case 'talking':
        this.quietMs = sounding ? 0 : this.quietMs + HOP_MS;
        if (this.quietMs < TURN_TIMES.endMs && this.sinceMs < this.longestMs) return null;
        this.state = 'over';
        this.sinceMs = 0;
        return 'turn_ended';
      case 'over':
        this.quietMs = sounding ? 0 : this.quietMs + HOP_MS;
        if (Math.min(this.sinceMs, this.quietMs) < WATCH_MS && this.sinceMs < TURN_TIMES.longestWatchMs) return null;
        this.state = 'settled';
        return 'settled';
      case 'settled':
        return null;
    }
  }
}
