import { closeSync, openSync, readSync } from 'node:fs';

/** Samples per second at which FreeSWITCH counts positions on these channels. */
const CHANNEL_RATE = 8000;
const HEADER_BYTES = 4096;
/** Prompts are content-addressed files: a length once read stays true, and 200,000 calls share a few thousand of them. */
const REMEMBERED = 10_000;
const lengths = new Map<string, number>();

/**
 * How many samples of 8 kHz a WAV file plays, read from its header (RIFF, chunks `fmt ` and `data`);
 * null if there is no such file or it is no WAV.
 */
export function wavLength(path: string): number | null {
  const known = lengths.get(path);
  if (known !== undefined) return known;
  const samples = readLength(path);
  if (samples === null) return null;
  if (lengths.size >= REMEMBERED) lengths.clear();
  lengths.set(path, samples);
  return samples;
}

function readLength(path: string): number | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const size = readSync(file, header, 0, HEADER_BYTES, 0);
    if (size < 44 || header.toString('latin1', 0, 4) !== 'RIFF' || header.toString('latin1', 8, 12) !== 'WAVE') return null;
    let bytesPerSecond = 0;
    for (let at = 12; at + 8 <= size; ) {
      const id = header.toString('latin1', at, at + 4);
      const length = header.readUInt32LE(at + 4);
      if (id === 'fmt ' && at + 24 <= size) bytesPerSecond = header.readUInt32LE(at + 16);
      if (id === 'data') return bytesPerSecond === 0 ? null : Math.floor((length / bytesPerSecond) * CHANNEL_RATE);
      at += 8 + length + (length & 1);
    }
    return null;
  } finally {
    closeSync(file);
  }
}
