import { z } from 'zod';
import { currencySchema, idSchema, timestampSchema } from './contact.ts';

/** Money that came in for one account. `paymentId` is billing's; the same id twice is one payment. */
export const paymentSchema = z.object({
  paymentId: idSchema,
  accountId: idSchema,
  /** Minor units; negative for a payment taken back. */
  amountMinor: z.number().int(),
  currency: currencySchema,
  paidAtMs: timestampSchema,
  /** When billing booked it; absent if billing does not say. */
  postedAtMs: timestampSchema.optional(),
  /** The payment that this one takes back; its amount is negative. */
  reverses: idSchema.optional(),
  /** When billing told obzvon. */
  receivedAtMs: timestampSchema,
});
export type Payment = z.infer<typeof paymentSchema>;
