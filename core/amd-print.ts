/**
 * What is told of announcements' fingerprints on the bus, so that all dialers know the same ones and keep them. A print is a few hundred
 * bits of signs: speech cannot be made from it. `callee` is a keyed hash of the number called, never the number.
 */
import { z } from 'zod';
import { timestampSchema } from './contact.ts';

export const printIdSchema = z.string().regex(/^[0-9a-f]{12}$/, 'expected 12 hexadecimal digits');
const calleeSchema = z.string().regex(/^[0-9a-f]{16}$/);
/** What an operator calls it, and so what an attempt's verdict tells: no longer than a line. */
export const printNameSchema = z.string().trim().min(1).max(80).regex(/^[^\p{Cc}]*$/u, 'expected one line of text');

/** A confirmed print is a network's announcement, or the greeting of a machine (an operator's voicemail), which waits for its beep. */
export const PRINT_MEANINGS = ['announcement', 'machine'] as const;
export type PrintMeaning = (typeof PRINT_MEANINGS)[number];

export const printEventSchema = z.discriminatedUnion('kind', [
  /** Heard from a second number: from here on all dialers count it. `words` is base64 of 32-bit little-endian words. */
  z.object({ kind: z.literal('heard'), printId: printIdSchema, words: z.base64().max(1200), callees: z.array(calleeSchema).min(1).max(3), atMs: timestampSchema }),
  z.object({ kind: z.literal('matched'), printId: printIdSchema, callee: calleeSchema, atMs: timestampSchema }),
  z.object({ kind: z.literal('confirmed'), printId: printIdSchema, means: z.enum(PRINT_MEANINGS), name: printNameSchema, atMs: timestampSchema }),
  z.object({ kind: z.literal('named'), printId: printIdSchema, name: printNameSchema, atMs: timestampSchema }),
  z.object({ kind: z.literal('rejected'), printId: printIdSchema, atMs: timestampSchema }),
]);
export type PrintEvent = z.infer<typeof printEventSchema>;
