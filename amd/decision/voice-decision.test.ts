import { describe, expect, test } from 'vitest';
import { SpeechStats } from '../voice/speech-stats.ts';
import type { HumanModel, Thresholds } from './tree-model.ts';
import { VoiceDecision } from './voice-decision.ts';

const quiet: Thresholds = {
  human: [{ probability: 0.9, silenceMs: 500 }, { probability: 0.7, silenceMs: 900 }], machineProbability: 0.1, machineElapsedMs: 1000,
  forcedProbability: 0.6, forcedTalkingProbability: 0.85,
};
const noisy: Thresholds = { ...quiet, human: [{ probability: 0.99, silenceMs: 500 }], forcedProbability: 0.95 };

function heard({ speechMs = 1500, silenceMs = 0, overFloorDb = 30 } = {}): SpeechStats {
  const stats = new SpeechStats();
  Object.assign(stats, { onsetMs: 100, elapsedMs: speechMs + silenceMs, speechMs, silenceMs, words: 2, voiceFrames: 100, levelSum: -2000, floorDb: -20 - overFloorDb });
  return stats;
}
const sureOf = (probability: number): HumanModel => ({ policy: { noisyBelowDb: 18, noisy, quiet }, humanProbability: () => probability });
const step = (probability: number, stats: SpeechStats): string | undefined => new VoiceDecision(sureOf(probability)).step(stats)?.verdict;
const force = (probability: number, stats: SpeechStats): string => new VoiceDecision(sureOf(probability)).force(stats).verdict;

describe('a voice is judged', () => {
  test.each([
    [0.92, { silenceMs: 500 }, 'human'], [0.92, { silenceMs: 400 }, undefined], [0.8, { silenceMs: 900 }, 'human'], [0.8, { silenceMs: 500 }, undefined],
    [0.05, { silenceMs: 0 }, 'machine'], [0.05, { speechMs: 500 }, undefined],
    // On a noisy line the same probability is worth less.
    [0.92, { silenceMs: 500, overFloorDb: 10 }, undefined], [0.995, { silenceMs: 500, overFloorDb: 10 }, 'human'],
  ])('probability %d of a person, %o: %s', (probability, stats, verdict) => {
    expect(step(probability, heard(stats))).toBe(verdict);
  });

  test('when time is up a voice that still talks is a machine unless it is clearly a person', () => {
    expect(force(0.8, heard({ silenceMs: 100 }))).toBe('machine');
    expect(force(0.9, heard({ silenceMs: 100 }))).toBe('human');
    expect(force(0.8, heard({ silenceMs: 450 }))).toBe('human');
    expect(force(0.8, heard({ silenceMs: 450, overFloorDb: 10 }))).toBe('machine');
  });
});
