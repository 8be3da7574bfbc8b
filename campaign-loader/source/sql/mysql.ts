import { createConnection } from 'mysql2';
import type { FieldPacket } from 'mysql2';
import { BATCH_ROWS } from './query-rows.ts';
import type { QueryRows } from './query-rows.ts';

/** Rows as the server sends them (MySQL and MariaDB send a result row by row; reading pauses the connection), in a session that may only read. */
export async function mysqlRows(url: string, query: string): Promise<QueryRows> {
  const connection = createConnection({ uri: url, charset: 'utf8mb4', rowsAsArray: true, multipleStatements: false, connectTimeout: 20_000, typeCast: (field) => field.string() });
  connection.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => connection.connect((error) => (error === null ? resolve() : reject(error))));
  await new Promise<void>((resolve, reject) => connection.query('SET SESSION TRANSACTION READ ONLY', (error) => (error === null ? resolve() : reject(error))));
  let names: readonly string[] = [];
  async function* batches(): AsyncGenerator<string[][]> {
    const command = connection.query(query);
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
