import { hashFraction } from '../../core/ids.ts';

/**
 * The caller id shown to a contact: the same on every attempt, evenly spread over the pool. When the pool changes only
 * the contacts of a removed number, and the new number's share, get another (rendezvous hashing: Thaler and Ravishankar, 1998).
 * @param pool at least one
 */
export function chooseCallerId(pool: readonly string[], contactId: string): string {
  let chosen = pool[0]!;
  if (pool.length === 1) return chosen;
  let best = -1;
  for (const callerId of pool) {
    const score = hashFraction('caller-id', contactId, callerId);
    if (score > best) {
      best = score;
      chosen = callerId;
    }
  }
  return chosen;
}
