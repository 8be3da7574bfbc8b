import { ObzvonError } from '../errors.ts';
import type { Commit, EmbeddedGroup } from './embedded-group.ts';
import { packChunks } from './embedded-store.ts';
import type { Chunk, EmbeddedStore } from './embedded-store.ts';
import type { Batch, Consumer, DeadLetter, Message, Topic } from './port.ts';
import { deadLettersTopic } from './topics.ts';

/** Batches handled but not yet committed that a lane runs ahead of the disk; a crash delivers them again. */
const MAX_UNCOMMITTED_BATCHES = 8;

/**
 * One consumer of a group, with one or more lanes.
 *
 * - `running`: each lane takes a partition, hands its batch to the handler, gives the partition back, commits behind;
 *   waits for publishes if there is nothing.
 * - `stopping`: the handlers at work finish; then what was handled is committed.
 * - `stopped`: has left the group.
 * - `failed`: the handler, a commit or a read failed; the batch is not committed. The other lanes finish theirs, and it
 *   leaves the group.
 */
export class EmbeddedConsumer<T> implements Consumer {
  readonly failed: Promise<never>;
  #mode: 'running' | 'stopping' | 'stopped' | 'failed' = 'running';
  readonly #store: EmbeddedStore;
  readonly #group: EmbeddedGroup;
  readonly #topic: Topic<T>;
  readonly #maxBatch: number;
  readonly #lanes: number;
  readonly #handle: (batch: Batch<T>) => Promise<void>;
  readonly #nowMs: () => number;
  readonly #left: () => Promise<void>;
  #reject!: (error: Error) => void;
  readonly #done: Promise<void>;
  #failure = new Error('the consumer has not failed');
  /** Lanes that wait for something to do. */
  readonly #idle = new Set<() => void>();
  /** Commits waiting for the one under way. */
  #pending: Commit[] = [];
  #committing: Promise<void> | undefined;
  #commitFailure: { readonly cause: unknown } | undefined;
  readonly #chunks = new Map<number, Chunk>();
  readonly #watchers = new Set<() => void>();

