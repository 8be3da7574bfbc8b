import type { LabelledCall } from '../corpus/calls.ts';
import type { HumanModel } from '../decision/tree-model.ts';
import { createDetector } from '../detector.ts';
import { FEATURE_NAMES } from '../voice/features.ts';

/** One call as the model sees it: its features at each 100 ms step after the onset of speech. */
export interface CallSteps {
  call: Omit<LabelledCall, 'pcm'>;
  human: boolean;
  steps: Float64Array[];
}

const ELAPSED = FEATURE_NAMES.indexOf('elapsedS');
const SILENCE = FEATURE_NAMES.indexOf('silenceS');
export const elapsedMsOf = (step: Float64Array): number => Math.round(1000 * step[ELAPSED]!);
export const silenceMsOf = (step: Float64Array): number => Math.round(1000 * step[SILENCE]!);

/** Runs the detector itself over the call with a model that only writes down what it is asked. */
export function stepsOf({ pcm, ...call }: LabelledCall, latestDecisionMs: number): CallSteps {
  const steps: Float64Array[] = [];
  const recorder: HumanModel = {
    policy: { human: [], machineProbability: -1, machineElapsedMs: 0, forcedProbability: 0.5 },
    humanProbability(features) {
      steps.push(features.slice());
      return 0.5;
    },
  };
  createDetector({ sampleRate: 8000, latestDecisionMs, model: recorder }).push(pcm);
  return { call, human: call.truth === 'human', steps };
}
