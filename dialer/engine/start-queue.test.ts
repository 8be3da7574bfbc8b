import { expect, test } from 'vitest';
import type { Clock, Timer } from '../../core/clock.ts';
import type { StartPermit } from '../ledger/port.ts';
import { StartQueue, type Starter } from './start-queue.ts';

/** Time that moves only when somebody sleeps, and then by as much, and a little more if asked to be late. */
class StepClock implements Clock {
  ms = 0;
  oversleepMs = 0;
  /** From a start until its INVITE is on the wire. */
  wireMs = 0;
  nowMs(): number {
    return this.ms;
  }
  setTimer(): Timer {
    throw new Error('not used');
  }
  sleep(delayMs: number): Promise<void> {
    this.ms += delayMs + this.oversleepMs;
    return Promise.resolve();
  }
}

interface Trial {
  readonly clock: StepClock;
  readonly started: { name: string; atMs: number }[];
  readonly late: { receipt: string; startedAtMs: number }[];
  readonly queue: StartQueue;
  readonly add: (name: string, over?: Partial<Starter>) => void;
}

function trial(permits: StartPermit[]): Trial {
  const clock = new StepClock();
  const started: { name: string; atMs: number }[] = [];
  const late: { receipt: string; startedAtMs: number }[] = [];
  const queue = new StartQueue({
    ledger: {
      takeStart: () => Promise.resolve(permits.shift() ?? { kind: 'wait', untilMs: clock.ms + 1000 }),
      lateStart: (receipt, startedAtMs) => {
        late.push({ receipt, startedAtMs });
        return Promise.resolve();
      },
    },
    clock,
    clockSpeed: 1,
    limits: () => [],
    onError: (error) => { throw error; },
  });
  return {
    clock, started, late, queue,
    add: (name, over) => queue.add({ waiting: () => true, refusal: () => null, start: (onSent) => {
      started.push({ name, atMs: clock.ms });
      onSent(clock.ms + clock.wireMs);
    }, refuse: () => undefined, ...over }),
  };
}

const granted = (atMs: number): StartPermit => ({ kind: 'granted', atMs, receipt: `slot ${atMs}` });
const turns = async (): Promise<void> => { for (let i = 0; i < 50; i++) await Promise.resolve(); };

test('each leaves at the time it was granted, in order', async () => {
  const { add, started, late } = trial([granted(10), { kind: 'wait', untilMs: 15 }, granted(20)]);
  add('first');
  add('second');
  await turns();
  expect(started).toEqual([{ name: 'first', atMs: 10 }, { name: 'second', atMs: 20 }]);
  expect(late).toEqual([]);
});

test('a start that left late is told to the ledger with its real time', async () => {
  const { add, started, late, clock } = trial([granted(10)]);
  clock.oversleepMs = 7;
  add('first');
  await turns();
  expect(started).toEqual([{ name: 'first', atMs: 17 }]);
  expect(late).toEqual([{ receipt: 'slot 10', startedAtMs: 17 }]);
});

test('the wire counts too; what is within the guard is not told', async () => {
  const { add, late, clock } = trial([granted(10), granted(20)]);
  clock.wireMs = 3;
  add('soon');
  await turns();
  clock.wireMs = 40;
  add('slow');
  await turns();
  expect(late).toEqual([{ receipt: 'slot 20', startedAtMs: 60 }]);
});

test('a slot that has gone stale is given up, and another asked for', async () => {
  const { add, started, clock } = trial([granted(10), granted(1010)]);
  // The process stood still over its first slot, and wakes at the second.
  clock.oversleepMs = 1000;
  add('first');
  await turns();
  expect(started).toEqual([{ name: 'first', atMs: 1010 }]);
});

test('who may not start any more is told, and its turn goes to the next', async () => {
  const told: string[] = [];
  const { add, started } = trial([granted(10)]);
  add('closed', { refusal: () => 'window_closed', refuse: (reason) => void told.push(reason) });
  add('gone', { waiting: () => false });
  add('ready');
  await turns();
  expect(told).toEqual(['window_closed']);
  expect(started).toEqual([{ name: 'ready', atMs: 10 }]);
});
