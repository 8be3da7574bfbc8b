import { randomUUID } from 'node:crypto';
import { Cluster } from 'ioredis';
import { expect, test } from 'vitest';
import { redisForTests } from '../../../deploy/local/engines-for-tests.ts';
import { startRedisCluster, startRedisSentinel } from '../../../deploy/local/redis.ts';
import type { Ledger } from '../port.ts';
import { ledgerModelContract } from '../model.contract.ts';
import { LOADED_MS, sampleAttempt, sampleBegun, sampleCampaign, sampleContact, START_MS } from '../samples.contract.ts';
import { openRedisLedger } from './ledger.ts';

const hasRedis = (await redisForTests()) !== null;
const cluster = hasRedis ? await startRedisCluster({ appendfsync: 'no' }) : null;

async function openReady(url: string): Promise<Ledger> {
  const ledger = await openRedisLedger({ url });
  if ((await ledger.condition()).kind === 'lost' && (await ledger.startRebuild(60_000))) await ledger.finishRebuild(0);
  return ledger;
}

if (cluster !== null) {
  // Ledgers of several prefixes fall onto different masters.
  ledgerModelContract(
    'a Redis Cluster of three',
    () => {
      const prefix = randomUUID();
      // Without its epoch all that is left is what a rebuild that was given up leaves.
      const wipe = async () => {
        const client = new Cluster(cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port })));
        await client.del(`{${prefix}}:epoch`);
        client.disconnect();
      };
      return Promise.resolve({ open: () => openReady(`${cluster.url}?prefix=${prefix}`), wipe, tearDown: () => Promise.resolve() });
    },
    4,
  );

  test('several ledgers on a cluster know nothing of each other', async () => {
    const ledgers = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((prefix) => openReady(`${cluster.url}?prefix=${prefix}`)));
    for (const [at, ledger] of ledgers.entries()) {
      await ledger.defineCampaign(sampleCampaign());
      expect(await ledger.admit(Array.from({ length: at + 1 }, (_, account) => sampleContact(String(account))), LOADED_MS)).toBe(at + 1);
    }
    for (const [at, ledger] of ledgers.entries()) expect((await ledger.counts('november', START_MS)).waiting).toBe(at + 1);
    expect(Math.abs((await ledgers[0]!.engineTimeMs()) - Date.now())).toBeLessThan(1000);
    for (const ledger of ledgers) await ledger.close();
    await cluster.stop();
  });
}

test.skipIf(!hasRedis)('a sentinel’s failover: what a replica had goes on, without a word to the caller', async () => {
  const group = await startRedisSentinel();
  const ledger = await openReady(`${group.url}?replicas=1`);
  await ledger.defineCampaign(sampleCampaign());
  await ledger.admit(Array.from({ length: 20 }, (_, account) => sampleContact(String(account))), LOADED_MS);
  const claims = await ledger.claim({ campaignId: 'november', dialerId: 'dialer-1', limit: 10, nowMs: START_MS, leaseMs: 60_000 });
  // Resolved: the replica has it, and all before it.
  for (const claim of claims) expect((await ledger.begin(claim.lease, sampleBegun(claim), claim.facts, [{ key: 'trunk:a', max: 10 }])).kind).toBe('begun');
  await group.servers[0]!.kill();
  const settled = await Promise.all(
    claims.map((claim) => ledger.settle(claim.lease, { attempt: sampleAttempt(claim, sampleBegun(claim)), next: { kind: 'close', disposition: 'exhausted', reason: 'r' }, optOut: [], nowMs: START_MS })),
  );
  expect(settled).toEqual(claims.map(() => 'settled'));
  expect(await ledger.counts('november', START_MS)).toMatchObject({ contacts: 20, waiting: 10, inFlight: 0, attempts: 10, closed: { exhausted: 10 } });
  expect(ledger.health()).toEqual({ kind: 'up' });
  await ledger.close();
  await group.stop();
});
