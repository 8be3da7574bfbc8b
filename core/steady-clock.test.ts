import { expect, test, vi } from 'vitest';
import { SteadyClock } from './clock.ts';

test('a step of the wall clock does not move it', () => {
  const clock = new SteadyClock(1_000_000);
  const now = vi.spyOn(Date, 'now').mockReturnValue(99_999_999);
  try {
    expect(clock.nowMs()).toBeGreaterThanOrEqual(1_000_000);
    expect(clock.nowMs()).toBeLessThan(1_060_000);
  } finally {
    now.mockRestore();
  }
});

test('a correction moves it forward at once, and back only by standing still', () => {
  const clock = new SteadyClock(1_000_000);
  expect(clock.correct(2_000_000)).toBeGreaterThan(900_000);
  const before = clock.nowMs();
  expect(before).toBeGreaterThanOrEqual(2_000_000);
  clock.correct(1_500_000);
  expect(clock.nowMs()).toBe(before);
});

test('timers fire after their time on the steady counter, not before', async () => {
  const clock = new SteadyClock(0);
  const startedMs = performance.now();
  await clock.sleep(20);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(20);
  let fired = false;
  clock.setTimer(5, () => { fired = true; }).cancel();
  await clock.sleep(15);
  expect(fired).toBe(false);
});
