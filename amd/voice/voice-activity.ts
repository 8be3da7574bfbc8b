import type { Frame } from '../audio/frame.ts';

const HOP_MS = 10;
const SUBWINDOW_FRAMES = 15;
const SUBWINDOWS = 12;
/** Assumed until the call has shown its own floor: speech may begin with the first sample. */
const FIRST_FLOOR_DB = -52;
const FIRST_FLOOR_MS = 400;
const LOWEST_FLOOR_DB = -66;
/** Minimum statistics lie below the mean of the noise by about this much. */
const MINIMUM_BIAS_DB = 3;
const ON_DB = 9;
const OFF_DB = 5;
const VOICED_FLATNESS = 0.3;
const NOISE_FLATNESS = 0.42;
const VOICED_HANG_MS = 180;
/** So many voiced frames of the last twelve begin speech. */
const ONSET_VOICED_FRAMES = 6;
/** What stands so far over the floor and is not flat may be a voice under noise; so many of the last 16 frames of it are worth a doubt. */
const FAINT_DB = 4;
const FAINT_FRAMES = 8;

/**
 * Voice by level over an adaptive noise floor, with hysteresis, and only near voiced sound. The floor is the lowest level
 * of the last 1.8 s, raised at once by frames whose spectrum is flat as noise is. States: quiet, on (level above the
 * floor); `voice` is on and voiced within the last 180 ms.
 */
export class VoiceActivity {
  voice = false;
  voiced = false;
  /** Enough voiced frames close together to say that somebody speaks, not that something clicked. */
  onset = false;
  floorDb = FIRST_FLOOR_DB;
  /** Something like a voice was heard, if too faint or too short to say that somebody speaks. Stays. */
  faint = false;
  private faintBits = 0;
  private on = false;
  private elapsedMs = 0;
  private sinceVoicedMs = 1e9;
  private voicedBits = 0;
  private readonly minima = new Float64Array(SUBWINDOWS).fill(200);
  private subwindow = 0;
  private framesInSubwindow = 0;
  private noiseDb = -200;
  private noiseFrames = 0;

  /** `tone` is true while a steady tone sounds: it is no voice, and no noise floor either. */
  push(frame: Frame, tone: boolean): void {
    this.elapsedMs += HOP_MS;
    if (!tone) this.follow(frame);
    const overDb = frame.levelDb - this.floorDb;
    this.on = overDb > (this.on ? OFF_DB : ON_DB);
    this.voiced = this.on && !tone && frame.flatness < VOICED_FLATNESS;
    this.voicedBits = ((this.voicedBits << 1) | (this.voiced ? 1 : 0)) & 0xfff;
    const faint = overDb > FAINT_DB && !tone && frame.flatness < VOICED_FLATNESS;
    this.faintBits = ((this.faintBits << 1) | (faint ? 1 : 0)) & 0xffff;
    if (faint && !this.faint) this.faint = bitCount(this.faintBits) >= FAINT_FRAMES;
    this.sinceVoicedMs = this.voiced ? 0 : this.sinceVoicedMs + HOP_MS;
    this.voice = this.on && !tone && this.sinceVoicedMs <= VOICED_HANG_MS;
    this.onset = this.voice && bitCount(this.voicedBits) >= ONSET_VOICED_FRAMES;
  }

  private follow(frame: Frame): void {
    const minima = this.minima;
    if (frame.levelDb < minima[this.subwindow]!) minima[this.subwindow] = frame.levelDb;
    if (++this.framesInSubwindow === SUBWINDOW_FRAMES) {
      this.framesInSubwindow = 0;
      this.subwindow = (this.subwindow + 1) % SUBWINDOWS;
      minima[this.subwindow] = frame.levelDb;
    }
    if (frame.flatness > NOISE_FLATNESS) {
      this.noiseFrames = Math.min(this.noiseFrames + 1, 20);
      const weight = frame.levelDb < this.noiseDb ? 0.2 : 1 / Math.max(8, this.noiseFrames);
      this.noiseDb = this.noiseDb < -150 ? frame.levelDb : this.noiseDb + weight * (frame.levelDb - this.noiseDb);
    } else if (this.noiseFrames > 0) this.noiseFrames--;
    let minimum = 200;
    for (let index = 0; index < SUBWINDOWS; index++) if (minima[index]! < minimum) minimum = minima[index]!;
    let floor = minimum + MINIMUM_BIAS_DB;
    if (this.elapsedMs < FIRST_FLOOR_MS && floor > FIRST_FLOOR_DB) floor = FIRST_FLOOR_DB;
    // A run of noise-like frames says where the floor is before the minimum does.
    if (this.noiseFrames >= 8 && this.noiseDb > floor) floor = this.noiseDb;
    this.floorDb = floor < LOWEST_FLOOR_DB ? LOWEST_FLOOR_DB : floor;
  }
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
