import type { Consumer as Member, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { ObzvonError } from '../errors.ts';
import { CommitsBehind } from './kafka-commits.ts';
import { hopeless, reasonOf } from './kafka-errors.ts';
import { within, type KafkaLink } from './kafka-link.ts';
import { liveAsMember } from './kafka-member.ts';
import { boundsOf, committedOf } from './kafka-topics.ts';
import type { Batch, Consumer, DeadLetter, Message, Topic } from './port.ts';

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
const FIRST_LOOK_MS = 10;
const MAX_LOOK_MS = 250;

export interface KafkaConsumerParts<T> {
  readonly link: KafkaLink;
  readonly topic: Topic<T>;
  /** As the cluster names it. */
  readonly name: string;
  readonly groupId: string;
  readonly maxBatch: number;
  readonly lanes: number;
  readonly handle: (batch: Batch<T>) => Promise<void>;
  readonly bury: (letters: readonly DeadLetter[]) => Promise<void>;
  readonly nowMs: () => number;
  readonly left: () => void;
}

/**
 * One consumer of a group, in one or more lanes.
 *
 * - `running`: lives as a member of the group, one life after another if the cluster goes away (see {@link liveAsMember}).
 *   A lane takes what was fetched of a partition, hands it over in batches and commits each once it is handled. Nothing
 *   more is fetched until the lanes have done, so a slow handler holds back its partitions and memory stays bounded.
 * - `stopping`: handlers at work finish and are committed; then it leaves the group.
 * - `stopped`: has left the group, or its session is left to run out if the cluster did not answer.
 * - `failed`: the handler failed, or the cluster refused what trying again cannot mend. The batch is not committed.
 *
 * A partition that is taken away in mid-batch: its handler finishes, and its commit is refused or does no harm; whoever
 * has the partition now is handed those messages again.
 */
export class KafkaConsumer<T> implements Consumer {
  readonly failed: Promise<never>;
  /** Resolves with the first joining of the group, or when that is not to be. */
  readonly joined: Promise<void>;
  #mode: 'running' | 'stopping' | 'stopped' | 'failed' = 'running';
  readonly #parts: KafkaConsumerParts<T>;
  readonly #done: Promise<void>;
  readonly #ended: Promise<void>;
  #end!: () => void;
  #tellJoined!: () => void;
  #reject!: (error: Error) => void;
  #failure = new Error('the consumer has not failed');
  #waiting = 0;
  #life = 0;
  /** Handlers at work, by partition. */
  readonly #atWork = new Map<number, Promise<void>>();

  constructor(parts: KafkaConsumerParts<T>) {
    this.#parts = parts;
    this.failed = new Promise<never>((_, reject) => (this.#reject = reject));
    this.joined = new Promise((resolve) => (this.#tellJoined = resolve));
    this.#ended = new Promise((resolve) => (this.#end = resolve));
    this.#done = this.#run();
  }

  async caughtUp(): Promise<void> {
    const { link, name, groupId } = this.#parts;
    this.#waiting += 1;
    try {
      const bounds = (await this.#orEnd(boundsOf(link, name))).filter(({ low, high }) => high > low);
      for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(2 * lookMs, MAX_LOOK_MS)) {
        // Group-wide: the partitions may be with members in other processes.
        const committed = await this.#orEnd(committedOf(link, name, groupId));
        if (bounds.every(({ partition, high }) => (committed.get(partition) ?? 0) >= high)) return;
        await this.#orEnd(within(lookMs, this.#ended));
      }
    } finally {
      this.#waiting -= 1;
    }
  }

  async stop(): Promise<void> {
    if (this.#mode === 'running') this.#mode = 'stopping';
    this.#end();
    await this.#done;
  }

  async #orEnd<R>(work: Promise<R>): Promise<R> {
    work.catch(() => undefined);
    const result = await Promise.race([work, this.#ended.then(() => 'ended' as const)]);
    if (this.#mode === 'failed') throw this.#failure;
    if (this.#mode !== 'running') throw new ObzvonError('usage', `consumer of group "${this.#parts.groupId}" was stopped before it caught up`);
    return result as R;
  }

  async #run(): Promise<void> {
    const { link, name, groupId, lanes } = this.#parts;
    for (let pauseMs = FIRST_PAUSE_MS; this.#mode === 'running'; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      const life = ++this.#life;
      const cause = await liveAsMember(link, {
        groupId,
        topic: name,
        lanes,
        joined: () => {
          pauseMs = FIRST_PAUSE_MS;
          this.#tellJoined();
        },
        eachBatch: (_member: Member, payload) => this.#deliver(life, payload),
        // Leaving begins when the handlers at work are done, however long they take.
        ended: this.#ended.then(async () => {
          while (this.#atWork.size > 0) await Promise.all(this.#atWork.values());
        }),
      });
      if (cause === null) break;
      const refused = hopeless(cause, `consuming topic "${name}"`);
      if (refused) {
        this.#fail(refused);
        break;
      }
      const told = { group: groupId, reason: reasonOf(cause) };
      // The first group of a cluster finds its coordinator still waking up.
      if (life === 1 && (await within(0, this.joined.then(() => true))) === undefined) link.log.debug(told, 'a Kafka consumer could not join its group yet');
      else link.log.warn(told, 'a Kafka consumer lost its group; joining it again');
      await within(pauseMs, this.#ended);
    }
    if (this.#mode === 'stopping') this.#mode = 'stopped';
    this.#tellJoined();
    this.#parts.left();
  }

  #fail(error: unknown): void {
    if (this.#mode === 'failed') return;
    this.#failure = error instanceof Error ? error : new Error(String(error));
    this.#mode = 'failed';
    // Whoever waits in caughtUp() gets the failure there; otherwise an unwatched `failed` ends the process, loudly.
    if (this.#waiting > 0) this.failed.catch(() => undefined);
    this.#reject(this.#failure);
    this.#end();
  }

  /** What was fetched of one partition. Throws only what kafkajs is to act on: a rebalance, a lost connection. */
  async #deliver(life: number, payload: EachBatchPayload): Promise<void> {
    const { partition, messages } = payload.batch;
    // A handler of an earlier life may still be at it.
    await this.#atWork.get(partition);
    const current = (): boolean => this.#mode === 'running' && life === this.#life;
    const commits = new CommitsBehind(payload, current);
    try {
      for (let from = 0; from < messages.length && current() && !payload.isStale(); from += this.#parts.maxBatch) {
        const slice = messages.slice(from, from + this.#parts.maxBatch);
        if (!(await this.#handleSlice(partition, slice))) break;
        const last = slice.at(-1)!.offset;
        payload.resolveOffset(last);
        commits.upTo(Number(last) + 1);
        await payload.heartbeat();
      }
    } finally {
      await commits.done();
    }
  }

  /** @returns false if it failed, or the letters could not be buried before the end: nothing of it may be committed */
  async #handleSlice(partition: number, slice: readonly KafkaMessage[]): Promise<boolean> {
    const { topic, handle, bury } = this.#parts;
    const messages: Message<T>[] = [];
    const letters: DeadLetter[] = [];
    for (const message of slice) {
      const key = message.key?.toString() ?? '';
      const text = message.value?.toString() ?? '';
      const offset = Number(message.offset);
      const decoded = topic.decode(text);
      if (decoded.kind === 'ok') messages.push({ key, value: decoded.value, partition, offset });
      else letters.push({ topic: topic.name, partition, offset, key, text, reason: decoded.found, atMs: this.#parts.nowMs() });
    }
    try {
      if (messages.length > 0) {
        const work = handle({ topic: topic.name, partition, messages });
        const settled = work.then(() => undefined, () => undefined).finally(() => this.#atWork.delete(partition));
        this.#atWork.set(partition, settled);
        await work;
      }
      if (letters.length === 0) return true;
      const buried = bury(letters).then(() => true);
      buried.catch(() => undefined);
      return await Promise.race([buried, this.#ended.then(() => within(this.#parts.link.closeLimitMs, buried)).then((done) => done ?? false)]);
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }
}
