import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SimulatedClock, systemClock } from './clock.ts';

const START = 1_790_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the clock on the wall', () => {
  test('fires once, on time, and not after cancel', () => {
    const fired: number[] = [];
    systemClock.setTimer(50, () => fired.push(systemClock.nowMs()));
    systemClock.setTimer(60, () => fired.push(-1)).cancel();
    vi.advanceTimersByTime(1000);
    expect(fired).toEqual([START + 50]);
  });

  test('a timer months away fires then, not at once', () => {
    const days40 = 40 * 86_400_000;
    let firedAt = 0;
    systemClock.setTimer(days40, () => (firedAt = systemClock.nowMs()));
    vi.advanceTimersByTime(days40 - 1);
    expect(firedAt).toBe(0);
    vi.advanceTimersByTime(1);
    expect(firedAt).toBe(START + days40);
  });
});

describe('a simulated clock', () => {
  const clock = (speed = 60) => new SimulatedClock({ wallMs: START, simulatedMs: 1_000_000, speed });

  test('runs `speed` times as fast', () => {
    const simulated = clock();
    expect(simulated.nowMs()).toBe(1_000_000);
    vi.advanceTimersByTime(500);
    expect(simulated.nowMs()).toBe(1_030_000);
  });

  test('two that share a reading show the same time', () => {
    const one = clock();
    vi.advanceTimersByTime(123);
    const two = new SimulatedClock(one.reading);
    expect(two.nowMs()).toBe(one.nowMs());
    one.jumpTo(9_000_000);
    two.follow(one.reading);
    vi.advanceTimersByTime(77);
    expect(two.nowMs()).toBe(one.nowMs());
  });

  test('goes on at another speed from where it is, and so do its timers', () => {
    const simulated = clock(60);
    let firedAt = 0;
    simulated.setTimer(60_000, () => (firedAt = simulated.nowMs()));
    vi.advanceTimersByTime(500);
    simulated.changeSpeed(10);
    expect(simulated.nowMs()).toBe(1_030_000);
    vi.advanceTimersByTime(2999);
    expect(firedAt).toBe(0);
    vi.advanceTimersByTime(1);
    expect(firedAt).toBe(1_060_000);
  });

  test('timers fire by its own time, never before they are due', () => {
    const simulated = clock();
    const fired: number[] = [];
    for (const delayMs of [90_000, 30_000, 30_001, 0]) simulated.setTimer(delayMs, () => fired.push(simulated.nowMs() - 1_000_000 - delayMs));
    vi.advanceTimersByTime(2000);
    expect(fired).toHaveLength(4);
    for (const late of fired) {
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThanOrEqual(2 * simulated.speed);
    }
  });

  test('a jump fires what fell due on the way, in the order of its time, and nothing else', () => {
    const simulated = clock(1);
    const fired: string[] = [];
    simulated.setTimer(3000, () => fired.push('third'));
    simulated.setTimer(1000, () => fired.push('first'));
    simulated.setTimer(2000, () => fired.push('second'));
    simulated.setTimer(500, () => fired.push('cancelled')).cancel();
    simulated.setTimer(3_600_000, () => fired.push('next hour'));
    simulated.jumpTo(1_000_000 + 60_000);
    vi.advanceTimersByTime(5);
    expect(fired).toEqual(['first', 'second', 'third']);
  });

  test('it never goes back, whatever it is told', () => {
    const simulated = clock();
    simulated.jumpTo(5_000_000);
    simulated.jumpTo(2_000_000);
    expect(simulated.nowMs()).toBe(5_000_000);
    simulated.follow({ wallMs: START, simulatedMs: 0, speed: 1 });
    expect(simulated.nowMs()).toBe(5_000_000);
  });

  test('sleep ends when its time has come', async () => {
    const simulated = clock(1000);
    let awake = false;
    const sleep = simulated.sleep(10_000).then(() => (awake = true));
    await vi.advanceTimersByTimeAsync(9);
    expect(awake).toBe(false);
    await vi.advanceTimersByTimeAsync(2);
    await sleep;
    expect(awake).toBe(true);
  });
});
