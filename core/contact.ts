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
  group: groupSchema,
  /** The stratum within which the group was drawn; absent: none. */
  stratum: z.string().max(100).optional(),
  /** What was drawn as one (a household, a shared phone), so that a person is in one group; absent: the account alone. */
  cluster: z.string().max(128).optional(),
  /** Larger is called first among contacts due at the same time. */
  priority: z.number().int().min(0).max(9).default(5),
  /** Further columns of the list, for the flow's templates. */
  fields: z.record(z.string().max(64), z.string().max(500)).default({}),
  loadId: idSchema,
  loadedAtMs: timestampSchema,
});
export type Contact = z.infer<typeof contactSchema>;

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
