/**
 * Sample-rate conversion by a polyphase windowed-sinc filter (Smith, "Digital Audio Resampling Home Page", 2002): each
 * output sample is the input filtered by a low-pass at the lower of both Nyquist frequencies, evaluated at the
 * output's time. The filter's phases repeat every `outRate / gcd` samples and are computed once.
 */

/**
 * Zero crossings of the sinc on each side. With the Kaiser window's 62 dB, from the synthesiser's 22,050 Hz to 8,000 Hz the
 * pass band ends at 3.4 kHz and the stop band begins at 4.6 kHz: what folds back lands above 3.4 kHz, where a telephone
 * carries nothing. A sharper filter (36 crossings) took as long as the synthesis itself, 13 ms for 7 s of speech.
 */
const ZERO_CROSSINGS = 13;
const KAISER_BETA = 6;

interface Kernel {
  readonly phases: readonly Float64Array[];
  readonly halfTaps: number;
  /** Input samples per `phases.length` output samples. */
  readonly inputStep: number;
}

const kernels = new Map<string, Kernel>();

/** Converts mono samples from one whole rate (Hz) to another. Length: `input.length * outRate / inRate`, rounded. */
export function resample(input: Float64Array, inRate: number, outRate: number): Float64Array {
  if (inRate === outRate) return input;
  const { phases, halfTaps, inputStep } = kernelFor(inRate, outRate);
  const output = new Float64Array(Math.round((input.length * outRate) / inRate));
  for (let index = 0; index < output.length; index++) {
    const phase = index % phases.length;
    const taps = phases[phase]!;
    const centre = Math.floor((index * inputStep) / phases.length);
    let sum = 0;
    const first = centre - halfTaps;
    const from = Math.max(0, -first);
    const to = Math.min(taps.length, input.length - first);
    // Four sums: one long chain of additions would wait for itself.
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    let tap = from;
    for (; tap + 3 < to; tap += 4) {
      sum += taps[tap]! * input[first + tap]!;
      sum1 += taps[tap + 1]! * input[first + tap + 1]!;
      sum2 += taps[tap + 2]! * input[first + tap + 2]!;
      sum3 += taps[tap + 3]! * input[first + tap + 3]!;
    }
    for (; tap < to; tap++) sum += taps[tap]! * input[first + tap]!;
    output[index] = sum + sum1 + sum2 + sum3;
  }
  return output;
}

function kernelFor(inRate: number, outRate: number): Kernel {
  const key = `${inRate}:${outRate}`;
  let kernel = kernels.get(key);
  if (kernel === undefined) {
    kernel = makeKernel(inRate, outRate);
    kernels.set(key, kernel);
  }
  return kernel;
}

function makeKernel(inRate: number, outRate: number): Kernel {
  const divisor = gcd(inRate, outRate);
  const phaseCount = outRate / divisor;
  const inputStep = inRate / divisor;
  /** Cutoff in cycles per input sample. */
  const cutoff = Math.min(inRate, outRate) / 2 / inRate;
  const halfTaps = Math.ceil(ZERO_CROSSINGS / (2 * cutoff));
  const phases: Float64Array[] = [];
  for (let phase = 0; phase < phaseCount; phase++) {
    const offset = ((phase * inputStep) % phaseCount) / phaseCount;
    const taps = new Float64Array(2 * halfTaps + 1);
    let total = 0;
    for (let tap = 0; tap < taps.length; tap++) {
      const time = tap - halfTaps - offset;
      taps[tap] = 2 * cutoff * sinc(2 * cutoff * time) * kaiser(time / (halfTaps + 1));
      total += taps[tap]!;
    }
    // The same gain at 0 Hz in every phase: otherwise the phases beat.
    for (let tap = 0; tap < taps.length; tap++) taps[tap]! /= total;
    phases.push(taps);
  }
  return { phases, halfTaps, inputStep };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : besselI0(KAISER_BETA * Math.sqrt(1 - x * x)) / besselI0(KAISER_BETA);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
