import { z } from 'zod';
import { STEPS_PER_DB, VOICE_BANDS } from '../voice/voice-bands.ts';
import { affineKernel, type AffineKernel } from './affine.ts';

/** Frames (10 ms) that a first output sees, and how many lie between two of them; likewise for the outputs after it. */
const FIRST_TAPS = 5;
const FIRST_STRIDE = 2;
const TAPS = 3;
const SECOND_STRIDE = 2;
/** Outputs of the three layers. */
export const FIRST = 64;
export const SECOND = 64;
export const FOUND = 96;
/** Frames of one moment: what is found is counted once in so many (40 ms). */
export const MOMENT_FRAMES = FIRST_STRIDE * SECOND_STRIDE;
/** Frames after its first one that a moment's last input needs. */
export const MOMENT_LOOKAHEAD = 9;
/** How far under the loudest band so far a band is heard. */
const DEEPEST_DB = 80;
const BYTE_SCALE = 2 / (STEPS_PER_DB * DEEPEST_DB);
/** Added to the variance under its root. */
const LEAST_VARIANCE = 1e-4;
/** Frames and outputs that later ones still need. */
const FRAMES_KEPT = 20;
const FIRST_KEPT = 8;
const SECOND_KEPT = 4;

const numbers = (length: number): z.ZodArray<z.ZodNumber> => z.array(z.number()).length(length);

/** Weights, outputs first: `first[out][tap][band]`, `second[out][tap][first]`, `third[out][tap][second]`, `head[mean of each, then deviation]`. */
export const voiceNetSchema = z.object({
  first: numbers(FIRST * FIRST_TAPS * VOICE_BANDS),
  firstBias: numbers(FIRST),
  second: numbers(SECOND * TAPS * FIRST),
  secondBias: numbers(SECOND),
  third: numbers(FOUND * TAPS * SECOND),
  thirdBias: numbers(FOUND),
  head: numbers(2 * FOUND),
  headBias: numbers(1),
});
export type VoiceNetFile = z.infer<typeof voiceNetSchema>;

/** A net that says nothing, for models without one. */
export const silentNet = (): VoiceNetFile => {
  const zeros = (length: number): number[] => new Array<number>(length).fill(0);
  return {
    first: zeros(FIRST * FIRST_TAPS * VOICE_BANDS), firstBias: zeros(FIRST), second: zeros(SECOND * TAPS * FIRST), secondBias: zeros(SECOND),
    third: zeros(FOUND * TAPS * SECOND), thirdBias: zeros(FOUND), head: zeros(2 * FOUND), headBias: zeros(1),
  };
};

/** Their places in the kernel. */
const LAYERS = { first: 0, second: 1, third: 2 };

/** The weights as they are run, shared by all calls of a process. */
export class VoiceNet {
  readonly head: Float64Array;
  readonly headBias: number;
  private readonly kernel: AffineKernel;

  constructor(file: VoiceNetFile) {
    this.head = Float64Array.from(file.head);
    this.headBias = file.headBias[0]!;
    this.kernel = affineKernel([[file.first, file.firstBias], [file.second, file.secondBias], [file.third, file.thirdBias]]);
  }

  /** Where inputs are to be written and outputs to be read; the next run writes over both. */
  get input(): Float32Array {
    return this.kernel.input;
  }

  get output(): Float32Array {
    return this.kernel.output;
  }

  run(layer: keyof typeof LAYERS): void {
    this.kernel.run(LAYERS[layer], layer !== 'third');
  }
}

/**
 * Hears the texture of one voice: three convolutions over its frames (a moment each 40 ms, which sees 170 ms about it), means and deviations
 * of what they find in the moments with voice since the first speech, weighed. Says how much it sounds like a person, as log-odds, whatever
 * is said and however long. One object a call; 64,000 multiplications each 40 ms of voice, none in silence.
 */
export class VoiceEar {
  private readonly net: VoiceNet;
  private readonly frames = new Float32Array(FRAMES_KEPT * VOICE_BANDS);
  private readonly voiced = new Uint8Array(FRAMES_KEPT);
  private readonly first = new Float32Array(FIRST_KEPT * FIRST);
  private readonly second = new Float32Array(SECOND_KEPT * SECOND);
  /** Which output lies in each place; -1: none yet. */
  private readonly firstAt = new Int32Array(FIRST_KEPT).fill(-1);
  private readonly secondAt = new Int32Array(SECOND_KEPT).fill(-1);
  private readonly sum = new Float64Array(FOUND);
  private readonly squares = new Float64Array(FOUND);
  private heard = 0;
  private loudest = 0;
  private moments = 0;

