import { mkdirSync, realpathSync } from 'node:fs';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import type { ObzvonError } from '../errors.ts';
import { GROUPED_STORE, GroupedWrites, storageError } from '../grouped-writes.ts';
import { packChunk, unpackChunk } from './embedded-chunk.ts';
import type { StoredMessage } from './embedded-chunk.ts';
import { thisProcess } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** How often the store looks for messages of other processes while somebody waits, ms of wall time. */
const POLL_MS = 50;
/** A chunk no larger than this keeps a reader's memory and re-reads small. */
const MAX_CHUNK_MESSAGES = 1024;
const MAX_CHUNK_UNITS = 1 << 20;

/** A chunk as read: `messages[i]` has offset `firstOffset + i`. */
export interface Chunk {
  readonly firstOffset: number;
  readonly messages: readonly StoredMessage[];
}

/** Consecutive messages ready for the disk. */
export interface PackedChunk {
  readonly bytes: Buffer;
  readonly count: number;
}

/**
 * Writes messages out as chunks, before the transaction they go into: bytes that wait for the disk are outside the heap,
 * texts that wait would be moved by the garbage collector.
 */
export function packChunks(messages: readonly StoredMessage[]): PackedChunk[] {
  const chunks: PackedChunk[] = [];
  let from = 0;
  while (from < messages.length) {
    let units = 0;
    let to = from;
    while (to < messages.length && to - from < MAX_CHUNK_MESSAGES && (to === from || units < MAX_CHUNK_UNITS)) {
      units += messages[to]!.key.length + messages[to]!.text.length;
      to += 1;
    }
    chunks.push({ bytes: packChunk(from === 0 && to === messages.length ? messages : messages.slice(from, to)), count: to - from });
    from = to;
  }
  return chunks;
}

type MetaKey = [string, ...(string | number)[]];

/**
 * The log on disk (LMDB), shared by every bus this process has opened on one directory and by other processes.
 *
 * Tables: `log` holds chunks under [topic, partition, first offset]; `meta` holds ['head', topic, partition] -> next
 * offset, ['topic', topic] -> its number of partitions, ['publish'] -> a count that grows with every publish, and what
 * the consumer groups keep. Offsets are given out inside the write transaction, so that processes never share one.
 */
export class EmbeddedStore {
  readonly dir: string;
  readonly identity: ProcessIdentity;
  readonly #root: RootDatabase<unknown, MetaKey>;
  readonly #log: Database<Buffer, [string, number, number]>;
  readonly #meta: Database<unknown, MetaKey>;
  #users = 0;
  readonly #writes: GroupedWrites;
  readonly #waiting = new Set<() => void>();
  #poll: NodeJS.Timeout | undefined;
  #publishesSeen = 0;

  constructor(dir: string, identity: ProcessIdentity = thisProcess()) {
    this.identity = identity;
    this.dir = dir;
    try {
      this.#root = open<unknown, MetaKey>({
        path: dir,
        noSubdir: false,
        ...GROUPED_STORE,
        maxDbs: 4,
        maxReaders: 512,
      });
      this.#log = this.#root.openDB<Buffer, [string, number, number]>('log', { encoding: 'binary' });
      this.#meta = this.#root.openDB<unknown, MetaKey>('meta', { encoding: 'json' });
      // Readers that were killed would keep old pages from being used again.
      this.#root.readerCheck();
    } catch (error) {
      throw busFault(dir, error);
    }
    this.#writes = new GroupedWrites(this.#root, (cause) => busFault(dir, cause));
  }

  retain(): void {
    this.#users += 1;
  }

  /** Closes the files once the last user is gone. */
  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0) return;
    stores.delete(this.dir);
    await this.#writes.settled();
    this.#waiting.clear();
    this.#stopPolling();
    await this.#root.close();
  }

  /** See {@link GroupedWrites.write}. */
  write<T>(apply: () => T): Promise<T> {
    return this.#writes.write(apply);
  }

  /** Only inside {@link write}: appends to one partition. */
  append(topic: string, partition: number, chunks: readonly PackedChunk[]): void {
    let offset = this.head(topic, partition);
    for (const { bytes, count } of chunks) {
      void this.#log.put([topic, partition, offset], bytes);
      offset += count;
    }
    void this.#meta.put(['head', topic, partition], offset);
    void this.#meta.put(['publish'], this.number(['publish']) + 1);
  }

  /** Only inside {@link write}: puts other messages in place of a chunk's, as many as there were. */
  replaceChunk(topic: string, partition: number, chunk: Chunk): void {
    void this.#log.put([topic, partition, chunk.firstOffset], packChunk(chunk.messages));
  }

  /** The offset the next message of the partition will get. */
  head(topic: string, partition: number): number {
    return this.number(['head', topic, partition]);
  }

  number(key: MetaKey): number {
    return (this.#meta.get(key) as number | undefined) ?? 0;
  }

  get(key: MetaKey): unknown {
    return this.#meta.get(key);
  }

  /** Only inside {@link write}. */
  put(key: MetaKey, value: unknown): void {
    void this.#meta.put(key, value);
  }

  /** Only inside {@link write}. */
  remove(key: MetaKey): void {
    void this.#meta.remove(key);
  }

  /** Makes the reads of this turn see what other processes have written up to now. */
  refresh(): void {
    this.#root.resetReadTxn();
  }

  /** The chunk that holds `offset`; null past the end. */
  chunkAt(topic: string, partition: number, offset: number): Chunk | null {
    const exact = this.#log.getBinaryFast([topic, partition, offset]);
    if (exact) return { firstOffset: offset, messages: unpackChunk(exact) };
    for (const { key, value } of this.#log.getRange({ start: [topic, partition, offset], end: [topic, partition, -1], reverse: true, limit: 1 })) {
      const messages = unpackChunk(value);
      if (offset < key[2] + messages.length) return { firstOffset: key[2], messages };
    }
    return null;
  }

  /** Calls `wake` once, soon after anybody publishes anything (or at once by {@link wakeAll}). */
  onPublish(wake: () => void): void {
    this.#waiting.add(wake);
    this.#poll ??= setInterval(() => {
      const publishes = this.number(['publish']);
      if (publishes === this.#publishesSeen) return;
      this.#publishesSeen = publishes;
      this.wakeAll();
    }, POLL_MS);
  }

  offPublish(wake: () => void): void {
    this.#waiting.delete(wake);
    if (this.#waiting.size === 0) this.#stopPolling();
  }

  wakeAll(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#stopPolling();
    for (const wake of waiting) wake();
  }

  #stopPolling(): void {
    clearInterval(this.#poll);
    this.#poll = undefined;
  }
}

const stores = new Map<string, EmbeddedStore>();

/** The process's one store of a directory, made if absent; {@link EmbeddedStore.release} it when done. */
export function storeOf(dir: string): EmbeddedStore {
  let path: string;
  try {
    mkdirSync(dir, { recursive: true });
    path = realpathSync(dir);
  } catch (error) {
    throw busFault(dir, error);
  }
  let store = stores.get(path);
  if (!store) {
    store = new EmbeddedStore(path);
    stores.set(path, store);
  }
  store.retain();
  return store;
}

function busFault(dir: string, cause: unknown): ObzvonError {
  return storageError(`the bus in ${dir}`, cause);
}
