/** A query, and the moment that `{since}` in it stands for; null: it names none. */
export interface Query {
  readonly text: string;
  readonly sinceMs: number | null;
}

/** Where a query names the moment. */
const SINCE_PLACE = /\{since\}/g;

/** The query as its server takes it, with a parameter at each place of `{since}`, and how many there are. */
export function withParameters({ text, sinceMs }: Query, parameter: (place: number) => string): { readonly text: string; readonly places: number } {
  let places = 0;
  return { text: sinceMs === null ? text : text.replace(SINCE_PLACE, () => parameter(++places)), places };
}

/** A moment in UTC, to the second, as databases write it: `2026-11-01 09:00:00`. */
export function momentText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** The rows of a query as texts, fetched as they are asked for. */
export interface QueryRows {
  /** Known once the first batch was read. */
  readonly names: () => readonly string[];
  readonly batches: AsyncIterable<readonly (readonly string[])[]>;
  close(): Promise<void>;
}

export const BATCH_ROWS = 200;

/** A value of a query as a text: several ones parted by `; `, so that an array may hold phones. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(valueText).filter((text) => text !== '').join('; ');
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' ? value : typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}
