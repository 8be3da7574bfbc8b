import type { Mapping } from './headings/mapping.ts';
import type { ListFormat } from './list-source.ts';
import type { HttpOptions } from './source/http-file.ts';

/** What the reader is told beforehand; whatever is absent it finds out by looking at the list. */
export interface ReadOptions {
  /** `--format`. */
  readonly format?: ListFormat;
  /** `--encoding`: `utf-8`, `utf-16le`, `windows-1251`, `koi8-u`, `cp866` and the like; see `ENCODINGS`. */
  readonly encoding?: string;
  /** `--sheet`: the name of a sheet, or its number from 1. Default: the first that has known headings, else the first. */
  readonly sheet?: string;
  /** `--map`: which column is what, read by `readMapping`. */
  readonly mapping?: Mapping;
  /** Told when reading goes on after a fault (a connection that broke): plain lines for the log, without secrets. */
  readonly onTrouble?: (text: string) => void;
  /** How long a server is waited for. */
  readonly http?: Omit<HttpOptions, 'onTrouble'>;
}
