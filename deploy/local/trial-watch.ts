import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus, Consumer } from '../../core/bus/port.ts';
import { attemptsTopic, dispositionsTopic } from '../../core/bus/topics.ts';

/** What the bus has told of one campaign so far. */
export interface TrialProgress {
  /** Contacts with a disposition. */
  readonly ended: number;
  readonly attempts: number;
  /** How many contacts by disposition, attempts by outcome. */
  readonly dispositions: ReadonlyMap<string, number>;
  readonly outcomes: ReadonlyMap<string, number>;
}

interface Seen {
  readonly closed: Map<string, string>;
  readonly attempts: Map<string, string>;
}

const GROUP = 'trial-watch';
const POLL_MS = 100;

/** Follows campaigns on the bus, which outlives every other engine's failure. */
export class TrialWatch {
  readonly #consumers: Consumer[] = [];
  readonly #seen = new Map<string, Seen>();

  static async start(bus: Bus): Promise<TrialWatch> {
    const watch = new TrialWatch();
    watch.#consumers.push(
      await bus.consume(dispositionsTopic, { group: GROUP, maxBatch: 500 }, ({ messages }) => {
        for (const { value } of messages) watch.#of(value.campaignId).closed.set(value.contactId, value.disposition);
        return Promise.resolve();
      }),
      await bus.consume(attemptsTopic, { group: GROUP, maxBatch: 500 }, ({ messages }) => {
        for (const { value } of messages) watch.#of(value.campaignId).attempts.set(value.attemptId, value.outcome);
        return Promise.resolve();
      }),
    );
    return watch;
  }

  progress(campaignId: string): TrialProgress {
    const { closed, attempts } = this.#of(campaignId);
    return { ended: closed.size, attempts: attempts.size, dispositions: tally(closed), outcomes: tally(attempts) };
  }

  /** Attempts of a campaign that ended so. */
  attemptsOf(campaignId: string, outcome: string): string[] {
    return [...this.#of(campaignId).attempts].flatMap(([id, is]) => (is === outcome ? [id] : []));
  }

  /**
   * Waits until so many contacts of a campaign have a disposition on the bus. `onTick` is told how far it is, and throws to give up.
   * @returns false if it took longer than `limitMs`
   */
  async ended(campaignId: string, contacts: number, limitMs: number, onTick: (progress: TrialProgress) => void = () => undefined): Promise<boolean> {
    const untilMs = performance.now() + limitMs;
    for (;;) {
      const progress = this.progress(campaignId);
      onTick(progress);
      if (progress.ended >= contacts) return true;
      if (performance.now() > untilMs) return false;
      await sleep(POLL_MS);
    }
  }

  async stop(): Promise<void> {
    for (const consumer of this.#consumers) await consumer.stop();
  }

  #of(campaignId: string): Seen {
    const seen = this.#seen.get(campaignId) ?? { closed: new Map<string, string>(), attempts: new Map<string, string>() };
    this.#seen.set(campaignId, seen);
    return seen;
  }
}

function tally(values: ReadonlyMap<string, string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values.values()) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
