import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { kafkaForTests } from '../../deploy/local/engines-for-tests.ts';
import { busContract, textTopic } from './bus.contract.ts';
import { openKafkaBus } from './kafka.ts';
import type { Bus } from './port.ts';

const kafka = await kafkaForTests();

describe.skipIf(kafka === null)('Kafka', () => {
  busContract('the bus on Kafka', () => {
    const url = `${kafka ?? ''}/t${randomUUID().slice(0, 8)}`;
    const opened: Bus[] = [];
    return Promise.resolve({
      open: async () => {
        const bus = await openKafkaBus({ url, nowMs: () => 1_700_000_000_000 });
        opened.push(bus);
        return bus;
      },
      demolish: async () => {
        await Promise.all(opened.map((bus) => bus.close()));
      },
    });
  });

  test('who wants to consume alone is refused while another is at work, in any process', async () => {
    const url = `${kafka ?? ''}/t${randomUUID().slice(0, 8)}`;
    const [first, second] = [await openKafkaBus({ url, nowMs: () => 0 }), await openKafkaBus({ url, nowMs: () => 0 })];
    try {
      const topic = textTopic('alone', 2);
      const options = { group: 'g', maxBatch: 10 };
      const consumer = await first.consume(topic, options, () => Promise.resolve());
      await expect(second.consume(topic, { ...options, alone: true }, () => Promise.resolve())).rejects.toMatchObject({ code: 'locked' });
      await consumer.stop();
      await (await second.consume(topic, { ...options, alone: true }, () => Promise.resolve())).stop();
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });
});
