/**
 * Learns the weights of VoiceEar: gradient descent by hand (AdamW, Loshchilov and Hutter 2019) on the logistic loss. Each turn hears a random
 * beginning of a call's voice through a random microphone (a smooth change of its bands), so that neither length nor timbre is learnt.
 */
import { seededRandom } from '../corpus/signals.ts';
import {
  CHANNELS, FIRST_STRIDE, FIRST_TAPS, HIDDEN, INPUTS, LEAST_VARIANCE, SECOND_TAPS, writeInputs, type VoiceNetFile, type VoiceNetWeights,
} from '../decision/voice-net.ts';

export interface VoiceExample {
  /** Frames of voice, INPUTS bytes each. */
  shapes: Uint8Array;
  human: boolean;
  weight: number;
}

export interface VoiceNetOptions {
  epochs: number;
  rate: number;
  seed: number;
}

const BATCH = 32;
const MAX_FRAMES = 320;
const MIN_FRAMES = 20;
const DROPOUT = 0.25;
const DECAY = 0.01;
/** How much a microphone tilts and bends the bands, in units of the inputs (35 dB). */
const MICROPHONE = [0.06, 0.04, 0.04];
const POOLED = 2 * CHANNELS;
const MAX_STEPS = Math.floor((MAX_FRAMES - FIRST_TAPS) / FIRST_STRIDE) + 1;

const SIZES: Record<keyof VoiceNetFile, { size: number; fanIn: number }> = {
  first: { size: CHANNELS * FIRST_TAPS * INPUTS, fanIn: FIRST_TAPS * INPUTS }, firstBias: { size: CHANNELS, fanIn: 0 },
  second: { size: CHANNELS * SECOND_TAPS * CHANNELS, fanIn: SECOND_TAPS * CHANNELS }, secondBias: { size: CHANNELS, fanIn: 0 },
  hidden: { size: HIDDEN * POOLED, fanIn: POOLED }, hiddenBias: { size: HIDDEN, fanIn: 0 },
  out: { size: HIDDEN, fanIn: HIDDEN }, outBias: { size: 1, fanIn: 0 },
};
const NAMES = Object.keys(SIZES) as (keyof VoiceNetFile)[];

export const zeroNet = (): VoiceNetWeights => Object.fromEntries(NAMES.map((name) => [name, new Float64Array(SIZES[name].size)])) as VoiceNetWeights;

/** Weights that tell the examples' persons from the others. The same for the same examples and seed. */
export function trainVoiceNet(examples: readonly VoiceExample[], options: VoiceNetOptions): VoiceNetWeights {
  const random = seededRandom(options.seed);
  const heard = examples.filter(({ shapes }) => shapes.length >= MIN_FRAMES * INPUTS);
  const weights = zeroNet();
  for (const name of NAMES) for (let index = 0; index < weights[name].length; index++) weights[name][index] = SIZES[name].fanIn === 0 ? 0 : normal(random) * Math.sqrt(1.6 / SIZES[name].fanIn);
  const gradient = zeroNet();
  const first = zeroNet();
  const second = zeroNet();
  const pass = new Pass(weights, gradient, random);
  const batches = Math.floor(heard.length / BATCH);
  const turns = options.epochs * batches;
  const order = Int32Array.from({ length: heard.length }, (_, index) => index);
  for (let turn = 0; turn < turns; turn++) {
    if (turn % batches === 0) shuffle(order, random);
    for (const name of NAMES) gradient[name].fill(0);
    for (let index = 0; index < BATCH; index++) pass.learn(heard[order[(turn % batches) * BATCH + index]!]!);
    const warm = Math.min(1, turn / (0.05 * turns));
    const rate = options.rate * warm * 0.5 * (1 + Math.cos((Math.PI * turn) / turns));
    for (const name of NAMES) adam(weights[name], gradient[name], first[name], second[name], rate, turn + 1);
  }
  return weights;
}

