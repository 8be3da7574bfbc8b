import type { Clock } from '../../core/clock.ts';
import type { Ledger } from '../ledger/port.ts';
import { currentRate, type BookEntry, type CampaignBook } from './campaign-book.ts';
import { StartQueue } from './start-queue.ts';
import type { TrunkRates } from './trunk-rates.ts';

export interface StartQueuesParts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly clockSpeed: number;
  readonly book: CampaignBook;
  readonly rates: TrunkRates;
  readonly onError: (error: unknown) => void;
}

/** The queues of prepared calls, one for each campaign and trunk, under the caps of both as they are at the moment of asking. */
export class StartQueues {
  readonly #parts: StartQueuesParts;
  readonly #queues = new Map<string, StartQueue>();

  constructor(parts: StartQueuesParts) {
    this.#parts = parts;
  }

  /** @param entry the campaign as it was when the call was claimed, for when the book knows it no more */
  of(entry: BookEntry, trunk: string): StartQueue {
    const { id: campaignId } = entry.state.campaign;
    const key = `${campaignId}\0${trunk}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      const { ledger, clock, clockSpeed, book, rates, onError } = this.#parts;
      const limits = () => {
        const nowMs = clock.nowMs();
        const state = book.get(campaignId)?.state ?? entry.state;
        return [
          { key: `campaign:${campaignId}`, maxPerSecond: currentRate(state, nowMs) },
          { key: `trunk:${trunk}`, maxPerSecond: rates.allowed(trunk, nowMs) },
        ];
      };
      queue = new StartQueue({ ledger, clock, clockSpeed, limits, onError });
      this.#queues.set(key, queue);
    }
    return queue;
  }
}
