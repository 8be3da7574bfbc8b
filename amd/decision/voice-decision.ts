import type { SpeechStats } from '../voice/speech-stats.ts';
import { FEATURE_COUNT, writeFeatures } from '../voice/features.ts';
import { judgeByTiming } from './timing-decision.ts';
import { TALKING_SILENCE_MS, type HumanModel, type Thresholds } from './tree-model.ts';

const MODEL_STEP_MS = 100;
/** No verdict on a voice before so much of it has been heard. */
const MIN_SPEECH_MS = 120;
/** Notes that stand still this much of the time are music, whatever the timing says; voices reach 0.3. */
const MUSIC_STILL_SHARE = 0.4;
const MUSIC_MIN_FRAMES = 8;

export interface VoiceVerdict {
  verdict: 'human' | 'machine' | 'unsure';
  confidence: number;
  reason: string;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const thresholdsFor = ({ policy }: HumanModel, stats: SpeechStats): Thresholds => (stats.overFloorDb < policy.noisyBelowDb ? policy.noisy : policy.quiet);

/** Decides between a person and a machine from the speech alone; tones and silence are decided before. */
export class VoiceDecision {
  private readonly features = new Float64Array(FEATURE_COUNT);
  private readonly model: HumanModel | null;
  /** Probability of a person at the last 100 ms step; NaN before the first. */
  humanProbability = Number.NaN;

  constructor(model: HumanModel | null) {
    this.model = model;
  }

  /** True if what was taken for speech is music. */
  static isMusic(stats: SpeechStats): boolean {
    return stats.voiceFrames >= MUSIC_MIN_FRAMES && stats.stillFrames > MUSIC_STILL_SHARE * stats.voiceFrames;
  }

  /** A verdict as soon as it is safe, else null. Call on every frame after the onset. */
  step(stats: SpeechStats): VoiceVerdict | null {
    if (stats.speechMs < MIN_SPEECH_MS || VoiceDecision.isMusic(stats)) return null;
    const model = this.model;
    if (model === null) {
      const judgement = judgeByTiming(stats);
      return judgement === 'wait' ? null : this.told(judgement, 0.8, stats);
    }
    if (stats.elapsedMs % MODEL_STEP_MS !== 0) return null;
    const probability = this.estimate(model, stats);
    const thresholds = thresholdsFor(model, stats);
    for (const rung of thresholds.human) {
      if (stats.silenceMs >= rung.silenceMs && probability >= rung.probability) return this.told('human', probability, stats);
    }
    if (stats.elapsedMs >= thresholds.machineElapsedMs && probability <= thresholds.machineProbability) return this.told('machine', 1 - probability, stats);
    return null;
  }

  /** The verdict when time is up. */
  force(stats: SpeechStats): VoiceVerdict {
    if (VoiceDecision.isMusic(stats)) return { verdict: 'unsure', confidence: 0.5, reason: `music rather than a voice, for ${seconds(stats.speechMs)}` };
    if (stats.speechMs < MIN_SPEECH_MS) return { verdict: 'unsure', confidence: 0.5, reason: `only ${seconds(stats.speechMs)} of voice before the limit` };
    if (this.model === null) {
      return this.told(stats.speechMs > 2500 || stats.silenceMs < 400 && stats.speechMs > 1600 ? 'machine' : 'human', 0.6, stats);
    }
    const probability = this.estimate(this.model, stats);
    const { forcedProbability, forcedTalkingProbability } = thresholdsFor(this.model, stats);
    return probability >= (stats.silenceMs < TALKING_SILENCE_MS ? forcedTalkingProbability : forcedProbability)
      ? this.told('human', probability, stats)
      : this.told('machine', 1 - probability, stats);
  }

  private estimate(model: HumanModel, stats: SpeechStats): number {
    writeFeatures(stats, this.features);
    this.humanProbability = model.humanProbability(this.features);
    return this.humanProbability;
  }

  private told(verdict: 'human' | 'machine', confidence: number, stats: SpeechStats): VoiceVerdict {
    const said = `${seconds(stats.speechMs)} of speech in ${stats.words} ${stats.words === 1 ? 'word' : 'words'}`;
    const reason = verdict === 'human'
      ? `${said}, then ${seconds(stats.silenceMs)} of silence: somebody spoke and waits`
      : stats.silenceMs < 300 ? `${said} and still talking, as a recording does` : `${said}, in the manner of a recording`;
    return { verdict, confidence: Math.min(1, Math.max(0, confidence)), reason };
  }
}
