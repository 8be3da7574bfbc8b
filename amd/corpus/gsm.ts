/**
 * What GSM 06.10 full rate (ETSI EN 300 961) does to speech: coded and decoded again, 20 ms at a time. The standard's blocks (LPC of order 8
 * as log area ratios, long-term prediction, regular pulse excitation with 3-bit pulses) in floating point; not bit-exact, so that it is small.
 * It serves for building calls only.
 */
const FRAME = 160;
const SUBFRAME = 40;
const ORDER = 8;
const EMPHASIS = 0.86;
/** Table 4.1: quantisation of the log area ratios. */
const LAR_A = [20, 20, 20, 20, 13.637, 15, 8.334, 8.824];
const LAR_B = [0, 0, 4, -5, 0.184, -3.5, -0.666, -2.235];
const LAR_MIN = [-32, -32, -16, -16, -8, -8, -4, -4];
/** Gains of the long-term predictor and the limits between them. */
const LTP_GAIN = [0.1, 0.35, 0.65, 1];
const LTP_LIMIT = [0.2, 0.5, 0.8];
const WEIGHTING = [-134, -374, 0, 2054, 5741, 8192, 5741, 2054, 0, -374, -134].map((tap) => tap / 8192);
/** Sample ranges of a frame and the share of the frame before in their log area ratios. */
const ZONES = [[0, 13, 0.75], [13, 27, 0.5], [27, 40, 0.25], [40, FRAME, 0]] as const;
const MAX_LAG = 120;

/** `samples` (8 kHz, 16-bit scale) as they come out of a GSM call, in place; a last frame that is not whole stays as it is. */
export function throughGsm(samples: Float64Array): void {
  const residual = new Float64Array(FRAME);
  /** Reconstructed residual: the last 120 samples, then this frame's. */
  const excitation = new Float64Array(MAX_LAG + FRAME);
  const lastRatios = new Float64Array(ORDER);
  const ratios = new Float64Array(ORDER);
  const reflection = new Float64Array(ORDER);
  const analysis = new Float64Array(ORDER);
  const synthesis = new Float64Array(ORDER + 1);
  const emphasised = new Float64Array(FRAME);
  let lastIn = 0;
  let lastOut = 0;
  for (let start = 0; start + FRAME <= samples.length; start += FRAME) {
    for (let index = 0; index < FRAME; index++) {
      const value = samples[start + index]!;
      emphasised[index] = value - EMPHASIS * lastIn;
      lastIn = value;
    }
    quantisedRatios(emphasised, ratios);
    for (const [from, to, share] of ZONES) {
      toReflection(lastRatios, ratios, share, reflection);
      for (let index = from; index < to; index++) residual[index] = analysed(emphasised[index]!, reflection, analysis);
    }
    for (let sub = 0; sub < FRAME; sub += SUBFRAME) codeSubframe(residual, sub, excitation);
    for (const [from, to, share] of ZONES) {
      toReflection(lastRatios, ratios, share, reflection);
      for (let index = from; index < to; index++) {
        lastOut = synthesised(excitation[MAX_LAG + index]!, reflection, synthesis) + EMPHASIS * lastOut;
        samples[start + index] = lastOut;
      }
    }
    excitation.copyWithin(0, FRAME);
    lastRatios.set(ratios);
  }
}

/** Autocorrelation, Levinson-Durbin, log area ratios (the standard's piecewise form), quantised. */
function quantisedRatios(frame: Float64Array, ratios: Float64Array): void {
  const correlation = new Float64Array(ORDER + 1);
  for (let lag = 0; lag <= ORDER; lag++) {
    let sum = 0;
    for (let index = lag; index < FRAME; index++) sum += frame[index]! * frame[index - lag]!;
    correlation[lag] = sum;
  }
  ratios.fill(0);
  if (correlation[0]! <= 1) return;
  const coefficients = new Float64Array(ORDER + 1);
  const before = new Float64Array(ORDER + 1);
  let error = correlation[0]! * 1.0001;
  for (let order = 1; order <= ORDER; order++) {
    let sum = correlation[order]!;
    for (let index = 1; index < order; index++) sum -= coefficients[index]! * correlation[order - index]!;
    const k = Math.max(-0.999, Math.min(0.999, sum / error));
    before.set(coefficients);
    coefficients[order] = k;
    for (let index = 1; index < order; index++) coefficients[index] = before[index]! - k * before[order - index]!;
    error *= 1 - k * k;
    const size = Math.abs(k);
    const ratio = Math.sign(k) * (size < 0.675 ? size : size < 0.95 ? 2 * size - 0.675 : 8 * size - 6.375);
    const code = Math.max(LAR_MIN[order - 1]!, Math.min(-LAR_MIN[order - 1]! - 1, Math.round(LAR_A[order - 1]! * ratio + LAR_B[order - 1]!)));
    ratios[order - 1] = (code - LAR_B[order - 1]!) / LAR_A[order - 1]!;
  }
}