function adam(weights: Float64Array, gradient: Float64Array, first: Float64Array, second: Float64Array, rate: number, turn: number): void {
  const one = 1 - 0.9 ** turn;
  const two = 1 - 0.999 ** turn;
  for (let index = 0; index < weights.length; index++) {
    const g = gradient[index]! / BATCH;
    first[index] = 0.9 * first[index]! + 0.1 * g;
    second[index] = 0.999 * second[index]! + 0.001 * g * g;
    weights[index]! -= rate * ((first[index]! / one) / (Math.sqrt(second[index]! / two) + 1e-8) + DECAY * weights[index]!);
  }
}

/** One example forth and back. The arrays are made once. */
class Pass {
  private readonly inputs = new Float64Array(MAX_FRAMES * INPUTS);
  private readonly one = new Float64Array(MAX_STEPS * CHANNELS);
  private readonly two = new Float64Array(MAX_STEPS * CHANNELS);
  private readonly oneGradient = new Float64Array(MAX_STEPS * CHANNELS);
  private readonly pooled = new Float64Array(POOLED);
  private readonly pooledMask = new Float64Array(POOLED);
  private readonly pooledGradient = new Float64Array(POOLED);
  private readonly units = new Float64Array(HIDDEN);
  private readonly unitMask = new Float64Array(HIDDEN);
  private readonly weights: VoiceNetWeights;
  private readonly gradient: VoiceNetWeights;
  private readonly random: () => number;

  constructor(weights: VoiceNetWeights, gradient: VoiceNetWeights, random: () => number) {
    this.weights = weights;
    this.gradient = gradient;
    this.random = random;
  }

  learn({ shapes, human, weight }: VoiceExample): void {
    const { random, weights, gradient } = this;
    const most = Math.min(MAX_FRAMES, shapes.length / INPUTS);
    const frames = MIN_FRAMES + Math.floor(random() * (most - MIN_FRAMES + 1));
    this.take(shapes, frames);
    const steps = Math.floor((frames - FIRST_TAPS) / FIRST_STRIDE) + 1;
    const places = steps - SECOND_TAPS + 1;
    forward(this.inputs, FIRST_TAPS * INPUTS, FIRST_STRIDE * INPUTS, steps, weights.first, weights.firstBias, this.one);
    forward(this.one, SECOND_TAPS * CHANNELS, CHANNELS, places, weights.second, weights.secondBias, this.two);
    this.pool(places);
    const logOdds = this.judge();
    const error = weight * (1 / (1 + Math.exp(-logOdds)) - (human ? 1 : 0));
    this.judgeBack(error);
    this.poolBack(places);
    this.oneGradient.fill(0, 0, steps * CHANNELS);
    backward(this.one, SECOND_TAPS * CHANNELS, CHANNELS, places, this.two, weights.second, gradient.second, gradient.secondBias, this.oneGradient);
    for (let index = 0; index < steps * CHANNELS; index++) this.one[index] = this.one[index]! > 0 ? this.oneGradient[index]! : 0;
    backward(this.inputs, FIRST_TAPS * INPUTS, FIRST_STRIDE * INPUTS, steps, this.one, weights.first, gradient.first, gradient.firstBias, null);
  }

  private take(shapes: Uint8Array, frames: number): void {
    const { inputs, random } = this;
    for (let frame = 0; frame < frames; frame++) writeInputs(shapes, frame * INPUTS, shapes[Math.max(0, frame - 1) * INPUTS + INPUTS - 1]!, inputs, frame * INPUTS);
    const bend = MICROPHONE.map((size) => size * normal(random));
    for (let band = 0; band < INPUTS - 1; band++) {
      const place = (2 * band) / (INPUTS - 2) - 1;
      const change = bend[0]! * place + bend[1]! * Math.cos(Math.PI * place) + bend[2]! * Math.sin(1.5 * Math.PI * place);
      for (let frame = 0; frame < frames; frame++) inputs[frame * INPUTS + band]! += change;
    }
  }

