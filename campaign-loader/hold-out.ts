import type { Campaign } from '../core/campaign.ts';
import type { Group } from '../core/contact.ts';
import { hashFraction } from '../core/ids.ts';

/** What a draw depends on. */
export type HoldOutDraw = Pick<Campaign, 'id' | 'seed' | 'holdOutShare'> & { readonly holdOut: Pick<Campaign['holdOut'], 'unit'> };

/**
 * Draws a contact's group: a hash of the campaign's seed (its id, if it has none) and of the unit that is drawn, against `holdOutShare`.
 * The unit is the account, or with `holdOut.unit: phone` the lowest of its numbers, so that all whose lowest number is the same are
 * together. The same list gives the same groups on every load, whatever the order of its rows, however it is cut into batches and
 * wherever a load was broken off; a larger share keeps everybody held out under a smaller one.
 *
 * The share holds up to chance (binomial, in each stratum too). A rule that held it more tightly would have to look at who else is in
 * the list: its answer for one account would then depend on the rows before it, or nobody could be published before the last row is
 * read, and a second list of the same campaign would change the groups of the first. Strata are compared afterwards instead (`HoldOutBalance`).
 * @param phones E.164, at least one
 */
export function groupOf(campaign: HoldOutDraw, accountId: string, phones: readonly string[]): Group {
  const unit = campaign.holdOut.unit === 'phone' ? lowest(phones) : accountId;
  return hashFraction('hold-out', campaign.seed ?? campaign.id, unit) < campaign.holdOutShare ? 'held_out' : 'called';
}

function lowest(phones: readonly string[]): string {
  let least = phones[0]!;
  for (const phone of phones) if (phone < least) least = phone;
  return least;
}
