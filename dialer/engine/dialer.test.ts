import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEmbeddedBus } from '../../core/bus/embedded.ts';
import { dispositionsTopic } from '../../core/bus/topics.ts';
import { SimulatedClock } from '../../core/clock.ts';
import { createLogger } from '../../core/log.ts';
import { openEmbeddedLedger } from '../ledger/embedded.ts';
import { sampleCampaign, sampleContact, START_MS } from '../ledger/samples.contract.ts';
import { startDialer } from './dialer.ts';
import { RingingSwitch } from './ringing-switch.contract.ts';

test('what another dialer left in the outbox is told, although nothing happens here', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-dialer-'));
  const clock = new SimulatedClock({ wallMs: Date.now(), simulatedMs: START_MS, speed: 1 });
  const bus = await openEmbeddedBus({ dir: join(dir, 'bus'), nowMs: () => clock.nowMs() });
  const [ledger, others] = [await openEmbeddedLedger({ dir: join(dir, 'ledger') }), await openEmbeddedLedger({ dir: join(dir, 'ledger') })];
  const dialer = await startDialer({
    bus, ledger, switch: new RingingSwitch(clock), clock, clockSpeed: 1, prompt: () => Promise.resolve({ files: [], durationMs: 0 }),
    trunks: [], dialerId: 'dialer-1', leaseMs: 60_000, maxChannels: 10, drainMs: 0, tell: () => undefined, log: createLogger({ level: 'silent' }),
  });
  try {
    expect(await dialer.idle()).toBe(true);
    await others.defineCampaign(sampleCampaign());
    await others.admit([sampleContact('1', { group: 'held_out' })], START_MS);
    const told: string[] = [];
    while (told.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      for await (const { value } of bus.scan(dispositionsTopic)) told.push(value.accountId);
    }
    expect(told).toEqual(['1']);
    while ((await ledger.outboxSize()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    await dialer.drain();
    for (const one of [ledger, others, bus]) await one.close();
    await rm(dir, { recursive: true, force: true });
  }
});
