import { expect, test } from 'vitest';
import { nextSpeed } from './world-pace.ts';

/** Where the speed comes to rest if a sentence always waits `waitMs` of the wall's time. */
function atRest(full: number, waitMs: number): number {
  let speed = full;
  for (let turn = 0; turn < 200; turn++) speed = nextSpeed(speed, full, waitMs);
  return speed;
}

test('a machine that speaks at once lets time run as fast as was asked', () => {
  expect(atRest(40, 5)).toBe(40);
});

test.each([40, 100, 400])('time slows until a sentence that takes %i ms is no longer waited for than a callee bears', (waitMs) => {
  const speed = atRest(40, waitMs);
  expect(speed * waitMs).toBeLessThanOrEqual(2000);
  expect(speed * waitMs).toBeGreaterThan(1000);
});

test('time never runs slower than on the wall, and recovers', () => {
  expect(atRest(40, 60_000)).toBe(1);
  let speed = 1;
  for (let turn = 0; turn < 100; turn++) speed = nextSpeed(speed, 40, 5);
  expect(speed).toBe(40);
});
