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
