import { createConnection } from 'mysql2';
import type { FieldPacket } from 'mysql2';
import { BATCH_ROWS, momentText, withParameters } from './query-rows.ts';
import type { Query, QueryRows } from './query-rows.ts';

/**
 * Rows as the server sends them (MySQL and MariaDB send a result row by row; reading pauses the connection), in a session that may only read. `{since}` is a parameter
 * of a statement prepared in SQL: the driver's own prepared statements send values in binary, and numbers and dates would come as other texts than without it.
 */
export async function mysqlRows(url: string, query: Query): Promise<QueryRows> {
  const connection = createConnection({ uri: url, charset: 'utf8mb4', rowsAsArray: true, multipleStatements: false, connectTimeout: 20_000, typeCast: (field) => field.string() });
  connection.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => connection.connect((error) => (error === null ? resolve() : reject(error))));
  const order = (text: string): Promise<void> => new Promise((resolve, reject) => connection.query(text, (error) => (error === null ? resolve() : reject(error))));
  await order('SET SESSION TRANSACTION READ ONLY');
  let names: readonly string[] = [];
  async function* batches(): AsyncGenerator<string[][]> {
    const { text, places } = withParameters(query, () => '?');
    if (places > 0) {
      // In hex, for what escapes a quote depends on the session's sql_mode.
      await order(`SET @obzvon_query = CONVERT(X'${Buffer.from(text).toString('hex')}' USING utf8mb4), @obzvon_since = '${momentText(query.sinceMs ?? 0)}'`);
      await order('PREPARE obzvon FROM @obzvon_query');
    }
    const command = connection.query(places === 0 ? text : `EXECUTE obzvon USING ${new Array(places).fill('@obzvon_since').join(', ')}`);
    command.on('fields', (fields: FieldPacket[] | undefined) => (names = (fields ?? []).map((field) => field.name)));
    let batch: string[][] = [];
    for await (const row of command.stream({ highWaterMark: BATCH_ROWS }) as AsyncIterable<(string | null)[]>) {
      batch.push(row.map((text) => text ?? ''));
      if (batch.length < BATCH_ROWS) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
  return {
    names: () => names,
    batches: batches(),
    close: () => {
      // Not `end`: that waits for the rest of the rows.
      connection.destroy();
      return Promise.resolve();
    },
  };
}
