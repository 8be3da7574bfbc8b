/**
 * Power spectrum of a 32 ms Hann window at 8 kHz: 256 real samples by a 128-point complex FFT (radix 2, two stages a pass, tables made once
 * and shared by all calls). Bin width 31.25 Hz. One frame costs about 1 microsecond.
 */
export const WINDOW_SAMPLES = 256;
export const BINS = WINDOW_SAMPLES / 2;
export const BIN_HZ = 8000 / WINDOW_SAMPLES;

const HALF = WINDOW_SAMPLES / 2;
const QUARTER = HALF / 2;
const HANN = Float64Array.from({ length: WINDOW_SAMPLES }, (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / WINDOW_SAMPLES));
const COS = Float64Array.from({ length: WINDOW_SAMPLES }, (_, index) => Math.cos((2 * Math.PI * index) / WINDOW_SAMPLES));
const SIN = Float64Array.from({ length: WINDOW_SAMPLES }, (_, index) => Math.sin((2 * Math.PI * index) / WINDOW_SAMPLES));
/** Where the even-numbered places of the bit-reversed order come from; the odd ones come from 64 later. */
const SOURCE = Uint8Array.from({ length: QUARTER }, (_, pair) => {
  let reversed = 0;
  for (let bit = 0; bit < 7; bit++) if ((2 * pair) & (1 << bit)) reversed |= 64 >> bit;
  return reversed;
});
/** Full-scale sine gives power 1 (0 dB) at its peak bin. */
const SCALE = 1 / (32768 * (WINDOW_SAMPLES / 4)) ** 2;

/* Scratch of one frame. JavaScript runs one frame at a time, so all calls of a process share it. */
const real = new Float64Array(HALF);
const imaginary = new Float64Array(HALF);

/** The six stages after the first, two at a time. */
function transform(): void {
  for (let size = 2; size < HALF; size <<= 2) {
    const step = HALF / size; // in 256ths of a turn, as each butterfly of the first stage turns by pi/size
    for (let k = 0; k < size; k++) {
      const c1 = COS[k * step]!;
      const s1 = SIN[k * step]!;
      const c2 = COS[(k * step) >> 1]!;
      const s2 = SIN[(k * step) >> 1]!;
      for (let a = k; a < HALF; a += size << 2) {
        const b = a + size;
        const c = b + size;
        const d = c + size;
        const br = real[b]! * c1 + imaginary[b]! * s1;
        const bi = imaginary[b]! * c1 - real[b]! * s1;
        const dr = real[d]! * c1 + imaginary[d]! * s1;
        const di = imaginary[d]! * c1 - real[d]! * s1;
        const ar = real[a]!;
        const ai = imaginary[a]!;
        const cr = real[c]!;
        const ci = imaginary[c]!;
        const sumR = cr + dr;
        const sumI = ci + di;
        const difR = cr - dr;
        const difI = ci - di;
        const ur = sumR * c2 + sumI * s2;
        const ui = sumI * c2 - sumR * s2;
        // The other pair turns a quarter further.
        const vr = difI * c2 - difR * s2;
        const vi = -(difR * c2 + difI * s2);
        real[a] = ar + br + ur;
        imaginary[a] = ai + bi + ui;
        real[c] = ar + br - ur;
        imaginary[c] = ai + bi - ui;
        real[b] = ar - br + vr;
        imaginary[b] = ai - bi + vi;
        real[d] = ar - br - vr;
        imaginary[d] = ai - bi - vi;
      }
    }
  }
}

/** Writes the power of bins 0..127 of the 256 samples that start at `offset` into `power`. */
export function powerSpectrum(samples: Float64Array, offset: number, power: Float64Array): void {
  for (let pair = 0; pair < QUARTER; pair++) {
    const near = SOURCE[pair]! << 1;
    const far = near + HALF;
    const nearR = samples[offset + near]! * HANN[near]!;
    const nearI = samples[offset + near + 1]! * HANN[near + 1]!;
    const farR = samples[offset + far]! * HANN[far]!;
    const farI = samples[offset + far + 1]! * HANN[far + 1]!;
    const at = pair << 1;
    real[at] = nearR + farR;
    imaginary[at] = nearI + farI;
    real[at + 1] = nearR - farR;
    imaginary[at + 1] = nearI - farI;
  }
  transform();
  power[0] = (real[0]! + imaginary[0]!) ** 2 * SCALE;
  power[QUARTER] = (real[QUARTER]! ** 2 + imaginary[QUARTER]! ** 2) * SCALE;
  for (let k = 1; k < QUARTER; k++) {
    const mirror = HALF - k;
    const evenReal = 0.5 * (real[k]! + real[mirror]!);
    const evenImaginary = 0.5 * (imaginary[k]! - imaginary[mirror]!);
    const oddReal = 0.5 * (imaginary[k]! + imaginary[mirror]!);
    const oddImaginary = 0.5 * (real[mirror]! - real[k]!);
    const turnedReal = oddReal * COS[k]! + oddImaginary * SIN[k]!;
    const turnedImaginary = oddImaginary * COS[k]! - oddReal * SIN[k]!;
    const r = evenReal + turnedReal;
    const i = evenImaginary + turnedImaginary;
    const mirrorR = evenReal - turnedReal;
    const mirrorI = evenImaginary - turnedImaginary;
    power[k] = (r * r + i * i) * SCALE;
    power[mirror] = (mirrorR * mirrorR + mirrorI * mirrorI) * SCALE;
  }
}
