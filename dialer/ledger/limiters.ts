import { TransactionFlags } from 'lmdb';
import { earliestStart, emptyLimiter, noteStart, type LimiterState } from '../rules/rate-limiter.ts';
import type { RateLimit, StartPermit } from './port.ts';
import type { Store } from './store.ts';

/** Not abortable; flushed in the background. A start need not be on the disk to count: it survives the process, and no machine restarts within the second that matters. */
const COMMIT_WITHOUT_FLUSH: TransactionFlags = TransactionFlags.SYNCHRONOUS_COMMIT | TransactionFlags.NO_SYNC_FLUSH;

/** Grants one start under all of `limits`, or says when to ask again. One state for all processes of the machine. */
export function takeStart(store: Store, limits: readonly RateLimit[], nowMs: number): StartPermit {
  // A refusal needs no transaction: others' starts only move it further away.
  const refused = waitUntil(store, limits, nowMs);
  if (refused !== null) return refused;
  return store.root.transactionSync((): StartPermit => {
    const wait = waitUntil(store, limits, nowMs);
    if (wait !== null) return wait;
    for (const { key, maxPerSecond } of limits) store.limiters.putSync(key, encode(noteStart(read(store, key), maxPerSecond, nowMs)));
    return { kind: 'granted' };
  }, COMMIT_WITHOUT_FLUSH);
}

function waitUntil(store: Store, limits: readonly RateLimit[], nowMs: number): StartPermit | null {
  let untilMs = nowMs;
  for (const { key, maxPerSecond } of limits) untilMs = Math.max(untilMs, earliestStart(read(store, key), maxPerSecond, nowMs));
  return untilMs > nowMs ? { kind: 'wait', untilMs: Math.ceil(untilMs) } : null;
}

/** On disk: head, count, nextAtMs, then the ring, as doubles. */
const HEADER = 3;

function encode(state: LimiterState): Buffer {
  const doubles = new Float64Array(HEADER + state.times.length);
  doubles[0] = state.head;
  doubles[1] = state.count;
  doubles[2] = state.nextAtMs;
  doubles.set(state.times, HEADER);
  return Buffer.from(doubles.buffer);
}

function read(store: Store, key: string): LimiterState {
  const bytes = store.limiters.get(key);
  if (bytes === undefined) return emptyLimiter();
  const doubles = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return { head: doubles[0]!, count: doubles[1]!, nextAtMs: doubles[2]!, times: doubles.slice(HEADER) };
}
