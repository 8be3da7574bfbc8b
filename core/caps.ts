import { z } from 'zod';

/**
 * Caps per person (account) over all campaigns, and the rest a phone gets. A day is the callee's by the calendar, or any 24 hours; a week
 * is any 7 days, a month any 31.
 */
export const capsSchema = z.strictObject({
  perDay: z.number().int().min(1).default(2),
  dayIs: z.enum(['calendar_day', 'any_24_hours']).default('calendar_day'),
  perWeek: z.number().int().min(1).default(5),
  perMonth: z.number().int().min(1).default(12),
  /** Days of rest after a conversation (an attempt with outcome human). 0: none. */
  restAfterConversationDays: z.number().min(0).max(31).default(0),
  /** From the start of one call to the start of the next to the same phone. */
  minGapMinutes: z.number().min(1).default(15),
});
export type Caps = z.infer<typeof capsSchema>;
