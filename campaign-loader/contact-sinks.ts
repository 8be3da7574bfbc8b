import type { Bus } from '../core/bus/port.ts';
import { contactsTopic } from '../core/bus/topics.ts';
import type { Contact } from '../core/contact.ts';

/** Where accepted contacts go, in the order of the list. */
export interface ContactSink {
  /** Resolves when more may come: at once, or when what went before has found room. */
  take(contacts: readonly Contact[]): Promise<void>;
  /** Resolves when everything taken is durable. */
  finish(): Promise<void>;
  /** Ends after a failure; what was taken may or may not be there. */
  abandon(): Promise<void>;
}

/** Publishes on their way at once; the bus writes those that wait together. */
const MAX_PUBLISHES = 8;

/** Contacts go onto the bus; at most a few batches are on their way while the next rows are read. */
export class BusSink implements ContactSink {
  readonly #bus: Bus;
  /** Publishes not known to have ended, oldest first. */
  readonly #publishing: Promise<void>[] = [];

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async take(contacts: readonly Contact[]): Promise<void> {
    if (contacts.length === 0) return;
    if (this.#publishing.length >= MAX_PUBLISHES) await this.#publishing.shift();
    const publish = this.#bus.publish(contactsTopic, contacts.map((value) => ({ key: value.contactId, value })));
    // Awaited later; until then a failure must not count as unhandled.
    publish.catch(() => undefined);
    this.#publishing.push(publish);
  }

  async finish(): Promise<void> {
    await Promise.all(this.#publishing);
  }

  async abandon(): Promise<void> {
    await Promise.allSettled(this.#publishing);
  }
}

/** For a validation. */
export const nowhere: ContactSink = { take: () => Promise.resolve(), finish: () => Promise.resolve(), abandon: () => Promise.resolve() };
