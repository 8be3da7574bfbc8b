/**
 * When to stop listening: an optimal stopping problem (Wald 1947; solved by value iteration, Bellman 1957) on what the training calls did.
 * A state is the time since the first speech, the silence at its end and the calibrated probability of a person, each in bins; a step is
 * 100 ms. Stopping costs what the mistake costs times its probability; listening on costs a little, more while a person waits in silence.
 */
import { place, TALKING_SILENCE_MS, type StoppingPolicyFile } from '../decision/stopping-policy.ts';

/** One call as the policy sees it: a probability every 100 ms. */
export interface Course {
  weight: number;
  probabilities: readonly number[];
  elapsedMs: readonly number[];
  silenceMs: readonly number[];
  /** After the last step a tone says what it is: nothing is lost by having waited. */
  decidedByTone: boolean;
}

/** What holds whatever the limits say. */
export type Reserve = Pick<StoppingPolicyFile, 'sureHuman' | 'sureTalking' | 'patienceMs'>;

export interface Prices {
  /** One missed machine costs 1, one lost human this. */
  costRatio: number;
  /** A second in which somebody who has spoken hears nothing, as a share of a lost human: some hang up. */
  waitingSecond: number;
  /** A second of a channel, in missed machines. */
  channelSecond: number;
}

const ELAPSED_MS = [0, 300, 500, 700, 900, 1100, 1300, 1500, 1800, 2100, 2400, 2800, 3200, 3600, 4000, 4500, 5000, 5500, 6000];
const SILENCE_MS = [0, 150, 300, 400, 500, 600, 700, 800, 1000, 1200, 1500, 1800];
/** Lower edges of the bins of probability. */
const EDGES = [0, 0.005, 0.01, 0.02, 0.035, 0.06, 0.1, 0.15, 0.22, 0.3, 0.4, 0.5, 0.6, 0.7, 0.78, 0.85, 0.9, 0.935, 0.96, 0.975, 0.985, 0.992, 0.996];
const LEVELS = EDGES.length;
const STATES = ELAPSED_MS.length * SILENCE_MS.length * LEVELS;
const STEP_SECONDS = 0.1;
const SWEEPS = 400;
/** A state seen less than this is taken together with its neighbours in probability. */
const LEAST_SEEN = 12;
/** Where a course ends, instead of a state. */
const TIME_UP = -1;
const KNOWN = -2;

const stateOf = (elapsedMs: number, silenceMs: number, probability: number): number =>
  (place(ELAPSED_MS, elapsedMs) * SILENCE_MS.length + place(SILENCE_MS, silenceMs)) * LEVELS + place(EDGES, probability);

interface Chain {
  /** Per state: where it led, how often; how often to the end. */
  next: Map<number, number>[];
  seen: Float64Array;
  mean: Float64Array;
}

/** Limits for each ratio of costs. */
export function stoppingPolicy(courses: readonly Course[], prices: readonly Prices[], reserve: Reserve): StoppingPolicyFile {
  const chain = chainOf(courses);
  const tables = prices.map((price) => {
    const value = solve(chain, price);
    return { costRatio: price.costRatio, ...limitsOf(chain, value, price) };
  });
  return { elapsedMs: ELAPSED_MS, silenceMs: SILENCE_MS, ...reserve, tables };
}

function chainOf(courses: readonly Course[]): Chain {
  const next = Array.from({ length: STATES }, () => new Map<number, number>());
  const seen = new Float64Array(STATES);
  const sum = new Float64Array(STATES);
  for (const { weight, probabilities, elapsedMs, silenceMs, decidedByTone } of courses) {
    const states = probabilities.map((probability, step) => stateOf(elapsedMs[step]!, silenceMs[step]!, probability));
    states.forEach((state, step) => {
      seen[state]! += weight;
      sum[state]! += weight * probabilities[step]!;
      const to = states[step + 1] ?? (decidedByTone ? KNOWN : TIME_UP);
      next[state]!.set(to, (next[state]!.get(to) ?? 0) + weight);
    });
  }
  const mean = sum.map((total, state) => (seen[state]! > 0 ? total / seen[state]! : middle(state % LEVELS)));
  return { next, seen, mean };
}

