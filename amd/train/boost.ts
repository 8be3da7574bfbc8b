/**
 * Gradient boosting of regression trees on the logistic loss, with 64-bin histograms and Newton leaves (Friedman 2001; Chen and
 * Guestrin 2016). Small on purpose: one file, no dependency, the same trees for the same rows.
 */
import { seededRandom } from '../corpus/signals.ts';

export interface BoostOptions {
  trees: number;
  depth: number;
  rate: number;
  /** Least sum of second derivatives in a leaf: about four rows in doubt, or many that are certain. */
  minLeafWeight: number;
  /** Ridge on the leaves. */
  ridge: number;
  /** Shares of the rows and of the features that each tree is grown on, drawn anew for each from `seed`. Default 1. */
  rowShare?: number;
  featureShare?: number;
  seed?: number;
}

export interface Rows {
  count: number;
  features: number;
  /** Row-major. */
  x: Float32Array | Float64Array;
  /** 1 for a person. */
  y: Uint8Array;
  weight: Float64Array;
}

export interface Forest {
  bias: number;
  roots: number[];
  feature: number[];
  threshold: number[];
  left: number[];
  value: number[];
}

const BINS = 64;

/** Cuts between bins, per feature, at quantiles of the rows. */
function cutsOf(rows: Rows, feature: number): number[] {
  const step = Math.max(1, Math.floor(rows.count / 20_000));
  const values: number[] = [];
  for (let row = 0; row < rows.count; row += step) values.push(rows.x[row * rows.features + feature]!);
  values.sort((a, b) => a - b);
  const cuts = new Set<number>();
  for (let bin = 1; bin < BINS; bin++) cuts.add(values[Math.floor((bin * values.length) / BINS)]!);
  // Rounded so that the model file stays small; rows are binned by the rounded cut, so nothing shifts.
  return [...new Set([...cuts].map((cut) => Number(cut.toPrecision(6))))].sort((a, b) => a - b);
}

function binned(rows: Rows, cuts: number[][]): Uint8Array {
  const bins = new Uint8Array(rows.count * rows.features);
  for (let row = 0; row < rows.count; row++) {
    for (let feature = 0; feature < rows.features; feature++) {
      const value = rows.x[row * rows.features + feature]!;
      const list = cuts[feature]!;
      let low = 0;
      let high = list.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (value <= list[middle]!) high = middle;
        else low = middle + 1;
      }
      bins[row * rows.features + feature] = low;
    }
  }
  return bins;
}

interface Split {
  feature: number;
  bin: number;
  gain: number;
}

