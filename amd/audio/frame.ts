import { BINS, BIN_HZ, powerSpectrum } from './spectrum.ts';

const LOW_BIN = Math.round(200 / BIN_HZ);
const HIGH_BIN = Math.round(3500 / BIN_HZ);
const FLATNESS_LOW = Math.round(250 / BIN_HZ);
const FLATNESS_HIGH = Math.round(2500 / BIN_HZ);
export const BANDS = 6;
/** Edges in Hz: 200, 500, 850, 1300, 1900, 2600, 3500. */
const BAND_EDGES = [6, 16, 27, 42, 61, 83, 112];
const POWER_FLOOR = 1e-12;

/** What is measured of one 10 ms hop (window 32 ms). One object a call, written over and over. */
export class Frame {
  readonly power = new Float64Array(BINS);
  /** dB of power per band, for the shape of the voice. */
  readonly bandsDb = new Float64Array(BANDS);
  /** Power within 200-3500 Hz, dB re full-scale sine. */
  levelDb = -120;
  /** Geometric over arithmetic mean of power, 250-2500 Hz: 0.56 for white noise, under 0.3 for voiced speech. */
  flatness = 1;
  /** Frequency of the strongest peak, by parabola through the log power of three bins (good to about 2 Hz). */
  peakHz = 0;
  peakDb = -120;
  /** Share of all power (above 60 Hz) in the strongest peak, and in the strongest two. */
  purity = 0;
  dualPurity = 0;
  secondPeakHz = 0;
  /** Power of the second peak over the first. */
  secondRatio = 0;

  /** Measures the window of 256 samples that starts at `offset`. */
  measure(samples: Float64Array, offset: number): void {
    const power = this.power;
    powerSpectrum(samples, offset, power);
    let total = POWER_FLOOR;
    let peak = 6;
    for (let k = 2; k < BINS; k++) {
      const value = power[k]!;
      total += value;
      if (k >= 6 && value > power[peak]!) peak = k;
    }
    let band = POWER_FLOOR;
    for (let k = LOW_BIN; k < HIGH_BIN; k++) band += power[k]!;
    this.levelDb = 10 * Math.log10(band);
    this.measurePeaks(total, peak);
    this.measureShape();
  }

  private measurePeaks(total: number, peak: number): void {
    const power = this.power;
    const peakPower = lobe(power, peak);
    this.purity = Math.min(1, peakPower / total);
    this.peakHz = interpolated(power, peak);
    this.peakDb = 10 * Math.log10(peakPower + POWER_FLOOR);
    let second = -1;
    let secondValue = 0;
    for (let k = 6; k < BINS - 2; k++) {
      if (k > peak - 4 && k < peak + 4) continue;
      const value = power[k]!;
      if (value > secondValue) {
        secondValue = value;
        second = k;
      }
    }
    if (second < 0) {
      this.secondRatio = 0;
      this.dualPurity = this.purity;
      return;
    }
    const secondPower = lobe(power, second);
    this.secondRatio = secondPower / (peakPower + POWER_FLOOR);
    this.dualPurity = Math.min(1, (peakPower + secondPower) / total);
    this.secondPeakHz = interpolated(power, second);
  }

  private measureShape(): void {
    const power = this.power;
    // The product is taken by groups of eight bins, so that one logarithm serves eight.
    let logSum = 0;
    let sum = 0;
    for (let k = FLATNESS_LOW; k < FLATNESS_HIGH; k += 8) {
      let product = 1;
      for (let j = k; j < k + 8; j++) {
        const value = power[j]! + POWER_FLOOR;
        product *= value * 1e6;
        sum += value;
      }
      logSum += Math.log(product);
    }
    const bins = FLATNESS_HIGH - FLATNESS_LOW;
    this.flatness = Math.exp(logSum / bins - Math.log(1e6)) / (sum / bins);
    for (let b = 0; b < BANDS; b++) {
      let value = POWER_FLOOR;
      for (let k = BAND_EDGES[b]!; k < BAND_EDGES[b + 1]!; k++) value += power[k]!;
      this.bandsDb[b] = 10 * Math.log10(value);
    }
  }
}

/** Power in the main lobe of the Hann window about `bin`. */
function lobe(power: Float64Array, bin: number): number {
  return power[bin - 2]! + power[bin - 1]! + power[bin]! + (power[bin + 1] ?? 0) + (power[bin + 2] ?? 0);
}

function interpolated(power: Float64Array, bin: number): number {
  const before = Math.log(power[bin - 1]! + POWER_FLOOR);
  const at = Math.log(power[bin]! + POWER_FLOOR);
  const after = Math.log((power[bin + 1] ?? 0) + POWER_FLOOR);
  const curve = before - 2 * at + after;
  return (bin + (curve < 0 ? (0.5 * (before - after)) / curve : 0)) * BIN_HZ;
}
