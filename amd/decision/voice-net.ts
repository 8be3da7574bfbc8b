import { z } from 'zod';
import { SHAPE_SIZE } from '../voice/voice-shape.ts';

/** What the net takes of a frame of voice: the bands, and how the level moved. */
export const INPUTS = SHAPE_SIZE;
export const CHANNELS = 16;
export const FIRST_TAPS = 5;
export const FIRST_STRIDE = 2;
export const SECOND_TAPS = 3;
export const HIDDEN = 12;
/** Added under the root of the variance. */
export const LEAST_VARIANCE = 1e-4;

const numbers = (length: number): z.ZodArray<z.ZodNumber> => z.array(z.number()).length(length);

/** Weights, outputs first: `first[out][tap][in]`, `second[out][tap][in]`, `hidden[out][mean, then deviation]`. */
export const voiceNetSchema = z.object({
  first: numbers(CHANNELS * FIRST_TAPS * INPUTS),
  firstBias: numbers(CHANNELS),
  second: numbers(CHANNELS * SECOND_TAPS * CHANNELS),
  secondBias: numbers(CHANNELS),
  hidden: numbers(HIDDEN * 2 * CHANNELS),
  hiddenBias: numbers(HIDDEN),
  out: numbers(HIDDEN),
  outBias: numbers(1),
});
export type VoiceNetFile = z.infer<typeof voiceNetSchema>;
export type VoiceNetWeights = Record<keyof VoiceNetFile, Float64Array>;

export const toWeights = (file: VoiceNetFile): VoiceNetWeights =>
  Object.fromEntries(Object.entries(file).map(([name, values]) => [name, Float64Array.from(values)])) as VoiceNetWeights;

/** Writes the net's inputs for a frame: `shape` as VoiceShape has it, and the level byte of the frame of voice before. */
export function writeInputs(shape: Uint8Array, at: number, lastLevel: number, out: Float64Array, offset: number): void {
  for (let band = 0; band < INPUTS - 1; band++) out[offset + band] = 0.4 - shape[at + band]! / 35;
  const move = (shape[at + INPUTS - 1]! - lastLevel) / 2;
  out[offset + INPUTS - 1] = Math.max(-10, Math.min(10, move)) / 5;
}

/**
 * Hears the texture of one voice: two small convolutions over its frames (20 ms a step, 90 ms wide), means and deviations of what they find
 * since the first speech, and a hidden layer. Says how much it sounds like a person, as log-odds, whatever is said and however long. One
 * object a call; about 2000 multiplications each 20 ms of voice.
 */
export class VoiceEar {
  private readonly weights: VoiceNetWeights;
  private readonly inputs = new Float64Array(FIRST_TAPS * INPUTS);
  private readonly found = new Float64Array(SECOND_TAPS * CHANNELS);
  private readonly sum = new Float64Array(CHANNELS);
  private readonly squares = new Float64Array(CHANNELS);
  private frames = 0;
  private steps = 0;
  private pooled = 0;
  private lastLevel = 0;

  constructor(weights: VoiceNetWeights) {
    this.weights = weights;
  }

  /** The next frame of voice. */
  hear(shape: Uint8Array): void {
    const { inputs } = this;
    inputs.copyWithin(0, INPUTS);
    writeInputs(shape, 0, this.frames === 0 ? shape[INPUTS - 1]! : this.lastLevel, inputs, (FIRST_TAPS - 1) * INPUTS);
    this.lastLevel = shape[INPUTS - 1]!;
    this.frames++;
    if (this.frames < FIRST_TAPS || (this.frames - FIRST_TAPS) % FIRST_STRIDE !== 0) return;
    this.found.copyWithin(0, CHANNELS);
    convolve(inputs, this.weights.first, this.weights.firstBias, this.found, (SECOND_TAPS - 1) * CHANNELS);
    this.steps++;
    if (this.steps < SECOND_TAPS) return;
    convolve(this.found, this.weights.second, this.weights.secondBias, scratch, 0);
    this.pooled++;
    for (let channel = 0; channel < CHANNELS; channel++) {
      const value = scratch[channel]!;
      this.sum[channel]! += value;
      this.squares[channel]! += value * value;
    }
  }

  /** Log-odds of a person by the texture alone; 0 until 90 ms of voice have been heard. */
  get logOdds(): number {
    if (this.pooled === 0) return 0;
    const { hidden, hiddenBias, out, outBias } = this.weights;
    for (let channel = 0; channel < CHANNELS; channel++) {
      const mean = this.sum[channel]! / this.pooled;
      scratch[channel] = mean;
      scratch[CHANNELS + channel] = Math.sqrt(Math.max(0, this.squares[channel]! / this.pooled - mean * mean) + LEAST_VARIANCE);
    }
    let sum = outBias[0]!;
    for (let unit = 0, tap = 0; unit < HIDDEN; unit++) {
      let value = hiddenBias[unit]!;
      for (let index = 0; index < 2 * CHANNELS; index++, tap++) value += hidden[tap]! * scratch[index]!;
      if (value > 0) sum += out[unit]! * value;
    }
    return sum;
  }
}

/* Shared by all calls: JavaScript runs one frame at a time. */
const scratch = new Float64Array(2 * CHANNELS);

/** All of `inputs` by each channel's weights, nothing below 0. Four channels at a time: their sums do not wait for one another. */
function convolve(inputs: Float64Array, weights: Float64Array, bias: Float64Array, out: Float64Array, offset: number): void {
  const size = inputs.length;
  for (let channel = 0; channel < CHANNELS; channel += 4) {
    let a = bias[channel]!;
    let b = bias[channel + 1]!;
    let c = bias[channel + 2]!;
    let d = bias[channel + 3]!;
    for (let index = 0, tap = channel * size; index < size; index++, tap++) {
      const input = inputs[index]!;
      a += weights[tap]! * input;
      b += weights[tap + size]! * input;
      c += weights[tap + 2 * size]! * input;
      d += weights[tap + 3 * size]! * input;
    }
    out[offset + channel] = a > 0 ? a : 0;
    out[offset + channel + 1] = b > 0 ? b : 0;
    out[offset + channel + 2] = c > 0 ? c : 0;
    out[offset + channel + 3] = d > 0 ? d : 0;
  }
}
