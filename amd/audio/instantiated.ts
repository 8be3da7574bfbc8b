/** Exports of a module that tools/compile-wat.ts compiled; what they are its text says, and its tests hold. Throws if this node has no WebAssembly SIMD. */
export function instantiated(bytes: Uint8Array): unknown {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
}
