import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SimulatedClock } from '../core/clock.ts';
import { nextSpeed, paceWorld } from './world-pace.ts';

/** Where the speed comes to rest if a sentence always waits `waitMs` of the wall's time. */
function atRest(full: number, waitMs: number): number {
  let speed = full;
  for (let turn = 0; turn < 200; turn++) speed = nextSpeed(speed, full, waitMs);
  return speed;
}

test('a machine that speaks at once lets time run as fast as was asked', () => {
  expect(atRest(40, 5)).toBe(40);
});

test.each([60, 100, 400])('time slows until a sentence that takes %i ms is no longer waited for than a callee bears', (waitMs) => {
  const speed = atRest(40, waitMs);
  expect(speed * waitMs).toBeLessThanOrEqual(2000);
  expect(speed * waitMs).toBeGreaterThan(1000);
});

test('time never runs slower than on the wall, and recovers', () => {
  expect(atRest(40, 60_000)).toBe(1);
  expect(atRest(0.5, 60_000)).toBe(0.5);
  let speed = 1;
  for (let turn = 0; turn < 100; turn++) speed = nextSpeed(speed, 40, 5);
  expect(speed).toBe(40);
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a world goes slower while sentences wait, fast again when they do not, and is left alone in the end', async () => {
  const clock = new SimulatedClock({ wallMs: Date.now(), simulatedMs: 0, speed: 40 });
  const changeSpeed = (speed: number): Promise<void> => {
    clock.changeSpeed(speed);
    return Promise.resolve();
  };
  const world = { clock, changeSpeed };
  let waitMs = 10_000;
  const end = paceWorld(world, 40, () => waitMs);
  waitMs = 200;
  await vi.advanceTimersByTimeAsync(4000);
  expect(clock.speed).toBeLessThanOrEqual(10);
  waitMs = 0;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(clock.speed).toBe(40);
  waitMs = 10_000;
  end();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(clock.speed).toBe(40);
});
