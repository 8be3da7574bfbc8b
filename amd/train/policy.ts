import { TALKING_SILENCE_MS, type Thresholds, type TreeModelFile } from '../decision/tree-model.ts';
import { elapsedMsOf, overFloorDbOf, silenceMsOf, type CallSteps } from './steps.ts';

export type Policy = TreeModelFile['policy'];

/** A call's steps with the probability a model that never heard its voice gives each. */
export interface JudgedCall extends CallSteps {
  probabilities: number[];
}

/** Calls end at the product's default, and at the limit of those who can wait. */
const LATEST_DECISIONS_MS = [4000, 5000];
/** About half of the calls built are noisier than this. */
const NOISY_SNR_DB = 20;
/** Of the share of recordings that Asterisk takes for persons, on noisy lines and on quiet ones, no more than this may be missed. */
const OF_ASTERISK = 0.8;
/** A recording missed beyond that counts as so many persons. */
const EXCESS_COST = 20;
/** Waiting a second longer for each call costs as much as losing this share of the persons. */
const SECOND_COST = 0.05;

/** Figures on lines of one kind: shares of persons lost and of recordings called human, by obzvon and by Asterisk. */
export interface LineFigures {
  lost: number;
  missed: number;
  asteriskMissed: number;
}

export interface PolicyResult {
  policy: Policy;
  noisy: LineFigures;
  quiet: LineFigures;
  meanSeconds: number;
  cost: number;
}

export function tryPolicy(calls: readonly JudgedCall[], policy: Policy): PolicyResult {
  const lines = { noisy: newTally(), quiet: newTally() };
  let seconds = 0;
  for (const call of calls) {
    if (call.call.truth === 'nobody') continue;
    const tally = call.call.channel.snrDb < NOISY_SNR_DB ? lines.noisy : lines.quiet;
    for (const latestMs of LATEST_DECISIONS_MS) {
      const { saidHuman, elapsedMs } = decide(call, policy, latestMs);
      seconds += elapsedMs / 1000;
      if (call.human) {
        tally.humans++;
        if (!saidHuman) tally.lost++;
      } else {
        tally.machines++;
        if (saidHuman) tally.missed++;
        if (call.asteriskSaysHuman) tally.asterisk++;
      }
    }
  }
  const noisy = sharesOf(lines.noisy);
  const quiet = sharesOf(lines.quiet);
  const meanSeconds = seconds / (calls.length * LATEST_DECISIONS_MS.length);
  const excess = [noisy, quiet].reduce((sum, { missed, asteriskMissed }) => sum + Math.max(0, missed - OF_ASTERISK * asteriskMissed), 0);
  return { policy, noisy, quiet, meanSeconds, cost: noisy.lost + quiet.lost + EXCESS_COST * excess + SECOND_COST * meanSeconds };
}

const newTally = (): Record<'humans' | 'lost' | 'machines' | 'missed' | 'asterisk', number> => ({ humans: 0, lost: 0, machines: 0, missed: 0, asterisk: 0 });

function sharesOf({ humans, lost, machines, missed, asterisk }: ReturnType<typeof newTally>): LineFigures {
  return { lost: lost / Math.max(1, humans), missed: missed / Math.max(1, machines), asteriskMissed: asterisk / Math.max(1, machines) };
}

/** What VoiceDecision does, on steps written down. A call without a voice is nobody's: not a person. */
function decide({ steps, timesMs, probabilities, decidedMs }: JudgedCall, policy: Policy, latestMs: number): { saidHuman: boolean; elapsedMs: number } {
  let last = -1;
  for (const [index, step] of steps.entries()) {
    if (timesMs[index]! > latestMs) break;
    last = index;
    const probability = probabilities[index]!;
    const elapsedMs = elapsedMsOf(step);
    const silenceMs = silenceMsOf(step);
    const thresholds = thresholdsFor(policy, step);
    for (const rung of thresholds.human) if (silenceMs >= rung.silenceMs && probability >= rung.probability) return { saidHuman: true, elapsedMs };
    if (elapsedMs >= thresholds.machineElapsedMs && probability <= thresholds.machineProbability) return { saidHuman: false, elapsedMs };
  }
  const step = steps[last];
  if (step === undefined || decidedMs <= latestMs) return { saidHuman: false, elapsedMs: 0 };
  const { forcedProbability, forcedTalkingProbability } = thresholdsFor(policy, step);
  const limit = silenceMsOf(step) < TALKING_SILENCE_MS ? forcedTalkingProbability : forcedProbability;
  return { saidHuman: probabilities[last]! >= limit, elapsedMs: elapsedMsOf(step) };
}

const thresholdsFor = (policy: Policy, step: Float32Array): Thresholds => (overFloorDbOf(step) < policy.noisyBelowDb ? policy.noisy : policy.quiet);

const PROBABILITIES = [0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.84, 0.87, 0.9, 0.92, 0.94, 0.96, 0.98, 0.99];
const GRID = {
  sureProbability: PROBABILITIES,
  sureSilenceMs: [300, 400, 500, 600, 700],
  doubtProbability: PROBABILITIES,
  doubtSilenceMs: [700, 800, 900, 1000, 1200, 1400, 1700],
  machineProbability: [0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2],
  machineElapsedMs: [600, 1000, 1400, 1800, 2200],
  forcedProbability: PROBABILITIES,
  forcedTalkingProbability: PROBABILITIES,
} satisfies Record<string, readonly number[]>;
type Knob = keyof typeof GRID;
const KNOBS: readonly Knob[] = [
  'sureProbability', 'sureSilenceMs', 'doubtProbability', 'doubtSilenceMs', 'machineProbability', 'machineElapsedMs', 'forcedProbability', 'forcedTalkingProbability',
];
const START: Record<Knob, number> = {
  sureProbability: 0.94, sureSilenceMs: 500, doubtProbability: 0.84, doubtSilenceMs: 900, machineProbability: 0.03, machineElapsedMs: 1400,
  forcedProbability: 0.84, forcedTalkingProbability: 0.9,
};
/** Speech is told to stand some 8 dB further over the noise than it does: the floor is a minimum. */
const NOISY_BELOW_DB = 26;

function thresholdsOf(knobs: Record<Knob, number>): Thresholds {
  const { sureProbability, sureSilenceMs, doubtProbability, doubtSilenceMs, ...rest } = knobs;
  return { human: [{ probability: sureProbability, silenceMs: sureSilenceMs }, { probability: doubtProbability, silenceMs: doubtSilenceMs }], ...rest };
}

/** The policy that loses fewest persons within `OF_ASTERISK`, one threshold at a time until none can be bettered. */
export function choosePolicy(calls: readonly JudgedCall[]): PolicyResult {
  const knobs = { noisy: { ...START }, quiet: { ...START } };
  const tried = (): PolicyResult => tryPolicy(calls, { noisyBelowDb: NOISY_BELOW_DB, noisy: thresholdsOf(knobs.noisy), quiet: thresholdsOf(knobs.quiet) });
  let best = tried();
  for (let better = true; better;) {
    better = false;
    for (const line of ['quiet', 'noisy'] as const) {
      for (const knob of KNOBS) {
        let kept = knobs[line][knob];
        for (const value of GRID[knob]) {
          knobs[line][knob] = value;
          const result = tried();
          if (result.cost >= best.cost - 1e-9) continue;
          best = result;
          kept = value;
          better = true;
        }
        knobs[line][knob] = kept;
      }
    }
  }
  return best;
}
