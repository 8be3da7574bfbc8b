import { instantiated } from '../audio/instantiated.ts';
import { spectrumMemory } from '../audio/spectrum.ts';
import { VOICE_BANDS_WASM } from './voice-bands-wasm.ts';

/** One bin (31 Hz) a band up to 1 kHz, so that the harmonics of a voice are seen; above it 22 bands, each 6 % wide (voice-bands.wat knows both). */
const SINGLE_BINS = 30;
const FIRST_BIN = 3;
const WIDE_BANDS = 22;
const LAST_BIN = 122;

/** Bands of a frame as the net hears it, 94 Hz to 3.8 kHz. */
export const VOICE_BANDS = SINGLE_BINS + WIDE_BANDS;

interface Exports {
  readonly levels: () => void;
}

const { levels } = instantiated(VOICE_BANDS_WASM, spectrumMemory) as Exports;
const bytesOut = new Uint8Array(spectrumMemory.buffer, 6640, VOICE_BANDS);
/** First bin of each wide band and one past the last. */
new Uint8Array(spectrumMemory.buffer, 6400, WIDE_BANDS + 1)
  .set(Array.from({ length: WIDE_BANDS + 1 }, (_, edge) => Math.round((FIRST_BIN + SINGLE_BINS) * (LAST_BIN / (FIRST_BIN + SINGLE_BINS)) ** (edge / WIDE_BANDS))));

/** Writes the levels of the VOICE_BANDS bands of the window measured last (`spectrumPower`) from `at` on as bytes, in half decibels over -120 dB re full-scale sine. */
export function writeVoiceBands(out: Uint8Array, at: number): void {
  levels();
  for (let band = 0; band < VOICE_BANDS; band++) out[at + band] = bytesOut[band]!;
}
