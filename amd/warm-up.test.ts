import { expect, test } from 'vitest';
import { hearMadeUpCalls } from './warm-up.ts';

test('made-up calls are heard through to their verdicts and beeps, as real ones are', () => {
  const heard = hearMadeUpCalls();
  expect(heard.verdict).toBeGreaterThanOrEqual(30);
  expect(heard.beep).toBeGreaterThan(0);
});
