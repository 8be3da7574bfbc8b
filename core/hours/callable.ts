import type { Campaign } from '../campaign.ts';
import { campaignHolidays } from './holidays.ts';
import { CLOSING_GUARD_MS, firstOpenFrom, windowAt } from './window.ts';
import { isKnownZone } from './zoned-time.ts';

/* How much of a campaign's time is there to call in, by the callee's zone. The same arithmetic as the dialer's. */

/** What the arithmetic looks at. */
export type CampaignTime = Pick<Campaign, 'startsAt' | 'expiresAt' | 'window'>;

/**
 * Seconds from the campaign's start (or `fromMs`, if that is later) to its end in which calling is allowed in a zone.
 * 0 for a zone nobody knows: its contacts end as `invalid`.
 */
export function callableSeconds(campaign: CampaignTime, zone: string, fromMs = 0): number {
  if (!isKnownZone(zone)) return 0;
  const holidays = campaignHolidays(campaign);
  const endMs = Date.parse(campaign.expiresAt);
  let atMs = Math.max(fromMs, Date.parse(campaign.startsAt));
  let openMs = 0;
  while (atMs < endMs) {
    const state = windowAt(campaign.window, holidays, zone, atMs);
    if (state.open) openMs += Math.min(state.closesAtMs, endMs) - atMs;
    const nextMs = state.open ? state.closesAtMs : state.opensAtMs;
    if (nextMs === null) break;
    atMs = nextMs;
  }
  return openMs / 1000;
}

/** Contacts of a zone of whom none can be called in the campaign's time. */
export interface UncallableZone {
  readonly zone: string;
  readonly contacts: number;
  readonly reason: 'unknown_zone' | 'never_open';
}

/**
 * Who cannot be called in the campaign's time under its window (which holds the hours of its rule set).
 * @param contactsByZone contacts to be called, by timezone
 * @param fromMs when calling can begin at the earliest; the campaign's start counts if it is later
 */
export function uncallable(contactsByZone: ReadonlyMap<string, number>, campaign: CampaignTime, fromMs = 0): { readonly contacts: number; readonly zones: readonly UncallableZone[] } {
  const holidays = campaignHolidays(campaign);
  const startMs = Math.max(fromMs, Date.parse(campaign.startsAt));
  const endMs = Date.parse(campaign.expiresAt);
  const zones: UncallableZone[] = [];
  for (const [zone, contacts] of contactsByZone) {
    if (!isKnownZone(zone)) {
      zones.push({ zone, contacts, reason: 'unknown_zone' });
      continue;
    }
    const firstMs = firstOpenFrom(campaign.window, holidays, zone, startMs, CLOSING_GUARD_MS);
    if (firstMs === null || firstMs + CLOSING_GUARD_MS >= endMs) zones.push({ zone, contacts, reason: 'never_open' });
  }
  zones.sort((a, b) => b.contacts - a.contacts);
  return { contacts: zones.reduce((sum, { contacts }) => sum + contacts, 0), zones };
}
