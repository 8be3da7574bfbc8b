import { instantiated, type SharedMemory } from './instantiated.ts';
import { SPECTRUM_WASM } from './spectrum-wasm.ts';

/**
 * Power spectrum of a 32 ms Hann window at 8 kHz: 256 real samples, four interleaved quarters side by side (spectrum.wat; all calls share its
 * memory and tables). Bin width 31.25 Hz. In 32 bits: white noise differs from double precision by up to a hundred-thousandth of a weak bin's power.
 */
export const WINDOW_SAMPLES = 256;
export const BINS = WINDOW_SAMPLES / 2;
export const BIN_HZ = 8000 / WINDOW_SAMPLES;

const QUARTERS = 4;
const QUARTER = WINDOW_SAMPLES / QUARTERS;
const PAIRS = QUARTER / 2;
/** Full-scale sine gives power 1 (0 dB) at its peak bin. */
const SCALE = 1 / (32768 * (WINDOW_SAMPLES / 4));

interface Exports {
  memory: SharedMemory;
  readonly power: () => void;
  readonly shape: () => void;
}

const { memory, power: transform, shape } = instantiated(SPECTRUM_WASM) as Exports;
const samplesIn = new Int16Array(memory.buffer, 0, WINDOW_SAMPLES);
/** Where the powers lie, for other modules that read them. */
export const spectrumMemory: SharedMemory = memory;
/** Power of bins 0..127 of the window measured last, whichever call it was of: read before the next is measured. Full-scale sine = 1. */
export const spectrumPower = new Float32Array(memory.buffer, 5840, BINS);
const shapeOut = new Float32Array(memory.buffer, 6352, 4);
const shapeBinOut = new Int32Array(memory.buffer, 6368, 1);

/** The tables, where spectrum.wat reads them. */
function writeTables(): void {
  const floats = (offset: number, values: readonly number[]): void => new Float32Array(memory.buffer, offset, values.length).set(values);
  const turn = (part: number, whole: number): [number, number] => [Math.cos((2 * Math.PI * part) / whole), Math.sin((2 * Math.PI * part) / whole)];
  // The transform of the quarters comes out doubled.
  floats(1024, Array.from({ length: WINDOW_SAMPLES }, (_, index) => (SCALE / 2) * (0.5 - 0.5 * turn(index, WINDOW_SAMPLES)[0])));
  new Uint8Array(memory.buffer, 2048, PAIRS).set(Array.from({ length: PAIRS }, (_, pair) => [1, 2, 4, 8, 16].reduce((reversed, bit) => (reversed << 1) | ((pair & bit) === 0 ? 0 : 1), 0)));
  floats(2112, Array.from({ length: PAIRS / 2 }, (_, k) => turn(k, PAIRS)).flat());
  floats(2240, Array.from({ length: PAIRS + 1 }, (_, k) => turn(k, QUARTER)).flat());
  floats(2512, Array.from({ length: PAIRS + QUARTERS }, (_, k) => [0, 1].flatMap((part) => Array.from({ length: QUARTERS }, (_, r) => (part === 0 ? 1 : -1) * turn(r * k, WINDOW_SAMPLES)[part]!))).flat());
}
writeTables();

/** What a spectrum is like as a whole; powers as in it. */
export interface SpectrumShape {
  /** Sum of all bins above 60 Hz. */
  total: number;
  /** The strongest bin from 190 Hz on that has two neighbours on either side: 6-125. */
  peakBin: number;
  /** Sum of log2 of the powers, and of the powers, from 250 to 2500 Hz: FLATNESS_BINS of them, 1e-12 added to each. */
  logs: number;
  sum: number;
  /** Sum from 200 to 3500 Hz. */
  speech: number;
}
/** Bins of 250-2500 Hz, over which flatness is measured. */
export const FLATNESS_BINS = 72;

/** Writes the power of the WINDOW_SAMPLES samples into `spectrumPower`, and what it is like into `found`. */
export function powerSpectrum(window: Int16Array, found: SpectrumShape): void {
  if (window.length !== WINDOW_SAMPLES) throw new RangeError(`a spectrum is of ${WINDOW_SAMPLES} samples; found ${window.length}`);
  samplesIn.set(window);
  transform();
  shape();
  found.total = shapeOut[0]!;
  found.peakBin = shapeBinOut[0]!;
  found.logs = shapeOut[1]!;
  found.sum = shapeOut[2]!;
  found.speech = shapeOut[3]!;
}
