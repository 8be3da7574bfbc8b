import type { Frame } from './audio/frame.ts';
import type { VoiceActivity } from './voice/voice-activity.ts';

const HOP_MS = 10;
/** So much speech, no pause in it longer than `PAUSE_MS`, is the machine speaking on; a click or a breath is less. */
const RESUMED_SPEECH_MS = 700;
const PAUSE_MS = 500;
/** Our own message comes back from the line weaker than the machine spoke: ITU-T G.122 wants an echo 6 dB down and more, hybrids give 12. */
const ECHO_DB = 8;
/** A greeting that goes on does so within this of its seeming end. */
const WATCH_MS = 8000;

export type GreetingEvent = 'greeting_ended' | 'greeting_resumed';

/**
 * Follows what a machine says after the verdict. States: `greeting` (it speaks), `over` (a beep came, or it was quiet for long: it may be
 * heard to go on, once), `settled` (nothing more can come).
 */
export class GreetingFollower {
  private state: 'greeting' | 'over' | 'settled' = 'greeting';
  private resumed = false;
  private quietMs = 0;
  private againMs = 0;
  private overMs = 0;
  private voiceDb = 0;
  private voiceFrames = 0;
  private readonly endSilenceMs: number;

  constructor(endSilenceMs: number) {
    this.endSilenceMs = endSilenceMs;
  }

  get settled(): boolean {
    return this.state === 'settled';
  }

  /** Every frame from the answer on: how loud the machine speaks. */
  hear(frame: Frame, activity: VoiceActivity): void {
    if (!activity.voice || this.state !== 'greeting') return;
    this.voiceFrames++;
    this.voiceDb += (frame.levelDb - this.voiceDb) / Math.min(this.voiceFrames, 200);
  }

  /** True if a sound so loud may be our own coming back, rather than theirs. */
  isEcho(levelDb: number): boolean {
    return this.voiceFrames > 0 && levelDb <= this.voiceDb - ECHO_DB;
  }

  /** The verdict fell after so much quiet. */
  begin(quietMs: number): void {
    this.quietMs = quietMs;
  }

  beep(): void {
    this.end();
  }

  /** One frame after the verdict. `tone` is true while a tone sounds: no quiet, and no voice. */
  push(frame: Frame, activity: VoiceActivity, tone: boolean): GreetingEvent | null {
    switch (this.state) {
      case 'greeting':
        this.quietMs = activity.voice || tone ? 0 : this.quietMs + HOP_MS;
        if (this.quietMs < this.endSilenceMs) return null;
        this.end();
        return 'greeting_ended';
      case 'over': {
        const loud = activity.voice && !tone && !this.isEcho(frame.levelDb);
        this.quietMs = loud ? 0 : this.quietMs + HOP_MS;
        this.againMs = loud ? this.againMs + HOP_MS : this.quietMs > PAUSE_MS ? 0 : this.againMs;
        this.overMs += HOP_MS;
        if (this.againMs >= RESUMED_SPEECH_MS) {
          this.resumed = true;
          this.state = 'greeting';
          this.quietMs = 0;
          return 'greeting_resumed';
        }
        if (this.overMs >= WATCH_MS && this.againMs === 0) this.state = 'settled';
        return null;
      }
      case 'settled':
        return null;
    }
  }

  private end(): void {
    this.state = this.resumed ? 'settled' : 'over';
    this.quietMs = 0;
    this.againMs = 0;
    this.overMs = 0;
  }
}
