import { z } from 'zod';
import { campaignSchema } from './campaign.ts';
import { idSchema, suppressionReasonSchema, timestampSchema } from './contact.ts';
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
  /** Never call a number (until `expiresAtMs`): `reason` in words, `code` from the closed list, `source` the list it came from. */
  z.object({
    kind: z.literal('dnc_add'),
    phone: e164Schema,
    reason: z.string().max(200),
    code: suppressionReasonSchema.optional(),
    source: z.string().max(200).optional(),
    expiresAtMs: timestampSchema.nullable(),
    atMs: timestampSchema,
  }),
  z.object({ kind: z.literal('dnc_remove'), phone: e164Schema, atMs: timestampSchema }),
  /** Never call an account (until `expiresAtMs`): lists loaded from then on close its contacts as `suppressed`. */
  z.object({
    kind: z.literal('suppress_add'),
    accountId: idSchema,
    reason: suppressionReasonSchema,
    source: z.string().max(200).optional(),
    expiresAtMs: timestampSchema.nullable(),
    atMs: timestampSchema,
  }),
  z.object({ kind: z.literal('suppress_remove'), accountId: idSchema, atMs: timestampSchema }),
  /** Every contact of an all-or-nothing load is on the bus: they may be called. */
  z.object({ kind: z.literal('commit_load'), campaignId: idSchema, loadId: idSchema, atMs: timestampSchema }),
  /** Takes a load back: its contacts that were never called end as `invalid`. */
  z.object({ kind: z.literal('revoke_load'), campaignId: idSchema, loadId: idSchema, atMs: timestampSchema }),
]);
export type Command = z.infer<typeof commandSchema>;

/** What orders are kept apart by on the bus: the campaign, the phone or the account they are about. */
export function keyOfCommand(command: Command): string {
  if ('campaignId' in command) return command.campaignId;
  return 'phone' in command ? command.phone : command.accountId;
}
