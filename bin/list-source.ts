import { resolve } from 'node:path';
import { shownUrl, type ListSource } from '../campaign-loader/index.ts';
import { ObzvonError } from '../core/errors.ts';

/** What stands for a source on the command line: a file, a pattern such as `lists/*.csv`, `-` for stdin, a URL of a file, or of a database with a query. */
export function listSource(list: string, query?: string): ListSource {
  const scheme = /^([a-z][a-z0-9+]*):\/\//i.exec(list)?.[1]?.toLowerCase();
  if (scheme !== undefined && /^(postgres|postgresql|mysql|clickhouse|clickhouses)$/.test(scheme)) {
    if (query === undefined) throw new ObzvonError('usage', `${scheme}://…: a database needs --query; expected the SELECT that gives the list`);
    return { kind: 'sql', url: list, query };
  }
  if (query !== undefined) throw new ObzvonError('usage', '--query is for a database; expected a list such as postgres://user:password@host/database');
  if (scheme === 'http' || scheme === 'https') return { kind: 'http', url: list };
  if (scheme !== undefined) throw new ObzvonError('usage', `found a list at ${scheme}://; expected a file, -, http(s)://, postgres://, mysql:// or clickhouse://`);
  if (list === '-') return { kind: 'stream', stream: process.stdin, name: 'stdin' };
  return /[*?[]/.test(list) ? { kind: 'glob', pattern: list } : { kind: 'file', path: list };
}

/** The source's name for telling it from others: what it is, without secrets or what was read of it. */
export function sourceNameOf(source: ListSource): readonly string[] {
  switch (source.kind) {
    case 'file':
      return [resolve(source.path)];
    case 'glob':
      return [resolve(source.pattern)];
    case 'stream':
      return [source.name];
    case 'http':
      return [shownUrl(source.url)];
    case 'sql':
      return [shownUrl(source.url), source.query];
  }
}

/** Where refused rows go unless they are told where: beside a list of this machine, else into the working directory. */
export function refusedStem(source: ListSource): string {
  switch (source.kind) {
    case 'file':
      return source.path;
    case 'glob':
      return source.pattern.replace(/[*?[\]{}]+/g, 'all');
    case 'stream':
      return `${source.name}.csv`;
    case 'http':
      return decodeURIComponent(new URL(source.url).pathname.split('/').at(-1) ?? '').replace(/[^\p{L}\p{N}._-]+/gu, '_') || 'list.csv';
    case 'sql':
      return 'query.csv';
  }
}
