/** Boosted regression trees, read from JSON, and the net that hears voices for them. */
import { z } from 'zod';
import { FEATURE_COUNT, FEATURE_NAMES } from '../voice/features.ts';
import { sumOfTrees, type SumOfTrees } from './trees.ts';
import { VoiceEar, VoiceNet, voiceNetSchema } from './voice-net.ts';
import { place, stoppingPolicySchema, type StoppingPolicyFile } from './stopping-policy.ts';

export const treeModelSchema = z.object({
  version: z.literal(4),
  features: z.array(z.string()),
  /** Log-odds of `human` before any tree. */
  bias: z.number(),
  roots: z.array(z.number().int().nonnegative()),
  feature: z.array(z.number().int()),
  threshold: z.array(z.number()),
  left: z.array(z.number().int().nonnegative()),
  value: z.array(z.number()),
  /** The trees' log-odds are made true to what was found on voices not learnt from, by time since the first speech: `scale * log-odds + shift`. */
  calibration: z.array(z.object({ fromMs: z.number().nonnegative(), scale: z.number().positive(), shift: z.number() })).min(1),
  policy: stoppingPolicySchema,
  /** What hears the texture of the voice, for the feature `voiceNet`. */
  net: voiceNetSchema,
  /** Voices (`source/speaker`) that it learnt from. */
  voices: z.array(z.string()),
  card: z.record(z.string(), z.unknown()),
});
export type TreeModelFile = z.infer<typeof treeModelSchema>;

/** Hears every frame from shortly before the first speech on (writeVoiceBands) and says, as log-odds, how much the voice sounds like a person's. */
export interface Ear {
  /** The frame's bands stand in `bands` from `at` on. */
  hear(bands: Uint8Array, at: number, voice: boolean): void;
  readonly logOdds: number;
}

/** What the decision asks of a model. */
export interface HumanModel {
  readonly policy: StoppingPolicyFile;
  /** Probability of a person, 0..1, from the features of FEATURE_NAMES, `elapsedMs` after the first speech. */
  humanProbability(features: Float64Array, elapsedMs: number): number;
  /** Hears one call's voice, frame by frame. */
  ear(): Ear;
  /** Voices that it learnt from, if known: no figure on them says how it does on others. */
  readonly heard?: ReadonlySet<string>;
}

export class TreeModel implements HumanModel {
  readonly policy: StoppingPolicyFile;
  readonly heard: ReadonlySet<string>;
  private readonly net: VoiceNet;
  private readonly bias: number;
  private readonly sum: SumOfTrees;
  private readonly calibration: TreeModelFile['calibration'];
  private readonly calibrationMs: readonly number[];

  /** Throws if the model was trained on other features than the detector computes. */
  constructor(file: TreeModelFile) {
    if (file.features.join() !== FEATURE_NAMES.join()) {
      throw new Error('the AMD model was trained on other features than this detector computes: train it again');
    }
    this.policy = file.policy;
    this.heard = new Set(file.voices);
    this.net = new VoiceNet(file.net);
    this.bias = file.bias;
    this.sum = sumOfTrees(file, FEATURE_COUNT);
    this.calibration = file.calibration;
    this.calibrationMs = file.calibration.map(({ fromMs }) => fromMs);
  }

  ear(): VoiceEar {
    return new VoiceEar(this.net);
  }

  humanProbability(features: Float64Array, elapsedMs: number): number {
    return this.calibrated(this.logOdds(features), elapsedMs);
  }

  /** The trees' log-odds as a probability. */
  calibrated(logOdds: number, elapsedMs: number): number {
    const { scale, shift } = this.calibration[place(this.calibrationMs, elapsedMs)]!;
    return 1 / (1 + Math.exp(-(scale * logOdds + shift)));
  }

  /** Log-odds of a person as the trees have learnt them. */
  logOdds(features: Float64Array): number {
    return this.sum(features, this.bias);
  }
}
