import { decibels } from './decibels.ts';
import { BINS, BIN_HZ, FLATNESS_BINS, powerSpectrum, spectrumPower, type SpectrumShape } from './spectrum.ts';

const POWER_FLOOR = 1e-12;
/** A second peak that matters is at most as strong as the first: below this share of the first the two cannot hold 90 % of the power. */
const SECOND_PEAK_PURITY = 0.4;

/** What is measured of one 10 ms hop (window 32 ms). One object a call, written over and over. */
export class Frame {
  /** Power per bin; all frames share it (`spectrumPower`). */
  readonly power = spectrumPower;
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
  private readonly shape: SpectrumShape = { total: 0, peakBin: 0, logs: 0, sum: 0, speech: 0 };

  /** Measures a window of WINDOW_SAMPLES. */
  measure(window: Int16Array): void {
    const { shape } = this;
    powerSpectrum(window, shape);
    this.flatness = 2 ** (shape.logs / FLATNESS_BINS) / (shape.sum / FLATNESS_BINS);
    this.levelDb = decibels(shape.speech + POWER_FLOOR);
    this.measurePeaks(shape.total + POWER_FLOOR, shape.peakBin);
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
}

/** Power in the main lobe of the Hann window about `bin`. */
function lobe(power: Float32Array, bin: number): number {
  return power[bin - 2]! + power[bin - 1]! + power[bin]! + power[bin + 1]! + power[bin + 2]!;
}

function interpolated(power: Float32Array, bin: number): number {
  const before = decibels(power[bin - 1]! + POWER_FLOOR);
  const at = decibels(power[bin]! + POWER_FLOOR);
  const after = decibels(power[bin + 1]! + POWER_FLOOR);
  const curve = before - 2 * at + after;
  return (bin + (curve < 0 ? (0.5 * (before - after)) / curve : 0)) * BIN_HZ;
}
