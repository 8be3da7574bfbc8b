import { z } from 'zod';
import { BURST_MS, CATCH_UP_MS, CLOSEST, FOREIGN_CLOCK_MS, GUARD_MS } from '../../rules/rate-limiter.ts';
import { START_AHEAD_MS, type RateLimit, type StartPermit } from '../port.ts';
import type { Reply } from './connection.ts';
import { list, num } from './encoding.ts';

/** Who was told to wait asks again so long before the slot: often enough to lose none, and for several at once. */
const ASK_AHEAD_MS = START_AHEAD_MS / 2;

/** What a receipt holds: the number of the start under each key. */
const receiptSchema = z.array(z.tuple([z.string(), z.number()]));

export function takeArgs(limits: readonly RateLimit[], nowMs: number): (string | number)[] {
  return [nowMs, START_AHEAD_MS, GUARD_MS, CATCH_UP_MS, CLOSEST, BURST_MS, FOREIGN_CLOCK_MS, ...limits.flatMap(({ key, maxPerSecond }) => [key, maxPerSecond])];
}

export function readPermit(limits: readonly RateLimit[], reply: Reply): StartPermit {
  const [granted, slotMs, ...numbers] = list(reply);
  const atMs = num(slotMs);
  if (granted !== 1) return { kind: 'wait', untilMs: atMs - ASK_AHEAD_MS };
  return { kind: 'granted', atMs, receipt: JSON.stringify(limits.map(({ key }, at) => [key, num(numbers[at])])) };
}

export function lateArgs(receipt: string, startedAtMs: number): (string | number)[] {
  return receiptSchema.parse(JSON.parse(receipt)).flatMap(([key, number]) => [key, number, startedAtMs]);
}
