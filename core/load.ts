import { z } from 'zod';
import { idSchema, timestampSchema } from './contact.ts';

/** What one run of the loader did: published when it ends, for the funnel's first steps. */
export const loadSchema = z.object({
  loadId: idSchema,
  campaignId: idSchema,
  source: z.string().max(500),
  rows: z.number().int().nonnegative(),
  accepted: z.number().int().nonnegative(),
  heldOut: z.number().int().nonnegative(),
  /** Rows refused, by the field and reason code that refused them. */
  refused: z.record(z.string(), z.number().int().nonnegative()),
  /** Rows that name a contact the campaign already has. */
  duplicates: z.number().int().nonnegative(),
  startedAtMs: timestampSchema,
  endedAtMs: timestampSchema,
});
export type Load = z.infer<typeof loadSchema>;
