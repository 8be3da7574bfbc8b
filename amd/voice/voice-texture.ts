import { decibels } from '../audio/decibels.ts';
import { BANDS, type Frame } from '../audio/frame.ts';

export const CEPSTRA = 8;
/** Changes are taken over so many frames of 10 ms: within a sound, from sound to sound, from syllable to syllable. */
export const LAGS = [1, 4, 12] as const;
const RING = 16;
/** Bands that lie further under the whole are as silent as can be told. */
const DEEPEST_DB = -35;
/** What the noise leaves of a band, at least, when it is taken off. */
const LEAST_SHARE = 0.1;
const NOISE_WEIGHT = 0.08;

/** Bytes that say how a frame sounds: its bands in steps of 2/7 dB under the whole, and its level in steps of half a dB over -100. */
export const SHAPE_SIZE = BANDS + 1;
const SHAPE_STEPS = 3.5;

/** DCT-II over the bands, without the mean. */
const DCT = Float64Array.from({ length: CEPSTRA * BANDS }, (_, index) => {
  const order = Math.floor(index / BANDS) + 1;
  return Math.sqrt(2) / BANDS * Math.cos((Math.PI * order * ((index % BANDS) + 0.5)) / BANDS);
});

/**
 * How the voice sounds, summed over its frames: shape of the spectrum (cepstra of mel bands, noise taken off), how fast shape and level
 * move, how they vary. Levels are relative: nothing here tells the line. One object a call, numbers only.
 */
export class VoiceTexture {
  frames = 0;
  /** The last frame of voice, for the net. */
  readonly shape = new Uint8Array(SHAPE_SIZE);
  readonly cepstrumSum = new Float64Array(CEPSTRA);
  readonly cepstrumSquares = new Float64Array(CEPSTRA);
  /** Per lag: sum of distances between cepstra, and of changes of level (dB); frames compared. */
  readonly moveSum = new Float64Array(LAGS.length);
  readonly levelMoveSum = new Float64Array(LAGS.length);
  readonly moves = new Float64Array(LAGS.length);
  readonly cepstrumMove = new Float64Array(CEPSTRA);

  private readonly noise = new Float64Array(BANDS);
  private noiseKnown = false;
  private readonly bandsDb = new Float64Array(BANDS);
  private readonly ring = new Float64Array(RING * CEPSTRA);
  private readonly levels = new Float64Array(RING);
  private at = 0;
  /** Frames of voice in a row, up to RING. */
  private run = 0;

  /** A frame without voice: what it holds is the noise. */
  takeNoise(frame: Frame): void {
    this.run = 0;
    const { noise } = this;
    for (let band = 0; band < BANDS; band++) {
      const value = frame.bands[band]!;
      noise[band] = this.noiseKnown ? noise[band]! + NOISE_WEIGHT * (value - noise[band]!) : value;
    }
    this.noiseKnown = true;
  }

  takeVoice(frame: Frame): void {
    const { noise, bandsDb, ring } = this;
    let whole = 1e-12;
    for (let band = 0; band < BANDS; band++) {
      const value = frame.bands[band]!;
      const left = Math.max(LEAST_SHARE * value, value - noise[band]!);
      bandsDb[band] = left;
      whole += left;
    }
    const wholeDb = decibels(whole);
    for (let band = 0; band < BANDS; band++) {
      bandsDb[band] = Math.max(DEEPEST_DB, decibels(bandsDb[band]!) - wholeDb);
      this.shape[band] = Math.round(-SHAPE_STEPS * bandsDb[band]!);
    }
    this.shape[BANDS] = Math.max(0, Math.min(255, Math.round(2 * frame.levelDb + 200)));
    this.frames++;
    this.at = (this.at + 1) % RING;
    const base = this.at * CEPSTRA;
    for (let order = 0, tap = 0; order < CEPSTRA; order++) {
      let value = 0;
      for (let band = 0; band < BANDS; band++, tap++) value += DCT[tap]! * bandsDb[band]!;
      ring[base + order] = value;
      this.cepstrumSum[order]! += value;
      this.cepstrumSquares[order]! += value * value;
    }
    this.levels[this.at] = wholeDb;
    for (let index = 0; index < LAGS.length; index++) if (this.run >= LAGS[index]!) this.compare(index, base);
    if (this.run < RING - 1) this.run++;
  }

  private compare(index: number, base: number): void {
    const { ring } = this;
    const then = (this.at - LAGS[index]! + RING) % RING;
    let distance = 0;
    for (let order = 0; order < CEPSTRA; order++) {
      const move = ring[base + order]! - ring[then * CEPSTRA + order]!;
      distance += move * move;
      if (index === 1) this.cepstrumMove[order]! += Math.abs(move);
    }
    this.moveSum[index]! += Math.sqrt(distance);
    this.levelMoveSum[index]! += Math.abs(this.levels[this.at]! - this.levels[then]!);
    this.moves[index]!++;
  }
}
