import { decibels } from '../audio/decibels.ts';
import { BANDS, type Frame } from '../audio/frame.ts';

/** Bands that lie further under the whole are as silent as can be told. */
const DEEPEST_DB = -35;
/** What the noise leaves of a band, at least, when it is taken off. */
const LEAST_SHARE = 0.1;
const NOISE_WEIGHT = 0.08;

/** Bytes that say how a frame sounds: its bands in steps of 2/7 dB under the whole, and its level in steps of half a dB over -100. */
export const SHAPE_SIZE = BANDS + 1;
const SHAPE_STEPS = 3.5;

/** How the voice sounds now: the shape of its spectrum with the noise between the words taken off. One object a call. */
export class VoiceShape {
  /** Frames of voice so far. */
  frames = 0;
  /** The last of them. */
  readonly bytes = new Uint8Array(SHAPE_SIZE);

  private readonly noise = new Float64Array(BANDS);
  private noiseKnown = false;
  private readonly left = new Float64Array(BANDS);

  /** A frame without voice: what it holds is the noise. */
  takeNoise(frame: Frame): void {
    const { noise } = this;
    for (let band = 0; band < BANDS; band++) {
      const value = frame.bands[band]!;
      noise[band] = this.noiseKnown ? noise[band]! + NOISE_WEIGHT * (value - noise[band]!) : value;
    }
    this.noiseKnown = true;
  }

  takeVoice(frame: Frame): void {
    const { noise, left, bytes } = this;
    let whole = 1e-12;
    for (let band = 0; band < BANDS; band++) {
      const value = frame.bands[band]!;
      left[band] = Math.max(LEAST_SHARE * value, value - noise[band]!);
      whole += left[band]!;
    }
    const wholeDb = decibels(whole);
    for (let band = 0; band < BANDS; band++) bytes[band] = Math.round(-SHAPE_STEPS * Math.max(DEEPEST_DB, decibels(left[band]!) - wholeDb));
    bytes[BANDS] = Math.max(0, Math.min(255, Math.round(2 * frame.levelDb + 200)));
    this.frames++;
  }
}
