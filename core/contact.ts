import { z } from 'zod';
import { dispositionSchema } from './outcome.ts';
import { e164Schema } from './phone.ts';

export const LANGUAGES = ['uk', 'ru', 'en'] as const;
export const languageSchema = z.enum(LANGUAGES);
export type Language = z.infer<typeof languageSchema>;

/** Called, or left alone to measure what calling is worth. Drawn once, before the first call. */
export const groupSchema = z.enum(['called', 'held_out']);
export type Group = z.infer<typeof groupSchema>;

export const idSchema = z.string().min(1).max(128);
export const currencySchema = z.string().regex(/^[A-Z]{3}$/, 'expected an ISO 4217 code such as UAH');
export const timestampSchema = z.number().int().nonnegative();

/** What kind of line a number is, by its country's numbering plan (libphonenumber's types). */
export const LINE_TYPES = ['mobile', 'fixed', 'fixed_or_mobile', 'voip', 'toll_free', 'premium', 'shared_cost', 'personal', 'pager', 'uan', 'voicemail', 'unknown'] as const;
export const lineTypeSchema = z.enum(LINE_TYPES);
export type LineType = z.infer<typeof lineTypeSchema>;

/** Why somebody is never called although they owe: what billing, a regulator or the person said. */
export const SUPPRESSION_REASONS = ['opt_out', 'regulator', 'dispute', 'deceased', 'minor', 'legal', 'other'] as const;
export const suppressionReasonSchema = z.enum(SUPPRESSION_REASONS);
export type SuppressionReason = z.infer<typeof suppressionReasonSchema>;

/** What the loader knew already: the contact is on the bus to be accounted for, and ends with this disposition before any call. */
export const closedAtLoadSchema = z.discriminatedUnion('disposition', [
  z.object({ disposition: z.literal('suppressed'), reason: suppressionReasonSchema }),
  z.object({ disposition: z.literal('paid'), reason: z.enum(['list', 'payments']) }),
]);
export type ClosedAtLoad = z.infer<typeof closedAtLoadSchema>;

/** Why a contact was closed at its load, in an operator's words. */
export function closedAtLoadReason(closed: ClosedAtLoad): string {
  if (closed.disposition === 'paid') return closed.reason === 'list' ? 'the list says it is paid' : 'payment arrived after the list was made';
  return `suppressed at the load: ${closed.reason}`;
}

/** A person's name taken apart, each part as it is spoken. */
export const namePartsSchema = z.object({ first: z.string().min(1).max(100).optional(), patronymic: z.string().min(1).max(100).optional(), last: z.string().min(1).max(100).optional() });
export type NameParts = z.infer<typeof namePartsSchema>;

/** What a contact was drawn for of the campaign's `experiment`; absent: not tried. */
export const armsSchema = z.object({ attempts: z.number().int().min(1).max(50).optional(), firstHour: z.number().int().min(0).max(23).optional(), message: z.string().min(1).max(20).optional() });
export type Arms = z.infer<typeof armsSchema>;

/** One debtor in one campaign. Money is in minor units (kopecks, cents); times in ms since the epoch. */
export const contactSchema = z.object({
  contactId: idSchema,
  campaignId: idSchema,
  accountId: idSchema,
  name: z.string().max(200),
  debtMinor: z.number().int().positive(),
  currency: currencySchema,
  dueDate: z.iso.date().optional(),
  language: languageSchema,
  timezone: z.string().min(1).max(64),
  phones: z.array(e164Schema).min(1).max(10),
  /** The line type of each phone, in the order of `phones`; absent: not known. */
  lineTypes: z.array(lineTypeSchema).max(10).optional(),
  /** Absent if the name is an organisation's, or could not be told apart. */
  nameParts: namePartsSchema.optional(),
  /** The region's canonical name, if the list gave one that is known. */
  region: z.string().min(1).max(100).optional(),
  /** Since when the debt stands. */
  debtSince: z.iso.date().optional(),
  group: groupSchema,
  /** The stratum within which the group was drawn; absent: none. */
  stratum: z.string().max(100).optional(),
  /** What was drawn as one (a household, a shared phone), so that a person is in one group; absent: the account alone. */
  cluster: z.string().max(128).optional(),
  arms: armsSchema.optional(),
  /** The earlier campaign whose hold-out this contact was in, if that is why it is held out of this one. */
  heldOutBefore: idSchema.optional(),
  closedAtLoad: closedAtLoadSchema.optional(),
  /** Of an all-or-nothing load: nobody calls it before the load's `commit_load`. */
  awaitsCommit: z.literal(true).optional(),
  /** Larger is called first among contacts due at the same time. */
  priority: z.number().int().min(0).max(9).default(5),
  /** Further columns of the list, for the flow's templates. */
  fields: z.record(z.string().max(64), z.string().max(500)).default({}),
  loadId: idSchema,
  loadedAtMs: timestampSchema,
});
export type Contact = z.infer<typeof contactSchema>;

/** The reason of the disposition `invalid` of contacts that were never called and whose load was revoked: they should not have been in the list. */
export const REVOKED_REASON = 'load revoked';

/** Told once a contact ends; published on the bus. */
export const contactClosedSchema = z.object({
  contactId: idSchema,
  campaignId: idSchema,
  accountId: idSchema,
  group: groupSchema,
  disposition: dispositionSchema,
  /** The rule that decided, in words an operator understands; never a phone, name or debt. */
  reason: z.string().max(300),
  attempts: z.number().int().nonnegative(),
  closedAtMs: timestampSchema,
});
export type ContactClosed = z.infer<typeof contactClosedSchema>;
