import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../corpus/signals.ts';
import { affineKernel, type AffineLayer } from './affine.ts';

function drawn(rows: number, columns: number, random: () => number): AffineLayer {
  const numbers = (length: number): number[] => Array.from({ length }, () => 2 * random() - 1);
  return [numbers(rows * columns), numbers(rows)];
}

test('gives weights * input + bias of each layer, and nothing below 0 if asked', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 400 }), fc.boolean(), (rows4, columns4, seed, positive) => {
    const random = seededRandom(seed);
    const layers = [drawn(4 * rows4, 4 * columns4, random), drawn(4 * columns4, 4 * rows4, random)];
    const kernel = affineKernel(layers);
    layers.forEach(([weights, bias], layer) => {
      const columns = weights.length / bias.length;
      const input = Array.from({ length: columns }, () => Math.fround(2 * random() - 1));
      kernel.input.set(input);
      kernel.run(layer, positive);
      bias.forEach((start, row) => {
        const sum = input.reduce((so, value, column) => so + value * weights[row * columns + column]!, start);
        expect(kernel.output[row]).toBeCloseTo(positive ? Math.max(0, sum) : sum, 3);
      });
    });
  }), { numRuns: 60 });
});

test('weights that take more than one page of memory are kept whole', () => {
  const layer = drawn(96, 400, seededRandom(1));
  const kernel = affineKernel([layer]);
  kernel.input.fill(1);
  kernel.run(0, false);
  expect(kernel.output[95]).toBeCloseTo(layer[0].slice(95 * 400).reduce((sum, weight) => sum + weight, layer[1][95]!), 2);
});

test('a layer that is not of multiples of four is refused', () => {
  expect(() => affineKernel([drawn(4, 6, seededRandom(1))])).toThrow(/multiples of 4 of inputs and outputs; found 6 and 4/);
});
