/**
 * 16 kHz to 8 kHz, streaming: a 31-tap half-band low-pass (windowed sinc, Hamming), so that what lies above 4 kHz does not
 * fold back into the speech band. Every second tap of a half-band filter is zero; only the others are computed.
 */
const TAPS = 31;
const CENTRE = (TAPS - 1) / 2;

function halfBandTaps(): Float64Array {
  const taps = new Float64Array(TAPS);
  let sum = 0;
  for (let index = 0; index < TAPS; index++) {
    const x = index - CENTRE;
    const sinc = x === 0 ? 0.5 : Math.sin((Math.PI * x) / 2) / (Math.PI * x);
    taps[index] = sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * index) / (TAPS - 1)));
    sum += taps[index]!;
  }
  for (let index = 0; index < TAPS; index++) taps[index]! /= sum;
  return taps;
}

const FILTER = halfBandTaps();

export class Decimator {
  /** The last 32 samples, written twice so that a window never wraps. */
  private readonly history = new Float64Array(64);
  private position = 0;
  private odd = false;

  /** Takes one 16 kHz sample; every second one gives an 8 kHz sample, of 16 bits too, the others NaN. */
  push(sample: number): number {
    this.history[this.position] = sample;
    this.history[this.position + 32] = sample;
    this.position = (this.position + 1) & 31;
    this.odd = !this.odd;
    if (this.odd) return Number.NaN;
    const start = this.position + 1; // the oldest of the last 31
    let sum = FILTER[CENTRE]! * this.history[start + CENTRE]!;
    for (let index = 0; index < CENTRE; index += 2) {
      sum += FILTER[index]! * (this.history[start + index]! + this.history[start + TAPS - 1 - index]!);
    }
    // The filter overshoots where a recording is clipped.
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
}
