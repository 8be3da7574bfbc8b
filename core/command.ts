import { z } from 'zod';
import { campaignSchema } from './campaign.ts';
import { idSchema, timestampSchema } from './contact.ts';
import { e164Schema } from './phone.ts';

/** An operator's order, carried to every dialer by the bus. Order within a campaign is kept. */
export const commandSchema = z.discriminatedUnion('kind', [
  /** Defines or redefines a campaign; the dialers dial it from then on. */
  z.object({ kind: z.literal('define'), campaignId: idSchema, campaign: campaignSchema, atMs: timestampSchema }),
  z.object({ kind: z.literal('pause'), campaignId: idSchema, atMs: timestampSchema }),
  z.object({ kind: z.literal('resume'), campaignId: idSchema, atMs: timestampSchema }),
  /** No call any more: contacts not yet ended become `expired`. */
  z.object({ kind: z.literal('stop'), campaignId: idSchema, atMs: timestampSchema }),
  z.object({
    kind: z.literal('set'),
    campaignId: idSchema,
    atMs: timestampSchema,
    maxCallsPerSecond: z.number().positive().optional(),
    maxChannels: z.number().int().positive().optional(),
  }),
  z.object({ kind: z.literal('dnc_add'), phone: e164Schema, reason: z.string().max(200), expiresAtMs: timestampSchema.nullable(), atMs: timestampSchema }),
  z.object({ kind: z.literal('dnc_remove'), phone: e164Schema, atMs: timestampSchema }),
]);
export type Command = z.infer<typeof commandSchema>;
