import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ObzvonError } from '../core/errors.ts';
import { joined, silence, sine } from './corpus/signals.ts';
import { alawToLinear, classifyFile, mulawToLinear, parseWav } from './wav.ts';

interface Header {
  format?: number;
  channels?: number;
  rate?: number;
  bits?: number;
}

function wav(data: Uint8Array, { format = 1, channels = 1, rate = 8000, bits = 16 }: Header = {}): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(format, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE((rate * channels * bits) / 8, 28);
  header.writeUInt16LE((channels * bits) / 8, 32);
  header.writeUInt16LE(bits, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

const bytesOf = (pcm: Int16Array): Buffer => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);

describe('reading WAV', () => {
  test('16-bit PCM comes back as it was', () => {
    const pcm = Int16Array.of(0, 1, -1, 32_767, -32_768);
    expect(parseWav(wav(bytesOf(pcm), { rate: 16_000 }), 'x')).toEqual({ sampleRate: 16_000, pcm });
  });

  // G.711's own end points: the largest, the smallest and zero of each law.
  test('A-law and mu-law as G.711 has them', () => {
    expect([0x00, 0x80, 0x7f, 0xff].map(mulawToLinear)).toEqual([-32_124, 32_124, 0, 0]);
    expect([0xd5, 0x55, 0xaa, 0x2a].map(alawToLinear)).toEqual([8, -8, 32_256, -32_256]);
    expect([...parseWav(wav(Uint8Array.of(0x80, 0xff), { format: 7, bits: 8 }), 'x').pcm]).toEqual([32_124, 0]);
    expect([...parseWav(wav(Uint8Array.of(0xaa, 0x55), { format: 6, bits: 8 }), 'x').pcm]).toEqual([32_256, -8]);
  });

  test.each([
    ['stereo', wav(Buffer.alloc(8), { channels: 2 }), /2 channels; expected mono/],
    ['44.1 kHz', wav(Buffer.alloc(8), { rate: 44_100 }), /44100 samples a second; expected 8000 or 16000/],
    ['24 bits', wav(Buffer.alloc(9), { bits: 24 }), /format 1 of 24 bits/],
    ['an MP3', Buffer.from('ID3 and so on and on'), /not a WAV file/],
    ['a header alone', wav(Buffer.alloc(0)).subarray(0, 36), /no audio/],
    ['nothing', Buffer.alloc(0), /not a WAV file/],
    ['no samples', wav(Buffer.alloc(0)), /no audio in it; expected some samples/],
  ])('%s is refused with what was found and expected', (_name, bytes, message) => {
    expect(() => parseWav(bytes, 'a.wav')).toThrow(message);
    expect(() => parseWav(bytes, 'a.wav')).toThrow(/^a\.wav: /);
  });

  test('what its recorder did not finish is taken to the end of the file, and what is cut off as far as it goes, with a remark', () => {
    const pcm = Int16Array.of(1, 2, 3, 4);
    const sized = (size: number, bytes = wav(bytesOf(pcm))): Buffer => {
      bytes.writeUInt32LE(size, 40);
      return bytes;
    };
    expect(parseWav(sized(0), 'x')).toEqual({ sampleRate: 8000, pcm, remark: expect.stringContaining('did not finish') as string });
    expect(parseWav(sized(100), 'x')).toEqual({ sampleRate: 8000, pcm, remark: 'it is cut off: 8 of 100 bytes of audio are there' });
    expect(parseWav(sized(0xffffffff), 'x')).toEqual({ sampleRate: 8000, pcm });
  });

  test('any bytes: audio or an ObzvonError', () => {
    const good = wav(Buffer.alloc(40));
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(83), fc.nat(255)), { maxLength: 12 }), fc.nat(84), (changes, length) => {
      const bytes = Buffer.from(good.subarray(0, length));
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      try {
        expect(parseWav(bytes, 'x').pcm).toBeInstanceOf(Int16Array);
      } catch (error) {
        expect(error).toBeInstanceOf(ObzvonError);
      }
    }), { numRuns: 500 });
  });
});

describe('classifying a file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'obzvon-amd-'));
  });
  afterEach(async () => rm(folder, { recursive: true }));

  test('reports the verdict, its time and why', async () => {
    const path = join(folder, 'sit.wav');
    await writeFile(path, wav(bytesOf(joined(silence(0.5), sine([950], 0.33), sine([1400], 0.33), sine([1800], 0.33)))));
    const report = await classifyFile(path);
    expect(report).toMatchObject({ file: path, verdict: 'announcement', beep: null });
    expect(report.reason).toMatch(/special information tone/);
  });

  test('a short file goes on in silence, which nobody breaks after 4.5 s', async () => {
    const path = join(folder, 'short.wav');
    await writeFile(path, wav(bytesOf(silence(0.1))));
    expect(await classifyFile(path)).toMatchObject({ verdict: 'silence', audioMs: 4500 });
  });

  test('a file that is not there is said to be not there', async () => {
    await expect(classifyFile(join(folder, 'none.wav'))).rejects.toMatchObject({ code: 'not_found' });
  });
});
