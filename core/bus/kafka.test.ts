import { randomUUID } from 'node:crypto';
import { describe } from 'vitest';
import { kafkaForTests } from '../../deploy/local/engines-for-tests.ts';
import { busContract } from './bus.contract.ts';
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
});
