import { describe, expect, test } from 'vitest';
import { spectrumPower } from '../audio/spectrum.ts';
import { SpeechStats } from '../voice/speech-stats.ts';
import { VOICE_BANDS } from '../voice/voice-bands.ts';
import { StoppingPolicy, type StoppingPolicyFile } from './stopping-policy.ts';
import type { HumanModel } from './tree-model.ts';
import { VoiceDecision } from './voice-decision.ts';

/** Two stretches of time, two of silence; a careful campaign (10) and one that does not mind losing persons (1). */
const policy: StoppingPolicyFile = {
  elapsedMs: [0, 2000], silenceMs: [0, 600], sureHuman: 0.5, sureTalking: 2, patienceMs: 1800,
  tables: [
    { costRatio: 10, human: [[0.95, 0.4], [2, 0.3]], machine: [[-1, 0.01], [0.02, 0.05]] },
    { costRatio: 1, human: [[0.99, 0.8], [2, 0.7]], machine: [[0.1, 0.2], [0.3, 0.4]] },
  ],
};

function heard({ speechMs = 1500, silenceMs = 0 } = {}): SpeechStats {
  const stats = new SpeechStats();
  Object.assign(stats, { onsetMs: 100, elapsedMs: speechMs + silenceMs, speechMs, silenceMs, words: 2, voiceFrames: 100, levelSum: -2000, levelSquares: 43_000, floorDb: -50 });
  return stats;
}
const sureOf = (probability: number): HumanModel => ({ policy, ear: () => ({ hear: () => undefined, logOdds: 0 }), humanProbability: () => probability });
const step = (probability: number, stats: SpeechStats, costRatio = 10): string | undefined => new VoiceDecision(sureOf(probability), costRatio).step(stats)?.verdict;
const force = (probability: number, stats: SpeechStats, costRatio = 10): string => new VoiceDecision(sureOf(probability), costRatio).force(stats).verdict;

describe('the ear', () => {
  const VOICED_FRAME = 5;

  /** Tells frames apart by their loudest band; speech is known for speech at frame `onset`. Every sixth frame has voice. */
  function heardOf(frames: number, onset: number): { band: number; voice: boolean }[] {
    const heard: { band: number; voice: boolean }[] = [];
    const model: HumanModel = { ...sureOf(0.5), ear: () => ({ logOdds: 0, hear: (bands, at, voice) => void heard.push({ band: bands.subarray(at, at + VOICE_BANDS).indexOf(Math.max(...bands.subarray(at, at + VOICE_BANDS))), voice }) }) };
    const decision = new VoiceDecision(model, 10);
    for (let frame = 0; frame < frames; frame++) {
      spectrumPower.fill(1e-9);
      spectrumPower[3 + (frame % 30)] = 1;
      decision.hear(frame % 6 === VOICED_FRAME, frame >= onset);
    }
    return heard;
  }
  const expected = (from: number, to: number): { band: number; voice: boolean }[] =>
    Array.from({ length: to - from }, (_, index) => ({ band: (from + index) % 30, voice: (from + index) % 6 === VOICED_FRAME }));

  test('hears nothing before the onset', () => {
    expect(heardOf(100, 100)).toEqual([]);
  });

  test.each([[0, 0], [10, 0], [23, 0], [24, 1], [90, 67]])('hears the last 24 frames at the onset, frame %i, the oldest first, and then each', (onset, first) => {
    expect(heardOf(onset + 50, onset)).toEqual(expected(first, onset + 50));
  });
});

describe('a voice is judged', () => {
  test.each([
    [0.96, { silenceMs: 400 }, 'human'], [0.9, { silenceMs: 400 }, undefined], [0.9, { silenceMs: 600 }, 'human'],
    // A person who still talks is not spoken to, however sure it is.
    [0.999, { silenceMs: 200 }, undefined],
    // Nobody waits longer than 1.8 s to be spoken to, whatever the limits say.
    [0.9, { silenceMs: 1700 }, 'human'], [0.2, { silenceMs: 1700 }, undefined], [0.2, { silenceMs: 1800 }, 'unsure'],
    [0.015, { speechMs: 2000 }, 'machine'], [0.015, { speechMs: 1000 }, undefined],
    // Rather a recording, but listening on is not worth its price, nor is the risk of hanging up on a person.
    [0.45, { silenceMs: 600 }, 'unsure'],
  ])('probability %d of a person, %o: %s', (probability, stats, verdict) => {
    expect(step(probability, heard(stats))).toBe(verdict);
  });

  test('a campaign to which a lost person costs less has other limits; the nearest table is taken', () => {
    expect(step(0.15, heard({ silenceMs: 600 }), 10)).toBeUndefined();
    expect(step(0.15, heard({ silenceMs: 600 }), 1)).toBe('machine');
    expect(step(0.15, heard({ silenceMs: 600 }), 2)).toBe('machine');
    expect(new StoppingPolicy(policy, 1000).decide(0.15, 2100, 600)).toBe('wait');
  });

  test('not before 0.3 s since the first speech', () => {
    expect(step(0.999, heard({ speechMs: 120, silenceMs: 100 }))).toBeUndefined();
  });

  test('when time is up the cheaper mistake is risked, and what is likelier is said', () => {
    expect(force(0.8, heard())).toBe('human');
    expect(force(0.2, heard())).toBe('unsure');
    expect(force(0.05, heard())).toBe('machine');
    expect(force(0.2, heard(), 1)).toBe('machine');
  });

  test('when time is up within 0.3 s of the first speech neither is risked', () => {
    for (const probability of [0.05, 0.999]) expect(force(probability, heard({ speechMs: 200 }))).toBe('unsure');
  });

  test('the reason says what was heard and fits the wire', () => {
    for (const probability of [0.05, 0.2, 0.8]) {
      const { reason } = new VoiceDecision(sureOf(probability), 10).force(heard({ silenceMs: 700 }));
      expect(reason).toMatch(/^1\.5 s of speech/);
      expect(reason.length).toBeLessThan(300);
    }
  });
});

describe('the time it rang', () => {
  const rang = (probability: number, logOdds: number) => new VoiceDecision(sureOf(probability), 10, { ms: 25_000, logOdds }).force(heard({ silenceMs: 1000 }));

  test('turns the odds of a person, and the reason says so', () => {
    expect(rang(0.8, 0)).toMatchObject({ verdict: 'human', confidence: 0.8 });
    expect(rang(0.8, -1).confidence).toBeCloseTo(4 / (4 + Math.E), 9);
    expect(rang(0.8, -1).reason).toMatch(/^1\.5 s of speech after ringing for 25\.0 s/);
    expect(rang(0.2, -2)).toMatchObject({ verdict: 'machine' });
    expect(rang(0.2, 2)).toMatchObject({ verdict: 'human' });
  });

  test('cannot make a doubt of what is certain', () => {
    expect(rang(1, -3).confidence).toBe(1);
    expect(rang(0, 3)).toMatchObject({ verdict: 'machine', confidence: 1 });
  });
});
