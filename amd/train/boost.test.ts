import { expect, test } from 'vitest';
import { seededRandom } from '../corpus/signals.ts';
import { TreeModel } from '../decision/tree-model.ts';
import { FEATURE_COUNT, FEATURE_NAMES } from '../voice/features.ts';
import { silentNet } from '../decision/voice-net.ts';
import { boost, type Rows } from './boost.ts';

const rest = {
  net: silentNet(),
  calibration: [{ fromMs: 0, scale: 1, shift: 0 }], policy: { elapsedMs: [0], silenceMs: [0], sureHuman: 0.5, sureTalking: 2, patienceMs: 1800, tables: [{ costRatio: 1, human: [[0.9]], machine: [[0.1]] }] }, voices: [], card: {},
};

/** Class 1 inside a ring of two features, noise in the others: no single cut tells it. */
function ring(count: number, seed: number): Rows {
  const random = seededRandom(seed);
  const rows: Rows = { count, features: FEATURE_COUNT, x: new Float64Array(count * FEATURE_COUNT), y: new Uint8Array(count), weight: new Float64Array(count).fill(1) };
  for (let row = 0; row < count; row++) {
    for (let feature = 0; feature < FEATURE_COUNT; feature++) rows.x[row * FEATURE_COUNT + feature] = 2 * random() - 1;
    rows.y[row] = Math.hypot(rows.x[row * FEATURE_COUNT + 3]!, rows.x[row * FEATURE_COUNT + 7]!) < 0.75 ? 1 : 0;
  }
  return rows;
}

test('learns what no single cut tells, and the model that is run gives what was learnt', () => {
  const forest = boost(ring(2000, 1), { trees: 60, depth: 4, rate: 0.2, minLeafWeight: 2, ridge: 1 });
  const model = new TreeModel({ version: 4, features: [...FEATURE_NAMES], ...forest, ...rest });
  const fresh = ring(1000, 2);
  let right = 0;
  for (let row = 0; row < fresh.count; row++) {
    const probability = model.humanProbability(Float64Array.from(fresh.x.subarray(row * FEATURE_COUNT, (row + 1) * FEATURE_COUNT)), 1000);
    expect(probability).toBeGreaterThan(0);
    expect(probability).toBeLessThan(1);
    if (probability > 0.5 === (fresh.y[row] === 1)) right++;
  }
  expect(right).toBeGreaterThan(900);
});

test('the same rows give the same trees', () => {
  const options = { trees: 5, depth: 3, rate: 0.1, minLeafWeight: 2, ridge: 1, rowShare: 0.5, featureShare: 0.5, seed: 2 };
  expect(boost(ring(300, 3), options)).toEqual(boost(ring(300, 3), options));
});

test('calibration changes how sure the model is, by time', () => {
  const calibration = [{ fromMs: 0, scale: 0.5, shift: 0 }, { fromMs: 1000, scale: 1, shift: 2 }];
  const model = new TreeModel({ version: 4, features: [...FEATURE_NAMES], bias: 1, roots: [], feature: [], threshold: [], left: [], value: [], ...rest, calibration });
  const nothing = new Float64Array(FEATURE_COUNT);
  expect(model.humanProbability(nothing, 999)).toBeCloseTo(1 / (1 + Math.exp(-0.5)));
  expect(model.humanProbability(nothing, 1000)).toBeCloseTo(1 / (1 + Math.exp(-3)));
});

test('a model trained on other features is refused', () => {
  const file = { version: 4 as const, features: ['something'], bias: 0, roots: [], feature: [], threshold: [], left: [], value: [], ...rest };
  expect(() => new TreeModel(file)).toThrow(/other features/);
});
