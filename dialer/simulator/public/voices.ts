import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { PUBLIC_SAMPLE_RATE } from '../public-port.ts';

export const VOICE_LABELS = ['human_short', 'human_long', 'personal_greeting', 'machine_greeting', 'announcement'] as const;
export type VoiceLabel = (typeof VOICE_LABELS)[number];

const indexSchema = z.array(z.object({ file: z.string().regex(/^[a-z0-9-]+\.wav$/), label: z.enum(VOICE_LABELS), lang: z.string(), origin: z.string() }));

/** A clip of speech at the common level, band-limited like a telephone line. */
export interface Voice {
  readonly file: string;
  readonly label: VoiceLabel;
  readonly samples: Int16Array;
}

/** Loudness every clip is brought to: RMS of its louder half, about -20 dBFS. */
const COMMON_RMS = 3200;

/** G.711 mu-law to 16-bit linear (ITU-T G.711, table 2a). */
export function decodeMuLaw(byte: number): number {
  const inverted = ~byte & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + 0x84) << ((inverted >> 4) & 7);
  return inverted & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}

/** The samples of a mono 8 kHz mu-law WAV file. @throws if it is anything else: the clips are our own. */
export function readMuLawWav(bytes: Buffer, name: string): Int16Array {
  let format = -1;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    if (id === 'fmt ') {
      format = bytes.readUInt16LE(at + 8);
      if (bytes.readUInt16LE(at + 10) !== 1 || bytes.readUInt32LE(at + 12) !== PUBLIC_SAMPLE_RATE) throw new Error(`${name}: expected mono at ${PUBLIC_SAMPLE_RATE} Hz`);
    }
    if (id === 'data') {
      if (format !== 7) throw new Error(`${name}: expected mu-law (format 7), found format ${format}`);
      return Int16Array.from(bytes.subarray(at + 8, at + 8 + length), decodeMuLaw);
    }
    at += 8 + length + (length & 1);
  }
  throw new Error(`${name}: no data chunk`);
}

/**
 * Second-order Butterworth section (RBJ cookbook). Every clip, studio or telephone, passes the same 300-3400 Hz band, so that
 * nobody can be told from a machine by the recording equipment alone.
 */
function filtered(samples: Float64Array, kind: 'high_pass' | 'low_pass', hz: number): Float64Array {
  const omega = (2 * Math.PI * hz) / PUBLIC_SAMPLE_RATE;
  const alpha = Math.sin(omega) / Math.SQRT2;
  const cos = Math.cos(omega);
  const side = (kind === 'high_pass' ? 1 + cos : 1 - cos) / 2;
  const middle = kind === 'high_pass' ? -(1 + cos) : 1 - cos;
  const a0 = 1 + alpha;
  const out = new Float64Array(samples.length);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i]!;
    const y = (side * x + middle * x1 + side * x2 + 2 * cos * y1 - (1 - alpha) * y2) / a0;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    out[i] = y;
  }
  return out;
}

function levelled(samples: Int16Array): Int16Array {
  const band = filtered(filtered(Float64Array.from(samples), 'high_pass', 300), 'low_pass', 3400);
  const frames: number[] = [];
  for (let at = 0; at + 160 <= band.length; at += 160) {
    let energy = 0;
    for (let i = at; i < at + 160; i++) energy += band[i]! ** 2;
    frames.push(energy / 160);
  }
  const loud = frames.sort((a, b) => b - a).slice(0, Math.max(1, frames.length >> 1));
  const rms = Math.sqrt(loud.reduce((sum, energy) => sum + energy, 0) / loud.length);
  const gain = COMMON_RMS / Math.max(1, rms);
  return Int16Array.from(band, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value * gain))));
}

let cache: ReadonlyMap<VoiceLabel, readonly Voice[]> | undefined;

/** All clips by label, decoded once per process (about 3 MB). */
export function voices(): ReadonlyMap<VoiceLabel, readonly Voice[]> {
  if (cache) return cache;
  const folder = new URL('./voices/', import.meta.url);
  const index = indexSchema.parse(JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')));
  const byLabel = new Map<VoiceLabel, Voice[]>(VOICE_LABELS.map((label) => [label, []]));
  for (const { file, label } of index) byLabel.get(label)?.push({ file, label, samples: levelled(readMuLawWav(readFileSync(new URL(file, folder)), file)) });
  cache = byLabel;
  return byLabel;
}
