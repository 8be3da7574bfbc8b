import { BIN_HZ } from '../audio/spectrum.ts';

/** 33 bands of 94 Hz from 312 Hz on: what every telephone line lets through. 32 differences between neighbours are 32 bits. */
const BANDS = 33;
const BITS = BANDS - 1;
const BAND_BINS = 3;
const FIRST_BIN = Math.round(312 / BIN_HZ);
/*
 * What is compared are energies summed over 0.1 s (8 frames), so that where the 10 ms hops fall on a recording does not matter, and the same 6
 * frames before. The two frames that both have cancel: 3 pairs of frames against 3 pairs that ended 8 frames before.
 */
const PAIRS = 3;
const PAIRS_BACK = 4;
/** One word of 32 signs each 20 ms: a pair of frames. */
const FRAMES_PER_WORD = 2;

export const WORD_MS = 10 * FRAMES_PER_WORD;

/**
 * Signs of the change in time of the difference between neighbouring bands: J. Haitsma, T. Kalker, "A highly robust audio
 * fingerprinting system" (ISMIR 2002), for the bands of a telephone. A word of 32 bits each 20 ms; it does not depend on level, and
 * little on the line's frequency response. Nothing is allocated after construction.
 */
export class BandSigns {
  /** The latest word, unsigned; whose bit `b` is the sign of bands b and b + 1. */
  word = 0;
  /** The bits of `word`, about half of them, that were furthest from falling the other way: noise seldom turns these. */
  sure = ALL_BITS;
  private frames = 0;
  /** Sums of two frames: a ring of so many. */
  private readonly pairs = new Float32Array(PAIRS * BANDS);
  /** Sums of three pairs: a ring of so many. */
  private readonly sums = new Float32Array(PAIRS_BACK * BANDS);
  private readonly margin = new Float32Array(BITS);

  /** Takes one frame's power spectrum; true if a new `word` is there. */
  push(power: Float32Array): boolean {
    const { pairs } = this;
    const second = this.frames % FRAMES_PER_WORD === 1;
    const now = ((this.frames >> 1) % PAIRS) * BANDS;
    for (let band = 0, bin = FIRST_BIN; band < BANDS; band++, bin += BAND_BINS) {
      // Square root: a loud vowel does not drown what is soft beside it.
      const value = Math.sqrt(power[bin]! + power[bin + 1]! + power[bin + 2]!);
      pairs[now + band] = second ? pairs[now + band]! + value : value;
    }
    this.frames++;
    if (!second) return false;
    this.sign(((this.frames >> 1) % PAIRS_BACK) * BANDS);
    return this.frames >= FRAMES_PER_WORD * (PAIRS + PAIRS_BACK);
  }

  /** `slot`: where the sums of PAIRS_BACK pairs ago lie, and this pair's are put. */
  private sign(slot: number): void {
    const { pairs, sums, margin } = this;
    let word = 0;
    let total = 0;
    let below = 0;
    for (let band = 0; band < BANDS; band++) {
      const sum = pairs[band]! + pairs[BANDS + band]! + pairs[2 * BANDS + band]!;
      const grown = sum - sums[slot + band]!;
      sums[slot + band] = sum;
      if (band > 0) {
        const change = below - grown;
        const size = Math.abs(change);
        margin[band - 1] = size;
        total += size;
        if (change > 0) word |= 1 << (band - 1);
      }
      below = grown;
    }
    let sure = 0;
    for (let bit = 0; bit < BITS; bit++) if (margin[bit]! * BITS > SURE_SHARE * total) sure |= 1 << bit;
    this.sure = sure === 0 ? ALL_BITS : sure >>> 0;
    // Digital silence has no signs; it must not be like other silence, so it gets some that nothing else has.
    this.word = (word === 0 ? Math.imul(this.frames, 0x9e3779b1) : word) >>> 0;
  }

  /**
   * The bits of each half of `word` that were nearest to falling the other way, as `UNSURE_BITS` places of 0-15, four bits each, the nearest
   * lowest: of the lower half in the low 16 bits, of the upper in the high ones.
   */
  rank(): number {
    return ranked(this.margin, 0) | (ranked(this.margin, 16) << 16);
  }
}

/** How many of the least sure bits are named. */
export const UNSURE_BITS = 3;
export const ALL_BITS = 0xffffffff;
/** Margins are spread as if by chance about nothing: half of them lie above this share of their mean. */
const SURE_SHARE = 0.7;

/** The UNSURE_BITS least of 16 margins, in one pass. */
function ranked(margin: Float32Array, from: number): number {
  let least = Infinity, next = Infinity, third = Infinity;
  let places = 0;
  for (let bit = 0; bit < 16; bit++) {
    const size = margin[from + bit]!;
    if (size >= third) continue;
    if (size >= next) {
      third = size;
      places = (places & 0xff) | (bit << 8);
      continue;
    }
    third = next;
    if (size >= least) {
      next = size;
      places = ((places & 0xf0) << 4) | (bit << 4) | (places & 0xf);
    } else {
      next = least;
      least = size;
      places = ((places & 0xff) << 4) | bit;
    }
  }
  return places;
}

/** Number of bits that differ. */
export function bitsApart(first: number, second: number): number {
  let bits = (first ^ second) >>> 0;
  bits -= (bits >>> 1) & 0x55555555;
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
