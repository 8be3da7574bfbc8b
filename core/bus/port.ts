import type { JsonBytes } from './json-bytes.ts';

/** A named stream of messages of one type, spread over partitions by key. */
export interface Topic<T> {
  readonly name: string;
  /** Messages with one key stay in order; they share a partition. */
  readonly partitions: number;
  encode(value: T): string;
  /** Adds what `encode` gives as bytes, for adapters that store bytes; absent: they take the text. */
  write?(value: T, into: JsonBytes): void;
  /** Reads a message's text; a refused one goes to the dead letters with `found` as the reason. */
  decode(text: string): { kind: 'ok'; value: T } | { kind: 'refused'; found: string };
}

export interface OutgoingMessage<T> {
  readonly key: string;
  readonly value: T;
}

export interface Message<T> {
  readonly key: string;
  readonly value: T;
  readonly partition: number;
  /** Counts up by one within a partition. */
  readonly offset: number;
}

/** Messages of one partition, in order. */
export interface Batch<T> {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly Message<T>[];
}

export interface ConsumeOptions {
  /** Consumers of one group share the partitions; each group gets every message. */
  readonly group: string;
  readonly maxBatch: number;
  /** Batches of so many different partitions may be with the handler at once; those of one partition never are. Default 1. */
  readonly lanes?: number;
  /**
   * True: reject with `locked` if another process reads the topic for this group just now, for a command that would only do that one's
   * work. An engine that serves one process a group rejects always.
   */
  readonly alone?: boolean;
}

/** Whether an engine answers just now. While it is down its adapter goes on trying by itself. */
export type EngineHealth = { readonly kind: 'up' } | { readonly kind: 'down'; readonly reason: string };

/** A running consumer. */
export interface Consumer {
  /** Resolves when every message published before the call has been handled and committed. */
  caughtUp(): Promise<void>;
  /** Waits for the running handler, commits, and ends. */
  stop(): Promise<void>;
  /** Rejects if the handler threw: its messages are not committed and will come again. Never resolves otherwise before `stop`. */
  readonly failed: Promise<never>;
}

/**
 * A durable log. Delivery is at least once: a batch is committed after its handler resolves, so a crash in
 * between delivers it again. An engine that goes away after the bus was opened is waited for: promises stay pending
 * until it is back, and reject only for what trying again cannot mend.
 */
export interface Bus {
  /** Resolves once the messages are durable (survive a crash of every process). */
  publish<T>(topic: Topic<T>, messages: readonly OutgoingMessage<T>[]): Promise<void>;
  /** Starts delivering from the group's last commit, or from the beginning for a new group. */
  consume<T>(topic: Topic<T>, options: ConsumeOptions, handle: (batch: Batch<T>) => Promise<void>): Promise<Consumer>;
  /** Everything in the topic at the time of the call, partition by partition; commits nothing. */
  scan<T>(topic: Topic<T>): AsyncIterable<Message<T>>;
  /**
   * Gives messages another key and value in their place in the log, to take a person out of it: whoever reads it from now on, sees them so. `change` answers null
   * for what stays as it is. A log that cannot be changed (Kafka's) changes nothing and counts what should be.
   */
  rewrite<T>(topic: Topic<T>, change: (message: Message<T>) => OutgoingMessage<T> | null): Promise<{ readonly changed: number; readonly kept: number }>;
  /** Messages the group has not committed yet. */
  lag(topic: Topic<unknown>, group: string): Promise<number>;
  /** True if the group has ever committed a message of the topic: its effects are somewhere, or were. */
  hasCommitted(topic: Topic<unknown>, group: string): Promise<boolean>;
  health(): EngineHealth;
  close(): Promise<void>;
}

/** A message nobody could read, kept with its origin. */
export interface DeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly text: string;
  readonly reason: string;
  readonly atMs: number;
}
