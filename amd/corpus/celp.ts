/**
 * What a mobile telephone's code-excited coder does to speech: coded and decoded again, 20 ms at a time. It stands for AMR-NB and has its
 * parts (3GPP TS 26.090: LPC of order 10, weighted search of an adaptive and of an algebraic codebook in 5 ms subframes, quantised gains),
 * not its bits: one rate, coarse quantisers. It serves for building calls only.
 */
const FRAME = 160;
const SUBFRAME = 40;
const ORDER = 10;
const MIN_LAG = 20;
const MAX_LAG = 143;
const TRACKS = 5;
const PULSES_A_TRACK = 2;
/** Bandwidth expansion of the two sides of the weighting filter. */
const WEIGHT_UP = 0.94;
const WEIGHT_DOWN = 0.6;
const RATIO_STEP = 0.06;

/** `samples` (8 kHz, 16-bit scale) as they come out of a mobile call, in place; a last frame that is not whole stays as it is. */
export function throughCelp(samples: Float64Array): void {
  const past = new Float64Array(MAX_LAG + FRAME);
  const coefficients = new Float64Array(ORDER + 1);
  const output = new Float64Array(ORDER + SUBFRAME);
  /** Input so far: the last ORDER samples, then this subframe. */
  const input = new Float64Array(ORDER + SUBFRAME);
  const up = new Float64Array(ORDER + 1);
  const down = new Float64Array(ORDER + 1);
  for (let start = 0; start + FRAME <= samples.length; start += FRAME) {
    predictor(samples, start, coefficients);
    for (let index = 0; index <= ORDER; index++) {
      up[index] = coefficients[index]! * WEIGHT_UP ** index;
      down[index] = coefficients[index]! * WEIGHT_DOWN ** index;
    }
    const response = filtered(filteredBack(impulse(), coefficients), up, down);
    for (let sub = 0; sub < FRAME; sub += SUBFRAME) {
      for (let index = 0; index < SUBFRAME; index++) input[ORDER + index] = samples[start + sub + index]!;
      // What the synthesis filter still rings with; the rest is to be coded.
      output.fill(0, ORDER);
      synthesise(output, coefficients, null);
      const wanted = Float64Array.from({ length: SUBFRAME }, (_, index) => input[ORDER + index]! - output[ORDER + index]!);
      const excitation = search(filtered(wanted, up, down), response, past, MAX_LAG + sub);
      output.fill(0, ORDER);
      synthesise(output, coefficients, excitation);
      past.set(excitation, MAX_LAG + sub);
      for (let index = 0; index < SUBFRAME; index++) samples[start + sub + index] = output[ORDER + index]!;
      output.copyWithin(0, SUBFRAME);
      input.copyWithin(0, SUBFRAME);
    }
    past.copyWithin(0, FRAME);
  }
}

const impulse = (): Float64Array => {
  const pulse = new Float64Array(SUBFRAME);
  pulse[0] = 1;
  return pulse;
};

/** Levinson-Durbin on the Hann-windowed frame, reflections quantised as log area ratios; a[0] = 1 and the signs are those of A(z). */
function predictor(samples: Float64Array, start: number, a: Float64Array): void {
  const windowed = Float64Array.from({ length: FRAME }, (_, index) => samples[start + index]! * (0.54 - 0.46 * Math.cos((2 * Math.PI * (index + 0.5)) / FRAME)));
  const correlation = Float64Array.from({ length: ORDER + 1 }, (_, lag) => {
    let sum = 0;
    for (let index = lag; index < FRAME; index++) sum += windowed[index]! * windowed[index - lag]!;
    return sum * Math.exp(-0.5 * (0.047 * lag) ** 2);
  });
  // The recursion needs the reflections as they are; what is sent is the quantised ones, from which the filter is built anew.
  let error = correlation[0]! * 1.001 + 1;
  const reflections = new Float64Array(ORDER + 1);
  a.fill(0);
  a[0] = 1;
  for (let order = 1; order <= ORDER; order++) {
    let sum = correlation[order]!;
    for (let index = 1; index < order; index++) sum += a[index]! * correlation[order - index]!;
    reflections[order] = -sum / error;
    stepUp(a, order, reflections[order]!);
    error *= 1 - reflections[order]! ** 2;
  }
  a.fill(0);
  a[0] = 1;
  for (let order = 1; order <= ORDER; order++) {
    stepUp(a, order, Math.tanh(RATIO_STEP * Math.round(Math.atanh(Math.max(-0.98, Math.min(0.98, reflections[order]!))) / RATIO_STEP)));
  }
}

