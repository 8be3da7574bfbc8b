import { randomUUID } from 'node:crypto';
import type { Consumer as Member, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { hopeless, reasonOf } from './kafka-errors.ts';
import { within, type KafkaLink } from './kafka-link.ts';
import { liveAsMember } from './kafka-member.ts';
import { boundsOf, type PartitionBounds } from './kafka-topics.ts';
import type { Message, Topic } from './port.ts';

const PAUSE_MS = 300;

/**
 * Reads a topic from its beginning to where it ended at the call, one partition after another. A group of its own
 * that commits nothing, and which Kafka forgets when it is left: kafkajs can read only as a member of one.
 */
export async function* scanKafka<T>(link: KafkaLink, topic: Topic<T>, name: string): AsyncGenerator<Message<T>> {
  const bounds = (await boundsOf(link, name)).filter(({ low, high }) => high > low);
  if (bounds.length === 0) return;
  const reader = new Reader(link, name, bounds);
  try {
    for (;;) {
      const read = await reader.take();
      if (read === null) return;
      for (const message of read.messages) {
        const decoded = topic.decode(message.value?.toString() ?? '');
        // Consumers have put what cannot be read among the dead letters.
        if (decoded.kind === 'ok') yield { key: message.key?.toString() ?? '', value: decoded.value, partition: read.partition, offset: Number(message.offset) };
      }
    }
  } finally {
    await reader.end();
  }
}

interface Read {
  readonly partition: number;
  readonly messages: readonly KafkaMessage[];
}

/** Fetches one read ahead of whoever takes, and no more. */
class Reader {
  readonly #link: KafkaLink;
  readonly #topic: string;
  readonly #bounds: readonly PartitionBounds[];
  /** The partition being read, as an index of the bounds. */
  #current = 0;
  #next: number;
  #ready: Read | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #changed: () => void = () => undefined;
  #change = this.#newChange();
  readonly #ended: Promise<void>;
  #end!: () => void;
  readonly #done: Promise<void>;
  #finished = false;

  constructor(link: KafkaLink, topic: string, bounds: readonly PartitionBounds[]) {
    this.#link = link;
    this.#topic = topic;
    this.#bounds = bounds;
    this.#next = bounds[0]!.low;
    this.#ended = new Promise((resolve) => (this.#end = resolve));
    this.#done = this.#run();
  }

  /** null at the end. */
  async take(): Promise<Read | null> {
    for (;;) {
      const read = this.#ready;
      if (read) {
        this.#ready = undefined;
        this.#tellChange();
        return read;
      }
      if (this.#failure) throw this.#failure.cause;
      if (this.#current === this.#bounds.length) return null;
      await this.#change;
    }
  }

  async end(): Promise<void> {
    this.#finished = true;
    this.#end();
    this.#tellChange();
    await this.#done;
  }

  async #run(): Promise<void> {
    const groupId = this.#link.named(`obzvon.scan.${randomUUID()}`);
    try {
      while (!this.#finished && this.#current < this.#bounds.length) {
        this.#link.assertOpen();
        const cause = await liveAsMember(this.#link, { groupId, topic: this.#topic, lanes: 1, joined: (member) => this.#aim(member), eachBatch: (member, payload) => this.#read(member, payload), ended: this.#ended });
        if (cause === null) return;
        const refused = hopeless(cause, `reading topic "${this.#topic}"`);
        if (refused) throw refused;
        this.#link.log.debug({ reason: reasonOf(cause) }, 'a scan lost its connection; going on where it was');
        await within(PAUSE_MS, this.#ended);
      }
    } catch (cause) {
      this.#failure = { cause };
      this.#tellChange();
    }
  }

  /** Only the partition being read is fetched, from where we are. */
  #aim(member: Member): void {
    for (const [index, { partition }] of this.#bounds.entries()) {
      if (index !== this.#current) member.pause([{ topic: this.#topic, partitions: [partition] }]);
      else {
        member.resume([{ topic: this.#topic, partitions: [partition] }]);
        member.seek({ topic: this.#topic, partition, offset: String(this.#next) });
      }
    }
  }

  async #read(member: Member, payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const bound = this.#bounds[this.#current];
    if (bound?.partition !== batch.partition) {
      member.pause([{ topic: this.#topic, partitions: [batch.partition] }]);
      return;
    }
    while (this.#ready && !this.#finished) await this.#change;
    if (this.#finished) return;
    const from = this.#next;
    const messages = batch.messages.filter(({ offset }) => Number(offset) >= from && Number(offset) < bound.high);
    this.#next = Math.max(from, Number(batch.lastOffset()) + 1);
    payload.resolveOffset(batch.lastOffset());
    if (messages.length > 0) this.#ready = { partition: batch.partition, messages };
    if (this.#next >= bound.high) {
      this.#current += 1;
      this.#next = this.#bounds[this.#current]?.low ?? 0;
      if (this.#current < this.#bounds.length) this.#aim(member);
      else this.#end();
    }
    this.#tellChange();
  }

  #newChange(): Promise<void> {
    return new Promise((resolve) => (this.#changed = resolve));
  }

  #tellChange(): void {
    this.#changed();
    this.#change = this.#newChange();
  }
}