  private pool(places: number): void {
    for (let channel = 0; channel < CHANNELS; channel++) {
      let sum = 0;
      let squares = 0;
      for (let at = channel; at < places * CHANNELS; at += CHANNELS) {
        sum += this.two[at]!;
        squares += this.two[at]! ** 2;
      }
      const mean = sum / places;
      this.pooled[channel] = mean;
      this.pooled[CHANNELS + channel] = Math.sqrt(Math.max(0, squares / places - mean * mean) + LEAST_VARIANCE);
    }
  }

  private judge(): number {
    const { weights, pooled, random } = this;
    for (let index = 0; index < POOLED; index++) this.pooledMask[index] = random() < DROPOUT ? 0 : 1 / (1 - DROPOUT);
    let sum = weights.outBias[0]!;
    for (let unit = 0; unit < HIDDEN; unit++) {
      let value = weights.hiddenBias[unit]!;
      for (let index = 0; index < POOLED; index++) value += weights.hidden[unit * POOLED + index]! * pooled[index]! * this.pooledMask[index]!;
      this.units[unit] = Math.max(0, value);
      this.unitMask[unit] = random() < DROPOUT ? 0 : 1 / (1 - DROPOUT);
      sum += weights.out[unit]! * this.units[unit]! * this.unitMask[unit]!;
    }
    return sum;
  }

  private judgeBack(error: number): void {
    const { weights, gradient, pooled, pooledMask, pooledGradient } = this;
    gradient.outBias[0]! += error;
    pooledGradient.fill(0);
    for (let unit = 0; unit < HIDDEN; unit++) {
      gradient.out[unit]! += error * this.units[unit]! * this.unitMask[unit]!;
      if (this.units[unit] === 0) continue;
      const back = error * weights.out[unit]! * this.unitMask[unit]!;
      gradient.hiddenBias[unit]! += back;
      for (let index = 0; index < POOLED; index++) {
        gradient.hidden[unit * POOLED + index]! += back * pooled[index]! * pooledMask[index]!;
        pooledGradient[index]! += back * weights.hidden[unit * POOLED + index]! * pooledMask[index]!;
      }
    }
  }

  /** Turns what was found at each place into the gradient there. */
  private poolBack(places: number): void {
    const { two, pooled, pooledGradient } = this;
    for (let channel = 0; channel < CHANNELS; channel++) {
      const mean = pooled[channel]!;
      const ofMean = pooledGradient[channel]! / places;
      const ofDeviation = pooledGradient[CHANNELS + channel]! / (places * pooled[CHANNELS + channel]!);
      for (let at = channel; at < places * CHANNELS; at += CHANNELS) two[at] = two[at]! > 0 ? ofMean + ofDeviation * (two[at]! - mean) : 0;
    }
  }
}

function forward(from: Float64Array, size: number, stride: number, places: number, weights: Float64Array, bias: Float64Array, out: Float64Array): void {
  for (let place = 0; place < places; place++) {
    const base = place * stride;
    for (let channel = 0, tap = 0; channel < CHANNELS; channel++) {
      let value = bias[channel]!;
      for (let index = 0; index < size; index++, tap++) value += weights[tap]! * from[base + index]!;
      out[place * CHANNELS + channel] = value > 0 ? value : 0;
    }
  }
}

/** `back` holds the gradient at the outputs; those of the weights, and of what it came from, are added to. */
function backward(
  from: Float64Array, size: number, stride: number, places: number, back: Float64Array,
  weights: Float64Array, gradient: Float64Array, biasGradient: Float64Array, fromGradient: Float64Array | null,
): void {
  for (let place = 0; place < places; place++) {
    const base = place * stride;
    for (let channel = 0; channel < CHANNELS; channel++) {
      const value = back[place * CHANNELS + channel]!;
      if (value === 0) continue;
      biasGradient[channel]! += value;
      const row = channel * size;
      for (let index = 0; index < size; index++) gradient[row + index]! += value * from[base + index]!;
      if (fromGradient !== null) for (let index = 0; index < size; index++) fromGradient[base + index]! += value * weights[row + index]!;
    }
  }
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function shuffle(order: Int32Array, random: () => number): void {
  for (let index = order.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
}
