import { ObzvonError } from '../errors.ts';
import { KafkaConsumer } from './kafka-consumer.ts';
import { DEFAULT_WAITS, KafkaLink, type BusLog, type Waits } from './kafka-link.ts';
import { KafkaPublisher } from './kafka-publisher.ts';
import { MessageBlock } from './kafka-records.ts';
import { scanKafka } from './kafka-scan.ts';
import { boundsOf, committedOf, groupId, hasMembers, KafkaTopics } from './kafka-topics.ts';
import { parseKafkaUrl } from './kafka-url.ts';
import type { Batch, Bus, ConsumeOptions, Consumer, DeadLetter, EngineHealth, Message, OutgoingMessage, Topic } from './port.ts';
import { deadLettersTopic } from './topics.ts';

export interface KafkaBusOptions {
  /** See {@link parseKafkaUrl}. */
  readonly url: string;
  /** For the times of dead letters. */
  readonly nowMs: () => number;
  readonly log?: BusLog;
  readonly waits?: Partial<Waits>;
}

const SILENT: BusLog = { debug: () => undefined, info: () => undefined, warn: () => undefined };

class KafkaBus implements Bus {
  readonly #link: KafkaLink;
  readonly #nowMs: () => number;
  readonly #topics: KafkaTopics;
  readonly #publisher: KafkaPublisher;
  readonly #consumers = new Set<Consumer>();
  #closing: Promise<void> | undefined;

  constructor(link: KafkaLink, nowMs: () => number) {
    this.#link = link;
    this.#nowMs = nowMs;
    this.#topics = new KafkaTopics(link);
    this.#publisher = new KafkaPublisher(link);
  }

  // Waited for elsewhere: an async function keeps its arguments while it waits, and what is written down need not be kept as objects too.
  async publish<T>(topic: Topic<T>, messages: readonly OutgoingMessage<T>[]): Promise<void> {
    this.#assertOpen();
    return messages.length === 0 ? undefined : this.#publishBlock(topic, blockOf(topic, messages));
  }

  async #publishBlock(topic: Topic<unknown>, block: MessageBlock): Promise<void> {
    await this.#publisher.publish(await this.#topics.ensure(topic), block);
  }

  async consume<T>(topic: Topic<T>, options: ConsumeOptions, handle: (batch: Batch<T>) => Promise<void>): Promise<Consumer> {
    this.#assertOpen();
    const { group, maxBatch, lanes = 1 } = options;
    if (!(maxBatch >= 1)) throw new ObzvonError('usage', `maxBatch of group "${group}" is ${maxBatch}; expected 1 or more`);
    if (!(lanes >= 1)) throw new ObzvonError('usage', `lanes of group "${group}" is ${lanes}; expected 1 or more`);
    const name = await this.#topics.ensure(topic);
    const ownGroup = groupId(this.#link, group, topic);
    if (options.alone === true && (await hasMembers(this.#link, ownGroup))) throw new ObzvonError('locked', `group "${ownGroup}" has a member at work; expected none`);
    this.#assertOpen();
    const consumer: KafkaConsumer<T> = new KafkaConsumer<T>({
      link: this.#link,
      topic,
      name,
      groupId: ownGroup,
      maxBatch,
      lanes,
      handle,
      bury: (letters) => this.#bury(letters),
      nowMs: this.#nowMs,
      left: () => this.#consumers.delete(consumer),
    });
    this.#consumers.add(consumer);
    await consumer.joined;
    return consumer;
  }

  async *scan<T>(topic: Topic<T>): AsyncIterable<Message<T>> {
    this.#assertOpen();
    yield* scanKafka(this.#link, topic, await this.#topics.ensure(topic));
  }

  /** Kafka's log cannot be changed: what should be is counted. */
  async rewrite<T>(topic: Topic<T>, change: (message: Message<T>) => OutgoingMessage<T> | null): Promise<{ readonly changed: number; readonly kept: number }> {
    let kept = 0;
    for await (const message of this.scan(topic)) if (change(message) !== null) kept += 1;
    return { changed: 0, kept };
  }

  async lag(topic: Topic<unknown>, group: string): Promise<number> {
    this.#assertOpen();
    const name = await this.#topics.ensure(topic);
    const [bounds, committed] = await Promise.all([boundsOf(this.#link, name), committedOf(this.#link, name, groupId(this.#link, group, topic))]);
    return bounds.reduce((lag, { partition, low, high }) => lag + Math.max(0, high - Math.max(low, committed.get(partition) ?? 0)), 0);
  }

  async hasCommitted(topic: Topic<unknown>, group: string): Promise<boolean> {
    this.#assertOpen();
    const name = await this.#topics.ensure(topic);
    const committed = await committedOf(this.#link, name, groupId(this.#link, group, topic));
    return [...committed.values()].some((offset) => offset > 0);
  }

  health(): EngineHealth {
    return this.#link.health;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    await this.#publisher.close(this.#link.closeLimitMs);
    this.#link.close();
    await this.#publisher.disconnect();
  }

  async #bury(letters: readonly DeadLetter[]): Promise<void> {
    const unreadable = letters.find((letter) => letter.topic === deadLettersTopic.name);
    if (unreadable) throw new ObzvonError('storage', `a dead letter (${unreadable.partition}/${unreadable.offset}) on Kafka cannot be read: ${unreadable.reason}`);
    const name = await this.#topics.ensure(deadLettersTopic);
    await this.#publisher.publish(name, blockOf(deadLettersTopic, letters.map((value) => ({ key: value.key, value }))));
  }

  #assertOpen(): void {
    if (this.#closing) throw new ObzvonError('usage', `the bus at ${this.#link.settings.brokers.join(', ')} is closed`);
  }
}

function blockOf<T>(topic: Topic<T>, messages: readonly OutgoingMessage<T>[]): MessageBlock {
  return MessageBlock.of(messages, (value, into) => {
    if (topic.write === undefined) into.addText(topic.encode(value));
    else topic.write(value, into);
  });
}

/**
 * The bus on a Kafka cluster (3.x or 4.x). Once open it waits for a cluster that went away, however long.
 * @throws ObzvonError bad_config for a bad URL or refused credentials, unreachable if no broker answers within 8 s
 */
export async function openKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  const link = new KafkaLink(parseKafkaUrl(options.url), options.log ?? SILENT, { ...DEFAULT_WAITS, ...options.waits });
  await link.open();
  return new KafkaBus(link, options.nowMs);
}
