import type { SpeechStats } from '../voice/speech-stats.ts';

export type Judgement = 'human' | 'machine' | 'wait';

/** Limits of the hand-made rule, ms of audio. It serves when no model is loaded, and as the model's yardstick. */
export interface TimingThresholds {
  minSpeechMs: number;
  shortSpeechMs: number;
  longSpeechMs: number;
  silenceAfterShortMs: number;
  silenceAfterLongMs: number;
  machineSpeechMs: number;
}

export const TIMING_DEFAULTS: TimingThresholds = {
  minSpeechMs: 120,
  shortSpeechMs: 1600,
  longSpeechMs: 3200,
  silenceAfterShortMs: 700,
  silenceAfterLongMs: 1100,
  machineSpeechMs: 4000,
};

/**
 * A person says a word or a sentence, stops and waits; a machine talks on. Needs no training and knows nothing of the
 * voice, so a short announcement passes for a person.
 */
export function judgeByTiming(stats: SpeechStats, thresholds: TimingThresholds = TIMING_DEFAULTS): Judgement {
  const { speechMs, silenceMs } = stats;
  if (speechMs > thresholds.machineSpeechMs) return 'machine';
  if (speechMs < thresholds.minSpeechMs) return 'wait';
  if (speechMs <= thresholds.shortSpeechMs) return silenceMs >= thresholds.silenceAfterShortMs ? 'human' : 'wait';
  if (silenceMs < thresholds.silenceAfterLongMs) return 'wait';
  return speechMs <= thresholds.longSpeechMs ? 'human' : 'machine';
}
