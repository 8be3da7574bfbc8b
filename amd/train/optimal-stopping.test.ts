import { expect, test } from 'vitest';
import { seededRandom } from '../corpus/signals.ts';
import { StoppingPolicy } from '../decision/stopping-policy.ts';
import { calibrate } from './calibrate.ts';
import { stoppingPolicy, type Course } from './optimal-stopping.ts';

const STEPS = 30;

/** Somebody says a word and falls silent. At `tellsAtMs` the probability jumps to nearly 1 or nearly 0; until then it says one in two. */
function courses(tellsAtMs: number): Course[] {
  return Array.from({ length: 200 }, (_, call) => {
    const elapsedMs = Array.from({ length: STEPS }, (__, step) => 100 * (step + 1));
    return {
      weight: 1, elapsedMs, silenceMs: elapsedMs.map((ms) => Math.max(0, ms - 400)), decidedByTone: false,
      probabilities: elapsedMs.map((ms) => (ms < tellsAtMs ? 0.5 : call % 2 === 0 ? 0.99 : 0.01)),
    };
  });
}
const RESERVE = { sureHuman: 0.5, sureTalking: 2, patienceMs: 10_000 };
const prices = { costRatio: 10, waitingSecond: 0.05, channelSecond: 0.01 };

test('what will soon be known is waited for; what will not be known for long is not', () => {
  const soon = new StoppingPolicy(stoppingPolicy(courses(1100), [prices], RESERVE), 10);
  expect(soon.decide(0.5, 800, 400)).toBe('wait');
  expect(soon.decide(0.99, 1200, 800)).toBe('human');
  expect(soon.decide(0.01, 1200, 800)).toBe('machine');
  const late = new StoppingPolicy(stoppingPolicy(courses(2900), [{ ...prices, waitingSecond: 0.5 }], RESERVE), 10);
  expect(late.decide(0.5, 800, 400)).toBe('human');
});

test('the dearer a lost person, the surer a machine must be', () => {
  const file = stoppingPolicy(courses(3100), [{ ...prices, costRatio: 1 }, { ...prices, costRatio: 30 }], RESERVE);
  const highest = (costRatio: number): number => Math.max(...file.tables.find((table) => table.costRatio === costRatio)!.machine.flat());
  expect(highest(30)).toBeLessThanOrEqual(highest(1));
});

test('log-odds that are twice too bold are halved', () => {
  const random = seededRandom(4);
  const judged = Array.from({ length: 6000 }, () => {
    const truth = 4 * random() - 2;
    return { logOdds: 2 * truth, elapsedMs: 600, human: random() < 1 / (1 + Math.exp(-truth)), weight: 1 };
  });
  const { scale, shift } = calibrate(judged).find(({ fromMs }) => fromMs === 500)!;
  expect(Math.abs(scale - 0.5)).toBeLessThan(0.08);
  expect(Math.abs(shift)).toBeLessThan(0.12);
});
