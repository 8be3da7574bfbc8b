import { decibels } from '../audio/decibels.ts';
import { BINS } from '../audio/spectrum.ts';

/** One bin (31 Hz) a band up to 1 kHz, so that the harmonics of a voice are seen; above it 22 bands, each 6 % wide. */
const SINGLE_BINS = 30;
const FIRST_BIN = 3;
const WIDE_BANDS = 22;
const LAST_BIN = 122;

export const VOICE_BANDS = SINGLE_BINS + WIDE_BANDS;
/** Steps of a band's byte in a decibel, and where it begins, dB re full-scale sine. */
export const STEPS_PER_DB = 2;
const LOWEST_DB = -120;
const POWER_FLOOR = 1e-12;

/** First bin of each band and one past the last. */
const EDGES = Uint8Array.from({ length: VOICE_BANDS + 1 }, (_, edge) =>
  edge < SINGLE_BINS ? FIRST_BIN + edge : Math.round((FIRST_BIN + SINGLE_BINS) * (LAST_BIN / (FIRST_BIN + SINGLE_BINS)) ** ((edge - SINGLE_BINS) / WIDE_BANDS)));

/** Writes the levels of one frame's bands as bytes, in half decibels over -120, from the powers of its BINS bins. */
export function writeVoiceBands(power: Float64Array, out: Uint8Array): void {
  if (power.length !== BINS) throw new RangeError(`a spectrum has ${BINS} bins; found ${power.length}`);
  let bin = FIRST_BIN;
  for (let band = 0; band < VOICE_BANDS; band++) {
    let sum = POWER_FLOOR;
    for (const end = EDGES[band + 1]!; bin < end; bin++) sum += power[bin]!;
    const byte = STEPS_PER_DB * (decibels(sum) - LOWEST_DB);
    out[band] = byte <= 0 ? 0 : byte >= 255 ? 255 : byte + 0.5;
  }
}
