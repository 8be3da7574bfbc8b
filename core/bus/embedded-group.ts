import { z } from 'zod';
import { ObzvonError } from '../errors.ts';
import type { EmbeddedStore } from './embedded-store.ts';
import { lifeOf } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** A holder whose pid means nothing here is believed for this long after its last renewal, ms of wall time. */
export const GROUP_LEASE_MS = 10_000;
const RENEW_MS = 3_000;

const holderSchema = z.object({ pid: z.number(), startTicks: z.string(), place: z.string(), renewedAtMs: z.number() });

export interface Commit {
  readonly partition: number;
  /** The next offset to deliver. */
  readonly offset: number;
  /** Written in the same transaction, before the offset. */
  readonly alongside: (() => void) | null;
}

/**
 * A consumer group on one topic, as this process holds it. One process at a time consumes for a group: the holder is
 * written beside the offsets, and every commit checks it in its transaction, so that a process that lost the group
 * cannot move its offsets. A dead holder is replaced at once (its pid is looked up); one in another container is
 * believed for {@link GROUP_LEASE_MS} after its last renewal.
 *
 * Within the process the group's consumers take partitions in turns, each partition by one of them at a time.
 */
export class EmbeddedGroup {
  readonly group: string;
  readonly topic: string;
  readonly partitions: number;
  readonly #store: EmbeddedStore;
  #members = 0;
  #renewal: NodeJS.Timeout | undefined;
  /** Next offset to hand out, and the committed one, by partition. */
  readonly #positions: number[] = [];
  readonly #committed: number[] = [];
  readonly #busy = new Set<number>();
  #turn = 0;
  readonly #onChange = new Set<() => void>();

  constructor(store: EmbeddedStore, group: string, topic: string, partitions: number) {
    this.#store = store;
    this.group = group;
    this.topic = topic;
    this.partitions = partitions;
  }

  /** Joins one consumer. @throws ObzvonError locked if a living process holds the group */
  async join(): Promise<void> {
    this.#members += 1;
    try {
      const held = await this.#store.write(() => this.#take());
      if (held) throw this.#lockedBy(held);
    } catch (error) {
      this.#members -= 1;
      throw error;
    }
    if (this.#renewal) return;
    this.#store.refresh();
    for (let partition = 0; partition < this.partitions; partition++) {
      this.#committed[partition] = this.#store.number(this.#offsetKey(partition));
      this.#positions[partition] = this.#committed[partition]!;
    }
    this.#renewal = setInterval(() => {
      // A failed renewal is told by the next commit, which checks the holder.
      this.#store.write(() => this.#take()).catch(() => undefined);
    }, RENEW_MS);
    this.#renewal.unref();
  }

  /** @returns true if that was the group's last consumer here */
  async leave(): Promise<boolean> {
    this.#members -= 1;
    if (this.#members > 0) {
      this.#changed();
      return false;
    }
    clearInterval(this.#renewal);
    this.#renewal = undefined;
    await this.#store.write(() => {
      if (this.#heldHere()) this.#store.remove(this.#holderKey());
    });
    return this.#members === 0;
  }

  /** Takes a partition that has messages and that no consumer is at; null if there is none. Give it back with {@link release}. */
  takePartition(): { partition: number; position: number; head: number } | null {
    for (let i = 0; i < this.partitions; i++) {
      const partition = (this.#turn + i) % this.partitions;
      const position = this.#positions[partition]!;
      if (this.#busy.has(partition)) continue;
      const head = this.#store.head(this.topic, partition);
      if (head <= position) continue;
      this.#turn = partition + 1;
      this.#busy.add(partition);
      return { partition, position, head };
    }
    return null;
  }

  /** @param nextOffset where the next batch begins: the end of the handled one, or its start if it failed */
  release(partition: number, nextOffset: number): void {
    this.#positions[partition] = nextOffset;
    this.#busy.delete(partition);
    this.#changed();
  }

  /** Moves offsets forward, all in one transaction. @throws ObzvonError locked if another process took the group */
  async commit(commits: readonly Commit[]): Promise<void> {
    const held = await this.#store.write(() => {
      if (!this.#heldHere()) return this.#holder();
      for (const { partition, offset, alongside } of commits) {
        alongside?.();
        if (offset > this.#store.number(this.#offsetKey(partition))) this.#store.put(this.#offsetKey(partition), offset);
      }
      return 'committed';
    });
    if (held !== 'committed') throw this.#lockedBy(held);
    for (const { partition, offset } of commits) this.#committed[partition] = Math.max(this.#committed[partition]!, offset);
    this.#changed();
  }

  /** Offsets of the last messages now, to be compared by {@link reached}. */
  heads(): number[] {
    this.#store.refresh();
    return Array.from({ length: this.partitions }, (_, partition) => this.#store.head(this.topic, partition));
  }

  reached(heads: readonly number[]): boolean {
    return heads.every((head, partition) => this.#committed[partition]! >= head);
  }

  /** Calls back after every commit and every partition given back. */
  onChange(listener: () => void): () => void {
    this.#onChange.add(listener);
    return () => this.#onChange.delete(listener);
  }

  #changed(): void {
    for (const listener of [...this.#onChange]) listener();
  }

  /** In a transaction: makes this process the holder, or tells who is. */
  #take(): z.infer<typeof holderSchema> | null {
    const holder = this.#holder();
    if (holder && !this.#heldHere()) {
      const life = lifeOf(holder, this.#store.identity);
      if (life === 'alive' || (life === 'elsewhere' && holder.renewedAtMs > Date.now() - GROUP_LEASE_MS)) return holder;
    }
    this.#store.put(this.#holderKey(), { ...this.#store.identity, renewedAtMs: Date.now() });
    return null;
  }

  #heldHere(): boolean {
    const holder = this.#holder();
    return holder !== null && same(holder, this.#store.identity);
  }

  #holder(): z.infer<typeof holderSchema> | null {
    return holderSchema.nullable().catch(null).parse(this.#store.get(this.#holderKey()) ?? null);
  }

  #lockedBy(holder: z.infer<typeof holderSchema> | null): ObzvonError {
    const who = holder === null ? 'another process' : `process ${holder.pid} on ${holder.place.split(' ')[0] ?? 'another host'}`;
    return new ObzvonError('locked', `group "${this.group}" of topic "${this.topic}" in ${this.#store.dir} is being consumed by ${who}; expected one process a group: stop that one, or use a bus that serves several (kafka://)`);
  }

  #holderKey(): [string, string, string] {
    return ['holder', this.group, this.topic];
  }

  #offsetKey(partition: number): [string, string, string, number] {
    return ['offset', this.group, this.topic, partition];
  }
}

function same(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTicks === b.startTicks && a.place === b.place;
}
