import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { ObzvonError } from '../../core/errors.ts';
import type { Meter } from './meter.ts';

/** A file as bytes, wherever it is. */
export interface ByteFile {
  /** As it may be shown. */
  readonly name: string;
  /** Where it lies on this machine, for formats that are not read from front to back; null if it does not. */
  readonly path: string | null;
  readonly totalBytes: number | null;
  /** Of a member of an archive: what it takes up there. */
  readonly packedBytes?: number;
  /** Whether it can be opened more than once. */
  readonly again: boolean;
  readonly compression: 'none' | 'gzip' | 'zip';
  /** Reads from the beginning. `meter` is told of the raw bytes; null: only a look. */
  open(meter: Meter | null): AsyncIterable<Buffer>;
}

/** Small, so that few rows are alive at once. */
export const PIECE_BYTES = 16 * 1024;

/** @throws ObzvonError not_found, bad_input if it is a directory */
export async function fileOnDisk(path: string, name = path): Promise<ByteFile> {
  let stats;
  try {
    stats = await stat(path);
  } catch (cause) {
    throw new ObzvonError('not_found', `${name}: cannot be read: ${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'}; expected a list (CSV, NDJSON, JSON or XLSX, packed or not)`, { cause });
  }
  if (stats.isDirectory()) throw new ObzvonError('bad_input', `${name}: found a directory; expected a list, or a pattern such as "${name.replace(/\/$/, '')}/*.csv"`);
  // A pipe (a process substitution) gives its bytes once.
  const again = stats.isFile();
  return {
    name,
    path: again ? path : null,
    totalBytes: again ? stats.size : null,
    again,
    compression: 'none',
    async *open(meter) {
      try {
        for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
          meter?.take(piece as Buffer);
          yield piece as Buffer;
        }
      } catch (cause) {
        throw new ObzvonError('not_found', `${name}: cannot be read: ${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'}`, { cause });
      }
    },
  };
}

/** @throws ObzvonError bad_input while reading, if the stream gives objects */
export function fileOfStream(stream: Readable, name: string): ByteFile {
  return {
    name,
    path: null,
    totalBytes: null,
    again: false,
    compression: 'none',
    async *open(meter) {
      for await (const piece of stream as AsyncIterable<unknown>) {
        const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece instanceof Uint8Array ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength) : null;
        if (chunk === null) throw new ObzvonError('bad_input', `${name}: found a stream of objects; expected a stream of bytes`);
        meter?.take(chunk);
        yield chunk;
      }
    },
  };
}

/** The beginning of a file, and the way to all of it. */
export interface LookedAt {
  readonly file: ByteFile;
  readonly head: Buffer;
  /** The head is the whole file, or all of it that can be read. */
  readonly ended: boolean;
  /** All bytes, the head among them; to be walked once. */
  all(): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

const HEAD_BYTES = 64 * 1024;

/**
 * Looks at the first 64 KB of a file. What can be opened again is closed until it is read; what cannot is held open. Damage
 * within the head shows when it is read.
 */
export async function lookAt(file: ByteFile, meter: Meter): Promise<LookedAt> {
  const iterator = file.open(file.again ? null : meter)[Symbol.asyncIterator]();
  const pieces: Buffer[] = [];
  let length = 0;
  let ended = false;
  let damage: { readonly error: unknown } | null = null;
  while (length < HEAD_BYTES && !ended) {
    try {
      const next = await iterator.next();
      if (next.done === true) ended = true;
      else {
        pieces.push(next.value);
        length += next.value.length;
      }
    } catch (error) {
      // With nothing read there is nothing to look at: the damage is all there is.
      if (length === 0) throw error;
      damage = { error };
      ended = true;
    }
  }
  const head = Buffer.concat(pieces);
  if (file.again) {
    await iterator.return?.();
    return { file, head, ended, all: () => gathered(file.open(meter)), close: () => Promise.resolve() };
  }
  async function* rest(): AsyncGenerator<Buffer> {
    for (let at = 0; at < head.length; at += PIECE_BYTES) yield head.subarray(at, at + PIECE_BYTES);
    if (damage !== null) throw damage.error;
    while (!ended) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  }
  return {
    file,
    head,
    ended,
    all: () => gathered(rest()),
    close: async () => {
      await iterator.return?.();
    },
  };
}

/** Small pieces are gathered, so that a row that spans many of them is not looked at once for each; damage comes after what was before it. */
async function* gathered(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let length = 0;
  let damage: { readonly error: unknown } | null = null;
  try {
    for await (const piece of pieces) {
      if (waiting.length === 0 && piece.length >= PIECE_BYTES / 2) {
        yield piece;
        continue;
      }
      waiting.push(piece);
      length += piece.length;
      if (length < PIECE_BYTES / 2) continue;
      yield Buffer.concat(waiting);
      waiting = [];
      length = 0;
    }
  } catch (error) {
    damage = { error };
  }
  if (length > 0) yield Buffer.concat(waiting);
  if (damage !== null) throw damage.error;
}
