import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus, Topic } from '../core/bus/port.ts';
import { ObzvonError } from '../core/errors.ts';

const POLL_MS = 50;

/**
 * Does the work of a consumer group, or waits for who is at it: `alone` is to reject with `locked` if somebody is.
 * @param limitMs how long another is waited for
 * @returns how many messages the other is still behind; 0 if the work is done
 */
export async function doOrAwait(bus: Bus, group: string, topics: readonly Topic<unknown>[], limitMs: number, alone: () => Promise<void>): Promise<number> {
  try {
    await alone();
    return 0;
  } catch (error) {
    if (!(error instanceof ObzvonError && error.code === 'locked')) throw error;
  }
  const startedMs = performance.now();
  for (;;) {
    const lags = await Promise.all(topics.map((topic) => bus.lag(topic, group)));
    const behind = lags.reduce((sum, lag) => sum + lag, 0);
    if (behind === 0 || performance.now() - startedMs >= limitMs) return behind;
    await sleep(POLL_MS);
  }
}