  constructor(parts: { store: EmbeddedStore; group: EmbeddedGroup; topic: Topic<T>; maxBatch: number; lanes: number; handle: (batch: Batch<T>) => Promise<void>; nowMs: () => number; left: () => Promise<void> }) {
    this.#store = parts.store;
    this.#group = parts.group;
    this.#topic = parts.topic;
    this.#maxBatch = parts.maxBatch;
    this.#lanes = parts.lanes;
    this.#handle = parts.handle;
    this.#nowMs = parts.nowMs;
    this.#left = parts.left;
    this.failed = new Promise<never>((_, reject) => (this.#reject = reject));
    this.#done = this.#run();
  }

  async caughtUp(): Promise<void> {
    const heads = this.#group.heads();
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (this.#group.reached(heads)) finish(resolve);
        else if (this.#mode === 'failed') finish(() => reject(this.#failure));
        else if (this.#mode !== 'running') finish(() => reject(new ObzvonError('usage', `consumer of group "${this.#group.group}" was stopped before it caught up`)));
      };
      const off = this.#group.onChange(look);
      this.#watchers.add(look);
      const finish = (end: () => void): void => {
        off();
        this.#watchers.delete(look);
        end();
      };
      look();
    });
  }

  async stop(): Promise<void> {
    if (this.#mode === 'running') {
      this.#mode = 'stopping';
      this.#wakeLanes();
    }
    await this.#done;
  }

  async #run(): Promise<void> {
    await Promise.all(Array.from({ length: this.#lanes }, () => this.#lane()));
    await this.#flushed().then(
      () => {
        if (this.#mode !== 'failed') this.#mode = 'stopped';
      },
      (error: unknown) => this.#fail(error),
    );
    // A consumer that failed has told why; that it could not tell the disk of its leaving adds nothing.
    await this.#left().catch((error: unknown) => {
      if (this.#mode !== 'failed') throw error;
    });
    this.#look();
  }

  /** Never rejects: a failure is told by `failed`. */
  async #lane(): Promise<void> {
    try {
      while (this.#mode === 'running') {
        if (!(await this.#deliverOne())) await this.#untilChange();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#mode === 'failed') return;
    this.#failure = error instanceof Error ? error : new Error(String(error));
    this.#mode = 'failed';
    // Whoever waits in caughtUp() gets the failure there; otherwise an unwatched `failed` ends the process, loudly.
    if (this.#watchers.size > 0) this.failed.catch(() => undefined);
    this.#reject(this.#failure);
    this.#wakeLanes();
  }

  #look(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #wakeLanes(): void {
    for (const wake of [...this.#idle]) wake();
  }

  async #deliverOne(): Promise<boolean> {
    if (this.#pending.length >= MAX_UNCOMMITTED_BATCHES * this.#lanes) await this.#committing;
    if (this.#commitFailure) throw this.#commitFailure.cause;
    const taken = this.#group.takePartition();
    if (taken === null) return false;
    const { partition, position, head } = taken;
    let next = position;
    try {
      const { messages, deadLetters, end } = this.#read(partition, position, head);
      if (messages.length > 0) await this.#handle({ topic: this.#topic.name, partition, messages });
      next = end;
      this.#commitLater({ partition, offset: end, alongside: deadLetters.length > 0 ? () => this.#bury(deadLetters) : null });
    } finally {
      this.#group.release(partition, next);
    }
    return true;
  }

  #read(partition: number, position: number, head: number): { messages: Message<T>[]; deadLetters: DeadLetter[]; end: number } {
    const messages: Message<T>[] = [];
    const deadLetters: DeadLetter[] = [];
    const end = Math.min(head, position + this.#maxBatch);
    let chunk = this.#chunks.get(partition);
    for (let offset = position; offset < end; offset++) {
      if (!chunk || offset < chunk.firstOffset || offset >= chunk.firstOffset + chunk.messages.length) {
        chunk = this.#store.chunkAt(this.#topic.name, partition, offset) ?? undefined;
        if (!chunk) throw new ObzvonError('storage', `the bus in ${this.#store.dir} has no message ${this.#topic.name}/${partition}/${offset}, though its head is ${head}`);
      }
      const { key, text } = chunk.messages[offset - chunk.firstOffset]!;
      const decoded = this.#topic.decode(text);
      if (decoded.kind === 'ok') messages.push({ key, value: decoded.value, partition, offset });
      else deadLetters.push({ topic: this.#topic.name, partition, offset, key, text, reason: decoded.found, atMs: this.#nowMs() });
    }
    // A chunk read to its end is of no more use.
    if (chunk && end < chunk.firstOffset + chunk.messages.length) this.#chunks.set(partition, chunk);
    else this.#chunks.delete(partition);
    return { messages, deadLetters, end };
  }

  /** In the commit's transaction: an unreadable message is in the dead letters once, however often it was delivered. */
  #bury(deadLetters: readonly DeadLetter[]): void {
    if (this.#topic.name === deadLettersTopic.name) throw new ObzvonError('storage', `a dead letter in ${this.#store.dir} cannot be read: ${deadLetters[0]!.reason}`);
    this.#store.append(deadLettersTopic.name, 0, packChunks(deadLetters.map((letter) => ({ key: letter.key, text: deadLettersTopic.encode(letter) }))));
  }

  #commitLater(commit: Commit): void {
    this.#pending.push(commit);
    this.#committing ??= this.#commitAll();
  }

  /** Never rejects: a failure is kept for the loop, which ends by it. */
  async #commitAll(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const commits = this.#pending;
        this.#pending = [];
        await this.#group.commit(commits);
        if (commits.some((commit) => commit.alongside)) this.#store.wakeAll();
      }
    } catch (cause) {
      this.#commitFailure = { cause };
      this.#wakeLanes();
    }
    this.#committing = undefined;
  }

  async #flushed(): Promise<void> {
    await this.#committing;
    if (this.#commitFailure) throw this.#commitFailure.cause;
  }

  /** Until somebody publishes, a partition is given back, or the consumer is stopped. */
  async #untilChange(): Promise<void> {
    // Stopped since the lane looked: nobody would wake it again.
    if (this.#mode !== 'running') return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        off();
        this.#store.offPublish(wake);
        this.#idle.delete(wake);
        resolve();
      };
      const off = this.#group.onChange(wake);
      this.#idle.add(wake);
      this.#store.onPublish(wake);
    });
  }
}
