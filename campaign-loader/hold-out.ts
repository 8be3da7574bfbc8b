import type { Campaign } from '../core/campaign.ts';
import type { Group } from '../core/contact.ts';
import { hashFraction } from '../core/ids.ts';

/**
 * Draws a contact's group. The draw depends on the campaign's seed (its id, if it has none) and the account alone: the same list
 * gives the same groups on every load, whatever the order of its rows, and the share held out is `holdOutShare`
 * up to chance (binomial). A larger share keeps everybody held out under a smaller one.
 */
export function groupOf(campaign: Pick<Campaign, 'id' | 'seed' | 'holdOutShare'>, accountId: string): Group {
  return hashFraction('hold-out', campaign.seed ?? campaign.id, accountId) < campaign.holdOutShare ? 'held_out' : 'called';
}
