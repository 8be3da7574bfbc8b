import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { redisForTests } from '../../../deploy/local/engines-for-tests.ts';
import { START_MS } from '../samples.contract.ts';
import { openRedisLedger } from './ledger.ts';

const url = await redisForTests();

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe.skipIf(url === null)('four dialers under one cap, each start 1 to 3 ms late, on a virtual clock', () => {
  test.each([1, 2])('seed %i: no sliding second holds more than the cap, and the mean is 98.5 % of it; one leaves and comes back', async (seed) => {
    const random = seeded(seed);
    const prefix = randomUUID();
    const open = () => openRedisLedger({ url: `${url ?? ''}?prefix=${prefix}` });
    const ledger = await open();
    await ledger.startRebuild(60_000);
    await ledger.finishRebuild(0);
    const handles = [ledger, await open(), await open(), await open()];
    const cap = 100;
    const limits = [{ key: 'campaign:november', maxPerSecond: cap }, { key: 'trunk:a', maxPerSecond: 130 }];
    const durationMs = 12_000;
    const starts: number[] = [];
    // What happens when: a dialer asks, or a start leaves and is told.
    const events: { atMs: number; act: () => Promise<void> }[] = [];
    const asks = (dialer: number, atMs: number) => {
      events.push({
        atMs,
        act: async () => {
          if (dialer === 3 && atMs > START_MS + 4000 && atMs < START_MS + 6000) {
            asks(dialer, START_MS + 6000);
            return;
          }
          const permit = await handles[dialer]!.takeStart(limits, Math.floor(atMs));
          if (permit.kind === 'wait') {
            asks(dialer, Math.max(atMs, permit.untilMs) + random() * 2);
            return;
          }
          expect(permit.atMs).toBeGreaterThanOrEqual(Math.floor(atMs));
          const leftMs = Math.max(permit.atMs, atMs) + 1 + random() * 2;
          starts.push(leftMs);
          events.push({ atMs: leftMs, act: () => handles[dialer]!.lateStart(permit.receipt, leftMs) });
          asks(dialer, atMs + 0.5 + random());
        },
      });
    };
    for (let dialer = 0; dialer < 4; dialer++) asks(dialer, START_MS + dialer);
    for (;;) {
      let next = 0;
      for (let at = 1; at < events.length; at++) if (events[at]!.atMs < events[next]!.atMs) next = at;
      const [event] = events.splice(next, 1);
      if (event === undefined || event.atMs > START_MS + durationMs) break;
      await event.act();
    }
    const left = starts.filter((startMs) => startMs <= START_MS + durationMs).sort((a, b) => a - b);
    for (let at = cap; at < left.length; at++) expect(left[at]! - left[at - cap]!).toBeGreaterThan(1000);
    expect(left.length).toBeGreaterThanOrEqual(cap * (durationMs / 1000) * 0.985);
    for (const handle of handles) await handle.close();
  });
});
