import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { ObzvonError } from '../../../core/errors.ts';
import { momentText, valueText, withParameters } from './query-rows.ts';
import type { Query, QueryRows } from './query-rows.ts';

/** Rows as the server streams them, by a statement that may only read. `clickhouse://user:password@host:8123/database`; `clickhouses://` over TLS. `{since}` is a parameter of the query, a DateTime in UTC. */
export function clickhouseRows(url: string, query: Query): QueryRows {
  const parsed = new URL(url.replace(/^clickhouse(s?):/i, 'http$1:'));
  if (parsed.port === '') parsed.port = parsed.protocol === 'https:' ? '8443' : '8123';
  const client = createClient({ url: parsed, application: 'obzvon', request_timeout: 300_000, log: { level: ClickHouseLogLevel.OFF } });
  let names: readonly string[] = [];
  async function* batches(): AsyncGenerator<string[][]> {
    const result = await client.query({
      query: withParameters(query, () => "{since:DateTime('UTC')}").text,
      query_params: query.sinceMs === null ? {} : { since: momentText(query.sinceMs) },
      format: 'JSONCompactEachRowWithNames',
      // Numbers as texts, so that none loses a digit on the way.
      clickhouse_settings: { readonly: '2', output_format_json_quote_64bit_integers: 1, output_format_json_quote_decimals: 1, output_format_json_quote_64bit_floats: 0 },
    });
    let first = true;
    for await (const rows of result.stream<unknown[]>()) {
      const batch: string[][] = [];
      for (const row of rows) {
        const cells: unknown = row.json();
        if (!Array.isArray(cells)) throw new ObzvonError('bad_input', 'the database sent what is no row');
        if (first) names = cells.map(valueText);
        else batch.push(cells.map(valueText));
        first = false;
      }
      if (batch.length > 0) yield batch;
    }
  }
  return { names: () => names, batches: batches(), close: () => client.close() };
}
