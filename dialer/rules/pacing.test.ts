import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseCallerId } from './caller-id.ts';
import { allowedCps, easeOff, fullRate, withMaxCps, type TrunkEvent } from './ease-off.ts';
import { rampedRate } from './ramp.ts';
import { chooseTrunk } from './trunk.ts';

const congested: TrunkEvent = { kind: 'congested', retryAfterMs: null };
const accepted: TrunkEvent = { kind: 'accepted' };

describe('ramp-up', () => {
  test.each([[null, 10], [0, 10], [15_000, 55], [30_000, 100], [90_000, 100]])('%s ms after the first call: %s of 100 a second', (elapsedMs, rate) => {
    expect(rampedRate(100, 30, elapsedMs === null ? null : 5000 - elapsedMs, 5000)).toBeCloseTo(rate);
  });
  test('none', () => expect(rampedRate(100, 0, null, 0)).toBe(100));
});

describe('easing off', () => {
  test('at once; then a half after a second, no more until a call is accepted, and evenly to full', () => {
    let state = easeOff(fullRate(100), congested, 10_000);
    expect(allowedCps(state, 10_000)).toBe(0);
    expect(allowedCps(state, 10_999)).toBe(0);
    expect(allowedCps(state, 11_000)).toBe(50);
    expect(allowedCps(state, 60_000)).toBe(50);
    state = easeOff(state, accepted, 12_000);
    expect(allowedCps(state, 14_000)).toBeCloseTo(60);
    expect(allowedCps(state, 22_000)).toBe(100);
    expect(easeOff(state, accepted, 22_000)).toEqual(fullRate(100));
  });

  test('answers to calls from before the cut do not cut again', () => {
    let state = easeOff(fullRate(100), congested, 0);
    for (let atMs = 1; atMs < 1000; atMs += 50) state = easeOff(state, congested, atMs);
    expect(allowedCps(state, 1000)).toBe(50);
  });

  test('the pause doubles while nothing is accepted, up to a minute, and the rate never falls to nothing', () => {
    let state = fullRate(100);
    let nowMs = 0;
    const pauses: number[] = [];
    for (let strike = 0; strike < 9; strike++) {
      state = easeOff(state, congested, nowMs);
      pauses.push(state.pausedUntilMs - nowMs);
      nowMs = state.pausedUntilMs;
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(allowedCps(state, nowMs)).toBe(1);
  });

  test('a carrier’s Retry-After is kept, up to a minute', () => {
    const state = easeOff(fullRate(10), { kind: 'congested', retryAfterMs: 20_000 }, 0);
    expect([allowedCps(state, 19_999), allowedCps(state, 20_000)]).toEqual([0, 5]);
  });

  test('whatever comes: between nothing and the cap, nothing right after congestion, full again once it is accepted long enough', () => {
    const event = fc.record({ event: fc.constantFrom(congested, accepted), afterMs: fc.integer({ min: 0, max: 20_000 }) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.double({ min: 0.5, max: 1000, noNaN: true }), (events, maxCps) => {
        let state = fullRate(maxCps);
        let nowMs = 0;
        for (const { event, afterMs } of events) {
          nowMs += afterMs;
          const before = allowedCps(state, nowMs);
          state = easeOff(state, event, nowMs);
          const rate = allowedCps(state, nowMs);
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(rate).toBeLessThanOrEqual(maxCps);
          if (event.kind === 'congested') expect(rate).toBeLessThanOrEqual(before);
        }
        for (let second = 0; second < 120; second++) state = easeOff(state, accepted, (nowMs += 1000));
        expect(state).toEqual(fullRate(maxCps));
      }),
    );
  });

  test('another cap keeps the share', () => {
    const state = withMaxCps(easeOff(fullRate(100), congested, 0), 40, 500);
    expect([allowedCps(state, 500), allowedCps(state, 1000)]).toEqual([0, 20]);
    expect(withMaxCps(fullRate(100), 40, 0)).toEqual(fullRate(40));
  });
});

describe('trunk', () => {
  const shares = (states: ReadonlyMap<string, ReturnType<typeof fullRate>>, nowMs: number) => {
    const counts: Record<string, number> = { a: 0, b: 0 };
    for (let call = 0; call < 4000; call++) {
      const choice = chooseTrunk(['a', 'b'], states, `contact-${call}`, nowMs);
      if (choice.kind === 'trunk') counts[choice.trunk]!++;
    }
    return counts;
  };
  test('calls are shared by what each trunk may be given', () => {
    expect(shares(new Map([['a', fullRate(30)], ['b', fullRate(10)]]), 0)['a']! / 4000).toBeCloseTo(0.75, 1);
  });
  test('a paused trunk is passed over; when all pause, it says until when', () => {
    const paused = easeOff(fullRate(30), congested, 0);
    expect(shares(new Map([['a', paused], ['b', fullRate(10)]]), 500)).toEqual({ a: 0, b: 4000 });
    expect(chooseTrunk(['a'], new Map([['a', paused]]), 'x', 500)).toEqual({ kind: 'wait', untilMs: 1000 });
  });
});

describe('caller id', () => {
  const pool = Array.from({ length: 5 }, (_, index) => `+38044000000${index}`);
  const contacts = Array.from({ length: 5000 }, (_, index) => `contact-${index}`);
  test('the same for a contact, evenly spread', () => {
    const counts = new Map<string, number>();
    for (const contact of contacts) {
      const callerId = chooseCallerId(pool, contact);
      expect(chooseCallerId([...pool].reverse(), contact)).toBe(callerId);
      counts.set(callerId, (counts.get(callerId) ?? 0) + 1);
    }
    for (const callerId of pool) expect(Math.abs(counts.get(callerId)! - 1000)).toBeLessThan(120);
  });
  test('a number taken out of the pool changes only its own contacts', () => {
    for (const contact of contacts.slice(0, 1000)) {
      const before = chooseCallerId(pool, contact);
      if (before !== pool[2]) expect(chooseCallerId(pool.filter((callerId) => callerId !== pool[2]), contact)).toBe(before);
    }
  });
});
