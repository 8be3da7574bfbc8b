import type { z } from 'zod';
import { ObzvonError } from '../core/errors.ts';

/**
 * The objects of a text with one JSON object a line; empty lines are passed over.
 * @param place the file, for errors
 * @param refusal what was found and what was expected, of a line that does not fit and what the schema says of it
 * @throws ObzvonError bad_input naming the line that is wrong
 */
export function jsonLines<T>(text: string, schema: z.ZodType<T>, place: string, refusal: (line: string, said: string | undefined) => string): T[] {
  return text.split('\n').flatMap((line, index): T[] => {
    if (line.trim() === '') return [];
    const parsed = schema.safeParse(asJson(line));
    if (!parsed.success) throw new ObzvonError('bad_input', `${place} line ${index + 1}: ${refusal(line, parsed.error.issues[0]?.message)}`);
    return [parsed.data];
  });
}

function asJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
