import type { RootDatabase } from 'lmdb';
import { ObzvonError } from './errors.ts';

/** How a store of {@link GroupedWrites} must be opened. */
export const GROUPED_STORE = {
  // A promise of a commit then means "flushed to disk", and no process sees what a power cut could take back.
  overlappingSync: false,
  // Writes are grouped here; lmdb's own grouping by turn leaves promises behind that nobody can catch if the disk is full.
  eventTurnBatching: false,
} as const;

/** A write that waits for the next transaction. */
interface QueuedWrite {
  readonly apply: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes to an embedded store (LMDB) in groups: those of one turn, and all that come while a transaction is being flushed, go into the
 * next one together (group commit).
 */
export class GroupedWrites {
  readonly #root: Pick<RootDatabase, 'childTransaction'>;
  readonly #fault: (cause: unknown) => ObzvonError;
  #queue: QueuedWrite[] = [];
  #flushing: Promise<void> | undefined;

  /** @param fault what is told when the disk did not take a transaction */
  constructor(root: Pick<RootDatabase, 'childTransaction'>, fault: (cause: unknown) => ObzvonError) {
    this.#root = root;
    this.#fault = fault;
  }

  /**
   * Runs `apply` in the next transaction. Resolves once that is on the disk. An ObzvonError that `apply` throws, before it has written
   * anything, is its caller's alone; any other undoes the whole transaction.
   * @throws ObzvonError storage
   */
  write<T>(apply: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ apply, resolve: resolve as (result: unknown) => void, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Resolves once nothing waits to be written. */
  async settled(): Promise<void> {
    while (this.#flushing) await this.#flushing;
  }

  async #flush(): Promise<void> {
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const writes = this.#queue;
      this.#queue = [];
      const answers: (() => void)[] = [];
      try {
        // A child transaction is undone whole if a write in it fails: a change is never half there.
        await this.#root.childTransaction(() => {
          for (const write of writes) answers.push(answerOf(write));
        });
        for (const answer of answers) answer();
      } catch (error) {
        const cause = await commitCause(error);
        const failure = cause instanceof ObzvonError ? cause : this.#fault(cause);
        for (const write of writes) write.reject(failure);
      }
    }
    // In the same turn as the look: what is queued from now on starts another flush.
    this.#flushing = undefined;
  }
}

function answerOf({ apply, resolve, reject }: QueuedWrite): () => void {
  try {
    const result = apply();
    return () => resolve(result);
  } catch (error) {
    if (error instanceof ObzvonError) return () => reject(error);
    throw error;
  }
}

/** LMDB tells the cause of a failed commit by a promise of its own. */
async function commitCause(error: unknown): Promise<unknown> {
  const told = error instanceof Error && 'commitError' in error ? (error.commitError as Promise<unknown>) : undefined;
  if (told === undefined) return error;
  const silence = new Promise((resolve) => setTimeout(resolve, 1000, error));
  return Promise.race([told.catch((cause: unknown) => cause), silence]);
}

/** @param what such as `the bus in DIR` */
export function storageError(what: string, cause: unknown): ObzvonError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new ObzvonError('storage', `${what} cannot be used: ${found}; expected a writable directory with free space`, { cause });
}
