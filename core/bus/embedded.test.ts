import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busContract } from './bus.contract.ts';
import { openEmbeddedBus } from './embedded.ts';
import type { Bus } from './port.ts';

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
