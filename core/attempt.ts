import { z } from 'zod';
import { groupSchema, idSchema, languageSchema, timestampSchema } from './contact.ts';
import { outcomeSchema, verdictSchema } from './outcome.ts';
import { e164Schema } from './phone.ts';

/** What the callee meant by the digits pressed. */
export const responseSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('promise_to_pay'), promisedDate: z.iso.date() }),
  z.object({ kind: z.literal('opt_out') }),
  z.object({ kind: z.literal('wrong_person') }),
  z.object({ kind: z.literal('transfer'), result: z.enum(['connected', 'not_answered', 'failed']) }),
]);
export type Response = z.infer<typeof responseSchema>;

export const endedBySchema = z.enum(['callee', 'dialer', 'network', 'crash']);
export type EndedBy = z.infer<typeof endedBySchema>;

/** One call placed to one phone of one contact. Times in ms since the epoch; durations in ms. */
export const attemptSchema = z.object({
  attemptId: idSchema,
  contactId: idSchema,
  campaignId: idSchema,
  accountId: idSchema,
  group: groupSchema,
  language: languageSchema,
  timezone: z.string(),
  /** 1 for the contact's first attempt. */
  attemptNumber: z.number().int().positive(),
  phone: e164Schema,
  phoneIndex: z.number().int().nonnegative(),
  trunk: z.string(),
  callerId: z.string(),
  dialerId: idSchema,
  outcome: outcomeSchema,
  endedBy: endedBySchema,
  /** 0 if no final SIP response was received. */
  sipStatus: z.number().int().min(0).max(699),
  /** ITU-T Q.850 cause; 0 if none was given. */
  q850Cause: z.number().int().min(0).max(127),
  /** When the INVITE was sent; for an attempt lost before that, when it was decided. */
  startedAtMs: timestampSchema,
  endedAtMs: timestampSchema,
  answeredAtMs: timestampSchema.nullable(),
  /** From INVITE to the first ringing or early media; null if there was none. */
  postDialDelayMs: z.number().int().nonnegative().nullable(),
  /** From the first ringing to the answer or the end. */
  ringMs: z.number().int().nonnegative(),
  verdict: verdictSchema.nullable(),
  verdictConfidence: z.number().min(0).max(1).nullable(),
  verdictReason: z.string().max(300).nullable(),
  /** Audio heard since answer when the verdict fell. */
  verdictAudioMs: z.number().int().nonnegative().nullable(),
  /** From answer to the verdict's arrival at the dialer, on the dialer's clock. */
  verdictLatencyMs: z.number().int().nonnegative().nullable(),
  /** From answer to the end. */
  talkMs: z.number().int().nonnegative(),
  /** How long the message is and how much of it was played to the end of the call. */
  messageMs: z.number().int().nonnegative(),
  heardMs: z.number().int().nonnegative(),
  /** True if what must be heard (name and amount) was played whole to a human. */
  heardWhole: z.boolean(),
  digits: z.string().regex(/^[0-9*#A-D]*$/).max(64),
  response: responseSchema,
});
export type Attempt = z.infer<typeof attemptSchema>;