/** The predictor of one order more, from its last reflection. */
function stepUp(a: Float64Array, order: number, k: number): void {
  for (let low = 1, high = order - 1; low <= high; low++, high--) {
    const first = a[low]!;
    const last = a[high]!;
    a[low] = first + k * last;
    a[high] = last + k * first;
  }
  a[order] = k;
}

/** A(z/up) over A(z/down), from rest. */
function filtered(values: Float64Array, up: Float64Array, down: Float64Array): Float64Array {
  const out = new Float64Array(SUBFRAME);
  for (let index = 0; index < SUBFRAME; index++) {
    let sum = values[index]!;
    for (let tap = 1; tap <= Math.min(ORDER, index); tap++) sum += up[tap]! * values[index - tap]! - down[tap]! * out[index - tap]!;
    out[index] = sum;
  }
  return out;
}

/** 1 over A(z), from rest. */
function filteredBack(values: Float64Array, a: Float64Array): Float64Array {
  const out = new Float64Array(SUBFRAME);
  for (let index = 0; index < SUBFRAME; index++) {
    let sum = values[index]!;
    for (let tap = 1; tap <= Math.min(ORDER, index); tap++) sum -= a[tap]! * out[index - tap]!;
    out[index] = sum;
  }
  return out;
}

/** 1 over A(z) with the memory that stands before the subframe in `output`. */
function synthesise(output: Float64Array, a: Float64Array, excitation: Float64Array | null): void {
  for (let index = 0; index < SUBFRAME; index++) {
    let sum = excitation === null ? 0 : excitation[index]!;
    for (let tap = 1; tap <= ORDER; tap++) sum -= a[tap]! * output[ORDER + index - tap]!;
    output[ORDER + index] = sum;
  }
}

function convolved(values: Float64Array, response: Float64Array): Float64Array {
  const out = new Float64Array(SUBFRAME);
  for (let at = 0; at < SUBFRAME; at++) {
    const value = values[at]!;
    if (value !== 0) for (let index = at; index < SUBFRAME; index++) out[index]! += value * response[index - at]!;
  }
  return out;
}

function product(first: Float64Array, second: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < SUBFRAME; index++) sum += first[index]! * second[index]!;
  return sum;
}

/** Excitation whose filtered sound comes nearest the target: a stretch of the past, and ten pulses of equal size. */
function search(target: Float64Array, response: Float64Array, past: Float64Array, at: number): Float64Array {
  const backward = correlatedBack(target, response);
  const stretch = new Float64Array(SUBFRAME);
  let bestLag = MIN_LAG;
  let bestScore = -1;
  for (let lag = MIN_LAG; lag <= MAX_LAG; lag++) {
    let sum = 0;
    let energy = 1;
    for (let index = 0; index < SUBFRAME; index++) {
      const value = past[at - lag + (index < lag ? index : index - lag)]!;
      sum += value * backward[index]!;
      energy += value * value;
    }
    if (sum > 0 && (sum * sum) / energy > bestScore) [bestScore, bestLag] = [(sum * sum) / energy, lag];
  }
  for (let index = 0; index < SUBFRAME; index++) stretch[index] = past[at - bestLag + (index % bestLag)]!;
  const adaptive = convolved(stretch, response);
  const gain = Math.round(16 * Math.max(0, Math.min(1.2, product(target, adaptive) / (product(adaptive, adaptive) + 1)))) / 16;
  const rest = target.map((value, index) => value - gain * adaptive[index]!);
  const pulses = new Float64Array(SUBFRAME);
  const wanted = correlatedBack(rest, response);
  for (let track = 0; track < TRACKS; track++) {
    for (let pulse = 0; pulse < PULSES_A_TRACK; pulse++) {
      let best = track;
      for (let index = track; index < SUBFRAME; index += TRACKS) if (pulses[index] === 0 && (pulses[best] !== 0 || Math.abs(wanted[index]!) > Math.abs(wanted[best]!))) best = index;
      pulses[best] = Math.sign(wanted[best]!) || 1;
    }
  }
  const fixed = convolved(pulses, response);
  const size = Math.max(0.1, product(rest, fixed) / (product(fixed, fixed) + 1));
  // Gains in steps of 1.5 dB.
  const fixedGain = 10 ** (Math.round(Math.log10(size) / 0.075) * 0.075);
  return stretch.map((value, index) => gain * value + fixedGain * pulses[index]!);
}

function correlatedBack(target: Float64Array, response: Float64Array): Float64Array {
  const out = new Float64Array(SUBFRAME);
  for (let index = 0; index < SUBFRAME; index++) {
    let sum = 0;
    for (let tap = index; tap < SUBFRAME; tap++) sum += target[tap]! * response[tap - index]!;
    out[index] = sum;
  }
  return out;
}
