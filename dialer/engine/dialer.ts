import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '../../core/bus/port.ts';
import type { Clock } from '../../core/clock.ts';
import { ObzvonError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { startIntake } from './intake.ts';
import { OutboxRelay } from './outbox-relay.ts';
import { Scheduler, type SchedulerParts } from './scheduler.ts';

export interface DialerParts extends Pick<SchedulerParts, 'ledger' | 'switch' | 'clockSpeed' | 'prompt' | 'trunks' | 'dialerId' | 'leaseMs' | 'maxChannels' | 'tell'> {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long calls under way may take to end while draining, on the dialer's clock. */
  readonly drainMs: number;
}

/** One dialer at work: contacts on the bus in, paced calls, attempts on the bus out. */
export interface Dialer {
  readonly callsUnderWay: number;
  /** True if there is nothing to do but wait for a due time: everything on the bus is in the ledger, everything settled is on the bus. */
  idle(): Promise<boolean>;
  /** Look for work now. */
  wake(): void;
  /**
   * No new calls; waits for the running ones (up to the limit, then ends them), gives leases back, tells the bus everything.
   * @throws ObzvonError timeout if bus or ledger stay away meanwhile: leases then run out, and another dialer goes on
   */
  drain(): Promise<void>;
  /** Rejects when a part failed: the dialer must be ended. */
  readonly failed: Promise<never>;
}

/** How long, wall ms, after the drain limit bus and ledger may take to be told of everything. */
const DRAIN_GRACE_MS = 15_000;
/** Wall ms between looks at campaigns, leases and stop requests. */
const PULSE_MS = 250;

/** Starts a dialer. */
export async function startDialer(parts: DialerParts): Promise<Dialer> {
  const { bus, ledger, clock, log } = parts;
  let reject: (error: unknown) => void;
  const failure = new Promise<never>((_resolve, refuse) => { reject = refuse; });
  failure.catch(() => undefined);
  const health = { broken: false };
  const fail = (error: unknown): void => {
    health.broken = true;
    reject(error);
  };

  const relay = new OutboxRelay(bus, ledger, parts.tell);
  const scheduler: Scheduler = new Scheduler({
    ...parts,
    onPromptFailed: (error) => log.error({ err: error }, 'a prompt could not be prepared'),
    onSettled: () => relay.wake(),
    onError: fail,
  });
  let stopped = false;
  let pulsing: Promise<void> | null = null;
  const pulse = (): Promise<void> => {
    if (stopped) return Promise.resolve();
    // What a dialer that died held back of the outbox comes free without anybody being told.
    relay.wake();
    pulsing ??= scheduler
      .pulse()
      .catch(fail)
      .finally(() => { pulsing = null; });
    return pulsing;
  };
  const intake = await startIntake({
    bus,
    ledger,
    clock,
    onStop: (requests) => scheduler.stop(requests),
    onChange: () => void pulse(),
  });

  const timer = setInterval(() => void pulse(), PULSE_MS);
  await pulse();

  const drained = async (): Promise<void> => {
    scheduler.stopAccepting();
    const stopping = intake.stop();
    if (!scheduler.idle) log.info({ calls: scheduler.callsUnderWay }, 'draining: waiting for calls under way');
    const deadlineMs = clock.nowMs() + parts.drainMs;
    let hurried = false;
    // After a failure of ledger or bus nothing can be settled any more: leases run out, the next dialer goes on.
    while (!scheduler.idle && !health.broken) {
      if (!hurried && clock.nowMs() >= deadlineMs) {
        hurried = true;
        log.warn({ calls: scheduler.callsUnderWay }, 'drain limit reached: ending the calls that are left');
        scheduler.stopAll('drain_limit');
      }
      await sleep(20);
    }
    await stopping;
    stopped = true;
    clearInterval(timer);
    await (pulsing ?? Promise.resolve());
    if (!health.broken) await relay.flushed();
  };

  return {
    get callsUnderWay() {
      return scheduler.callsUnderWay;
    },
    async idle() {
      if (!scheduler.idle) return false;
      await intake.caughtUp();
      await relay.flushed();
      await pulse();
      await scheduler.looked();
      return scheduler.idle;
    },
    wake: () => scheduler.wake(),
    async drain() {
      const giveUp = new AbortController();
      // The limit is the clock's, which may run slower than was asked; what is settled after it takes the wall's time.
      const tooLate = new Promise<never>((_, reject) => {
        const limit = clock.setTimer(parts.drainMs, () => {
          sleep(DRAIN_GRACE_MS, undefined, { signal: giveUp.signal }).then(
            () => reject(new ObzvonError('timeout', `draining: bus or ledger did not take everything within ${Math.round(DRAIN_GRACE_MS / 1000)} s of the limit; leases run out and other dialers go on`)),
            () => undefined,
          );
        });
        giveUp.signal.addEventListener('abort', () => limit.cancel());
      });
      try {
        await Promise.race([drained(), tooLate]);
      } finally {
        stopped = true;
        clearInterval(timer);
        giveUp.abort();
      }
    },
    failed: Promise.race([failure, relay.failed, intake.failed]),
  };
}
