import type { TreeModelFile } from '../decision/tree-model.ts';
import { elapsedMsOf, silenceMsOf, type CallSteps } from './steps.ts';

export type Policy = TreeModelFile['policy'];

/** A call's steps with the probability a model that never heard its voice gives each. */
export interface JudgedCall extends CallSteps {
  probabilities: number[];
}

/** A lost person costs ten missed machines; waiting a second longer a twentieth of one. */
const LOST_HUMAN_COST = 10;
const SECOND_COST = 0.05;

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
    const silenceMs = silenceMsOf(step);
    if (policy.human.some((rung) => silenceMs >= rung.silenceMs && probability >= rung.probability)) return { saidHuman: true, elapsedMs };
    if (elapsedMs >= policy.machineElapsedMs && probability <= policy.machineProbability) return { saidHuman: false, elapsedMs };
  }
  return { saidHuman: probabilities.at(-1)! >= policy.forcedProbability, elapsedMs: elapsedMsOf(steps.at(-1)!) };
}

type Knob = 'sureProbability' | 'sureSilenceMs' | 'doubtProbability' | 'doubtSilenceMs' | 'machineProbability' | 'machineElapsedMs' | 'forcedProbability';

const GRID: Record<Knob, readonly number[]> = {
  sureProbability: [0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99],
  sureSilenceMs: [200, 300, 400, 500, 600, 700],
  doubtProbability: [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
  doubtSilenceMs: [500, 600, 700, 800, 900, 1000, 1200, 1400],
  machineProbability: [0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2],
  machineElapsedMs: [600, 1000, 1400, 1800, 2200],
  forcedProbability: [0.02, 0.05, 0.1, 0.2, 0.3, 0.4],
};

function policyOf(knobs: Record<Knob, number>): Policy {
  const { sureProbability, sureSilenceMs, doubtProbability, doubtSilenceMs, ...rest } = knobs;
  return { human: [{ probability: sureProbability, silenceMs: sureSilenceMs }, { probability: doubtProbability, silenceMs: doubtSilenceMs }], ...rest };
}

/** The policy of least cost, one threshold at a time until none can be bettered. */
export function choosePolicy(calls: readonly JudgedCall[]): PolicyResult {
  const knobs: Record<Knob, number> = {
    sureProbability: 0.9, sureSilenceMs: 500, doubtProbability: 0.3, doubtSilenceMs: 900, machineProbability: 0.02, machineElapsedMs: 1000, forcedProbability: 0.1,
  };
  let best = tryPolicy(calls, policyOf(knobs));
  for (let better = true; better;) {
    better = false;
    for (const knob of Object.keys(GRID) as Knob[]) {
      for (const value of GRID[knob]) {
        const result = tryPolicy(calls, policyOf({ ...knobs, [knob]: value }));
        if (result.cost >= best.cost) continue;
        best = result;
        knobs[knob] = value;
        better = true;
      }
    }
  }
  return best;
}
