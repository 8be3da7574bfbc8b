import { z } from 'zod';
import { instantiated } from '../audio/instantiated.ts';
import { VOICE_BANDS } from '../voice/voice-bands.ts';
import { VOICE_NET_WASM } from './voice-net-wasm.ts';

/** Frames (10 ms) that a first output sees, and how many lie between two of them; likewise for the outputs after it. */
const FIRST_TAPS = 5;
const FIRST_STRIDE = 2;
const TAPS = 3;
const SECOND_STRIDE = 2;
/** Outputs of the three layers (voice-net.wat knows all of these). */
export const FIRST = 64;
export const SECOND = 64;
export const FOUND = 96;
/** Frames of one moment: what is found is counted once in so many (40 ms). */
export const MOMENT_FRAMES = FIRST_STRIDE * SECOND_STRIDE;
/** Frames after its first one that a moment's last input needs. */
export const MOMENT_LOOKAHEAD = 9;
/** Frames that a moment sees, and how many of them the moment before it did not use up. */
const SEEN = 17;
const FRESHLY_SEEN = 7;
/** Before the call everything is as soft as can be. */
const SOFTEST_LOUDEST = 255;
const KEPT = FIRST + 2 * SECOND;
/** From this moment on none sees frames before the call. */
const SETTLED_MOMENT = 2;
/** Frames held, so that the last SEEN lie side by side; then they are moved to the front. */
const HELD = 64;
/** Added to the variance under its root. */
const LEAST_VARIANCE = 1e-4;
const WORD_BYTES = 4;
const FRAME_WORDS = VOICE_BANDS / WORD_BYTES;

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

interface Exports {
  memory: { readonly buffer: ArrayBuffer };
  readonly moment: (fresh: number, moment: number, first: number, firstBias: number, second: number, secondBias: number, third: number, thirdBias: number) => void;
}

/** Where voice-net.wat reads and writes, in bytes. */
const PLACE = { bands: 0, loudest: 896, kept: 928, found: 7792, weights: 8192 };

/** The weights as they are run, in 32 bits, shared by all calls of a process: part of node, no native module. */
export class VoiceNet {
  readonly head: Float64Array;
  readonly headBias: number;
  /** Four bands a word. */
  readonly bands: Int32Array;
  readonly loudest: Uint8Array;
  readonly kept: Float32Array;
  readonly found: Float32Array;
  private readonly moment: Exports['moment'];
  private readonly placed: readonly number[];

  constructor(file: VoiceNetFile) {
    this.head = Float64Array.from(file.head);
    this.headBias = file.headBias[0]!;
    const { memory, moment } = instantiated(VOICE_NET_WASM) as Exports;
    this.moment = moment;
    this.bands = new Int32Array(memory.buffer, PLACE.bands, SEEN * FRAME_WORDS);
    this.loudest = new Uint8Array(memory.buffer, PLACE.loudest, SEEN);
    this.kept = new Float32Array(memory.buffer, PLACE.kept, KEPT);
    this.found = new Float32Array(memory.buffer, PLACE.found, FOUND);
    let free = PLACE.weights;
    this.placed = [file.first, file.firstBias, file.second, file.secondBias, file.third, file.thirdBias].map((values) => {
      const at = free;
      new Float32Array(memory.buffer, at, values.length).set(values);
      free += values.length * Float32Array.BYTES_PER_ELEMENT;
      return at;
    });
  }

  /** Writes `found` and `kept` of a moment from `bands`, `loudest` and, unless `fresh`, the `kept` of the moment before. The next run writes over both. */
  run(fresh: boolean, moment: number): void {
    const { placed } = this;
    this.moment(fresh ? 1 : 0, Math.min(moment, SETTLED_MOMENT), placed[0]!, placed[1]!, placed[2]!, placed[3]!, placed[4]!, placed[5]!);
  }
}

/**
 * Hears the texture of one voice: three convolutions over its frames (a moment each 40 ms, which sees 170 ms about it), means and deviations
 * of what they find in the moments with voice since the first speech, weighed. Says how much it sounds like a person, as log-odds, whatever
 * is said and however long. One object a call; 64,000 multiplications each 40 ms of voice, none in silence.
 */
export class VoiceEar {
  private readonly net: VoiceNet;
  private readonly bands = new Uint8Array(HELD * VOICE_BANDS);
  private readonly words = new Int32Array(this.bands.buffer);
  private readonly loudestAt = new Uint8Array(HELD).fill(SOFTEST_LOUDEST);
  private readonly voiced = new Uint8Array(HELD);
  /** Of the moment found last. */
  private readonly kept = new Float32Array(KEPT);
  private lastMoment = -1;
  private readonly sum = new Float64Array(FOUND);
  private readonly squares = new Float64Array(FOUND);
  private heard = 0;
  /** Frames held; those before the call are among them. */
  private held = SEEN - 1;
  private loudest = 0;
  private moments = 0;

  constructor(net: VoiceNet) {
    this.net = net;
  }

  /** The next frame, its bands from `at` on as writeVoiceBands has them, and whether there is voice in it. */
  hear(bands: Uint8Array, at: number, voice: boolean): void {
    if (this.held === HELD) this.makeRoom();
    let { loudest } = this;
    for (let band = at, to = this.held * VOICE_BANDS; band < at + VOICE_BANDS; band++, to++) {
      const level = bands[band]!;
      this.bands[to] = level;
      if (level > loudest) loudest = level;
    }
    this.loudest = loudest;
    this.loudestAt[this.held] = loudest;
    this.voiced[this.held] = voice ? 1 : 0;
    this.held++;
    this.heard++;
    const past = this.heard - 1 - MOMENT_LOOKAHEAD;
    if (past >= 0 && past % MOMENT_FRAMES === 0 && this.anyVoice()) this.find(past / MOMENT_FRAMES);
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

  private makeRoom(): void {
    const from = HELD - (SEEN - 1);
    this.bands.copyWithin(0, from * VOICE_BANDS);
    this.loudestAt.copyWithin(0, from);
    this.voiced.copyWithin(0, from);
    this.held = SEEN - 1;
  }

  /** In the moment whose lookahead has just been heard. */
  private anyVoice(): boolean {
    const from = this.held - 1 - MOMENT_LOOKAHEAD;
    for (let frame = from; frame < from + MOMENT_FRAMES; frame++) if (this.voiced[frame] === 1) return true;
    return false;
  }

  /** What the third layer finds at a moment is summed up. */
  private find(moment: number): void {
    const { net, words, loudestAt, kept, sum, squares } = this;
    const fresh = moment === 0 || this.lastMoment !== moment - 1;
    const seen = fresh ? SEEN : FRESHLY_SEEN;
    for (let from = (this.held - seen) * FRAME_WORDS, to = (SEEN - seen) * FRAME_WORDS; to < SEEN * FRAME_WORDS; from++, to++) net.bands[to] = words[from]!;
    for (let from = this.held - seen, to = SEEN - seen; to < SEEN; from++, to++) net.loudest[to] = loudestAt[from]!;
    if (!fresh) net.kept.set(kept);
    net.run(fresh, moment);
    kept.set(net.kept);
    this.lastMoment = moment;
    this.moments++;
    const { found } = net;
    for (let channel = 0; channel < FOUND; channel++) {
      const value = found[channel]!;
      sum[channel]! += value;
      squares[channel]! += value * value;
    }
  }
}
