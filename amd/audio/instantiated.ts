export interface SharedMemory {
  readonly buffer: ArrayBuffer;
}

/**
 * Exports of a module that tools/compile-wat.ts compiled; what they are its text says, and its tests hold. `memory` for one that imports
 * another's (`spectrum` `memory`). Throws if this node has no WebAssembly SIMD.
 */
export function instantiated(bytes: Uint8Array, memory?: SharedMemory): unknown {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), memory === undefined ? {} : { spectrum: { memory } }).exports;
}
