import type { Bus, Message, OutgoingMessage, Topic } from '../core/bus/port.ts';

/** A bus that keeps what is published in this process, for tests that load thousands of small lists. Messages go through their topic's text, as on a real one. */
export class MemoryBus implements Pick<Bus, 'publish' | 'scan'> {
  readonly #texts = new Map<string, { key: string; text: string }[]>();

  publish<T>(topic: Topic<T>, messages: readonly OutgoingMessage<T>[]): Promise<void> {
    const texts = this.#texts.get(topic.name) ?? [];
    for (const { key, value } of messages) texts.push({ key, text: topic.encode(value) });
    this.#texts.set(topic.name, texts);
    return Promise.resolve();
  }

  async *scan<T>(topic: Topic<T>): AsyncGenerator<Message<T>> {
    await Promise.resolve();
    yield* this.all(topic);
  }

  /** Every message, as a consumer would get it. @throws Error if one is not readable */
  all<T>(topic: Topic<T>): Message<T>[] {
    return (this.#texts.get(topic.name) ?? []).map(({ key, text }, offset) => {
      const decoded = topic.decode(text);
      if (decoded.kind === 'refused') throw new Error(`a message of ${topic.name} cannot be read: ${decoded.found}`);
      return { key, value: decoded.value, partition: 0, offset };
    });
  }

  /** As the port, for what only publishes and scans. */
  get asBus(): Bus {
    return this as unknown as Bus;
  }
}
