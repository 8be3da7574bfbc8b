/**
 * Boosted regression trees, read from JSON and run from flat typed arrays: no dependency, about 2 microseconds for 200 trees.
 * A node `n` is a leaf if `feature[n] < 0`; else the walk goes to `left[n]` if `x[feature] <= threshold`, or to `left[n] + 1`.
 */
import { z } from 'zod';
import { FEATURE_NAMES } from '../voice/features.ts';

const thresholdsSchema = z.object({
  /** A person is believed at or above a probability, once silent for so long: the surer, the sooner. */
  human: z.array(z.object({ probability: z.number().min(0).max(1), silenceMs: z.number().nonnegative() })).min(1),
  /** A machine is believed at or below this probability, not before `machineElapsedMs` since the first speech. */
  machineProbability: z.number().min(0).max(1),
  machineElapsedMs: z.number().nonnegative(),
  /** At the latest decision time: a person at or above this, if silent by then. */
  forcedProbability: z.number().min(0).max(1),
  /** The same if the voice still talks: persons stop and wait. */
  forcedTalkingProbability: z.number().min(0).max(1),
});
export type Thresholds = z.infer<typeof thresholdsSchema>;

export const treeModelSchema = z.object({
  version: z.literal(1),
  features: z.array(z.string()),
  /** Log-odds of `human` before any tree. */
  bias: z.number(),
  roots: z.array(z.number().int().nonnegative()),
  feature: z.array(z.number().int()),
  threshold: z.array(z.number()),
  left: z.array(z.number().int().nonnegative()),
  value: z.array(z.number()),
  policy: z.object({
    /** Speech that stands less than this over the noise is judged by `noisy`: the features are then less to be trusted. */
    noisyBelowDb: z.number(),
    noisy: thresholdsSchema,
    quiet: thresholdsSchema,
  }),
  card: z.record(z.string(), z.unknown()),
});
export type TreeModelFile = z.infer<typeof treeModelSchema>;

/** A voice that paused for less than this still talks. */
export const TALKING_SILENCE_MS = 400;

/** What the decision asks of a model. */
export interface HumanModel {
  readonly policy: TreeModelFile['policy'];
  /** Probability of a person, 0..1, from the features of FEATURE_NAMES. */
  humanProbability(features: Float64Array): number;
}

export class TreeModel implements HumanModel {
  readonly policy: TreeModelFile['policy'];
  private readonly bias: number;
  private readonly roots: Int32Array;
  private readonly feature: Int8Array;
  private readonly threshold: Float64Array;
  private readonly left: Int32Array;
  private readonly value: Float64Array;

  /** Throws if the model was trained on other features than the detector computes. */
  constructor(file: TreeModelFile) {
    if (file.features.join() !== FEATURE_NAMES.join()) {
      throw new Error('the AMD model was trained on other features than this detector computes: train it again');
    }
    this.policy = file.policy;
    this.bias = file.bias;
    this.roots = Int32Array.from(file.roots);
    this.feature = Int8Array.from(file.feature);
    this.threshold = Float64Array.from(file.threshold);
    this.left = Int32Array.from(file.left);
    this.value = Float64Array.from(file.value);
  }

  /** Probability of a person, 0..1. */
  humanProbability(features: Float64Array): number {
    let sum = this.bias;
    for (let tree = 0; tree < this.roots.length; tree++) {
      let node = this.roots[tree]!;
      let feature = this.feature[node]!;
      while (feature >= 0) {
        node = this.left[node]! + (features[feature]! <= this.threshold[node]! ? 0 : 1);
        feature = this.feature[node]!;
      }
      sum += this.value[node]!;
    }
    return 1 / (1 + Math.exp(-sum));
  }
}
