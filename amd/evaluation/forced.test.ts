import { expect, test } from 'vitest';
import { joined, mixed, seededRandom, silence, sine, whiteNoise } from '../corpus/signals.ts';
import { NEVER_STOPS } from '../decision/stopping-policy.ts';
import type { HumanModel } from '../decision/tree-model.ts';
import { FORCED_MS, forcedFigures, forcedJudgement } from './forced.ts';

const model: HumanModel = { policy: NEVER_STOPS, ear: () => ({ hear: () => undefined, logOdds: 0 }), humanProbability: (_features, elapsedMs) => elapsedMs / 10_000 };
const words = joined(...Array.from({ length: 4 }, (_, index) => joined(
  mixed(sine([220 + 10 * index, 440, 660, 880, 1320], 0.16 + 0.02 * index, 14_000), whiteNoise(0.16, 500, seededRandom(index))), silence(0.06))));

test('a recording that ends with its last word is judged as if the call went on in silence', () => {
  const cutOff = joined(silence(0.3), words);
  expect(cutOff.length).toBeLessThan(2 * 8000);
  expect(forcedJudgement(cutOff, model)).toEqual({ probabilities: FORCED_MS.map((ms) => ms / 10_000) });
});

test('nothing is said where nobody speaks', () => {
  expect(forcedJudgement(silence(1), model)).toEqual({ probabilities: FORCED_MS.map(() => null) });
});

test('persons and recordings weigh the same when forced, and what is found has an interval', () => {
  const judged = (human: boolean, probability: number, calls: number): Parameters<typeof forcedFigures>[0] =>
    Array.from({ length: calls }, (_, call) => ({ human, voice: `${human}${probability}${call}`, judgement: { probabilities: FORCED_MS.map(() => probability) } }));
  const [figures] = forcedFigures([...judged(true, 0.9, 30), ...judged(true, 0.1, 10), ...judged(false, 0.2, 5), ...judged(false, 0.8, 5)]);
  expect(figures).toMatchObject({ ms: 500, calls: 50, accuracy: 0.625 });
  expect(figures!.low).toBeGreaterThan(0.4);
  expect(figures!.low).toBeLessThan(0.625);
  expect(figures!.high).toBeGreaterThan(0.625);
  expect(forcedFigures(judged(true, 0.9, 3))[0]!.accuracy).toBeNaN();
});
