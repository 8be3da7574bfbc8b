/** Synthetic 8 kHz signals for tests and the benchmark. Amplitudes are of full scale 32767. */
const RATE = 8000;

export const silence = (seconds: number): Int16Array => new Int16Array(Math.round(seconds * RATE));

export function sine(frequenciesHz: readonly number[], seconds: number, amplitude = 8000): Int16Array {
  return Int16Array.from({ length: Math.round(seconds * RATE) }, (_, index) =>
    frequenciesHz.reduce((sum, hz) => sum + (amplitude / frequenciesHz.length) * Math.sin((2 * Math.PI * hz * index) / RATE), 0));
}

export function joined(...parts: readonly Int16Array[]): Int16Array {
  const out = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

export function repeated(part: Int16Array, times: number): Int16Array {
  return joined(...Array.from({ length: times }, () => part));
}

/** Numbers of 0..1 from a seed (mulberry32): the same call for the same seed, on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function whiteNoise(seconds: number, amplitude: number, random: () => number): Int16Array {
  return Int16Array.from({ length: Math.round(seconds * RATE) }, () => (2 * random() - 1) * amplitude);
}

/** Each sample added to the other's at the same place. */
export function mixed(first: Int16Array, second: Int16Array): Int16Array {
  return first.map((sample, index) => Math.max(-32768, Math.min(32767, sample + (second[index] ?? 0))));
}
