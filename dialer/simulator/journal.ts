import { z } from 'zod';

/** What kind of party a simulated number turned out to be; the truth that verdicts are compared with. */
export const PERSONA_KINDS = [
  'human', 'voicemail', 'announcement_early', 'announcement_answered', 'sit', 'fax', 'silence',
  'busy', 'no_answer', 'rejected', 'invalid', 'unreachable', 'congestion',
] as const;
export const personaKindSchema = z.enum(PERSONA_KINDS);
export type PersonaKind = z.infer<typeof personaKindSchema>;

/**
 * The simulator's own record of what reached it, one JSON line each, written before it answers: the audit's second
 * witness. It survives a kill of the simulator. Times are simulated ms since the epoch.
 */
export const journalEntrySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('invite'), atMs: z.number(), wallMs: z.number(), attemptId: z.string(), phone: z.string(), callerId: z.string(), persona: personaKindSchema }),
  z.object({ kind: z.literal('answered'), atMs: z.number(), attemptId: z.string() }),
  z.object({ kind: z.literal('cancelled'), atMs: z.number(), attemptId: z.string() }),
  z.object({
    kind: z.literal('ended'),
    atMs: z.number(),
    attemptId: z.string(),
    phone: z.string(),
    persona: personaKindSchema,
    answered: z.boolean(),
    /** Prompt audio that the callee heard, ms. */
    heardMs: z.number(),
    /** Digits the callee pressed; absent: none. */
    digits: z.string().optional(),
    by: z.enum(['caller', 'callee', 'network', 'crash']),
  }),
  /** The clock was moved forward to `atMs`. */
  z.object({ kind: z.literal('jump'), atMs: z.number() }),
]);
export type JournalEntry = z.infer<typeof journalEntrySchema>;
