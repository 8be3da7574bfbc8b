import { asteriskAmd } from '../asterisk.ts';
import type { LabelledCall } from '../corpus/calls.ts';
import type { HumanModel, Thresholds } from '../decision/tree-model.ts';
import { createDetector } from '../detector.ts';
import { FEATURE_NAMES } from '../voice/features.ts';

/** One call as the model sees it: its features at each 100 ms step after the onset of speech. */
export interface CallSteps {
  call: Omit<LabelledCall, 'pcm'>;
  human: boolean;
  steps: Float32Array[];
  /** Audio time of each step, ms since the answer. */
  timesMs: number[];
  /** Something other than the voice (a tone) decides at this audio time; Infinity if nothing does. */
  decidedMs: number;
  /** What Asterisk's algorithm says of it. */
  asteriskSaysHuman: boolean;
}

const column = (name: string): number => FEATURE_NAMES.indexOf(name);
const ELAPSED = column('elapsedS');
const SILENCE = column('silenceS');
const OVER_FLOOR = column('overFloorDb');
export const elapsedMsOf = (step: Float32Array): number => Math.round(1000 * step[ELAPSED]!);
export const silenceMsOf = (step: Float32Array): number => Math.round(1000 * step[SILENCE]!);
export const overFloorDbOf = (step: Float32Array): number => step[OVER_FLOOR]!;

const NEVER: Thresholds = { human: [], machineProbability: -1, machineElapsedMs: 0, forcedProbability: 0.5, forcedTalkingProbability: 0.5 };

/** Runs the detector itself over the call with a model that only writes down what it is asked. */
export function stepsOf({ pcm, ...call }: LabelledCall, latestDecisionMs: number): CallSteps {
  const steps: Float32Array[] = [];
  const timesMs: number[] = [];
  const recorder: HumanModel = {
    policy: { noisyBelowDb: 0, noisy: NEVER, quiet: NEVER },
    humanProbability(features) {
      steps.push(Float32Array.from(features));
      timesMs.push(detector.audioMs);
      return 0.5;
    },
  };
  const detector = createDetector({ sampleRate: 8000, latestDecisionMs, model: recorder });
  detector.push(pcm);
  const first = detector.next();
  const decidedMs = first?.type === 'verdict' && first.audioMs < latestDecisionMs ? first.audioMs : Infinity;
  return { call, human: call.truth === 'human', steps, timesMs, decidedMs, asteriskSaysHuman: asteriskAmd(pcm).verdict === 'human' };
}
