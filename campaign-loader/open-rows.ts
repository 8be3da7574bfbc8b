import { createHash } from 'node:crypto';
import type { Mapping } from './headings/mapping.ts';
import { ListReader } from './list-reader.ts';
import type { ReadRow } from './list-row.ts';
import { openList } from './list-source.ts';
import type { ListFormat, ListSource } from './list-source.ts';
import type { PassedOver, Understanding } from './understanding.ts';

/** What the reader is told beforehand; whatever is absent it finds out by looking at the list. */
export interface ReadOptions {
  /** `--format`. */
  readonly format?: ListFormat;
  /** `--encoding`: a name as `TextDecoder` knows it (`windows-1251`, `cp866`). */
  readonly encoding?: string;
  /** `--sheet`: the name of a sheet, or its number from 1. Default: the first that has rows. */
  readonly sheet?: string;
  /** `--map`: which column is what, read by `readMapping`. */
  readonly mapping?: Mapping;
  /** Told when reading goes on after a fault (a connection that broke): plain lines for the log, without secrets. */
  readonly onTrouble?: (text: string) => void;
}

/** A list being read. */
export interface OpenRows {
  /** The source as it may be shown: a path, `stdin`, a URL without its secrets. */
  readonly name: string;
  readonly understood: Understanding;
  /**
   * The rows, in batches; the next is read when it is asked for. Blank rows are passed over. To be walked once.
   * While walking: ObzvonError bad_input if the source is damaged (rows before the damage were given), unreachable if it breaks off.
   */
  readonly rows: AsyncIterable<readonly ReadRow[]>;
  /** Lines left out so far because they are no rows; at most the first 1000. */
  passedOver(): readonly PassedOver[];
  /** Raw bytes read so far, packed if they are packed. */
  bytes(): number;
  /** Null if the source does not say. */
  readonly totalBytes: number | null;
  /** The headings of `original`, for the refused file. With several files of different columns: those of all. */
  readonly headings: readonly string[];
  /** SHA-256 (hex) of the raw bytes read, files in their order; of a query, of its rows. Valid when `rows` has ended. */
  contentHash(): string;
  /** Lets go of files and connections; needed also when `rows` was not walked to its end. */
  close(): Promise<void>;
}

/**
 * Opens a list, wherever it is and whatever it is in, and understands its headings.
 * @throws ObzvonError not_found, unreachable if there is no such source; unsupported if it is in no form that can be read;
 *   bad_input if the headings do not tell which column is what
 */
export async function openRows(source: ListSource, options: ReadOptions = {}): Promise<OpenRows> {
  const list = await openList(source, options.format);
  const hash = createHash('sha256');
  const reader = new ListReader(list.format, list.name);
  async function* rows(): AsyncGenerator<readonly ReadRow[]> {
    for await (const text of list.text) {
      hash.update(text);
      yield reader.push(text);
    }
    yield reader.end();
  }
  return {
    name: list.name,
    understood: { files: [] },
    rows: rows(),
    passedOver: () => [],
    bytes: () => list.bytes(),
    totalBytes: list.totalBytes,
    get headings() {
      return reader.headings;
    },
    contentHash: () => hash.copy().digest('hex'),
    close: () => (source.kind === 'stream' ? Promise.resolve(void source.stream.destroy()) : Promise.resolve()),
  };
}
