import { campaignHolidays } from '../../core/hours/holidays.ts';
import { rampedRate } from '../rules/ramp.ts';
import type { CampaignState, Ledger } from '../ledger/port.ts';

/** A campaign with what the rules need beside it. */
export interface BookEntry {
  readonly state: CampaignState;
  readonly holidays: ReadonlySet<string>;
}

/** The campaigns as of the last look into the ledger, which every dialer takes several times a second. */
export class CampaignBook {
  #entries = new Map<string, BookEntry>();

  async refresh(ledger: Ledger): Promise<void> {
    const next = new Map<string, BookEntry>();
    for (const state of await ledger.campaigns()) {
      const before = this.#entries.get(state.campaign.id);
      const same = before !== undefined && JSON.stringify(before.state.campaign.window) === JSON.stringify(state.campaign.window);
      next.set(state.campaign.id, { state, holidays: same ? before.holidays : campaignHolidays(state.campaign) });
    }
    this.#entries = next;
  }

  get(campaignId: string): BookEntry | undefined {
    return this.#entries.get(campaignId);
  }

  all(): Iterable<BookEntry> {
    return this.#entries.values();
  }
}

/** Calls per second a campaign may start now: the operator's cap, less while it ramps up. */
export function currentRate(state: CampaignState, nowMs: number): number {
  return rampedRate(state.maxCallsPerSecond, state.campaign.rampUpSeconds, state.firstCallAtMs, nowMs);
}
