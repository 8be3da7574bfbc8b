import { readFile } from 'node:fs/promises';
import type { AnnouncementCause } from '../core/amd-wire.ts';
import { ObzvonError } from '../core/errors.ts';
import type { Verdict } from '../core/outcome.ts';
import { wavHeader } from '../core/wav-header.ts';
import { createDetector, type DetectorOptions } from './detector.ts';

export interface WavAudio {
  sampleRate: 8000 | 16000;
  pcm: Int16Array;
  /** What is odd about the recording, though it could be read. */
  remark?: string;
}

const FORMAT_PCM = 1;
const FORMAT_ALAW = 6;
const FORMAT_MULAW = 7;
const FORMAT_EXTENSIBLE = 0xfffe;
const UNKNOWN_SIZE = 0xffffffff;

/** ITU-T G.711 mu-law byte to 16-bit linear. */
export function mulawToLinear(byte: number): number {
  const code = ~byte & 0xff;
  const magnitude = (((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 7);
  return code & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}

/** ITU-T G.711 A-law byte to 16-bit linear. */
export function alawToLinear(byte: number): number {
  const code = byte ^ 0x55;
  const exponent = (code >> 4) & 7;
  const mantissa = (code & 0x0f) << 4;
  const magnitude = exponent === 0 ? mantissa + 8 : (mantissa + 0x108) << (exponent - 1);
  return code & 0x80 ? magnitude : -magnitude;
}

const MULAW = Int16Array.from({ length: 256 }, (_, byte) => mulawToLinear(byte));
const ALAW = Int16Array.from({ length: 256 }, (_, byte) => alawToLinear(byte));

/**
 * Reads a RIFF WAVE: PCM 16 bit, A-law or mu-law, 8 or 16 kHz, mono. `name` is what an error calls it. A data chunk longer
 * than the file (a recording cut off, or streamed), or of no length at the file's end (its recorder did not finish), is taken as far as the
 * file goes, with a remark. Throws `ObzvonError` (`bad_input`), also where there is no audio.
 */
export function parseWav(bytes: Uint8Array, name: string): WavAudio {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (found: string, expected: string): never => {
    throw new ObzvonError('bad_input', `${name}: ${found}; expected ${expected}`);
  };
  const tag = (offset: number): string => String.fromCharCode(...bytes.subarray(offset, offset + 4));
  if (bytes.length < 12 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') return fail('this is not a WAV file', 'a RIFF WAVE header');
  let format = 0;
  let channels = 0;
  let rate = 0;
  let bits = 0;
  for (let offset = 12; offset + 8 <= bytes.length;) {
    const id = tag(offset);
    const size = view.getUint32(offset + 4, true);
    const body = offset + 8;
    if (id === 'fmt ' && body + 16 <= bytes.length) {
      format = view.getUint16(body, true);
      channels = view.getUint16(body + 2, true);
      rate = view.getUint32(body + 4, true);
      bits = view.getUint16(body + 14, true);
      if (format === FORMAT_EXTENSIBLE && body + 26 <= bytes.length) format = view.getUint16(body + 24, true);
    } else if (id === 'data') {
      if (format === 0) fail('the data comes before the format', 'a fmt chunk first');
      if (channels !== 1) fail(`${channels} channels`, 'mono');
      if (rate !== 8000 && rate !== 16000) return fail(`${rate} samples a second`, '8000 or 16000');
      // 0xffffffff is how a stream says that its length is not known.
      const open = size === 0 || size === UNKNOWN_SIZE;
      const pcm = decode(bytes.subarray(body, open ? bytes.length : Math.min(bytes.length, body + size)), format, bits, fail);
      if (pcm.length === 0) return fail('no audio in it', 'some samples');
      const there = bytes.length - body;
      const remark = size === 0 ? 'its header says that it is empty: the recorder did not finish it' : !open && there < size ? `it is cut off: ${there} of ${size} bytes of audio are there` : null;
      return { sampleRate: rate, pcm, ...(remark === null ? {} : { remark }) };
    }
    offset = body + size + (size & 1);
  }
  return fail('no audio in it', 'a data chunk');
}

function decode(data: Uint8Array, format: number, bits: number, fail: (found: string, expected: string) => never): Int16Array {
  if (format === FORMAT_MULAW && bits === 8) return Int16Array.from(data, (byte) => MULAW[byte]!);
  if (format === FORMAT_ALAW && bits === 8) return Int16Array.from(data, (byte) => ALAW[byte]!);
  if (format !== FORMAT_PCM || bits !== 16) return fail(`format ${format} of ${bits} bits`, '16-bit PCM, A-law or mu-law');
  const pcm = new Int16Array(data.length >> 1);
  for (let index = 0; index < pcm.length; index++) pcm[index] = data[2 * index]! | (data[2 * index + 1]! << 8);
  return pcm;
}

/** Reads a WAV file. Throws `ObzvonError`: `not_found` if it cannot be read, `bad_input` if it is none obzvon understands. */
export async function readWav(path: string): Promise<WavAudio> {
  return parseWav(await bytesOf(path), path);
}

/** Reads a file of 16-bit little-endian mono PCM without a header. Throws `ObzvonError`: `not_found`, or `bad_input` if it is empty or a WAV file. */
export async function readRaw(path: string, sampleRate: 8000 | 16000): Promise<WavAudio> {
  const bytes = await bytesOf(path);
  if (bytes.length < 2) throw new ObzvonError('bad_input', `${path}: no audio in it (${bytes.length} bytes); expected some samples`);
  if (bytes.toString('latin1', 0, 4) === 'RIFF') throw new ObzvonError('bad_input', `${path}: this is a WAV file; expected PCM without a header (leave out --raw)`);
  const pcm = Int16Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readInt16LE(2 * index));
  return { sampleRate, pcm, ...(bytes.length % 2 === 0 ? {} : { remark: 'its last byte is half a sample and was left out' }) };
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ObzvonError('not_found', `${path}: cannot be read (${reason}); expected a recording`, { cause: error });
  }
}

export interface HeardBeep {
  /** Where it ended, ms from the start of the file. */
  audioMs: number;
  frequencyHz: number;
}

export interface AmdVerdictReport {
  file: string;
  seconds: number;
  sampleRate: number;
  verdict: Verdict;
  /** Of `announcement`. */
  cause: AnnouncementCause | null;
  confidence: number;
  /** Audio time of the decision, ms from the start of the file. */
  audioMs: number;
  speechOnsetMs: number | null;
  reason: string;
  /** What was said first, if it was taken back. */
  takenBack: { verdict: Verdict; audioMs: number } | null;
  /** When whoever was talking as the verdict fell had finished. */
  turnEndedMs: number | null;
  /** From when on nothing more was listened for; null: to the end, or the verdict itself was the end. */
  settledMs: number | null;
  /** The last of `beeps`: the machine may have spoken on after one. */
  beep: HeardBeep | null;
  beeps: HeardBeep[];
  greetingEndedMs: number | null;
  greetingResumedMs: number | null;
  /** What is odd about the recording. */
  remark: string | null;
}

/**
 * Classifies a recording that starts at the answer. A file shorter than the latest decision time is taken to go on in
 * silence, as a call would. With `rawRate` the file is PCM of that rate without a header.
 */
export async function classifyFile(path: string, options: Partial<Omit<DetectorOptions, 'sampleRate'>> = {}, rawRate: 8000 | 16000 | null = null): Promise<AmdVerdictReport> {
  const { pcm, sampleRate, remark = null } = rawRate === null ? await readWav(path) : await readRaw(path, rawRate);
  return { ...classifyPcm(pcm, sampleRate, path, options), remark };
}

/** The same for samples in memory; `file` is only repeated in the report. */
export function classifyPcm(
  pcm: Int16Array, sampleRate: 8000 | 16000, file: string, options: Partial<Omit<DetectorOptions, 'sampleRate'>> = {},
): AmdVerdictReport {
  const latestDecisionMs = options.latestDecisionMs ?? 7000;
  const detector = createDetector({ ...options, sampleRate, latestDecisionMs });
  detector.push(pcm);
  // The hop that ends at the limit must be whole, whatever the decimator and the last chunk left over.
  detector.push(new Int16Array(Math.ceil(((latestDecisionMs + 20) / 1000) * sampleRate)));
  const report: AmdVerdictReport = {
    file, seconds: pcm.length / sampleRate, sampleRate, verdict: 'unsure', cause: null, confidence: 0, audioMs: 0, speechOnsetMs: null,
    reason: 'no verdict fell', takenBack: null, turnEndedMs: null, settledMs: null, beep: null, beeps: [], greetingEndedMs: null, greetingResumedMs: null, remark: null,
  };
  for (let event = detector.next(); event !== null; event = detector.next()) {
    switch (event.type) {
      case 'verdict': {
        const { verdict, cause, confidence, audioMs, speechOnsetMs, reason, takesBack } = event;
        if (takesBack !== null) report.takenBack = { verdict: takesBack, audioMs: report.audioMs };
        Object.assign(report, { verdict, cause, confidence, audioMs, speechOnsetMs, reason });
        break;
      }
      case 'turn_ended': report.turnEndedMs = event.audioMs; break;
      case 'settled': report.settledMs = event.audioMs; break;
      case 'beep':
        report.beep = { audioMs: event.audioMs, frequencyHz: event.frequencyHz };
        report.beeps.push(report.beep);
        break;
      case 'greeting_ended': report.greetingEndedMs = event.audioMs; break;
      case 'greeting_resumed': report.greetingResumedMs = event.audioMs; break;
    }
  }
  return report;
}

/** A mono 16-bit WAV file of L16 little-endian bytes. */
export function encodeWav(pcm: Uint8Array, sampleRate: 8000 | 16000): Buffer {
  const samples = pcm.subarray(0, pcm.length & ~1);
  return Buffer.concat([wavHeader(sampleRate, samples.length), samples]);
}
