import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { busContract } from './bus.contract.ts';
import { openEmbeddedBus } from './embedded.ts';
import { storeOf } from './embedded-store.ts';
import type { Bus } from './port.ts';
import { commandsTopic, paymentsTopic } from './topics.ts';

busContract('the embedded bus', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-bus-'));
  const opened: Bus[] = [];
  return {
    open: async () => {
      const bus = await openEmbeddedBus({ dir, nowMs: () => 1_700_000_000_000 });
      opened.push(bus);
      return bus;
    },
    demolish: async () => {
      await Promise.all(opened.map((bus) => bus.close()));
      await rm(dir, { recursive: true, force: true });
    },
  };
});

test('a consumer can be stopped at any moment, also just when its lanes find that a publish was not for them', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-bus-'));
  const bus = await openEmbeddedBus({ dir, nowMs: () => 1_700_000_000_000 });
  const payment = { paymentId: 'p', accountId: 'a', amountMinor: 1, currency: 'UAH', paidAtMs: 1, receivedAtMs: 1 };
  for (let ticks = 0; ticks < 12; ticks++) {
    const consumer = await bus.consume(commandsTopic, { group: 'idle', maxBatch: 10, lanes: 4 }, () => Promise.resolve());
    await bus.publish(paymentsTopic, [{ key: 'a', value: payment }]);
    await new Promise((resolve) => setImmediate(resolve));
    // The store looks for what other processes published: the lanes are woken with this, and nothing wakes them after.
    await new Promise<void>((resolve) => storeOf(dir).onPublish(resolve));
    // So many turns of the promises' own queue later.
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
    await consumer.stop();
  }
  await bus.close();
  await rm(dir, { recursive: true, force: true });
});
