import type { Bus } from '../core/bus/port.ts';
import { commandsTopic } from '../core/bus/topics.ts';
import type { Clock } from '../core/clock.ts';
import { applyCommand, DIALER_GROUP } from '../dialer/engine/intake.ts';
import type { Ledger } from '../dialer/ledger/port.ts';
import { doOrAwait } from './group-work.ts';

const MAX_BATCH = 100;
const LONGEST_WAIT_MS = 2000;

/**
 * Sees to it that the orders on the bus are in the ledger, so that who looks into the ledger next sees what was asked for.
 * A dialer at work takes them by itself within moments; without one they are carried out here.
 */
export async function settleOrders(bus: Bus, ledger: Ledger, clock: Clock): Promise<void> {
  if ((await bus.lag(commandsTopic, DIALER_GROUP)) === 0) return;
  await doOrAwait(bus, DIALER_GROUP, [commandsTopic], LONGEST_WAIT_MS, async () => {
    const consumer = await bus.consume(commandsTopic, { group: DIALER_GROUP, maxBatch: MAX_BATCH, alone: true }, async ({ messages }) => {
      for (const { value } of messages) await applyCommand(ledger, value, clock.nowMs());
    });
    try {
      await consumer.caughtUp();
    } finally {
      await consumer.stop();
    }
  });
}
