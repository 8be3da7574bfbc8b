import type { Campaign } from '../core/campaign.ts';
import { callableSeconds, uncallable, type UncallableZone } from '../core/hours/callable.ts';
import { campaignHolidays } from '../core/hours/holidays.ts';
import { windowAt } from '../core/hours/window.ts';

/** How long a call holds its channel, on the average of those that ring out and those that are talked in; only an assumption, told with the forecast. */
export const MEAN_CALL_SECONDS = 40;
/** Calls a contact takes until it is reached or given up, on the average; an assumption likewise, never more than the campaign allows. */
export const MEAN_CALLS_PER_CONTACT = 2;

/** What keeps the calls from being done earlier. `window`: most of the time nobody may be called. */
export type Limit = 'calls_per_second' | 'channels' | 'window';

export interface ZoneForecast {
  readonly zone: string;
  readonly contacts: number;
  /** Time in which calling is allowed there, from now (or the campaign's start) to its end. */
  readonly callableSeconds: number;
  /** Calls that could be begun in that time, if all of the rate went there. */
  readonly capacity: number;
}

export interface Forecast {
  /** When the first call can be begun; null: never. */
  readonly startsAtMs: number | null;
  /** When every contact that can be called has been called once; null if the campaign ends before. */
  readonly calledOnceAtMs: number | null;
  /** Calls a contact is taken to need: {@link MEAN_CALLS_PER_CONTACT}, or fewer if the campaign allows fewer. */
  readonly callsPerContact: number;
  /** When all are done at so many calls each; null likewise. */
  readonly doneAtMs: number | null;
  /** Calls that are left undone when the campaign ends, of all the calls to be made. */
  readonly callsLeft: number;
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly limit: Limit;
  readonly zones: readonly ZoneForecast[];
  readonly uncallable: { readonly contacts: number; readonly zones: readonly UncallableZone[] };
}

/** What the arithmetic looks at. */
export type ForecastCampaign = Pick<Campaign, 'startsAt' | 'expiresAt' | 'window' | 'maxCallsPerSecond' | 'maxChannels' | 'retry'>;

/**
 * When a list will have been called: contacts by zone, calling windows, and the rate that calls per second and channels allow (Little's law:
 * channels in use = rate x mean length of a call). Zones whose window is open share the rate by what is left of them. Delays of retries and caps
 * per person are not reckoned with: a campaign with few contacts and long delays takes longer.
 * @param contactsByZone contacts to be called
 */
export function forecast(contactsByZone: ReadonlyMap<string, number>, campaign: ForecastCampaign, nowMs: number): Forecast {
  const byChannels = campaign.maxChannels / MEAN_CALL_SECONDS;
  const callsPerSecond = Math.min(campaign.maxCallsPerSecond, byChannels);
  const cannot = uncallable(contactsByZone, campaign, nowMs);
  const closedZones = new Set(cannot.zones.map(({ zone }) => zone));
  const callable = new Map([...contactsByZone].filter(([zone]) => !closedZones.has(zone)));
  const contacts = [...callable.values()].reduce((sum, count) => sum + count, 0);
  const perContact = Math.min(MEAN_CALLS_PER_CONTACT, campaign.retry.maxAttempts);
  const once = walk(callable, campaign, callsPerSecond, nowMs);
  const all = perContact === 1 ? once : walk(new Map([...callable].map(([zone, count]) => [zone, count * perContact])), campaign, callsPerSecond, nowMs);
  const bareSeconds = (contacts * perContact) / callsPerSecond;
  const takesMs = (all.doneAtMs ?? Date.parse(campaign.expiresAt)) - (all.startsAtMs ?? nowMs);
  return {
    startsAtMs: all.startsAtMs,
    calledOnceAtMs: once.doneAtMs,
    callsPerContact: perContact,
    doneAtMs: all.doneAtMs,
    callsLeft: Math.ceil(all.left),
    calls: contacts * perContact,
    callsPerSecond,
    limit: takesMs > 2000 * bareSeconds ? 'window' : byChannels < campaign.maxCallsPerSecond ? 'channels' : 'calls_per_second',
    zones: [...contactsByZone]
      .map(([zone, count]) => {
        const seconds = callableSeconds(campaign, zone, nowMs);
        return { zone, contacts: count, callableSeconds: seconds, capacity: Math.floor(seconds * callsPerSecond) };
      })
      .sort((a, b) => b.contacts - a.contacts),
    uncallable: cannot,
  };
}

/** From one opening or closing of a window to the next. */
function walk(callsByZone: ReadonlyMap<string, number>, campaign: ForecastCampaign, callsPerSecond: number, nowMs: number): { startsAtMs: number | null; doneAtMs: number | null; left: number } {
  const holidays = campaignHolidays(campaign);
  const endMs = Date.parse(campaign.expiresAt);
  const left = new Map(callsByZone);
  const total = (): number => [...left.values()].reduce((sum, calls) => sum + calls, 0);
  let atMs = Math.max(nowMs, Date.parse(campaign.startsAt));
  let startsAtMs: number | null = null;
  if (total() === 0) return { startsAtMs, doneAtMs: atMs, left: 0 };
  while (atMs < endMs) {
    const open: string[] = [];
    let nextMs = endMs;
    for (const zone of left.keys()) {
      const state = windowAt(campaign.window, holidays, zone, atMs);
      if (state.open) open.push(zone);
      nextMs = Math.min(nextMs, (state.open ? state.closesAtMs : state.opensAtMs) ?? endMs);
    }
    const waiting = open.reduce((sum, zone) => sum + left.get(zone)!, 0);
    if (waiting > 0) {
      startsAtMs ??= atMs;
      const made = Math.min(waiting, ((nextMs - atMs) / 1000) * callsPerSecond);
      const doneInMs = (waiting / callsPerSecond) * 1000;
      for (const zone of open) {
        const rest = left.get(zone)! * (1 - made / waiting);
        if (made === waiting) left.delete(zone);
        else left.set(zone, rest);
      }
      if (left.size === 0) return { startsAtMs, doneAtMs: Math.ceil(atMs + doneInMs), left: 0 };
    }
    atMs = nextMs;
  }
  return { startsAtMs, doneAtMs: null, left: total() };
}