const middle = (level: number): number => (EDGES[level]! + (EDGES[level + 1] ?? 1)) / 2;

const stopHuman = (mean: number): number => 1 - mean;
const stopMachine = (mean: number, { costRatio }: Prices): number => mean * costRatio;

function silenceOf(state: number): number {
  return SILENCE_MS[Math.floor(state / LEVELS) % SILENCE_MS.length]!;
}

function stopCost(state: number, mean: number, price: Prices): number {
  const machine = stopMachine(mean, price);
  return silenceOf(state) < TALKING_SILENCE_MS ? machine : Math.min(stopHuman(mean), machine);
}

function waitCost(state: number, { mean, next, seen }: Chain, value: Float64Array, price: Prices): number {
  const level = state % LEVELS;
  let sum = 0;
  let weight = 0;
  for (let reach = 0; weight < LEAST_SEEN && reach <= 2; reach++) {
    sum = 0;
    weight = 0;
    for (let other = Math.max(0, level - reach); other <= Math.min(LEVELS - 1, level + reach); other++) {
      const at = state - level + other;
      if (seen[at] === 0) continue;
      weight += seen[at]!;
      // At the end of the record time is up: the cheaper mistake, also while the voice talks.
      for (const [to, times] of next[at]!) sum += times * (to === KNOWN ? 0 : to === TIME_UP ? Math.min(stopHuman(mean[at]!), stopMachine(mean[at]!, price)) : value[to]!);
    }
  }
  if (weight === 0) return Infinity;
  const waiting = silenceOf(state) >= TALKING_SILENCE_MS ? mean[state]! * price.waitingSecond * price.costRatio : 0;
  return STEP_SECONDS * (waiting + (1 - mean[state]!) * price.channelSecond) + sum / weight;
}

function solve(chain: Chain, price: Prices): Float64Array {
  const value = chain.mean.map((mean) => Math.min(stopHuman(mean), stopMachine(mean, price)));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = 0;
    for (let state = STATES - 1; state >= 0; state--) {
      if (chain.seen[state] === 0) continue;
      const better = Math.min(stopCost(state, chain.mean[state]!, price), waitCost(state, chain, value, price));
      moved = Math.max(moved, Math.abs(better - value[state]!));
      value[state] = better;
    }
    if (moved < 1e-6) break;
  }
  return value;
}

const NEVER_HUMAN = 2;
const NEVER_MACHINE = -1;

/** The lowest probability from which on stopping for a person is best, and the highest up to which stopping for a machine is. */
function limitsOf(chain: Chain, value: Float64Array, price: Prices): { human: number[][]; machine: number[][] } {
  const human = ELAPSED_MS.map(() => SILENCE_MS.map(() => NEVER_HUMAN));
  const machine = ELAPSED_MS.map(() => SILENCE_MS.map(() => NEVER_MACHINE));
  for (let row = 0; row < ELAPSED_MS.length; row++) {
    for (let column = 0; column < SILENCE_MS.length; column++) {
      const first = (row * SILENCE_MS.length + column) * LEVELS;
      const stops = (level: number): 'human' | 'machine' | 'wait' => {
        const state = first + level;
        const mean = chain.mean[state]!;
        const wait = waitCost(state, chain, value, price);
        if (stopCost(state, mean, price) > wait) return 'wait';
        return SILENCE_MS[column]! >= TALKING_SILENCE_MS && stopHuman(mean) <= stopMachine(mean, price) ? 'human' : 'machine';
      };
      for (let level = LEVELS - 1; level >= 0 && stops(level) === 'human'; level--) human[row]![column] = EDGES[level]!;
      for (let level = 0; level < LEVELS && stops(level) === 'machine'; level++) machine[row]![column] = EDGES[level + 1] ?? 1;
    }
  }
  return { human, machine };
}
