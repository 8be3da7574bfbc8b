import { hashFraction } from '../../../core/ids.ts';
import { PUBLIC_SAMPLE_RATE, type AudioScript } from '../public-port.ts';

/** What sounds from a sample on, at a gain. */
interface Piece {
  readonly fromSample: number;
  readonly samples: Int16Array;
  readonly gain: number;
}

export const samplesOf = (ms: number): number => Math.round((ms * PUBLIC_SAMPLE_RATE) / 1000);
export const msOf = (samples: number): number => (samples * 1000) / PUBLIC_SAMPLE_RATE;

/** Levels of a line's own noise, dBFS; -Infinity is digital silence (a mobile that sends nothing between words). */
export const NOISE_LEVELS_DBFS = [-Infinity, -66, -60, -55, -50, -45, -40] as const;

/** Some 8 s of noise a level; long enough that nobody finds the seam, short enough to stay in the cache. */
const BED_SAMPLES = 65_536;
const beds = new Map<number, Int16Array>();

/** Room noise: white noise through a gentle low-pass, made once per level and copied by every call. */
function noiseBed(levelDbfs: number): Int16Array {
  const known = beds.get(levelDbfs);
  if (known) return known;
  const raw = new Float64Array(BED_SAMPLES);
  // A 32-bit xorshift started from the hash: 65,536 hashes a level would take a tenth of a second.
  let state = Math.floor(hashFraction('noise', String(levelDbfs)) * 0xffff_ffff) | 1;
  let smooth = 0;
  let energy = 0;
  for (let i = 0; i < BED_SAMPLES; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    smooth = 0.6 * smooth + (state / 0x8000_0000) * 0.4;
    raw[i] = smooth;
    energy += smooth * smooth;
  }
  const gain = levelDbfs === -Infinity ? 0 : (32_768 * 10 ** (levelDbfs / 20)) / Math.sqrt(energy / BED_SAMPLES);
  const bed = Int16Array.from(raw, (value) => Math.round(value * gain));
  beds.set(levelDbfs, bed);
  return bed;
}

/**
 * Pieces laid on a bed of noise. Reading copies the bed and adds what sounds in that stretch: hundreds of calls read
 * the same decoded clips, and silence costs a copy.
 */
export class Soundtrack implements AudioScript {
  readonly #bed: Int16Array;
  readonly #bedOffset: number;
  #pieces: Piece[] = [];
  #lengthSamples = 0;

  constructor(noiseDbfs: number, bedOffset: number) {
    this.#bed = noiseBed(noiseDbfs);
    this.#bedOffset = bedOffset % BED_SAMPLES;
  }

  /** Where the last piece ends, ms. */
  get endMs(): number {
    return msOf(this.#lengthSamples);
  }

  /** Lays `samples` down `afterMs` after the end of what is there. */
  then(afterMs: number, samples: Int16Array, gain: number): this {
    const fromSample = this.#lengthSamples + samplesOf(afterMs);
    this.#pieces.push({ fromSample, samples, gain });
    this.#lengthSamples = fromSample + samples.length;
    return this;
  }

  /** Drops pieces that have not begun by `ms`: whoever listens says no more "hello?". */
  dropFrom(ms: number): void {
    const sample = samplesOf(ms);
    this.#pieces = this.#pieces.filter((piece) => piece.fromSample < sample);
  }

  read(fromSample: number, out: Int16Array): void {
    let filled = 0;
    while (filled < out.length) {
      const at = (this.#bedOffset + fromSample + filled) % BED_SAMPLES;
      const count = Math.min(out.length - filled, BED_SAMPLES - at);
      out.set(this.#bed.subarray(at, at + count), filled);
      filled += count;
    }
    for (const { fromSample: pieceFrom, samples, gain } of this.#pieces) {
      const begin = Math.max(fromSample, pieceFrom);
      const end = Math.min(fromSample + out.length, pieceFrom + samples.length);
      for (let sample = begin; sample < end; sample++) {
        const value = out[sample - fromSample]! + samples[sample - pieceFrom]! * gain;
        out[sample - fromSample] = value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
      }
    }
  }
}
