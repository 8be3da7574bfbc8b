import { z } from 'zod';
import { earliestStart, emptyLimiter, GUARD_MS, latestStart, noteLate, noteStart, spanOf, type LimiterState } from '../rules/rate-limiter.ts';
import { START_AHEAD_MS, type RateLimit, type StartPermit } from './port.ts';
import type { Store } from './store.ts';

/** For how long one process takes the right to grant starts under a key. A process that is killed delays its successor by so much. */
const SLICE_MS = 2000;
/** A slice that ends further in the future than this was left by another clock. */
const FOREIGN_CLOCK_MS = SLICE_MS + 10_000;
/** Who was told to wait asks again so long before the slot: often enough to lose none, and for several at once. */
const ASK_AHEAD_MS = START_AHEAD_MS / 2;

/** What a receipt holds: the number of the start under each key. */
const receiptSchema = z.array(z.tuple([z.string(), z.number()]));

/**
 * Call starts under caps. One process at a time owns a key: it takes a slice of time in the store and grants from memory
 * within it. Another takes over when the slice, and the span of the cap after it, have passed: neither two processes nor
 * one that was killed and started again exceed the cap. While the owner has demand it keeps the key.
 *
 * Measured: a transaction for each start costs 0.6 to 1.4 ms of waiting for the store's lock and 0.1 ms of CPU, which
 * would hold up the event loop at 1,000 starts a second; from memory it is about a microsecond.
 */
export class StartLimits {
  readonly #store: Store;
  readonly #owner: string;
  readonly #owned = new Map<string, { untilMs: number; state: LimiterState }>();
  #renewing = false;

  /** @param owner unlike that of any other process or handle */
  constructor(store: Store, owner: string) {
    this.#store = store;
    this.#owner = owner;
  }

  async take(limits: readonly RateLimit[], nowMs: number): Promise<StartPermit> {
    if (limits.some(({ key }) => !this.#owns(key, nowMs + START_AHEAD_MS))) {
      const untilMs = await this.#acquire(limits, nowMs);
      if (untilMs !== null) return { kind: 'wait', untilMs };
    } else if (!this.#renewing && limits.some(({ key }) => !this.#owns(key, nowMs + SLICE_MS / 2))) {
      this.#renewing = true;
      // A failure shows when the slice has run out and the next start waits for it.
      void this.#acquire(limits, nowMs).catch(() => null).finally(() => (this.#renewing = false));
    }
    let slotMs = nowMs;
    for (const { key, maxPerSecond } of limits) slotMs = Math.max(slotMs, earliestStart(this.#stateOf(key), maxPerSecond, nowMs));
    const atMs = Math.ceil(slotMs);
    if (atMs > nowMs + START_AHEAD_MS) return { kind: 'wait', untilMs: atMs - ASK_AHEAD_MS };
    const numbers: [string, number][] = [];
    for (const { key, maxPerSecond } of limits) {
      const owned = this.#owned.get(key);
      if (owned === undefined) continue;
      owned.state = noteStart(owned.state, maxPerSecond, slotMs, nowMs);
      numbers.push([key, owned.state.granted]);
    }
    return { kind: 'granted', atMs, receipt: JSON.stringify(numbers) };
  }

  /** A granted start left only at `startedAtMs`. A key that went to another process is left alone: that one waited for longer. */
  late(receipt: string, startedAtMs: number): void {
    for (const [key, number] of receiptSchema.parse(JSON.parse(receipt))) {
      const owned = this.#owned.get(key);
      if (owned !== undefined) noteLate(owned.state, number, startedAtMs);
    }
  }

  /** Gives the keys back, so that a successor need not wait out the slices. */
  async release(): Promise<void> {
    if (this.#owned.size === 0) return;
    await this.#store.writes.write(() => {
      for (const [key, { state }] of this.#owned) {
        if (this.#store.slices.get(key)?.owner !== this.#owner) continue;
        void this.#store.slices.put(key, { owner: '', untilMs: (latestStart(state) ?? 0) + 1 });
      }
    });
    this.#owned.clear();
  }

  #owns(key: string, atMs: number): boolean {
    const owned = this.#owned.get(key);
    return owned !== undefined && owned.untilMs > atMs;
  }

  #stateOf(key: string): LimiterState {
    return this.#owned.get(key)?.state ?? emptyLimiter();
  }

  /** Takes or extends the slices of all keys, or none. @returns when to ask again, null if they are owned now */
  async #acquire(limits: readonly RateLimit[], nowMs: number): Promise<number | null> {
    const untilMs = nowMs + SLICE_MS;
    const busyUntilMs = await this.#store.writes.write(() => {
      let busyMs = 0;
      for (const { key, maxPerSecond } of limits) {
        const slice = this.#store.slices.get(key);
        if (slice === undefined || slice.owner === this.#owner || slice.untilMs > nowMs + FOREIGN_CLOCK_MS) continue;
        busyMs = Math.max(busyMs, slice.untilMs + START_AHEAD_MS + Math.max(1000, spanOf(maxPerSecond).spanMs) + GUARD_MS);
      }
      if (busyMs > nowMs) return Math.ceil(busyMs);
      for (const { key } of limits) {
        const slice = this.#store.slices.get(key);
        // Two extensions under way may end in either order.
        const longest = slice?.owner === this.#owner && slice.untilMs <= nowMs + FOREIGN_CLOCK_MS ? Math.max(slice.untilMs, untilMs) : untilMs;
        void this.#store.slices.put(key, { owner: this.#owner, untilMs: longest });
      }
      return null;
    });
    if (busyUntilMs !== null) return busyUntilMs;
    for (const { key } of limits) {
      const owned = this.#owned.get(key);
      if (owned === undefined) this.#owned.set(key, { untilMs, state: emptyLimiter() });
      else owned.untilMs = Math.max(owned.untilMs, untilMs);
    }
    return null;
  }
}
