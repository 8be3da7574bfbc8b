import type { PersonaKind } from '../journal.ts';
import type { PublicMix } from '../options.ts';
import type { Draw } from './draw.ts';

const HOUR_MS = 3_600_000;

/** Kinds that belong to the call, not to the number: the next call may fare better. */
const PASSING: readonly PersonaKind[] = ['busy', 'no_answer', 'rejected', 'unreachable', 'congestion'];
/** Kinds of number that the network answers for; nobody can be busy there. */
const DEAD: readonly PersonaKind[] = ['invalid', 'announcement_early', 'sit'];

/**
 * The kind of party of one call. A number keeps its kind (invalid stays invalid, a fax stays a fax); over it come the passing
 * kinds, drawn anew for each call. Over many numbers the shares come out as `mix` says, but for the dead numbers' share
 * of the passing kinds.
 * @param phone chance of the number
 * @param call chance of this call
 */
export function kindOf(mix: PublicMix, phone: Draw, call: Draw): PersonaKind {
  const weights = Object.entries(mix) as [PersonaKind, number][];
  const passing = weights.filter(([kind]) => PASSING.includes(kind));
  const lasting = weights.filter(([kind]) => !PASSING.includes(kind));
  const sum = (of: readonly [PersonaKind, number][]): number => of.reduce((total, [, weight]) => total + weight, 0);
  const own = phone.weighted('kind', lasting);
  if (own !== null && DEAD.includes(own)) return own;
  const alive = sum(weights) - sum(weights.filter(([kind]) => DEAD.includes(kind)));
  if (own === null || call.fraction('passing') * alive < sum(passing)) return call.weighted('passing kind', passing) ?? own ?? 'no_answer';
  return own;
}

/** Hours from UTC by the number's country, for the habits of its people; without summer time, which habits survive. */
const OFFSET_HOURS: readonly (readonly [string, number])[] = [['+380', 2], ['+77', 5], ['+7', 3], ['+375', 3], ['+44', 0], ['+1', -6]];

export function localHourOf(phone: string, atMs: number): { hour: number; weekend: boolean } {
  const offset = OFFSET_HOURS.find(([prefix]) => phone.startsWith(prefix))?.[1] ?? 1;
  const local = new Date(atMs + offset * HOUR_MS);
  return { hour: local.getUTCHours(), weekend: local.getUTCDay() === 0 || local.getUTCDay() === 6 };
}

/** Odds of an answer over those of an average hour between 9 and 21, by local hour. */
const ODDS_BY_HOUR = [
  0.15, 0.1, 0.1, 0.1, 0.1, 0.15, 0.25, 0.4, 0.6, 0.75, 0.8, 0.85, 0.95, 0.95, 0.85, 0.85, 0.95, 1.1, 1.4, 1.6, 1.5, 1.1, 0.6, 0.3,
] as const;

/**
 * Chance that a human picks up: `average` at an average hour for an average person, moved by the hour, the weekend and the
 * person's own habit. Moves the odds, so 0 stays 0 and 1 stays 1.
 */
export function answerChance(average: number, phone: string, atMs: number, habit: Draw): number {
  const { hour, weekend } = localHourOf(phone, atMs);
  const odds = ODDS_BY_HOUR[hour]! * (weekend ? 1.2 : 1) * Math.exp(0.6 * habit.normal('habit'));
  return (average * odds) / (1 - average + average * odds);
}
