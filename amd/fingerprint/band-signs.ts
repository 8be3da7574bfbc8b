import { BIN_HZ } from '../audio/spectrum.ts';

/** 33 bands of 94 Hz from 312 Hz on: what every telephone line lets through. 32 differences between neighbours are 32 bits. */
const BANDS = 33;
const BAND_BINS = 3;
const FIRST_BIN = Math.round(312 / BIN_HZ);
/** Energies are summed over 0.1 s, so that where the 10 ms hops fall on a recording does not matter. */
const SMOOTH_FRAMES = 8;
/** Compared with the energies so long before. */
const BACK_FRAMES = 6;
/** One word of 32 signs each 20 ms. */
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
  private readonly ring = new Float32Array(SMOOTH_FRAMES * BANDS);
  private readonly sums = new Float64Array(BANDS);
  private readonly past = new Float64Array((BACK_FRAMES + 1) * BANDS);
  private readonly margin = new Float64Array(32);

  /** Takes one frame's power spectrum; true if a new `word` is there. */
  push(power: Float32Array): boolean {
    const { ring, sums, past } = this;
    const slot = (this.frames % SMOOTH_FRAMES) * BANDS;
    const now = (this.frames % (BACK_FRAMES + 1)) * BANDS;
    for (let band = 0, bin = FIRST_BIN; band < BANDS; band++, bin += BAND_BINS) {
      // Square root: a loud vowel does not drown what is soft beside it.
      const value = Math.sqrt(power[bin]! + power[bin + 1]! + power[bin + 2]!);
      sums[band]! += value - ring[slot + band]!;
      ring[slot + band] = value;
      past[now + band] = sums[band]!;
    }
    this.frames++;
    if (this.frames % FRAMES_PER_WORD !== 0 || this.frames < SMOOTH_FRAMES + BACK_FRAMES) return false;
    this.sign(now, (this.frames % (BACK_FRAMES + 1)) * BANDS);
    return true;
  }

  private sign(now: number, before: number): void {
    const { past, margin } = this;
    let word = 0;
    let sum = 0;
    for (let band = 0; band < 32; band++) {
      const change = past[now + band]! - past[now + band + 1]! - (past[before + band]! - past[before + band + 1]!);
      margin[band] = Math.abs(change);
      sum += margin[band]!;
      if (change > 0) word |= 1 << band;
    }
    let sure = 0;
    for (let band = 0; band < 32; band++) if (margin[band]! * 32 > SURE_SHARE * sum) sure |= 1 << band;
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

function ranked(margin: Float64Array, from: number): number {
  let places = 0;
  let taken = 0;
  for (let place = 0; place < UNSURE_BITS; place++) {
    let best = -1;
    for (let bit = 0; bit < 16; bit++) {
      if ((taken & (1 << bit)) === 0 && (best < 0 || margin[from + bit]! < margin[from + best]!)) best = bit;
    }
    taken |= 1 << best;
    places |= best << (4 * place);
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
