import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { START_AHEAD_MS } from '../ledger/port.ts';
import { CLOSEST, earliestStart, emptyLimiter, GUARD_MS, latestStart, noteLate, noteStart, spanOf } from './rate-limiter.ts';

interface Caller {
  readonly cap: number;
  /** How late its timers fire when it asks. */
  readonly askLateMs: () => number;
  /** How late a start leaves; told, as a dialer does. */
  readonly startLateMs: () => number;
}

/** A caller that always wants to start and takes every slot it is granted. @returns when the starts left, in the order of granting */
function run({ cap, askLateMs, startLateMs }: Caller, durationMs: number): number[] {
  let state = emptyLimiter();
  const starts: number[] = [];
  const late: { atMs: number; number: number }[] = [];
  for (let nowMs = 1000; nowMs < 1000 + durationMs; ) {
    // What has left by now was told by now.
    for (const told of late.splice(0, late.length)) {
      if (told.atMs <= nowMs) noteLate(state, told.number, told.atMs);
      else late.push(told);
    }
    const slotMs = earliestStart(state, cap, nowMs);
    if (Math.ceil(slotMs) > nowMs + START_AHEAD_MS) {
      nowMs = Math.ceil(slotMs) - START_AHEAD_MS / 2 + askLateMs();
      continue;
    }
    state = noteStart(state, cap, slotMs, nowMs);
    const atMs = Math.ceil(slotMs) + startLateMs();
    if (atMs > Math.ceil(slotMs)) late.push({ atMs, number: state.granted });
    starts.push(atMs);
  }
  return starts.filter((atMs) => atMs < 1000 + durationMs);
}

/** Fails if some span of the cap holds more starts than it may. */
function expectCapKept(cap: number, starts: readonly number[]): void {
  const inOrder = [...starts].sort((a, b) => a - b);
  const span = spanOf(cap);
  for (let index = span.starts; index < inOrder.length; index++) {
    const tookMs = inOrder[index]! - inOrder[index - span.starts]!;
    if (tookMs < span.spanMs) throw new Error(`${span.starts + 1} starts within ${tookMs} ms, at a cap of ${cap} a second`);
  }
}

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const anyCap = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0.2, max: 50, noNaN: true }), fc.constantFrom(0.5, 1, 2.5, 1000));

const upTo = (chance: () => number, ms: number) => () => Math.floor(chance() * (ms + 1));

