import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultRow } from '../bench/chaos/fault-row.ts';
import { FAULTS, type Fault } from '../bench/chaos/faults.ts';
import { ChaosGround } from '../bench/chaos/ground.ts';
import { kafkaForTests, redisForTests } from '../deploy/local/engines-for-tests.ts';
import { ensureBuilt } from './testing/command-line.ts';

/** The short form of `make chaos`: two dialers, one campaign, one fault after the other. */
const ROUGH = ['dialer killed', 'Redis wiped', 'Kafka restarted'].map((name) => FAULTS.find((fault) => fault.name === name)!);
const BETWEEN_MS = 1500;

const oneAfterTheOther: Fault = {
  name: 'one after the other',
  what: ROUGH.map((fault) => fault.what).join('; '),
  async act(scene) {
    for (const fault of ROUGH) {
      await fault.act(scene);
      await sleep(BETWEEN_MS);
    }
  },
};

const ground = new ChaosGround({ dialers: 2, contacts: 150, callsPerWallSecond: 15, maxChannels: 40, speed: 20, media: false, seed: 'chaos-test', say: () => undefined });
beforeAll(ensureBuilt, 120_000);
afterAll(async () => {
  await ground.end({ keep: false });
}, 30_000);

test('a dialer killed, Redis wiped and Kafka restarted while a campaign runs: nothing is lost and nobody is called twice', { timeout: 300_000 }, async ({ skip }) => {
  // Asked only whether they can be had (a failure under CI): these are killed, so the cluster starts its own.
  if ((await kafkaForTests()) === null || (await redisForTests()) === null) skip('Kafka or Redis cannot be had here');
  const result = await faultRow(ground, oneAfterTheOther, { longAwayMs: 0 });
  expect(result.offences).toEqual([]);
  expect(result.judgement?.calls).toBeGreaterThan(150);
});
