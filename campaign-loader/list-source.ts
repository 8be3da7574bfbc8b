import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { ObzvonError } from '../core/errors.ts';

/**
 * Where a list comes from.
 *
 * - `file`: one file, plain or packed (gzip, zip).
 * - `glob`: several files, read one after another in the order of their names.
 * - `stream`: bytes (stdin, an upload); `name` stands for it in errors and reports.
 * - `http`: `http://` or `https://`; taken up again where it broke off.
 * - `sql`: the rows of a query; `postgres://`, `mysql://` or `clickhouse://` (`clickhouses://` over TLS).
 *
 * URLs may hold secrets: they are never shown.
 */
export type ListSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'glob'; readonly pattern: string }
  | { readonly kind: 'stream'; readonly stream: Readable; readonly name: string }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'sql'; readonly url: string; readonly query: string };
export type ListFormat = 'csv' | 'ndjson' | 'json' | 'xlsx';

/** An opened source: text in pieces, and how many bytes of it were read. */
export interface OpenList {
  readonly name: string;
  readonly format: ListFormat;
  readonly totalBytes: number | null;
  /** Bytes read so far. */
  bytes(): number;
  readonly text: AsyncIterable<string>;
}

/** Small, so that few rows are alive at once. */
const PIECE_BYTES = 16 * 1024;

/**
 * Opens a list. The format is given or follows from the extension (`.ndjson`, `.jsonl`; CSV otherwise).
 * @throws ObzvonError not_found if there is no such file; while reading, bad_input if it is no text in UTF-8
 */
export async function openList(source: ListSource, format: ListFormat | undefined): Promise<OpenList> {
  if (source.kind !== 'file' && source.kind !== 'stream') throw new ObzvonError('unsupported', `found a source of the kind ${source.kind}; expected a file or a stream`);
  const name = source.kind === 'file' ? source.path : source.name;
  let totalBytes: number | null = null;
  if (source.kind === 'file') {
    let stats;
    try {
      stats = await stat(source.path);
    } catch (cause) {
      throw new ObzvonError('not_found', `${name}: cannot be read: ${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'}; expected a list in CSV or NDJSON`, { cause });
    }
    if (stats.isDirectory()) throw new ObzvonError('bad_input', `${name}: found a directory; expected a list in CSV or NDJSON`);
    totalBytes = stats.isFile() ? stats.size : null;
  }
  let bytes = 0;
  const stream: AsyncIterable<unknown> = source.kind === 'file' ? createReadStream(source.path, { highWaterMark: PIECE_BYTES }) : source.stream;
  async function* text(): AsyncGenerator<string> {
    const decoder = new TextDecoder('utf-8');
    let waiting: Buffer[] = [];
    let waitingBytes = 0;
    let first = true;
    for await (const piece of stream) {
      const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece instanceof Uint8Array ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength) : null;
      if (chunk === null) throw new ObzvonError('bad_input', `${name}: found a stream of objects; expected a stream of bytes`);
      bytes += chunk.length;
      // Small pieces are gathered, so that a row that spans many of them is not looked at once for each.
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes < PIECE_BYTES / 2) continue;
      const gathered = waiting.length === 1 ? chunk : Buffer.concat(waiting);
      if (first) refuseForeign(gathered, name);
      first = false;
      waiting = [];
      waitingBytes = 0;
      yield decoder.decode(gathered, { stream: true });
    }
    const last = Buffer.concat(waiting);
    if (first) refuseForeign(last, name);
    yield decoder.decode(last);
  }
  return { name, format: format ?? (/\.(ndjson|jsonl)$/i.test(name) ? 'ndjson' : 'csv'), totalBytes, bytes: () => bytes, text: text() };
}

/** Files that people take for CSV. */
function refuseForeign(start: Buffer, name: string): void {
  const found =
    start.length >= 2 && ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)) ? 'text in UTF-16'
    : start.subarray(0, 4).equals(Buffer.from('PK\x03\x04')) ? 'a spreadsheet or zip file'
    : start.subarray(0, 4).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0])) ? 'an old spreadsheet file (xls)'
    : null;
  if (found !== null) throw new ObzvonError('bad_input', `${name}: found ${found}; expected CSV or NDJSON in UTF-8 (save the list as "CSV UTF-8")`);
}
