import type { Campaign, RetryCause, RetryRule } from '../../core/campaign.ts';
import type { PastAttempt } from '../ledger/port.ts';

/** True if the attempt told the debtor what it had to: no further call is wanted. */
export function hasReached(attempt: PastAttempt, campaign: Campaign): boolean {
  if (attempt.response === 'wrong_person' || attempt.response === 'opt_out') return false;
  if (attempt.outcome === 'human') return attempt.heardWhole;
  return attempt.outcome === 'message_left' && campaign.machine.messageReaches;
}

/** Under which retry rule an attempt that did not reach falls: a human conversation that did not is `cut_short`, a wrong person's too. */
export function retryCauseOf(attempt: PastAttempt): RetryCause {
  return attempt.outcome === 'human' ? 'cut_short' : attempt.outcome;
}

export type Retry =
  | { readonly kind: 'again'; readonly rule: RetryRule; readonly cause: RetryCause }
  | { readonly kind: 'no_more'; readonly reason: string };

/** What the retry rules say after the last of `attempts` (at least one), which did not reach. */
export function retryAfter(attempts: readonly PastAttempt[], campaign: Campaign): Retry {
  const last = attempts.at(-1)!;
  const cause = retryCauseOf(last);
  const rule = campaign.retry.after[cause];
  if (rule === undefined) return { kind: 'no_more', reason: `no retry after ${cause}` };
  let times = 0;
  for (const attempt of attempts) if (!hasReached(attempt, campaign) && retryCauseOf(attempt) === cause) times++;
  if (times > rule.max) return { kind: 'no_more', reason: `retried ${rule.max} times after ${cause}` };
  return { kind: 'again', rule, cause };
}

/**
 * Phones in the order in which they should be tried: the last one first for `same`, the one after it for `next`; those
 * after it follow in a circle. `usable` are indexes in ascending order.
 */
export function phoneOrder(usable: readonly number[], last: { readonly phoneIndex: number; readonly phone: RetryRule['phone'] } | null): number[] {
  if (last === null) return [...usable];
  const split = usable.findIndex((index) => (last.phone === 'same' ? index >= last.phoneIndex : index > last.phoneIndex));
  return split <= 0 ? [...usable] : [...usable.slice(split), ...usable.slice(0, split)];
}
