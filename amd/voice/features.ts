import { BANDS } from '../audio/frame.ts';
import type { SpeechStats } from './speech-stats.ts';

const BAND_NAMES = Array.from({ length: BANDS }, (_, band) => String(band + 1));

/**
 * Names of the model's inputs, in order. None tells the line from the voice: the time before the speech, the
 * absolute levels of speech and noise are left out, as they follow the recording, not the speaker.
 */
export const FEATURE_NAMES: readonly string[] = [
  'elapsedS', 'speechS', 'silenceS', 'words', 'pauses', 'firstRunS', 'firstPauseS', 'longestRunS', 'longestPauseS', 'currentRunS',
  'speechShare', 'syllables', 'syllablesPerS', 'wordS', 'levelDeviationDb', 'levelCrestDb', 'levelFallDb', 'levelMoveDb',
  'flatness', 'flatnessDeviation', 'voicedShare', 'peakMoveHz', 'peakHz', 'steadyShare', 'peakDeviationHz', 'bandMoveDb',
  'levelDropDb', 'crestDeviationDb', 'pitchShare', 'pitchDeviationSt', 'pitchMoveSt', 'pitchFallSt', 'pitchStrength', 'pitchStrengthDeviation', 'overFloorDb',
  ...BAND_NAMES.map((band) => `band${band}Db`), ...BAND_NAMES.map((band) => `band${band}DeviationDb`),
];
export const FEATURE_COUNT = FEATURE_NAMES.length;
const FIRST_BAND = FEATURE_NAMES.indexOf('band1Db');
/** How far the speech stands over the noise tells how far the other features can be trusted; above this they all can. */
const MOST_OVER_FLOOR_DB = 30;

const deviation = (sum: number, squares: number, count: number): number => Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));

/** Writes the features of the speech so far into `out` (length FEATURE_COUNT). */
export function writeFeatures(stats: SpeechStats, out: Float64Array): void {
  const frames = Math.max(1, stats.voiceFrames);
  const speechS = stats.speechMs / 1000;
  out[0] = stats.elapsedMs / 1000;
  out[1] = speechS;
  out[2] = stats.silenceMs / 1000;
  out[3] = stats.words;
  out[4] = stats.pauses;
  out[5] = stats.firstRunMs / 1000;
  out[6] = stats.firstPauseMs / 1000;
  out[7] = stats.longestRunMs / 1000;
  out[8] = stats.longestPauseMs / 1000;
  out[9] = stats.currentRunMs / 1000;
  out[10] = stats.speechMs / Math.max(10, stats.elapsedMs);
  out[11] = stats.syllables;
  out[12] = stats.syllables / Math.max(0.1, speechS);
  out[13] = speechS / Math.max(1, stats.words);
  out[14] = deviation(stats.levelSum, stats.levelSquares, frames);
  out[15] = stats.levelMax - stats.levelSum / frames;
  out[16] = stats.earlyLevelDb - stats.lateLevelDb;
  out[17] = stats.levelDeltaSum / frames;
  out[18] = stats.flatnessSum / frames;
  out[19] = deviation(stats.flatnessSum, stats.flatnessSquares, frames);
  out[20] = stats.voicedFrames / frames;
  out[21] = stats.peakMoveSum / frames;
  out[22] = stats.peakSum / frames;
  out[23] = stats.steadyFrames / frames;
  out[24] = deviation(stats.peakSum, stats.peakSquares, frames);
  out[25] = stats.bandMoveSum / frames;
  out[26] = stats.levelDropSum / Math.max(1, stats.levelDropFrames);
  out[27] = stats.syllables < 2 ? 0 : deviation(stats.crestSum, stats.crestSquares, stats.syllables);
  const pitched = Math.max(1, stats.pitchFrames);
  const strong = Math.max(1, stats.strengthFrames);
  out[28] = stats.pitchFrames / strong;
  out[29] = deviation(stats.pitchSum, stats.pitchSquares, pitched);
  out[30] = stats.pitchMoveSum / Math.max(1, stats.pitchMoves);
  out[31] = stats.earlyPitchSt - stats.latePitchSt;
  out[32] = stats.strengthSum / strong;
  out[33] = deviation(stats.strengthSum, stats.strengthSquares, strong);
  out[34] = Math.min(MOST_OVER_FLOOR_DB, stats.overFloorDb);
  for (let band = 0; band < BANDS; band++) {
    out[FIRST_BAND + band] = stats.bandSum[band]! / frames;
    out[FIRST_BAND + BANDS + band] = deviation(stats.bandSum[band]!, stats.bandSquares[band]!, frames);
  }
}
