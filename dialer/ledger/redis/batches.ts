/** Items that one script of a long operation takes: Redis serves nobody else meanwhile, for about 20 microseconds an item. */
export const BATCH = 200;

export function* batches<T>(items: readonly T[], size = BATCH): Generator<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