  constructor(net: VoiceNet) {
    this.net = net;
  }

  /** The next frame, its bands from `at` on as writeVoiceBands has them, and whether there is voice in it. */
  hear(bands: Uint8Array, at: number, voice: boolean): void {
    for (let band = at; band < at + VOICE_BANDS; band++) if (bands[band]! > this.loudest) this.loudest = bands[band]!;
    const place = this.heard % FRAMES_KEPT;
    for (let band = 0, to = place * VOICE_BANDS; band < VOICE_BANDS; band++, to++) {
      const value = 1 - (this.loudest - bands[at + band]!) * BYTE_SCALE;
      this.frames[to] = value < -1 ? -1 : value;
    }
    this.voiced[place] = voice ? 1 : 0;
    this.heard++;
    const past = this.heard - 1 - MOMENT_LOOKAHEAD;
    if (past >= 0 && past % MOMENT_FRAMES === 0 && this.anyVoice(past)) this.find(past / MOMENT_FRAMES);
  }

  /** Log-odds of a person by the texture alone; 0 until a moment of voice has been heard. */
  get logOdds(): number {
    if (this.moments === 0) return 0;
    const { head, headBias } = this.net;
    let sum = headBias;
    for (let channel = 0; channel < FOUND; channel++) {
      const mean = this.sum[channel]! / this.moments;
      const variance = this.squares[channel]! / this.moments - mean * mean;
      sum += head[channel]! * mean + head[FOUND + channel]! * Math.sqrt((variance > 0 ? variance : 0) + LEAST_VARIANCE);
    }
    return sum;
  }

  private anyVoice(frame: number): boolean {
    for (let index = frame; index < frame + MOMENT_FRAMES; index++) if (this.voiced[index % FRAMES_KEPT] === 1) return true;
    return false;
  }

  /** What the third layer finds at a moment is summed up. */
  private find(moment: number): void {
    for (let index = Math.max(0, moment - 1); index <= moment + 1; index++) this.findSecond(index);
    gather(this.second, SECOND_KEPT, SECOND, moment - 1, TAPS, 0, this.net.input);
    this.net.run('third');
    const { output } = this.net;
    this.moments++;
    for (let channel = 0; channel < FOUND; channel++) {
      const value = output[channel]!;
      this.sum[channel]! += value;
      this.squares[channel]! += value * value;
    }
  }

  private findSecond(index: number): void {
    const place = index % SECOND_KEPT;
    if (this.secondAt[place] === index) return;
    for (let below = Math.max(0, SECOND_STRIDE * index - 1); below <= SECOND_STRIDE * index + 1; below++) this.findFirst(below);
    gather(this.first, FIRST_KEPT, FIRST, SECOND_STRIDE * index - 1, TAPS, 0, this.net.input);
    this.net.run('second');
    copy(this.net.output, this.second, place * SECOND, SECOND);
    this.secondAt[place] = index;
  }

  private findFirst(index: number): void {
    const place = index % FIRST_KEPT;
    if (this.firstAt[place] === index) return;
    gather(this.frames, FRAMES_KEPT, VOICE_BANDS, FIRST_STRIDE * index - 1, FIRST_TAPS, -1, this.net.input);
    this.net.run('first');
    copy(this.net.output, this.first, place * FIRST, FIRST);
    this.firstAt[place] = index;
  }
}

/** Writes `count` rows of a ring from row `from` on; rows before the first are `before`. */
function gather(ring: Float32Array, rows: number, width: number, from: number, count: number, before: number, out: Float32Array): void {
  for (let row = from, at = 0; row < from + count; row++) {
    const start = row < 0 ? -1 : (row % rows) * width;
    for (let column = 0; column < width; column++, at++) out[at] = start < 0 ? before : ring[start + column]!;
  }
}

function copy(from: Float32Array, to: Float32Array, at: number, count: number): void {
  for (let index = 0; index < count; index++) to[at + index] = from[index]!;
}
