import { describe, expect, test } from 'vitest';
import type { LedgerFixture } from './fixture.contract.ts';
import { START_AHEAD_MS, type Ledger, type RateLimit, type StartPermit } from './port.ts';
import { START_MS } from './samples.contract.ts';

type Granted = Extract<StartPermit, { kind: 'granted' }>;

/** Asks until a start is granted, each time when the ledger said to. */
async function nextStart(ledger: Ledger, limits: readonly RateLimit[], fromMs: number): Promise<Granted> {
  for (let nowMs = fromMs, asked = 0; asked < 100; asked++) {
    const permit = await ledger.takeStart(limits, nowMs);
    if (permit.kind === 'granted') return permit;
    expect(permit.untilMs).toBeGreaterThan(nowMs);
    nowMs = permit.untilMs;
  }
  throw new Error('no start is granted');
}

async function allStarts(ledger: Ledger, limits: readonly RateLimit[], nowMs: number): Promise<Granted[]> {
  const granted: Granted[] = [];
  for (let permit = await ledger.takeStart(limits, nowMs); permit.kind === 'granted'; permit = await ledger.takeStart(limits, nowMs)) granted.push(permit);
  return granted;
}

/** The shared rate of call starts. The arithmetic has its own tests beside `rules/rate-limiter.ts`. */
export function startsContract(given: LedgerFixture): void {
  describe('rate of starts', () => {
    test('two dialers together never exceed the cap in any second over starts that leave late, and reach 98.5 % of it', async () => {
      const limits = [{ key: 'campaign:november', maxPerSecond: 20 }, { key: 'trunk:trunk-a', maxPerSecond: 30 }];
      const starts: number[] = [];
      let late: { ledger: Ledger; receipt: string; atMs: number }[] = [];
      const durationMs = 20_000;
      for (let nowMs = START_MS, turn = 0; nowMs < START_MS + durationMs; nowMs += 15, turn++) {
        for (const told of late) if (told.atMs <= nowMs) await told.ledger.lateStart(told.receipt, told.atMs);
        late = late.filter((told) => told.atMs > nowMs);
        for (const dialer of turn % 2 === 0 ? [given.ledger, given.other] : [given.other, given.ledger]) {
          for (const { atMs, receipt } of await allStarts(dialer, limits, nowMs)) {
            expect(atMs).toBeGreaterThanOrEqual(nowMs);
            expect(atMs).toBeLessThanOrEqual(nowMs + START_AHEAD_MS);
            const lateMs = (starts.length * 7) % 6;
            if (lateMs > 0) late.push({ ledger: dialer, receipt, atMs: atMs + lateMs });
            starts.push(atMs + lateMs);
          }
        }
      }
      starts.sort((a, b) => a - b);
      for (let index = 20; index < starts.length; index++) expect(starts[index]! - starts[index - 20]!).toBeGreaterThanOrEqual(1000);
      expect(starts.length).toBeGreaterThanOrEqual(0.985 * 20 * (durationMs / 1000));
    });

    test('slots are granted a little ahead, evenly; then it says when to ask again', async () => {
      const limits = [{ key: 'campaign:november', maxPerSecond: 50 }];
      const times = (await allStarts(given.ledger, limits, START_MS)).map(({ atMs }) => atMs - START_MS);
      expect(times).toEqual([0, 21, 41, 61, 81]);
      const next = await nextStart(given.ledger, limits, START_MS);
      expect(next.atMs - START_MS).toBe(101);
    });

    test('a start that left late moves the window; told again, or to have left early, it moves nothing', async () => {
      const limits = [{ key: 'slow', maxPerSecond: 1 }];
      const first = await nextStart(given.ledger, limits, START_MS);
      await given.ledger.lateStart(first.receipt, START_MS + 400);
      await given.ledger.lateStart(first.receipt, START_MS + 400);
      await given.ledger.lateStart(first.receipt, START_MS + 300);
      const second = await nextStart(given.ledger, limits, START_MS + 900);
      expect(second.atMs).toBeGreaterThanOrEqual(START_MS + 1400);
      expect(second.atMs).toBeLessThanOrEqual(START_MS + 1420);
      // Too old to matter.
      const third = await nextStart(given.ledger, limits, second.atMs);
      await given.ledger.lateStart(first.receipt, START_MS + 60_000);
      expect((await nextStart(given.ledger, limits, third.atMs)).atMs).toBeLessThanOrEqual(third.atMs + 1020);
    });

    test('takes from all limits or none', async () => {
      const slow = { key: 'slow', maxPerSecond: 1 };
      const fast = { key: 'other', maxPerSecond: 1 };
      expect(await given.ledger.takeStart([slow], START_MS)).toMatchObject({ kind: 'granted', atMs: START_MS });
      const refused = await given.ledger.takeStart([slow, fast], START_MS + 500);
      expect(refused.kind).toBe('wait');
      expect(refused.kind === 'wait' && refused.untilMs).toBeGreaterThanOrEqual(START_MS + 1000 - START_AHEAD_MS);
      expect(await given.ledger.takeStart([fast], START_MS + 500)).toMatchObject({ kind: 'granted', atMs: START_MS + 500 });
    });

    test('a changed cap is felt at once', async () => {
      const limit = (maxPerSecond: number) => [{ key: 'campaign:november', maxPerSecond }];
      await nextStart(given.ledger, limit(1), START_MS);
      expect((await given.ledger.takeStart(limit(1), START_MS + 10)).kind).toBe('wait');
      const raised = await nextStart(given.ledger, limit(100), START_MS + 50);
      expect(raised.atMs).toBe(START_MS + 50);
      const lowered = await nextStart(given.ledger, limit(2), raised.atMs);
      expect(lowered.atMs).toBeGreaterThanOrEqual(START_MS + 1000);
      expect((await given.ledger.takeStart(limit(0), lowered.atMs + 5000)).kind).toBe('wait');
    });

    test('after a pause there is no burst', async () => {
      const limits = [{ key: 'campaign:november', maxPerSecond: 40 }];
      await allStarts(given.ledger, limits, START_MS);
      expect((await allStarts(given.ledger, limits, START_MS + 60_000)).length).toBeLessThanOrEqual(6);
    });
  });
}
