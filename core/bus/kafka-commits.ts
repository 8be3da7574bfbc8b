import type { EachBatchPayload } from 'kafkajs';
import { reasonOf } from './kafka-errors.ts';

/** Refusals after which kafkajs joins the group again; it then reads from the last commit, so the messages come again. */
const REJOINING: ReadonlySet<unknown> = new Set(['REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);
const PAUSE_MS = 200;
const PATIENCE_MS = 30_000;

/** kafkajs ends the member by it: it looks at `retriable` of whatever is thrown. */
class CommitLost extends Error {
  override readonly name = 'CommitLost';
  readonly retriable = false;

  constructor(cause: unknown) {
    super(`an offset could not be committed: ${reasonOf(cause)}`, { cause });
  }
}

/** Commits of one fetched batch that run behind its handlers: one at a time, each as far as was handled by then. */
export class CommitsBehind {
  readonly #payload: EachBatchPayload;
  readonly #goOn: () => boolean;
  #next: number | null = null;
  #committing: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;

  /** @param goOn false once it is no use to try again */
  constructor(payload: EachBatchPayload, goOn: () => boolean) {
    this.#payload = payload;
    this.#goOn = goOn;
  }

  /** Everything before the offset is handled. */
  upTo(offset: number): void {
    this.#next = offset;
    this.#committing ??= this.#commitAll();
  }

  /** Resolves when all is committed. @throws what kafkajs is to act on, by joining again or ending the member */
  async done(): Promise<void> {
    await this.#committing;
    if (this.#failure) throw this.#failure.cause;
  }

  /** Never rejects: a failure is kept for {@link done}, and nothing is committed after it. */
  async #commitAll(): Promise<void> {
    try {
      while (this.#next !== null && this.#failure === undefined) {
        const offset = this.#next;
        this.#next = null;
        await this.#commit(offset);
      }
    } catch (cause) {
      this.#failure = { cause };
    }
    this.#committing = undefined;
  }

  /**
   * A lost connection is no reason to give up the member: it stays where it is in the log, and nothing would commit these
   * messages until the next ones come. If trying again does not help, the member ends, and the next is handed them again.
   */
  async #commit(offset: number): Promise<void> {
    const { topic, partition } = this.#payload.batch;
    const untilMs = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        await this.#payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }] });
        return;
      } catch (cause) {
        if (cause instanceof Error && 'type' in cause && REJOINING.has(cause.type)) throw cause;
        if (!this.#goOn() || performance.now() > untilMs) {
          throw new CommitLost(cause);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