describe('rate limiter', () => {
  test('late by up to 5 ms and told: no sliding span holds more than the cap, and the mean is 98.5 % of it', () => {
    fc.assert(
      fc.property(anyCap, fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 30 }), fc.integer(), (cap, lateMs, askLateMs, seed) => {
        const chance = random(seed);
        const durationMs = Math.max(10_000, 200_000 / cap);
        const starts = run({ cap, askLateMs: upTo(chance, askLateMs), startLateMs: upTo(chance, lateMs) }, durationMs);
        expectCapKept(cap, starts);
        expect(starts.length).toBeGreaterThanOrEqual(Math.floor((0.985 * cap * durationMs) / 1000));
      }),
      { numRuns: 100 },
    );
  });

  test('the cap holds however late starts leave, if it is told; the sum of short stalls is caught up with', () => {
    fc.assert(
      fc.property(anyCap, fc.integer({ min: 0, max: 600 }), fc.integer(), (cap, stallMs, seed) => {
        const chance = random(seed);
        expectCapKept(cap, run({ cap, askLateMs: upTo(chance, stallMs), startLateMs: () => (chance() < 0.02 ? Math.floor(chance() * stallMs) : 0) }, 8000 + 3000 / cap));
      }),
      { numRuns: 100 },
    );
    const chance = random(7);
    const stalls = run({ cap: 100, askLateMs: () => 0, startLateMs: () => (chance() < 0.005 ? 40 : 1) }, 60_000);
    expect(stalls.length).toBeGreaterThanOrEqual(0.98 * 6000);
  });

  test('the cap holds in any sliding second while the cap itself changes, as in a ramp-up', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 30 })), { minLength: 50, maxLength: 400 }), (polls) => {
        let state = emptyLimiter();
        const starts: { atMs: number; cap: number }[] = [];
        let nowMs = 0;
        for (const [cap, waitMs] of polls) {
          nowMs += waitMs;
          for (let slotMs = earliestStart(state, cap, nowMs); slotMs <= nowMs + START_AHEAD_MS; slotMs = earliestStart(state, cap, nowMs)) {
            state = noteStart(state, cap, slotMs, nowMs);
            starts.push({ atMs: slotMs, cap });
          }
        }
        starts.forEach((start, index) => {
          let within = 0;
          for (let back = index; back >= 0 && starts[back]!.atMs > start.atMs - 1000; back--) within++;
          expect(within).toBeLessThanOrEqual(start.cap);
        });
      }),
      { numRuns: 200 },
    );
  });

  test('starts are spread evenly: a start now and then late, or a pause, makes no burst', () => {
    const chance = random(3);
    const starts = run({ cap: 50, askLateMs: upTo(chance, 20), startLateMs: () => 0 }, 30_000);
    const gaps = starts.slice(1).map((atMs, index) => atMs - starts[index]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(22);

    let state = noteStart(emptyLimiter(), 50, 0, 0);
    const slots: number[] = [];
    for (let slotMs = earliestStart(state, 50, 60_000); slotMs <= 61_000; slotMs = earliestStart(state, 50, 60_000)) {
      state = noteStart(state, 50, slotMs, 60_000);
      slots.push(slotMs);
    }
    expect(slots[0]).toBe(60_000);
    expect(slots).toHaveLength(50);
    expect(Math.min(...slots.slice(1).map((atMs, index) => atMs - slots[index]!))).toBeGreaterThanOrEqual(20 * CLOSEST);
  });

  test('a caller that takes one slot at a time, and sleeps until it with timers that are late, still reaches the cap', () => {
    for (const cap of [100, 1000, 2000]) {
      const chance = random(cap);
      let state = emptyLimiter();
      let count = 0;
      for (let nowMs = 0; nowMs < 20_000; count++) {
        const slotMs = earliestStart(state, cap, nowMs);
        state = noteStart(state, cap, slotMs, nowMs);
        if (Math.ceil(slotMs) <= nowMs) continue;
        nowMs = Math.ceil(slotMs) + Math.floor(chance() * 4);
        noteLate(state, state.granted, nowMs);
      }
      expect(count).toBeGreaterThanOrEqual(0.985 * 20 * cap);
    }
  });

  test('a start told late moves the window to when it left; one told early, or too old, moves nothing', () => {
    let state = noteStart(emptyLimiter(), 2, 0, 0);
    const first = state.granted;
    state = noteStart(state, 2, earliestStart(state, 2, 0), 0);
    noteLate(state, first, 300);
    noteLate(state, first, 200);
    noteLate(state, first + 17, 5000);
    noteLate(state, first - 40, 5000);
    expect(earliestStart(state, 2, 900)).toBe(300 + 1000 + GUARD_MS);
    expect(latestStart(state)).toBe(502.5);
    expect(latestStart(emptyLimiter())).toBeNull();
  });

  test('a cap of nothing lets nothing start; starts left by another clock are forgotten, numbers go on', () => {
    expect(earliestStart(emptyLimiter(), 0, 5000)).toBeGreaterThan(5000 + START_AHEAD_MS);
    const state = noteStart(emptyLimiter(), 1, 1e9, 1e9);
    expect(earliestStart(state, 1, 5000)).toBe(5000);
    const after = noteStart(state, 1, 5000, 5000);
    expect(after.granted).toBe(2);
    expect(earliestStart(after, 1, 5000)).toBe(6005);
  });
});
