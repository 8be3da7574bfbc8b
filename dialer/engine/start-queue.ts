import type { Clock } from '../../core/clock.ts';
import type { Ledger, RateLimit } from '../ledger/port.ts';

/** A prepared call that waits for its turn. */
export interface Starter {
  /** False once the call has ended while it waited. */
  readonly waiting: () => boolean;
  /** Why it may not start any more although its turn has come; null if it may. */
  readonly refusal: () => 'window_closed' | 'stopped' | null;
  readonly start: () => void;
  readonly refuse: (reason: 'window_closed' | 'stopped') => void;
}

const LONGEST_SLEEP_MS = 500;

/**
 * Prepared calls of one campaign on one trunk, let go one by one as the shared rate allows. Everything that can be
 * done before the INVITE is done by then, so a granted start leaves at once and the rate stays smooth.
 */
export class StartQueue {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #limits: () => readonly RateLimit[];
  readonly #waiting: Starter[] = [];
  #running = false;

  /** @param limits the caps in force at the moment of asking */
  constructor(ledger: Ledger, clock: Clock, limits: () => readonly RateLimit[]) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** @param onError told of an error of the ledger, which ends the queue's run */
  add(starter: Starter, onError: (error: unknown) => void): void {
    this.#waiting.push(starter);
    if (this.#running) return;
    this.#running = true;
    this.#run().catch((error: unknown) => {
      this.#running = false;
      onError(error);
    });
  }

  async #run(): Promise<void> {
    for (;;) {
      const head = this.#waiting[0];
      if (head === undefined) {
        // In the same turn as the look: whoever is added from now on starts another run.
        this.#running = false;
        return;
      }
      const refusal = head.waiting() ? head.refusal() : null;
      if (refusal !== null) head.refuse(refusal);
      if (refusal !== null || !head.waiting()) {
        this.#waiting.shift();
        continue;
      }
      const nowMs = this.#clock.nowMs();
      const permit = await this.#ledger.takeStart(this.#limits(), nowMs);
      if (permit.kind === 'wait') {
        await this.#clock.sleep(Math.min(LONGEST_SLEEP_MS, Math.max(1, permit.untilMs - nowMs)));
        continue;
      }
      // The head may have ended during the await: its turn goes to the next.
      let next = this.#waiting.shift();
      while (next !== undefined && !next.waiting()) next = this.#waiting.shift();
      next?.start();
    }
  }
}
