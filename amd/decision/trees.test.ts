import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../corpus/signals.ts';
import { sumOfTrees, type Trees } from './trees.ts';

const FEATURES = 7;

/** Trees of uneven depth, up to `deepest`. */
function drawnTrees(count: number, deepest: number, random: () => number): Trees {
  const trees = { roots: [] as number[], feature: [] as number[], threshold: [] as number[], left: [] as number[], value: [] as number[] };
  const add = (): number => {
    trees.threshold.push(0);
    trees.left.push(0);
    trees.value.push(2 * random() - 1);
    return trees.feature.push(-1) - 1;
  };
  const split = (node: number, depth: number): void => {
    if (depth === 0 || random() < 0.2) return;
    trees.feature[node] = Math.floor(random() * FEATURES);
    trees.threshold[node] = Math.round(4 * random()) / 4;
    const left = add();
    trees.left[node] = left;
    add();
    split(left, depth - 1);
    split(left + 1, depth - 1);
  };
  for (let tree = 0; tree < count; tree++) {
    const root = add();
    trees.roots.push(root);
    split(root, deepest);
  }
  return trees;
}

function walked({ roots, feature, threshold, left, value }: Trees, x: Float64Array, from: number): number {
  return roots.reduce((sum, root) => {
    let node = root;
    while (feature[node]! >= 0) node = left[node]! + (x[feature[node]!]! <= threshold[node]! ? 0 : 1);
    return sum + value[node]!;
  }, from);
}

test('gives what a walk down each tree gives, thresholds themselves included', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 7 }), fc.integer({ min: 1, max: 1e6 }), (count, deepest, seed) => {
    const random = seededRandom(seed);
    const trees = drawnTrees(count, deepest, random);
    const sum = sumOfTrees(trees, FEATURES);
    for (let turn = 0; turn < 20; turn++) {
      const x = Float64Array.from({ length: FEATURES }, () => Math.round(8 * random()) / 8);
      expect(sum(x, 0.5)).toBe(walked(trees, x, 0.5));
    }
  }), { numRuns: 60 });
});

test('two models do not disturb one another, nor do trees of more than a page of memory', () => {
  const [one, other] = [drawnTrees(200, 7, seededRandom(1)), drawnTrees(200, 7, seededRandom(2))];
  const sums = [sumOfTrees(one, FEATURES), sumOfTrees(other, FEATURES)];
  const x = Float64Array.from({ length: FEATURES }, (_, index) => index / FEATURES);
  expect(sums.map((sum) => sum(x, 0))).toEqual([walked(one, x, 0), walked(other, x, 0)]);
});

test('trees that lead nowhere, or round in a circle, are refused', () => {
  const stump = { roots: [0], feature: [0, -1, -1], threshold: [1, 0, 0], left: [1, 0, 0], value: [0, 1, 2] };
  expect(sumOfTrees(stump, FEATURES)(new Float64Array(FEATURES), 0)).toBe(1);
  for (const broken of [{ ...stump, left: [2, 0, 0] }, { ...stump, left: [0, 0, 0] }, { ...stump, feature: [FEATURES, -1, -1] }, { ...stump, value: [0] }, { ...stump, roots: [3] }]) {
    expect(() => sumOfTrees(broken, FEATURES)).toThrow(/trees are broken/);
  }
});
