import type { Readable } from 'node:stream';
import { unreachable } from '../core/errors.ts';
import { shownUrl } from './source/shown-url.ts';

/**
 * Where a list comes from.
 *
 * - `file`: one file, plain or packed (gzip, zip).
 * - `glob`: several files, read one after another in the order of their names.
 * - `stream`: bytes (stdin, an upload); `name` stands for it in errors and reports.
 * - `http`: `http://` or `https://`; taken up again where it broke off.
 * - `sql`: the rows of a query; `postgres://`, `mysql://` or `clickhouse://` (`clickhouses://` over TLS). `sinceMs` (since the epoch) stands where the query says `{since}`.
 *
 * URLs may hold secrets: they are never shown.
 */
export type ListSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'glob'; readonly pattern: string }
  | { readonly kind: 'stream'; readonly stream: Readable; readonly name: string }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'sql'; readonly url: string; readonly query: string; readonly sinceMs?: number };
export type ListFormat = 'csv' | 'ndjson' | 'json' | 'xlsx';

/** The source as it may be shown: a path, `stdin`, a URL without its secrets. */
export function nameOfSource(source: ListSource): string {
  switch (source.kind) {
    case 'file':
      return source.path;
    case 'glob':
      return source.pattern;
    case 'stream':
      return source.name;
    case 'http':
    case 'sql':
      return shownUrl(source.url);
    default:
      return unreachable(source);
  }
}
