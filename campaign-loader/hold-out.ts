import type { Campaign } from '../core/campaign.ts';
import type { Arms, Group } from '../core/contact.ts';
import { unreachable } from '../core/errors.ts';
import { contactIdOf, hashFraction } from '../core/ids.ts';

/** What a draw depends on. */
export type HoldOutDraw = Pick<Campaign, 'id' | 'seed' | 'holdOutShare'> & { readonly holdOut: Pick<Campaign['holdOut'], 'unit'> };

/** What is known of a contact by which it may be drawn. */
export interface Drawn {
  readonly accountId: string;
  /** E.164, at least one. */
  readonly phones: readonly string[];
  /** What the list says of the household, its address if nothing else; empty: nothing. */
  readonly household: string;
}

/** What is drawn as one with the contact, by the campaign's `holdOut.unit`; of a household a hash, for an address is nobody's business further on. */
export function unitOf({ holdOut: { unit } }: HoldOutDraw, { accountId, phones, household }: Drawn): string {
  switch (unit) {
    case 'account':
      return accountId;
    case 'phone':
      return lowest(phones);
    case 'household':
      return household.trim() === '' ? lowest(phones) : contactIdOf('household', household.toLowerCase().replace(/[\s.,;]+/g, ' ').trim());
    default:
      return unreachable(unit);
  }
}

/**
 * Draws the group of a unit ({@link unitOf}): a hash of the campaign's seed (its id, if it has none) and of the unit, against `holdOutShare`; all contacts of a unit are
 * together. The same list gives the same groups on every load, whatever the order of its rows, however it is cut into batches and
 * wherever a load was broken off; a larger share keeps everybody held out under a smaller one.
 *
 * The share holds up to chance (binomial, in each stratum too). A rule that held it more tightly would have to look at who else is in
 * the list: its answer for one account would then depend on the rows before it, or nobody could be published before the last row is
 * read, and a second list of the same campaign would change the groups of the first. Strata are compared afterwards instead (`HoldOutBalance`).
 */
export function groupOf(campaign: HoldOutDraw, unit: string): Group {
  return hashFraction('hold-out', campaign.seed ?? campaign.id, unit) < campaign.holdOutShare ? 'held_out' : 'called';
}

/** Draws what the campaign tries on a unit, each thing by itself; undefined if it tries nothing. */
export function armsOf({ id, seed, experiment }: Pick<Campaign, 'id' | 'seed' | 'experiment'>, unit: string): Arms | undefined {
  if (experiment === undefined) return undefined;
  const pick = <T>(name: string, values: readonly T[]): T => values[Math.floor(hashFraction(name, seed ?? id, unit) * values.length)]!;
  const arms: Arms = {};
  if (experiment.attempts !== undefined) arms.attempts = pick('attempts', experiment.attempts);
  if (experiment.firstHours !== undefined) arms.firstHour = pick('first-hour', experiment.firstHours);
  if (experiment.flows !== undefined) arms.message = pick('message', ['main', ...Object.keys(experiment.flows).sort()]);
  return Object.keys(arms).length === 0 ? undefined : arms;
}

function lowest(phones: readonly string[]): string {
  let least = phones[0]!;
  for (const phone of phones) if (phone < least) least = phone;
  return least;
}
