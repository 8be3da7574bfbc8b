import { ObzvonError } from '../../../core/errors.ts';
import type { RawRow } from '../../format/raw-row.ts';
import type { Table } from '../../format/table.ts';
import type { Meter } from '../meter.ts';
import { shownUrl } from '../shown-url.ts';
import type { Query, QueryRows } from './query-rows.ts';

const HEAD_ROWS = 300;

/**
 * Runs a query that only reads, and gives its rows as a table whose headings are the names of its columns.
 * @throws ObzvonError unreachable (no server, or it broke off), bad_input (the server refuses the query or the user)
 */
export async function openQuery(url: string, query: Query, meter: Meter): Promise<Table> {
  const name = shownUrl(url);
  let rows: QueryRows;
  const head: RawRow[] = [];
  let iterator: AsyncIterator<readonly (readonly string[])[]>;
  let line = 0;
  const taken = (batch: readonly (readonly string[])[]): RawRow[] =>
    batch.map((cells) => {
      const text = JSON.stringify(cells);
      meter.hashOnly(text);
      meter.bytes += Buffer.byteLength(text);
      line += 1;
      return { kind: 'cells', line, cells };
    });
  let ended = false;
  try {
    rows = await connect(url, query);
  } catch (error) {
    throw sqlError(name, error);
  }
  try {
    iterator = rows.batches[Symbol.asyncIterator]();
    while (head.length < HEAD_ROWS && !ended) {
      const next = await iterator.next();
      if (next.done === true) ended = true;
      else head.push(...taken(next.value));
    }
  } catch (error) {
    await rows.close();
    throw sqlError(name, error);
  }
  return {
    name,
    facts: () => ({ format: 'sql', compression: 'none', encoding: null, delimiter: null, quote: null, sheet: null, otherSheets: [] }),
    headings: { kind: 'given', names: rows.names() },
    head,
    async *rows() {
      yield head;
      try {
        while (!ended) {
          const next = await iterator.next();
          if (next.done === true) return;
          yield taken(next.value);
        }
      } catch (error) {
        throw sqlError(name, error);
      }
    },
    close: () => rows.close(),
  };
}

/** Drivers are loaded when they are asked for: all of them take 10 MB and a sixth of a second. */
async function connect(url: string, query: Query): Promise<QueryRows> {
  const scheme = /^([a-z]+):\/\//i.exec(url)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'postgres':
    case 'postgresql':
      return (await import('./postgres.ts')).postgresRows(url, query);
    case 'mysql':
    case 'mariadb':
      return (await import('./mysql.ts')).mysqlRows(url.replace(/^mariadb:/i, 'mysql:'), query);
    case 'clickhouse':
    case 'clickhouses':
      return (await import('./clickhouse.ts')).clickhouseRows(url, query);
    default:
      throw new ObzvonError('usage', `${shownUrl(url)}: found a database of an unknown kind; expected postgres://, mysql:// or clickhouse://`);
  }
}

/** What the drivers throw when there is no server to talk to, or no longer. */
const AWAY = /^(?:E[A-Z]+|PROTOCOL_CONNECTION_LOST|ER_SERVER_SHUTDOWN|57P0\d|08\d\d\d)$/;

function sqlError(name: string, error: unknown): unknown {
  if (error instanceof ObzvonError || !(error instanceof Error)) return error;
  // Of several addresses tried the first tells enough.
  const cause = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  const code = 'code' in cause ? String(cause.code) : '';
  const text = cause.message.replace(/\b[a-z]+:\/\/\S+/gi, (url) => shownUrl(url));
  if ((AWAY.test(code) && !code.startsWith('ER_')) || /connection (?:terminated|lost|closed|ended)|socket hang up|terminating connection/i.test(text)) {
    return new ObzvonError('unreachable', `${name}: the database cannot be reached or broke off (${code || text}); expected the rows of the query: try again later, what is loaded already is passed over then`, { cause: error });
  }
  return new ObzvonError('bad_input', `${name}: the database refused the query${code === '' ? '' : ` (${code})`}: ${text}`, { cause: error });
}