function toReflection(last: Float64Array, now: Float64Array, lastShare: number, reflection: Float64Array): void {
  for (let index = 0; index < ORDER; index++) {
    const ratio = lastShare * last[index]! + (1 - lastShare) * now[index]!;
    const size = Math.abs(ratio);
    reflection[index] = Math.sign(ratio) * Math.min(0.99, size < 0.675 ? size : size < 1.225 ? 0.5 * size + 0.3375 : 0.125 * size + 0.796875);
  }
}

/** One sample through the lattice of the short-term analysis filter. */
function analysed(value: number, reflection: Float64Array, state: Float64Array): number {
  let forward = value;
  let carried = value;
  for (let stage = 0; stage < ORDER; stage++) {
    const k = reflection[stage]!;
    const backward = state[stage]!;
    state[stage] = carried;
    carried = backward - k * forward;
    forward -= k * backward;
  }
  return forward;
}

function synthesised(value: number, reflection: Float64Array, state: Float64Array): number {
  let forward = value;
  for (let stage = ORDER - 1; stage >= 0; stage--) {
    forward += reflection[stage]! * state[stage]!;
    state[stage + 1] = state[stage]! - reflection[stage]! * forward;
  }
  state[0] = forward;
  return forward;
}

function codeSubframe(residual: Float64Array, sub: number, excitation: Float64Array): void {
  const at = MAX_LAG + sub;
  let lag = SUBFRAME;
  let best = -Infinity;
  for (let candidate = SUBFRAME; candidate <= MAX_LAG; candidate++) {
    let sum = 0;
    for (let index = 0; index < SUBFRAME; index++) sum += residual[sub + index]! * excitation[at + index - candidate]!;
    if (sum > best) [best, lag] = [sum, candidate];
  }
  let energy = 1e-9;
  for (let index = 0; index < SUBFRAME; index++) energy += excitation[at + index - lag]! ** 2;
  const ratio = Math.max(0, best) / energy;
  const gain = LTP_GAIN[LTP_LIMIT.filter((limit) => ratio > limit).length]!;
  const error = Float64Array.from({ length: SUBFRAME }, (_, index) => residual[sub + index]! - gain * excitation[at + index - lag]!);
  const weighted = new Float64Array(SUBFRAME);
  for (let index = 0; index < SUBFRAME; index++) {
    const from = Math.max(0, index - 5);
    const to = Math.min(SUBFRAME - 1, index + 5);
    for (let other = from; other <= to; other++) weighted[index]! += WEIGHTING[index + 5 - other]! * error[other]!;
  }
  let grid = 0;
  let most = -1;
  for (let offset = 0; offset < 4; offset++) {
    let sum = 0;
    for (let pulse = 0; pulse < 13; pulse++) sum += weighted[offset + 3 * pulse]! ** 2;
    if (sum > most) [most, grid] = [sum, offset];
  }
  let peak = 0;
  for (let pulse = 0; pulse < 13; pulse++) peak = Math.max(peak, Math.abs(weighted[grid + 3 * pulse]!));
  // Block maximum: in steps of 32 below 512, then eight levels an octave.
  const step = peak < 512 ? 32 : 2 ** (Math.floor(Math.log2(peak)) - 3);
  const maximum = (Math.floor(peak / step) + 1) * step;
  for (let index = 0; index < SUBFRAME; index++) excitation[at + index] = gain * excitation[at + index - lag]!;
  for (let pulse = 0; pulse < 13; pulse++) {
    const code = Math.max(0, Math.min(7, Math.floor((weighted[grid + 3 * pulse]! / maximum + 1) * 4)));
    excitation[at + grid + 3 * pulse]! += ((2 * code - 7) / 8) * maximum;
  }
}
