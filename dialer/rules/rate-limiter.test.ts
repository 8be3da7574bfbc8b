import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { earliestStart, emptyLimiter, noteStart, spanOf } from './rate-limiter.ts';

/** Runs a caller that always wants to start, whose timers come late by up to `jitterMs`. @returns the starts */
function run(cap: number, jitterMs: number, durationMs: number, chance: () => number): number[] {
  let state = emptyLimiter();
  const starts: number[] = [];
  for (let nowMs = 1000; nowMs < 1000 + durationMs; ) {
    const atMs = earliestStart(state, cap, nowMs);
    if (atMs <= nowMs) {
      state = noteStart(state, cap, nowMs);
      starts.push(nowMs);
    } else {
      nowMs = Math.ceil(atMs) + Math.floor(chance() * jitterMs);
    }
  }
  return starts;
}

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const anyCap = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0.2, max: 50, noNaN: true }), fc.constantFrom(0.5, 1, 2.5, 1000));

describe('rate limiter', () => {
  test('never more than the cap in any sliding second (any span, for a fractional cap)', () => {
    fc.assert(
      fc.property(anyCap, fc.integer({ min: 0, max: 300 }), fc.integer(), (cap, jitterMs, seed) => {
        const starts = run(cap, jitterMs, 8000 + 3000 / cap, random(seed));
        const span = spanOf(cap);
        for (let index = span.starts; index < starts.length; index++) expect(starts[index]! - starts[index - span.starts]!).toBeGreaterThanOrEqual(span.spanMs);
        let first = 0;
        starts.forEach((startMs, index) => {
          while (starts[first]! <= startMs - 1000) first++;
          expect(index - first + 1).toBeLessThanOrEqual(Math.ceil(cap));
        });
      }),
      { numRuns: 150 },
    );
  });

  test('reaches 98 % of the cap under steady demand with timers late by up to 20 ms', () => {
    fc.assert(
      fc.property(anyCap, fc.integer({ min: 0, max: 20 }), fc.integer(), (cap, jitterMs, seed) => {
        const durationMs = Math.max(20_000, 100_000 / cap);
        const starts = run(cap, jitterMs, durationMs, random(seed));
        expect(starts.length).toBeGreaterThanOrEqual(Math.floor((0.98 * cap * durationMs) / 1000));
      }),
      { numRuns: 100 },
    );
  });

  test('the cap holds in any sliding second while the cap itself changes, as in a ramp-up', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 30 })), { minLength: 50, maxLength: 400 }), (polls) => {
        let state = emptyLimiter();
        const starts: { atMs: number; cap: number }[] = [];
        let nowMs = 0;
        for (const [cap, waitMs] of polls) {
          nowMs += waitMs;
          while (earliestStart(state, cap, nowMs) <= nowMs) {
            state = noteStart(state, cap, nowMs);
            starts.push({ atMs: nowMs, cap });
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

  test('no burst after a pause: at most a fifth of a second’s worth at once', () => {
    let state = noteStart(emptyLimiter(), 100, 0);
    let atOnce = 0;
    while (earliestStart(state, 100, 60_000) <= 60_000) {
      state = noteStart(state, 100, 60_000);
      atOnce++;
    }
    expect(atOnce).toBeLessThanOrEqual(22);
  });
});
