import { decibels } from './decibels.ts';
import { BINS, BIN_HZ, powerSpectrum } from './spectrum.ts';

const FLATNESS_LOW = Math.round(250 / BIN_HZ);
const FLATNESS_HIGH = Math.round(2500 / BIN_HZ);
export const BANDS = 14;
const LOW_HZ = 200;
const HIGH_HZ = 3500;
const mel = (hz: number): number => 1127 * Math.log(1 + hz / 700);
/** First bin of each band and one past the last, equally wide on the mel scale from 200 to 3500 Hz. */
const BAND_EDGES = Uint8Array.from({ length: BANDS + 1 }, (_, edge) =>
  Math.round((700 * (Math.exp((mel(LOW_HZ) + (edge / BANDS) * (mel(HIGH_HZ) - mel(LOW_HZ))) / 1127) - 1)) / BIN_HZ));
const POWER_FLOOR = 1e-12;
/** A second peak that matters is at most as strong as the first: below this share of the first the two cannot hold 90 % of the power. */
const SECOND_PEAK_PURITY = 0.4;

/** What is measured of one 10 ms hop (window 32 ms). One object a call, written over and over. */
export class Frame {
  readonly power = new Float64Array(BINS);
  /** Power per band, full-scale sine = 1. */
  readonly bands = new Float64Array(BANDS);
  /** Power within 200-3500 Hz, dB re full-scale sine. */
  levelDb = -120;
  /** Geometric over arithmetic mean of power, 250-2500 Hz: 0.56 for white noise, under 0.3 for voiced speech. */
  flatness = 1;
  /** Frequency of the strongest peak, by parabola through the log power of three bins (good to about 2 Hz). */
  peakHz = 0;
  peakDb = -120;
  /** Share of all power (above 60 Hz) in the strongest peak, and in the strongest two (looked for only if the first is strong). */
  purity = 0;
  dualPurity = 0;
  secondPeakHz = 0;
  /** Power of the second peak over the first. */
  secondRatio = 0;

  /** Measures the window of 256 samples that starts at `offset`. */
  measure(samples: Float32Array, offset: number): void {
    const power = this.power;
    powerSpectrum(samples, offset, power);
    let total = POWER_FLOOR + power[2]! + power[3]! + power[4]! + power[5]! + power[BINS - 2]! + power[BINS - 1]!;
    let peak = 6;
    let peakValue = power[6]!;
    for (let k = 6; k < BINS - 2; k++) {
      const value = power[k]!;
      total += value;
      if (value > peakValue) {
        peakValue = value;
        peak = k;
      }
    }
    this.measurePeaks(total, peak);
    this.measureShape();
  }

  private measurePeaks(total: number, peak: number): void {
    const power = this.power;
    const peakPower = lobe(power, peak);
    this.purity = Math.min(1, peakPower / total);
    this.peakHz = interpolated(power, peak);
    this.peakDb = decibels(peakPower + POWER_FLOOR);
    this.secondRatio = 0;
    this.dualPurity = this.purity;
    if (this.purity < SECOND_PEAK_PURITY) return;
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
    if (second < 0) return;
    const secondPower = lobe(power, second);
    this.secondRatio = secondPower / (peakPower + POWER_FLOOR);
    this.dualPurity = Math.min(1, (peakPower + secondPower) / total);
    this.secondPeakHz = interpolated(power, second);
  }

  private measureShape(): void {
    const { power, bands } = this;
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
      logSum += decibels(product);
    }
    const bins = FLATNESS_HIGH - FLATNESS_LOW;
    this.flatness = 10 ** ((logSum / bins - 60) / 10) / (sum / bins);
    let whole = POWER_FLOOR;
    for (let band = 0; band < BANDS; band++) {
      let value = POWER_FLOOR;
      for (let k = BAND_EDGES[band]!; k < BAND_EDGES[band + 1]!; k++) value += power[k]!;
      bands[band] = value;
      whole += value;
    }
    this.levelDb = decibels(whole);
  }
}

/** Power in the main lobe of the Hann window about `bin`. */
function lobe(power: Float64Array, bin: number): number {
  return power[bin - 2]! + power[bin - 1]! + power[bin]! + power[bin + 1]! + power[bin + 2]!;
}

function interpolated(power: Float64Array, bin: number): number {
  const before = decibels(power[bin - 1]! + POWER_FLOOR);
  const at = decibels(power[bin]! + POWER_FLOOR);
  const after = decibels(power[bin + 1]! + POWER_FLOOR);
  const curve = before - 2 * at + after;
  return (bin + (curve < 0 ? (0.5 * (before - after)) / curve : 0)) * BIN_HZ;
}
