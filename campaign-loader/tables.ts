import { isAbsolute } from 'node:path';
import { glob } from 'tinyglobby';
import { ObzvonError, unreachable } from '../core/errors.ts';
import { encodingNamed, ENCODINGS } from './format/encoding.ts';
import type { Table } from './format/table.ts';
import { textTable } from './format/text-table.ts';
import { isWorkbook, openWorkbook } from './format/xlsx/workbook.ts';
import { knownHeadings } from './headings/find.ts';
import type { ListSource } from './list-source.ts';
import { nameOfSource } from './list-source.ts';
import type { ReadOptions } from './read-options.ts';
import { fileOfStream, fileOnDisk, lookAt } from './source/byte-file.ts';
import type { ByteFile, LookedAt } from './source/byte-file.ts';
import { foreignKind, foreignZip } from './source/foreign.ts';
import { gunzipped, isGzip } from './source/gzip.ts';
import { fileOfUrl } from './source/http-file.ts';
import { Meter } from './source/meter.ts';
import { Spool, hashFile } from './source/spool.ts';
import { openQuery } from './source/sql/query.ts';
import { isZip, openZip } from './source/zip.ts';

/** The tables of a source, each looked at, none read yet. */
export interface OpenTables {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly meter: Meter;
  readonly totalBytes: number | null;
  close(): Promise<void>;
}

/** Archives within archives: a zip of gzips is as deep as it gets. */
const MAX_DEPTH = 3;

/**
 * Opens a source and looks at each list in it.
 * @throws ObzvonError not_found, unreachable, unsupported (no list, and what it is), bad_input
 */
export async function openTables(source: ListSource, options: ReadOptions): Promise<OpenTables> {
  const opening = new Opening(options);
  try {
    return await opening.open(source);
  } catch (error) {
    await opening.close();
    throw error;
  }
}

class Opening {
  readonly #options: ReadOptions;
  readonly #meter = new Meter();
  readonly #spool = new Spool();
  readonly #tables: Table[] = [];
  readonly #closers: (() => void)[] = [];

  constructor(options: ReadOptions) {
    this.#options = options;
    if (options.encoding !== undefined && encodingNamed(options.encoding) === null) throw new ObzvonError('usage', `found the encoding "${options.encoding.slice(0, 40)}"; expected one of ${ENCODINGS.join(', ')}`);
  }

  async open(source: ListSource): Promise<OpenTables> {
    const name = nameOfSource(source);
    let totalBytes: number | null = null;
    if (source.kind === 'sql') this.#tables.push(await openQuery(source.url, { text: source.query, sinceMs: source.sinceMs ?? null }, this.#meter));
    else {
      const files = await this.#files(source);
      totalBytes = files.reduce<number | null>((sum, file) => (sum === null || file.totalBytes === null ? null : sum + file.totalBytes), 0);
      for (const file of files) await this.#add(file, 0);
      if (this.#tables.length === 0) throw new ObzvonError('bad_input', `${name}: found no list in it; expected CSV, NDJSON, JSON or XLSX`);
    }
    return { name, tables: this.#tables, meter: this.#meter, totalBytes, close: () => this.close() };
  }

  async close(): Promise<void> {
    for (const table of this.#tables) await table.close();
    for (const close of this.#closers) close();
    await this.#spool.close();
  }

  async #files(source: Exclude<ListSource, { kind: 'sql' }>): Promise<ByteFile[]> {
    switch (source.kind) {
      case 'file':
        return [await fileOnDisk(source.path)];
      case 'glob': {
        const paths = await glob(source.pattern, { absolute: isAbsolute(source.pattern), onlyFiles: true, expandDirectories: false, dot: false });
        if (paths.length === 0) throw new ObzvonError('not_found', `${source.pattern}: found no file of such a name; expected at least one`);
        return Promise.all(paths.sort().map((path) => fileOnDisk(path)));
      }
      case 'stream':
        return [fileOfStream(source.stream, source.name)];
      case 'http':
        return [await fileOfUrl(source.url, { onTrouble: this.#options.onTrouble, ...this.#options.http })];
      default:
        return unreachable(source);
    }
  }

  /** Adds the table, or tables, of one file, whatever it is packed in. */
  async #add(file: ByteFile, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) throw new ObzvonError('unsupported', `${file.name}: is an archive within archives; unpack it and give what is in it`);
    const looked = await lookAt(file, this.#meter);
    if (isGzip(looked.head)) return this.#add(gunzipped(asFile(looked)), depth + 1);
    if (isZip(looked.head)) return this.#addZip(looked, depth);
    const foreign = foreignKind(looked.head);
    if (foreign !== null) {
      await looked.close();
      throw new ObzvonError('unsupported', `${file.name}: found ${foreign.found}; expected CSV, NDJSON, JSON or XLSX: ${foreign.todo}`);
    }
    const { format, encoding, mapping } = this.#options;
    if (format === 'xlsx') throw new ObzvonError('bad_input', `${file.name}: found text; expected a spreadsheet (.xlsx), as --format says`);
    this.#tables.push(textTable(looked, { format: format ?? null, encoding: encoding === undefined ? null : encodingNamed(encoding) }, (cells) => knownHeadings(cells, mapping ?? null)));
  }

  async #addZip(looked: LookedAt, depth: number): Promise<void> {
    const { file } = looked;
    const { path } = file;
    const local = path ?? (await this.#spool.keep(looked.all()));
    const zip = await openZip(local, file.name);
    this.#closers.push(() => zip.close());
    // A member's bytes are hashed with the archive they are in.
    if (path !== null) await hashFile(path, this.#meter);
    const names = zip.members.map((member) => member.name);
    const foreign = foreignZip(names);
    if (foreign !== null) throw new ObzvonError('unsupported', `${file.name}: found ${foreign.found}; expected CSV, NDJSON, JSON or XLSX: ${foreign.todo}`);
    if (isWorkbook(zip)) {
      const { format, sheet, mapping } = this.#options;
      if (format !== undefined && format !== 'xlsx') throw new ObzvonError('bad_input', `${file.name}: found a spreadsheet (.xlsx); expected ${format}, as --format says`);
      this.#tables.push(await openWorkbook(zip, file, { sheet, spool: this.#spool, meter: path === null ? null : this.#meter, known: (cells) => knownHeadings(cells, mapping ?? null) }));
      return;
    }
    if (zip.members.length === 0) throw new ObzvonError('bad_input', `${file.name}: found an empty zip file; expected lists in it`);
    for (const member of zip.members) await this.#add(path === null ? uncounted(member) : member, depth + 1);
  }
}

/** A file whose beginning was read already. */
function asFile(looked: LookedAt): ByteFile {
  if (looked.file.again) return looked.file;
  return {
    ...looked.file,
    // What is counted was counted as it came in.
    async *open() {
      try {
        yield* looked.all();
      } finally {
        await looked.close();
      }
    },
  };
}

/** The bytes of a spooled archive were counted as they came in. */
const uncounted = (file: ByteFile): ByteFile => ({ ...file, open: () => file.open(null) });
