import { ObzvonError } from '../errors.ts';
import { EmbeddedConsumer } from './embedded-consumer.ts';
import { EmbeddedGroup } from './embedded-group.ts';
import { packChunks, storeOf } from './embedded-store.ts';
import type { EmbeddedStore } from './embedded-store.ts';
import type { StoredMessage } from './embedded-chunk.ts';
import { partitionOf } from './partition.ts';
import type { Batch, Bus, ConsumeOptions, Consumer, EngineHealth, Message, OutgoingMessage, Topic } from './port.ts';

export interface EmbeddedBusOptions {
  /** Made if absent. Several processes may have it open, on one machine (LMDB locks by shared memory: no network disks). */
  readonly dir: string;
  /** For the times of dead letters. */
  readonly nowMs: () => number;
}

/** Groups of this process by store; consumers of one group share its partitions, whichever bus they were started on. */
const groups = new WeakMap<EmbeddedStore, Map<string, EmbeddedGroup>>();

class EmbeddedBus implements Bus {
  readonly #store: EmbeddedStore;
  readonly #nowMs: () => number;
  readonly #consumers = new Set<Consumer>();
  /** Topics whose number of partitions is known to be the one on disk. */
  readonly #checked = new Set<string>();
  #closed = false;

  constructor(options: EmbeddedBusOptions) {
    this.#store = storeOf(options.dir);
    this.#nowMs = options.nowMs;
  }

