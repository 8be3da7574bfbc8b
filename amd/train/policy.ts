import type { TreeModelFile } from '../decision/tree-model.ts';
import { elapsedMsOf, silenceMsOf, type CallSteps } from './steps.ts';

export type Policy = TreeModelFile['policy'];

/** A call's steps with the probability a model that never heard its voice gives each. */
export interface JudgedCall extends CallSteps {
  probabilities: number[];
}

/** A lost person costs ten missed machines; waiting a second longer costs a hundredth of one, so that ties go to the quick. */
const LOST_HUMAN_COST = 10;
const SECOND_COST = 0.02;

export interface PolicyResult {
  policy: Policy;
  lost: number;
  missed: number;
  cost: number;
}

export function tryPolicy(calls: readonly JudgedCall[], policy: Policy): PolicyResult {
  let lost = 0;
  let missed = 0;
  let seconds = 0;
  for (const { steps, probabilities, human } of calls) {
    if (steps.length === 0) continue;
    const { saidHuman, elapsedMs } = decide(steps, probabilities, policy);
    if (human && !saidHuman) lost++;
    if (!human && saidHuman) missed++;
    seconds += elapsedMs / 1000;
  }
  return { policy, lost, missed, cost: LOST_HUMAN_COST * lost + missed + SECOND_COST * seconds };
}

function decide(steps: Float64Array[], probabilities: number[], policy: Policy): { saidHuman: boolean; elapsedMs: number } {
  for (const [index, step] of steps.entries()) {
    const probability = probabilities[index]!;
    const elapsedMs = elapsedMsOf(step);
    if (silenceMsOf(step) >= policy.humanSilenceMs && probability >= policy.humanProbability) return { saidHuman: true, elapsedMs };
    if (elapsedMs >= policy.machineElapsedMs && probability <= policy.machineProbability) return { saidHuman: false, elapsedMs };
  }
  return { saidHuman: probabilities.at(-1)! >= policy.forcedProbability, elapsedMs: elapsedMsOf(steps.at(-1)!) };
}

/** The policy of least cost over a grid. */
export function choosePolicy(calls: readonly JudgedCall[]): PolicyResult {
  let best: PolicyResult | null = null;
  for (const humanProbability of [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]) {
    for (const humanSilenceMs of [200, 300, 400, 500, 600, 700]) {
      for (const machineProbability of [0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2]) {
        for (const machineElapsedMs of [600, 1000, 1500, 2000]) {
          for (const forcedProbability of [0.05, 0.1, 0.2, 0.35]) {
            if (forcedProbability > humanProbability) continue;
            const result = tryPolicy(calls, { humanProbability, humanSilenceMs, machineProbability, machineElapsedMs, forcedProbability });
            if (best === null || result.cost < best.cost) best = result;
          }
        }
      }
    }
  }
  if (best === null) throw new Error('no policy was tried');
  return best;
}
