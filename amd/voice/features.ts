import type { SpeechStats } from './speech-stats.ts';

/**
 * Names of the model's inputs, in order. What is measured does not tell the line: the time before the speech, the absolute levels of speech and noise
 * are left out, as they follow the recording, not the speaker. (The net hears the line under the voice, and the quarter second before it.) Pitch and the shape of the spectrum (means, deviations, movements of cepstra)
 * were tried as inputs of the trees and made them worse on voices not learnt from: what the voice sounds like is left to the net.
 */
export const FEATURE_NAMES = [
  'elapsedS', 'speechS', 'silenceS', 'words', 'pauses', 'firstRunS', 'firstPauseS', 'longestRunS', 'longestPauseS', 'currentRunS', 'pauseMeanS',
  'syllables', 'syllablesPerS', 'wordS', 'levelDeviationDb', 'levelCrestDb', 'levelFallDb', 'levelMoveDb', 'levelDropDb', 'crestDeviationDb',
  'flatness', 'flatnessDeviation', 'voicedShare', 'peakMoveHz', 'steadyShare', 'overFloorDb', 'voiceNet',
] as const;
export const FEATURE_COUNT = FEATURE_NAMES.length;
/** Place of what the net says of the voice; the others are measured. */
export const VOICE_NET = FEATURE_NAMES.indexOf('voiceNet');
/** How far the speech stands over the noise tells how far the other features can be trusted; above this they all can. */
const MOST_OVER_FLOOR_DB = 30;

const deviation = (sum: number, squares: number, count: number): number => Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));

/** Writes the features of the speech so far into `out` (length FEATURE_COUNT); `voiceNet` are the net's log-odds. */
export function writeFeatures(stats: SpeechStats, voiceNet: number, out: Float64Array): void {
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
  out[10] = stats.pauseSumMs / Math.max(1, stats.pauses) / 1000;
  out[11] = stats.syllables;
  out[12] = stats.syllables / Math.max(0.1, speechS);
  out[13] = speechS / Math.max(1, stats.words);
  out[14] = deviation(stats.levelSum, stats.levelSquares, frames);
  out[15] = stats.levelMax - stats.levelSum / frames;
  out[16] = stats.earlyLevelDb - stats.lateLevelDb;
  out[17] = stats.levelDeltaSum / frames;
  out[18] = stats.levelDropSum / Math.max(1, stats.levelDropFrames);
  out[19] = stats.syllables < 2 ? 0 : deviation(stats.crestSum, stats.crestSquares, stats.syllables);
  out[20] = stats.flatnessSum / frames;
  out[21] = deviation(stats.flatnessSum, stats.flatnessSquares, frames);
  out[22] = stats.voicedFrames / frames;
  out[23] = stats.peakMoveSum / frames;
  out[24] = stats.steadyFrames / frames;
  out[25] = Math.min(MOST_OVER_FLOOR_DB, stats.overFloorDb);
  out[26] = voiceNet;
}