export function boost(rows: Rows, options: BoostOptions): Forest {
  const cuts = Array.from({ length: rows.features }, (_, feature) => cutsOf(rows, feature));
  const bins = binned(rows, cuts);
  let positive = 0;
  let total = 0;
  for (let row = 0; row < rows.count; row++) {
    total += rows.weight[row]!;
    positive += rows.weight[row]! * rows.y[row]!;
  }
  const forest: Forest = { bias: Math.log(positive / (total - positive)), roots: [], feature: [], threshold: [], left: [], value: [] };
  /** The bin of each node's threshold. */
  const cutBins: number[] = [];
  const score = new Float64Array(rows.count).fill(forest.bias);
  const gradient = new Float64Array(rows.count);
  const hessian = new Float64Array(rows.count);
  const order = new Int32Array(rows.count);
  const random = seededRandom(options.seed ?? 1);
  const { rowShare = 1, featureShare = 1 } = options;
  let drawn: Int32Array = Int32Array.from({ length: rows.features }, (_, feature) => feature);
  const swap = new Int32Array(rows.count);
  const histogramG = new Float64Array(rows.features * BINS);
  const histogramH = new Float64Array(rows.features * BINS);

  const bestSplit = (from: number, to: number, sumG: number, sumH: number): Split | null => {
    histogramG.fill(0);
    histogramH.fill(0);
    for (let at = from; at < to; at++) {
      const row = order[at]!;
      const g = gradient[row]!;
      const h = hessian[row]!;
      const base = row * rows.features;
      for (let index = 0; index < drawn.length; index++) {
        const feature = drawn[index]!;
        const cell = feature * BINS + bins[base + feature]!;
        histogramG[cell]! += g;
        histogramH[cell]! += h;
      }
    }
    const parent = (sumG * sumG) / (sumH + options.ridge);
    let best: Split | null = null;
    for (const feature of drawn) {
      let g = 0;
      let h = 0;
      for (let bin = 0; bin < cuts[feature]!.length; bin++) {
        g += histogramG[feature * BINS + bin]!;
        h += histogramH[feature * BINS + bin]!;
        if (h < options.minLeafWeight || sumH - h < options.minLeafWeight) continue;
        const gain = (g * g) / (h + options.ridge) + (sumG - g) ** 2 / (sumH - h + options.ridge) - parent;
        if (gain > (best?.gain ?? 1e-6)) best = { feature, bin, gain };
      }
    }
    return best;
  };

  const grow = (node: number, from: number, to: number, depth: number): void => {
    let sumG = 0;
    let sumH = 0;
    for (let at = from; at < to; at++) {
      sumG += gradient[order[at]!]!;
      sumH += hessian[order[at]!]!;
    }
    const split = depth === 0 ? null : bestSplit(from, to, sumG, sumH);
    if (split === null) {
      const value = Number((-options.rate * sumG / (sumH + options.ridge)).toPrecision(5));
      forest.value[node] = value;
      return;
    }
    let low = from;
    let high = to;
    for (let at = from; at < to; at++) {
      const row = order[at]!;
      if (bins[row * rows.features + split.feature]! <= split.bin) swap[low++] = row;
      else swap[--high] = row;
    }
    order.set(swap.subarray(from, to), from);
    const left = addNodes(forest, 2);
    forest.feature[node] = split.feature;
    forest.threshold[node] = cuts[split.feature]![split.bin]!;
    forest.left[node] = left;
    cutBins[node] = split.bin;
    grow(left, from, low, depth - 1);
    grow(left + 1, low, to, depth - 1);
  };

  for (let tree = 0; tree < options.trees; tree++) {
    let taken = 0;
    for (let row = 0; row < rows.count; row++) {
      if (rowShare < 1 && random() >= rowShare) continue;
      const probability = 1 / (1 + Math.exp(-score[row]!));
      gradient[row] = rows.weight[row]! * (probability - rows.y[row]!);
      hessian[row] = rows.weight[row]! * Math.max(1e-6, probability * (1 - probability));
      order[taken++] = row;
    }
    if (featureShare < 1) drawn = drawFeatures(rows.features, featureShare, random);
    const root = addNodes(forest, 1);
    forest.roots.push(root);
    grow(root, 0, taken, options.depth);
    for (let row = 0; row < rows.count; row++) score[row]! += leafOf(forest, root, bins, cutBins, row * rows.features);
  }
  return forest;
}

function drawFeatures(count: number, share: number, random: () => number): Int32Array {
  const all = Array.from({ length: count }, (_, feature) => ({ feature, ticket: random() })).sort((a, b) => a.ticket - b.ticket);
  return Int32Array.from(all.slice(0, Math.ceil(share * count)), ({ feature }) => feature).sort();
}

/** The tree's value for a row, walked over bins: for the rows that it was not grown on, too. */
function leafOf(forest: Forest, root: number, bins: Uint8Array, cutBins: number[], base: number): number {
  let node = root;
  while (forest.feature[node]! >= 0) node = forest.left[node]! + (bins[base + forest.feature[node]!]! <= cutBins[node]! ? 0 : 1);
  return forest.value[node]!;
}

function addNodes(forest: Forest, count: number): number {
  const first = forest.feature.length;
  for (let index = 0; index < count; index++) {
    forest.feature.push(-1);
    forest.threshold.push(0);
    forest.left.push(0);
    forest.value.push(0);
  }
  return first;
}
