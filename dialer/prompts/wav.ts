import { ObzvonError } from '../../core/errors.ts';
import { WAV_HEADER_BYTES, wavHeader } from '../../core/wav-header.ts';

/** Mono audio, samples in [-1, 1]. */
export interface Audio {
  readonly samples: Float64Array;
  readonly sampleRate: number;
}

export const TELEPHONE_RATE_HZ = 8000;

/** A RIFF/WAVE file of 16-bit mono PCM (Multimedia Programming Interface and Data Specifications 1.0). */
export function encodeWav({ samples, sampleRate }: Audio): Buffer {
  const file = Buffer.alloc(WAV_HEADER_BYTES + samples.length * 2);
  wavHeader(sampleRate, samples.length * 2).copy(file);
  for (let index = 0; index < samples.length; index++) {
    file.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(samples[index]! * 32767))), WAV_HEADER_BYTES + index * 2);
  }
  return file;
}

/** Length of a file that {@link encodeWav} wrote, from its size, ms. */
export function durationOfFile(bytes: number): number {
  return Math.round(((bytes - WAV_HEADER_BYTES) / 2 / TELEPHONE_RATE_HZ) * 1000);
}

/**
 * Reads a WAV file of 16-bit PCM, any rate, any number of channels (mixed to one).
 * @param place how to name the file in an error
 * @throws ObzvonError bad_input
 */
export function decodeWav(file: Buffer, place: string): Audio {
  const refuse = (found: string): never => {
    throw new ObzvonError('bad_input', `${place}: ${found}; expected a WAV file of 16-bit PCM`);
  };
  if (file.length < 12 || file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') return refuse('found no RIFF/WAVE header');
  let format: { channels: number; sampleRate: number } | null = null;
  for (let offset = 12; offset + 8 <= file.length; ) {
    const id = file.toString('latin1', offset, offset + 4);
    const bytes = file.readUInt32LE(offset + 4);
    const start = offset + 8;
    if (id === 'fmt ' && start + 16 <= file.length) {
      const tag = file.readUInt16LE(start);
      const bits = file.readUInt16LE(start + 14);
      // 0xFFFE is WAVE_FORMAT_EXTENSIBLE; with 16 bits it is PCM in practice.
      if ((tag !== 1 && tag !== 0xfffe) || bits !== 16) return refuse(`found format ${tag} with ${bits} bits`);
      format = { channels: file.readUInt16LE(start + 2), sampleRate: file.readUInt32LE(start + 4) };
      if (format.channels < 1 || format.sampleRate < 4000 || format.sampleRate > 192_000) return refuse(`found ${format.channels} channels at ${format.sampleRate} Hz`);
    } else if (id === 'data') {
      if (format === null) return refuse('found data before its format');
      return { samples: mixed(file.subarray(start, Math.min(file.length, start + bytes)), format.channels), sampleRate: format.sampleRate };
    }
    offset = start + bytes + (bytes % 2);
  }
  return refuse('found no data');
}

function mixed(data: Buffer, channels: number): Float64Array {
  const samples = new Float64Array(Math.floor(data.length / 2 / channels));
  for (let index = 0; index < samples.length; index++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += data.readInt16LE((index * channels + channel) * 2);
    samples[index] = sum / channels / 32768;
  }
  return samples;
}