  async publish<T>(topic: Topic<T>, messages: readonly OutgoingMessage<T>[]): Promise<void> {
    this.#assertOpen();
    if (messages.length === 0) return;
    const byPartition = new Map<number, StoredMessage[]>();
    for (const { key, value } of messages) {
      const partition = partitionOf(key, topic.partitions);
      const message = { key, text: topic.encode(value) };
      const group = byPartition.get(partition);
      if (group) group.push(message);
      else byPartition.set(partition, [message]);
    }
    const packed = Array.from(byPartition, ([partition, stored]) => ({ partition, chunks: packChunks(stored) }));
    await this.#agreeOnPartitions(topic);
    await this.#store.write(() => {
      for (const { partition, chunks } of packed) this.#store.append(topic.name, partition, chunks);
    });
    this.#store.wakeAll();
  }

  async consume<T>(topic: Topic<T>, options: ConsumeOptions, handle: (batch: Batch<T>) => Promise<void>): Promise<Consumer> {
    this.#assertOpen();
    if (!(options.maxBatch >= 1)) throw new ObzvonError('usage', `maxBatch of group "${options.group}" is ${options.maxBatch}; expected 1 or more`);
    const lanes = options.lanes ?? 1;
    if (!(lanes >= 1)) throw new ObzvonError('usage', `lanes of group "${options.group}" is ${lanes}; expected 1 or more`);
    await this.#agreeOnPartitions(topic);
    const { group, left } = this.#groupOf(topic, options.group);
    await group.join();
    const consumer = new EmbeddedConsumer({
      store: this.#store,
      group,
      topic,
      maxBatch: options.maxBatch,
      lanes: Math.min(lanes, topic.partitions),
      handle,
      nowMs: this.#nowMs,
      left: async () => {
        this.#consumers.delete(consumer);
        await left();
      },
    });
    this.#consumers.add(consumer);
    return consumer;
  }

  async *scan<T>(topic: Topic<T>): AsyncIterable<Message<T>> {
    this.#assertOpen();
    await this.#agreeOnPartitions(topic);
    this.#store.refresh();
    const heads = Array.from({ length: topic.partitions }, (_, partition) => this.#store.head(topic.name, partition));
    for (const [partition, head] of heads.entries()) {
      let offset = 0;
      while (offset < head) {
        this.#assertOpen();
        const chunk = this.#store.chunkAt(topic.name, partition, offset);
        if (!chunk) throw new ObzvonError('storage', `the bus in ${this.#store.dir} has no message ${topic.name}/${partition}/${offset}, though its head is ${head}`);
        for (; offset < head && offset < chunk.firstOffset + chunk.messages.length; offset++) {
          const { key, text } = chunk.messages[offset - chunk.firstOffset]!;
          const decoded = topic.decode(text);
          // Consumers have put what cannot be read among the dead letters.
          if (decoded.kind === 'ok') yield { key, value: decoded.value, partition, offset };
        }
        // A long log must not hold the event loop while a caller does nothing but read.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  async rewrite<T>(topic: Topic<T>, change: (message: Message<T>) => OutgoingMessage<T> | null): Promise<{ readonly changed: number; readonly kept: number }> {
    this.#assertOpen();
    await this.#agreeOnPartitions(topic);
    this.#store.refresh();
    let changed = 0;
    for (let partition = 0; partition < topic.partitions; partition++) {
      const head = this.#store.head(topic.name, partition);
      for (let offset = 0; offset < head;) {
        this.#assertOpen();
        const chunk = this.#store.chunkAt(topic.name, partition, offset);
        if (!chunk) throw new ObzvonError('storage', `the bus in ${this.#store.dir} has no message ${topic.name}/${partition}/${offset}, though its head is ${head}`);
        let here = 0;
        const messages = chunk.messages.map(({ key, text }, i): StoredMessage => {
          const decoded = topic.decode(text);
          const next = decoded.kind === 'ok' ? change({ key, value: decoded.value, partition, offset: chunk.firstOffset + i }) : null;
          if (next === null) return { key, text };
          here += 1;
          return { key: next.key, text: topic.encode(next.value) };
        });
        // Chunks that are written are never changed but here: what was read is what is replaced.
        if (here > 0) await this.#store.write(() => this.#store.replaceChunk(topic.name, partition, { firstOffset: chunk.firstOffset, messages }));
        changed += here;
        offset = chunk.firstOffset + chunk.messages.length;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    return { changed, kept: 0 };
  }

  async lag(topic: Topic<unknown>, group: string): Promise<number> {
    this.#assertOpen();
    await this.#agreeOnPartitions(topic);
    this.#store.refresh();
    let lag = 0;
    for (let partition = 0; partition < topic.partitions; partition++) {
      lag += this.#store.head(topic.name, partition) - this.#store.number(['offset', group, topic.name, partition]);
    }
    return lag;
  }

  async hasCommitted(topic: Topic<unknown>, group: string): Promise<boolean> {
    this.#assertOpen();
    await this.#agreeOnPartitions(topic);
    this.#store.refresh();
    for (let partition = 0; partition < topic.partitions; partition++) {
      if (this.#store.number(['offset', group, topic.name, partition]) > 0) return true;
    }
    return false;
  }

  /** The files are in this process: they do not come and go. */
  health(): EngineHealth {
    return { kind: 'up' };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    await this.#store.release();
  }

  #groupOf(topic: Topic<unknown>, name: string): { group: EmbeddedGroup; left: () => Promise<void> } {
    let known = groups.get(this.#store);
    if (!known) groups.set(this.#store, (known = new Map<string, EmbeddedGroup>()));
    const id = JSON.stringify([name, topic.name]);
    const group = known.get(id) ?? new EmbeddedGroup(this.#store, name, topic.name, topic.partitions);
    known.set(id, group);
    return {
      group,
      left: async () => {
        if ((await group.leave()) && known.get(id) === group) known.delete(id);
      },
    };
  }

  /** Keys move to other partitions if the number changes, and lose their order: that is refused. */
  async #agreeOnPartitions(topic: Topic<never> | Topic<unknown>): Promise<void> {
    if (this.#checked.has(topic.name)) return;
    const key: [string, string] = ['topic', topic.name];
    let found = this.#store.get(key);
    if (found === undefined) {
      found = await this.#store.write(() => {
        const other = this.#store.get(key);
        if (other === undefined) this.#store.put(key, topic.partitions);
        return other ?? topic.partitions;
      });
    }
    if (found !== topic.partitions) {
      throw new ObzvonError('bad_config', `topic "${topic.name}" in ${this.#store.dir} has ${String(found)} partitions; expected ${topic.partitions}: use a fresh directory`);
    }
    this.#checked.add(topic.name);
  }

  #assertOpen(): void {
    if (this.#closed) throw new ObzvonError('usage', `the bus in ${this.#store.dir} is closed`);
  }
}

/**
 * A durable log in a directory. What is published is on disk (fsync) when the promise resolves, and survives `kill -9`
 * of any process. Several processes may publish, scan and consume; a consumer group is served by one process at a time
 * (see {@link EmbeddedGroup}).
 * @throws ObzvonError storage if the directory cannot be used
 */
export function openEmbeddedBus(options: EmbeddedBusOptions): Promise<Bus> {
  return new Promise((resolve) => resolve(new EmbeddedBus(options)));
}
