import { Client } from 'pg';
import type { QueryResult } from 'pg';
import Cursor from 'pg-cursor';
import { BATCH_ROWS, momentText, valueText, withParameters } from './query-rows.ts';
import type { Query, QueryRows } from './query-rows.ts';

/** Types of PostgreSQL by their numbers (pg_type.dat). */
const BOOL = 16;
const TIMESTAMPTZ = 1184;
const ARRAYS: ReadonlySet<number> = new Set([1001, 1002, 1005, 1007, 1009, 1014, 1015, 1016, 1231]);

/**
 * Rows through a cursor, in a transaction that may only read. Values are the texts that the server sends. `{since}` is a parameter each time, of whatever type stands
 * beside it; its zone is told, so that the session's does not matter.
 */
export async function postgresRows(url: string, query: Query): Promise<QueryRows> {
  const client = new Client({ connectionString: url, application_name: 'obzvon', keepAlive: true });
  // A connection that breaks between two reads shows at the next.
  client.on('error', () => undefined);
  await client.connect();
  let names: readonly string[] = [];
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await client.end().catch(() => undefined);
  };
  async function* batches(): AsyncGenerator<string[][]> {
    await client.query('BEGIN READ ONLY');
    const { text, places } = withParameters(query, (place) => `$${place}`);
    const moments = new Array<string>(places).fill(`${momentText(query.sinceMs ?? 0)}+00`);
    const cursor = client.query(new Cursor<(string | null)[]>(text, moments, { rowMode: 'array', types: { getTypeParser: () => (value: string) => value } }));
    let types: readonly number[] = [];
    for (;;) {
      const rows = await new Promise<(string | null)[][]>((resolve, reject) => {
        cursor.read(BATCH_ROWS, (error, read, result: QueryResult | undefined) => {
          if (error) {
            reject(error);
            return;
          }
          // Asked once more after its end, the cursor has no result to tell of.
          if (result !== undefined) {
            names = result.fields.map((field) => field.name);
            types = result.fields.map((field) => field.dataTypeID);
          }
          resolve(read);
        });
      });
      if (rows.length === 0) return;
      yield rows.map((row) => row.map((text, index) => textOf(text, types[index]!)));
    }
  }
  return { names: () => names, batches: batches(), close };
}

function textOf(text: string | null, type: number): string {
  if (text === null) return '';
  if (type === BOOL) return text === 't' ? 'true' : 'false';
  // +02 of a time is +02:00 to everybody else.
  if (type === TIMESTAMPTZ) return text.replace(/([+-]\d{2})$/, '$1:00');
  return ARRAYS.has(type) ? valueText(arrayOf(text)) : text;
}

/** The elements of an array as the server writes it: `{a,"b c",NULL}`. */
function arrayOf(text: string): string[] {
  return [...text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,{}"]+)/g)].flatMap(([, quoted, plain]) => (quoted !== undefined ? [quoted.replace(/\\(.)/g, '$1')] : plain === 'NULL' ? [] : [plain!]));
}
