import { attemptsTopic, dispositionsTopic } from '../../core/bus/topics.ts';
import type { Bus } from '../../core/bus/port.ts';
import type { Ledger, OutboxItem } from '../ledger/port.ts';
import type { DialerListener } from './telemetry.ts';

const BATCH = 500;
/** What is settled within this time goes out together: three commits for dozens of calls instead of for each few. */
const GATHER_MS = 20;

/**
 * Moves what the ledger has decided onto the bus: published first, then taken off the outbox, so a crash in between tells it
 * twice, never not at all. Another dialer's items may be relayed too: the outbox is the ledger's, and consumers know an
 * attempt by its id.
 */
export class OutboxRelay {
  /** Rejects when the ledger or the bus failed; the relay then does nothing more. */
  readonly failed: Promise<never>;
  readonly #bus: Bus;
  readonly #ledger: Ledger;
  readonly #tell: DialerListener;
  #fail: (error: unknown) => void = () => undefined;
  #wakes = 0;
  #broken = false;
  /** Somebody waits for the outbox to be empty. */
  #hurried = false;
  #running: Promise<void> | null = null;

  constructor(bus: Bus, ledger: Ledger, tell: DialerListener) {
    this.#bus = bus;
    this.#ledger = ledger;
    this.#tell = tell;
    this.failed = new Promise<never>((_resolve, reject) => { this.#fail = reject; });
    this.failed.catch(() => undefined);
    this.wake();
  }

  /** Look soon: something was added. */
  wake(): void {
    this.#wakes++;
    if (this.#broken) return;
    this.#running ??= this.#drain().then(
      (seen) => {
        this.#running = null;
        // A wake that came between the last read and here.
        if (seen !== this.#wakes) this.wake();
      },
      (error: unknown) => {
        this.#broken = true;
        this.#running = null;
        this.#fail(error);
      },
    );
  }

  /** Resolves once everything that was in the outbox at the call is on the bus. */
  async flushed(): Promise<void> {
    // A run under way may have read before what is meant was added: the one after it has not.
    this.#hurried = true;
    await this.#running;
    this.wake();
    await this.#running;
    this.#hurried = false;
    if (this.#broken) await this.failed;
  }

  /** @returns the wakes it knew of when it last found the outbox empty */
  async #drain(): Promise<number> {
    for (;;) {
      if (!this.#hurried) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      const seen = this.#wakes;
      const items = await this.#ledger.readOutbox(BATCH);
      if (items.length > 0) await this.#publish(items);
      else if (seen === this.#wakes) return seen;
    }
  }

  async #publish(items: readonly OutboxItem[]): Promise<void> {
    const attempts = items.flatMap((item) => (item.kind === 'attempt' ? [item.value] : []));
    const closed = items.flatMap((item) => (item.kind === 'closed' ? [item.value] : []));
    await Promise.all([
      this.#bus.publish(attemptsTopic, attempts.map((value) => ({ key: value.contactId, value }))),
      this.#bus.publish(dispositionsTopic, closed.map((value) => ({ key: value.contactId, value }))),
    ]);
    await this.#ledger.ackOutbox(items.map((item) => item.seq));
    for (const value of closed) this.#tell({ kind: 'contact_closed', closed: value });
  }
}
