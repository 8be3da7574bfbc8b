import { instantiated } from '../audio/instantiated.ts';
import { TREES_WASM } from './trees-wasm.ts';

/** Trees as a model's file has them: a node `n` is a leaf of `value[n]` if `feature[n] < 0`; else the walk goes to `left[n] + 1` if `x[feature] > threshold`, or to `left[n]`. */
export interface Trees {
  readonly roots: readonly number[];
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly value: readonly number[];
}

/** Gives `from` and the value of each tree's leaf for these features, added up. */
export type SumOfTrees = (features: Float64Array, from: number) => number;

const PAGE = 65_536;
const SIDE_BY_SIDE = 4;
const NODE_BYTES = 16;
const VALUE_BYTES = 8;

interface Exports {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly sum: (root: number, rootsEnd: number, depth: number, nodes: number, values: number, from: number) => number;
}

/**
 * Lays trees out for trees.wat, of which the sum of 220 takes a few microseconds, a quarter of what the walk takes in JavaScript. `features` says how many of
 * them there are. Throws RangeError if a node names a feature or a branch that is not there, or one before itself.
 */
export function sumOfTrees(trees: Trees, features: number): SumOfTrees {
  const { roots, feature, threshold, left, value } = trees;
  const count = feature.length;
  const sound = (node: number): boolean => feature[node]! < 0 || (feature[node]! < features && left[node]! > node && left[node]! + 1 < count);
  const odd = feature.findIndex((_, node) => !sound(node));
  if (odd >= 0) throw new RangeError(`the model's trees are broken at node ${odd}: found feature ${feature[odd]}, left ${left[odd]}; expected a feature below ${features} and branches after it, below ${count}`);
  const short = [threshold, left, value].find((list) => list.length !== count);
  if (short !== undefined) throw new RangeError(`the model's trees are broken: found ${short.length} thresholds, branches or values; expected ${count}, one a node`);
  const root = roots.find((node) => node >= count);
  if (root !== undefined) throw new RangeError(`the model's trees are broken: found a root ${root}; expected a node below ${count}`);
  // Trees that are wanting to a whole four are leaves of 0.
  const missing = (SIDE_BY_SIDE - (roots.length % SIDE_BY_SIDE)) % SIDE_BY_SIDE;
  const rootsAt = features * Float64Array.BYTES_PER_ELEMENT;
  const nodesAt = Math.ceil((rootsAt + (roots.length + missing) * Int32Array.BYTES_PER_ELEMENT) / NODE_BYTES) * NODE_BYTES;
  const valuesAt = nodesAt + (count + 1) * NODE_BYTES;
  const { memory, sum } = instantiated(TREES_WASM) as Exports;
  memory.grow(Math.max(0, Math.ceil((valuesAt + (count + 1) * VALUE_BYTES) / PAGE) - memory.buffer.byteLength / PAGE));
  const view = new DataView(memory.buffer);
  const addressOf = (node: number): number => nodesAt + NODE_BYTES * node;
  const put = (node: number, limit: number, at: number, next: number, gives: number): void => {
    view.setFloat64(addressOf(node), limit, true);
    view.setInt32(addressOf(node) + 8, at * Float64Array.BYTES_PER_ELEMENT, true);
    view.setInt32(addressOf(node) + 12, addressOf(next), true);
    view.setFloat64(valuesAt + VALUE_BYTES * node, gives, true);
  };
  for (let node = 0; node < count; node++) {
    if (feature[node]! < 0) put(node, Infinity, 0, node, value[node]!);
    else put(node, threshold[node]!, feature[node]!, left[node]!, 0);
  }
  put(count, Infinity, 0, count, 0);
  [...roots, ...new Array<number>(missing).fill(count)].forEach((root, index) => view.setInt32(rootsAt + index * Int32Array.BYTES_PER_ELEMENT, addressOf(root), true));
  const rootsEnd = rootsAt + (roots.length + missing) * Int32Array.BYTES_PER_ELEMENT;
  const depth = depthOf(trees);
  const input = new Float64Array(memory.buffer, 0, features);
  return (x, from) => {
    input.set(x);
    return roots.length === 0 ? from : sum(rootsAt, rootsEnd, depth, nodesAt, valuesAt, from);
  };
}

/** Steps from a root to its farthest leaf. */
function depthOf({ roots, feature, left }: Trees): number {
  let depth = 0;
  for (let level = [...roots]; level.length > 0; depth++) level = level.flatMap((node) => (feature[node]! < 0 ? [] : [left[node]!, left[node]! + 1]));
  return Math.max(1, depth - 1);
}
