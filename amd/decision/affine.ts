import { AFFINE_WASM } from './affine-wasm.ts';

/** Weights (outputs first) and bias of one layer. */
export type AffineLayer = readonly [weights: readonly number[], bias: readonly number[]];

/** Layers that share one place for their inputs and one for their outputs. */
export interface AffineKernel {
  readonly input: Float32Array;
  readonly output: Float32Array;
  /** output = weights * input + bias of a layer; nothing below 0 if `positive`. */
  run(layer: number, positive: boolean): void;
}

const PAGE = 65_536;
const BYTES = Float32Array.BYTES_PER_ELEMENT;
/** Numbers of which rows and columns of a layer must be multiples: the kernel takes four at a time. */
const LANES = 4;

interface Exports {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly affine: (input: number, weights: number, bias: number, output: number, rows: number, columns: number, positive: number) => void;
}

/**
 * Matrix by vector in WebAssembly SIMD (affine.wat): part of node, no native module.
 * Weights are rounded to 32 bits. Throws RangeError if a layer is not of multiples of four.
 */
export function affineKernel(layers: readonly AffineLayer[]): AffineKernel {
  const sizes = layers.map(([weights, bias]) => ({ rows: bias.length, columns: weights.length / bias.length }));
  for (const { rows, columns } of sizes) {
    if (rows % LANES !== 0 || columns % LANES !== 0) throw new RangeError(`a layer has multiples of ${LANES} of inputs and outputs; found ${columns} and ${rows}`);
  }
  const { memory, affine } = new WebAssembly.Instance(new WebAssembly.Module(AFFINE_WASM)).exports as unknown as Exports;
  const inputs = Math.max(...sizes.map(({ columns }) => columns));
  const outputs = Math.max(...sizes.map(({ rows }) => rows));
  const total = inputs + outputs + layers.reduce((sum, [weights, bias]) => sum + weights.length + bias.length, 0);
  memory.grow(Math.max(0, Math.ceil((total * BYTES) / PAGE) - memory.buffer.byteLength / PAGE));
  const all = new Float32Array(memory.buffer);
  let free = inputs + outputs;
  const put = (values: readonly number[]): number => {
    all.set(values, free);
    free += values.length;
    return (free - values.length) * BYTES;
  };
  const placed = layers.map(([weights, bias], index) => ({ ...sizes[index]!, weights: put(weights), bias: put(bias) }));
  return {
    input: all.subarray(0, inputs),
    output: all.subarray(inputs, inputs + outputs),
    run(layer, positive) {
      const { rows, columns, weights, bias } = placed[layer]!;
      affine(0, weights, bias, inputs * BYTES, rows, columns, positive ? 1 : 0);
    },
  };
}
