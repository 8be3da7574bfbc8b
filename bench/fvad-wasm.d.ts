/** `@echogarden/fvad-wasm` ships no types: WebRTC's voice activity detector compiled by Emscripten. */
declare module '@echogarden/fvad-wasm' {
  interface Fvad {
    readonly HEAP16: Int16Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    _fvad_new(): number;
    _fvad_free(instance: number): void;
    _fvad_set_mode(instance: number, mode: number): number;
    _fvad_set_sample_rate(instance: number, rate: number): number;
    /** 1 voice, 0 none, -1 for a frame of a wrong length. */
    _fvad_process(instance: number, samples: number, count: number): number;
  }
  export default function load(options?: object): Promise<Fvad>;
}
