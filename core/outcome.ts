import { z } from 'zod';

/** How one attempt ended; the closed list of DESIGN.md. */
export const OUTCOMES = [
  'human', 'machine', 'message_left', 'announcement', 'fax', 'silence', 'no_answer', 'busy',
  'rejected', 'invalid_number', 'unreachable', 'congestion', 'failed', 'lost',
] as const;
export const outcomeSchema = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof outcomeSchema>;

/** How a contact ended. A contact has exactly one, for ever. */
export const DISPOSITIONS = [
  'reached', 'exhausted', 'paid', 'opted_out', 'suppressed', 'expired', 'invalid', 'held_out',
] as const;
export const dispositionSchema = z.enum(DISPOSITIONS);
export type Disposition = z.infer<typeof dispositionSchema>;

/** What answering-machine detection says of the called party's audio. */
export const VERDICTS = ['human', 'machine', 'announcement', 'fax', 'silence', 'unsure'] as const;
export const verdictSchema = z.enum(VERDICTS);
export type Verdict = z.infer<typeof verdictSchema>;
