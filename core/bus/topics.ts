import { z } from 'zod';
import { printEventSchema } from '../amd-print.ts';
import { attemptSchema } from '../attempt.ts';
import { commandSchema } from '../command.ts';
import { contactClosedSchema, contactSchema, timestampSchema } from '../contact.ts';
import { loadSchema } from '../load.ts';
import { paymentSchema } from '../payment.ts';
import { compileCheck } from './compiled-check.ts';
import type { Topic } from './port.ts';

/** A topic of JSON messages checked by a schema at the door. */
export function jsonTopic<S extends z.ZodType>(name: string, partitions: number, schema: S): Topic<z.infer<S>> {
  const isWellFormed = compileCheck(schema);
  return {
    name,
    partitions,
    encode: (value) => JSON.stringify(value),
    write: (value, into) => into.addJson(value),
    decode(text) {
      let raw: unknown;
      try {
        raw = JSON.parse(text);
      } catch {
        return { kind: 'refused', found: 'not JSON' };
      }
      // The schema would hand it back as it is.
      if (isWellFormed(raw)) return { kind: 'ok', value: raw as z.infer<S> };
      const parsed = schema.safeParse(raw);
      if (parsed.success) return { kind: 'ok', value: parsed.data };
      return { kind: 'refused', found: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ').slice(0, 1000) };
    },
  };
}

export const deadLetterSchema = z.object({
  topic: z.string(),
  partition: z.number().int(),
  offset: z.number().int(),
  key: z.string(),
  text: z.string(),
  reason: z.string(),
  atMs: timestampSchema,
});

/** Keyed by contactId. */
export const contactsTopic = jsonTopic('contacts', 8, contactSchema);
/** Keyed by contactId. */
export const attemptsTopic = jsonTopic('attempts', 8, attemptSchema);
/** Keyed by contactId. */
export const dispositionsTopic = jsonTopic('dispositions', 8, contactClosedSchema);
/** Keyed by accountId. */
export const paymentsTopic = jsonTopic('payments', 8, paymentSchema);
/** Keyed by campaignId, phone or accountId; one partition, so that orders keep their order. */
export const commandsTopic = jsonTopic('commands', 1, commandSchema);
/** Keyed by printId; one partition, for what an operator says of a print follows the print. */
export const printsTopic = jsonTopic('prints', 1, printEventSchema);
/** Keyed by campaignId. */
export const loadsTopic = jsonTopic('loads', 1, loadSchema);
export const deadLettersTopic = jsonTopic('dead-letters', 1, deadLetterSchema);
