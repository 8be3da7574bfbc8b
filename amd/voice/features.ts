import type { SpeechStats } from './speech-stats.ts';
import { CEPSTRA, LAGS } from './voice-texture.ts';

const ORDERS = Array.from({ length: CEPSTRA }, (_, order) => String(order + 1));
const LAG_MS = LAGS.map((lag) => String(lag * 10));

/**
 * Names of the model's inputs, in order. None tells the line from the voice: the time before the speech, the
 * absolute levels of speech and noise are left out, as they follow the recording, not the speaker.
 */
export const FEATURE_NAMES: readonly string[] = [
  'elapsedS', 'speechS', 'silenceS', 'words', 'pauses', 'firstRunS', 'firstPauseS', 'longestRunS', 'longestPauseS', 'currentRunS',
  'speechShare', 'syllables', 'syllablesPerS', 'wordS', 'levelDeviationDb', 'levelCrestDb', 'levelFallDb', 'levelMoveDb',
  'flatness', 'flatnessDeviation', 'voicedShare', 'peakMoveHz', 'steadyShare', 'levelDropDb', 'crestDeviationDb', 'overFloorDb',
  'pauseMeanS', 'lastWordS', 'wordBeforeS',
  'pitchShare', 'pitchDeviationSt', 'pitchStepSt', 'pitchBendSt', 'pitchFallSt', 'pitchStrength', 'pitchStrengthDeviation', 'pitchRunS',
  ...ORDERS.map((order) => `cepstrum${order}`), ...ORDERS.map((order) => `cepstrum${order}Deviation`), ...ORDERS.map((order) => `cepstrum${order}Move`),
  ...LAG_MS.map((ms) => `shapeMove${ms}ms`), ...LAG_MS.map((ms) => `levelMove${ms}ms`), 'voiceNet',
];
export const FEATURE_COUNT = FEATURE_NAMES.length;
/** Place of what the net says of the voice; the others are measured. */
export const VOICE_NET = FEATURE_COUNT - 1;
const FIRST_CEPSTRUM = FEATURE_NAMES.indexOf('cepstrum1');
const FIRST_LAG = FIRST_CEPSTRUM + 3 * CEPSTRA;
/** How far the speech stands over the noise tells how far the other features can be trusted; above this they all can. */
const MOST_OVER_FLOOR_DB = 30;

const deviation = (sum: number, squares: number, count: number): number => Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));

/** Writes the features of the speech so far into `out` (length FEATURE_COUNT); `voiceNet` are the net's log-odds. */
export function writeFeatures(stats: SpeechStats, voiceNet: number, out: Float64Array): void {
  out[VOICE_NET] = voiceNet;
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
  out[22] = stats.steadyFrames / frames;
  out[23] = stats.levelDropSum / Math.max(1, stats.levelDropFrames);
  out[24] = stats.syllables < 2 ? 0 : deviation(stats.crestSum, stats.crestSquares, stats.syllables);
  out[25] = Math.min(MOST_OVER_FLOOR_DB, stats.overFloorDb);
  out[26] = stats.pauseSumMs / Math.max(1, stats.pauses) / 1000;
  out[27] = stats.wordMs / 1000;
  out[28] = stats.lastWordMs / 1000;
  writeMelody(stats, out);
  writeTexture(stats, out);
}

function writeMelody({ melody }: SpeechStats, out: Float64Array): void {
  const clear = Math.max(1, melody.clear);
  const measured = Math.max(1, melody.measured);
  out[29] = melody.clear / measured;
  out[30] = deviation(melody.pitchSum, melody.pitchSquares, clear);
  out[31] = melody.stepSum / Math.max(1, melody.steps);
  out[32] = melody.bendSum / Math.max(1, melody.bends);
  out[33] = melody.earlySt - melody.lateSt;
  out[34] = melody.strengthSum / measured;
  out[35] = deviation(melody.strengthSum, melody.strengthSquares, measured);
  out[36] = melody.longestRun * 0.02;
}

function writeTexture({ texture }: SpeechStats, out: Float64Array): void {
  const frames = Math.max(1, texture.frames);
  const compared = Math.max(1, texture.moves[1]!);
  for (let order = 0; order < CEPSTRA; order++) {
    out[FIRST_CEPSTRUM + order] = texture.cepstrumSum[order]! / frames;
    out[FIRST_CEPSTRUM + CEPSTRA + order] = deviation(texture.cepstrumSum[order]!, texture.cepstrumSquares[order]!, frames);
    out[FIRST_CEPSTRUM + 2 * CEPSTRA + order] = texture.cepstrumMove[order]! / compared;
  }
  for (let lag = 0; lag < LAGS.length; lag++) {
    const moves = Math.max(1, texture.moves[lag]!);
    out[FIRST_LAG + lag] = texture.moveSum[lag]! / moves;
    out[FIRST_LAG + LAGS.length + lag] = texture.levelMoveSum[lag]! / moves;
  }
}
