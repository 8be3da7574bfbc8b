import { z } from 'zod';

/** Ring time alone decides nothing: it turns the odds e^3, twenty times, at most. */
export const MOST_LOG_ODDS = 3;

/**
 * What the time a phone rang tells of who answers: natural logarithm of how much likelier it is of persons than of recordings, from `fromMs`
 * of ringing on. It differs between networks and lists, so it is learnt on a campaign's own labelled calls (`obzvon amd audit`).
 */
export const ringOddsSchema = z
  .array(z.strictObject({ fromMs: z.number().int().nonnegative(), logOdds: z.number().min(-MOST_LOG_ODDS).max(MOST_LOG_ODDS) }))
  .max(24)
  .refine((odds) => odds.every(({ fromMs }, index) => index === 0 || fromMs > odds[index - 1]!.fromMs), 'fromMs must rise from one to the next');
export type RingOdds = z.infer<typeof ringOddsSchema>;

/** 0 where nothing is known, and before the first `fromMs`. */
export function ringLogOdds(odds: RingOdds, ringMs: number | null): number {
  return ringMs === null ? 0 : (odds.findLast(({ fromMs }) => ringMs >= fromMs)?.logOdds ?? 0);
}
