import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redisForTests } from '../../../deploy/local/engines-for-tests.ts';
import { startRedis, type LocalRedis } from '../../../deploy/local/redis.ts';
import type { Ledger } from '../port.ts';
import { LOADED_MS, sampleAttempt, sampleBegun, sampleCampaign, sampleContact, START_MS } from '../samples.contract.ts';
import { openRedisLedger } from './ledger.ts';

const hasRedis = (await redisForTests()) !== null;
const LEASE_MS = 60_000;

describe.skipIf(!hasRedis)('Redis that goes away and comes back', () => {
  let server: LocalRedis;
  let client: Redis;
  beforeAll(async () => {
    server = await startRedis({ config: ['requirepass let-me-in'] });
    client = new Redis({ port: server.port, password: 'let-me-in', maxRetriesPerRequest: null });
    client.on('error', () => undefined);
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  const urlOf = (prefix: string, password = 'let-me-in') => `redis://:${password}@127.0.0.1:${server.port}?prefix=${prefix}`;
  const openNew = async (): Promise<{ ledger: Ledger; other: Ledger }> => {
    const prefix = randomUUID();
    const ledger = await openRedisLedger({ url: urlOf(prefix) });
    expect(await ledger.condition()).toEqual({ kind: 'lost' });
    expect(await ledger.startRebuild(60_000)).toBe(true);
    await ledger.defineCampaign(sampleCampaign());
    await ledger.finishRebuild(0);
    return { ledger, other: await openRedisLedger({ url: urlOf(prefix) }) };
  };
  const claimsOf = (ledger: Ledger, nowMs = START_MS, limit = 100) => ledger.claim({ campaignId: 'november', dialerId: 'dialer-1', limit, nowMs, leaseMs: LEASE_MS });

  test('scripts it forgot are sent again', async () => {
    const { ledger, other } = await openNew();
    await ledger.admit([sampleContact('1'), sampleContact('2')], LOADED_MS);
    await client.script('FLUSH');
    const [one] = await claimsOf(ledger, START_MS, 1);
    await client.script('FLUSH');
    expect(await other.begin(one!.lease, sampleBegun(one!), one!.facts, [])).toEqual({ kind: 'begun' });
    await Promise.all([ledger.close(), other.close()]);
  });

  test('killed at any moment and started again: what was promised holds, what was asked meanwhile is done', async () => {
    const { ledger, other } = await openNew();
    const contacts = Array.from({ length: 300 }, (_, index) => sampleContact(String(index)));
    expect(await ledger.admit(contacts, LOADED_MS)).toBe(300);
    const claims = await claimsOf(ledger);
    expect(claims).toHaveLength(100);
    const begun = claims.map((claim) => sampleBegun(claim));
    let answered = 0;
    const begins = claims.map(async (claim, at) => {
      // In several batches, so that the kill falls between them.
      for (let turn = 0; turn < at / 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      const result = await (at % 2 === 0 ? ledger : other).begin(claim.lease, begun[at]!, claim.facts, [{ key: 'trunk:a', max: 100 }]);
      answered++;
      return result;
    });
    while (answered < 20) await new Promise((resolve) => setImmediate(resolve));
    await server.kill();
    const asked = other.counts('november', START_MS);
    const down = await waitFor(() => ledger.health().kind === 'down');
    expect(down).toBe(true);
    expect(JSON.stringify(ledger.health())).not.toContain('let-me-in');
    await server.restart();
    expect((await Promise.all(begins)).every((result) => result.kind === 'begun')).toBe(true);
    expect(await asked).toMatchObject({ contacts: 300, waiting: 200, inFlight: 100 });
    expect((await ledger.counts('november', START_MS)).attempts).toBe(100);
    expect(await waitFor(() => ledger.health().kind === 'up')).toBe(true);
    const settled = await Promise.all(
      claims.map((claim, at) => other.settle(claim.lease, { attempt: sampleAttempt(claim, begun[at]!), next: { kind: 'close', disposition: 'exhausted', reason: 'r' }, optOut: [], nowMs: START_MS })),
    );
    expect(settled.every((result) => result === 'settled')).toBe(true);
    expect(await other.counts('november', START_MS)).toMatchObject({ waiting: 200, inFlight: 0, closed: { exhausted: 100 } });
    // Each channel was taken once and is free again.
    const [next] = await claimsOf(ledger, START_MS, 1);
    expect((await ledger.begin(next!.lease, sampleBegun(next!), next!.facts, [{ key: 'trunk:a', max: 1 }])).kind).toBe('begun');
    const told = await ledger.readOutbox(1000);
    expect(told).toHaveLength(200);
    expect(new Set(told.map(({ value }) => JSON.stringify(value))).size).toBe(200);
    await Promise.all([ledger.close(), other.close()]);
  });

  test('flushed: lost, and rebuilt by one of its dialers; numbers of the outbox and tokens go on above the old', async () => {
    const { ledger, other } = await openNew();
    await ledger.admit([sampleContact('1'), sampleContact('2', { group: 'held_out' })], LOADED_MS);
    const [claim] = await claimsOf(ledger);
    const [told] = await ledger.readOutbox(10);
    expect((await ledger.campaigns()).map(({ campaign }) => campaign.id)).toEqual(['november']);
    await client.flushall();
    await expect(ledger.renew([claim!.lease], START_MS)).rejects.toMatchObject({ code: 'ledger_lost' });
    const rights = await Promise.all([ledger.startRebuild(60_000), other.startRebuild(60_000)]);
    expect(rights.filter((right) => right)).toHaveLength(1);
    const rebuilder = rights[0] ? ledger : other;
    await rebuilder.defineCampaign(sampleCampaign('november', { maxChannels: 3 }));
    await rebuilder.restore([{ contact: sampleContact('1'), attempts: [], closed: null, dueAtMs: START_MS }]);
    await rebuilder.finishRebuild(START_MS);
    for (const handle of [ledger, other]) expect((await handle.condition()).kind).toBe('ready');
    expect((await ledger.campaigns()).map(({ maxChannels }) => maxChannels)).toEqual([3]);
    expect(await ledger.facts(claim!.lease)).toBeNull();
    const [again] = await claimsOf(other);
    expect(again!.lease.token).toBeGreaterThan(claim!.lease.token);
    await ledger.admit([sampleContact('3', { group: 'held_out' })], LOADED_MS);
    await ledger.ackOutbox([told!.seq]);
    const [item] = await ledger.readOutbox(10);
    expect(item!.seq).toBeGreaterThan(told!.seq);
    await Promise.all([ledger.close(), other.close()]);
  });

  test('back with an older copy: lost for everybody once somebody misses what was promised, and rebuilt', async () => {
    const { ledger, other } = await openNew();
    await ledger.admit([sampleContact('1'), sampleContact('2')], LOADED_MS);
    const [claim] = await claimsOf(ledger, START_MS, 1);
    const copy = await copyOf(client);
    const begun = sampleBegun(claim!);
    expect(await ledger.begin(claim!.lease, begun, claim!.facts, [])).toEqual({ kind: 'begun' });
    await copy.putBack();
    // This handle was told of nothing that is missing.
    expect(await other.counts('november', START_MS)).toMatchObject({ inFlight: 1, attempts: 0 });
    await expect(ledger.renew([claim!.lease], START_MS)).rejects.toMatchObject({ code: 'ledger_lost' });
    await expect(other.counts('november', START_MS)).rejects.toMatchObject({ code: 'ledger_lost' });
    expect(await ledger.condition()).toEqual({ kind: 'lost' });

    expect(await ledger.startRebuild(60_000)).toBe(true);
    await ledger.defineCampaign(sampleCampaign());
    const contacts = ['1', '2'].map((account) => sampleContact(account));
    await ledger.restore(contacts.map((contact) => ({ contact, attempts: [], closed: null, dueAtMs: START_MS })));
    await ledger.finishRebuild(START_MS);
    const live = { contactId: claim!.lease.contactId, campaignId: 'november', begun };
    expect(await ledger.adopt(live, 'dialer-1', START_MS + LEASE_MS)).not.toBeNull();
    expect((await other.condition()).kind).toBe('ready');
    expect(await other.counts('november', START_MS)).toMatchObject({ contacts: 2, waiting: 1, inFlight: 1, attempts: 1 });
    await Promise.all([ledger.close(), other.close()]);
  });

  test('back with an older copy in mid-rebuild: what was put back is missed, and the rebuild begins anew', async () => {
    const { ledger, other } = await openNew();
    await client.flushall();
    expect(await ledger.startRebuild(60_000)).toBe(true);
    await ledger.defineCampaign(sampleCampaign());
    const copy = await copyOf(client);
    await ledger.restore([{ contact: sampleContact('1'), attempts: [], closed: null, dueAtMs: START_MS }]);
    await copy.putBack();
    await expect(ledger.finishRebuild(START_MS)).rejects.toMatchObject({ code: 'ledger_lost' });
    expect(await other.condition()).toEqual({ kind: 'lost' });
    expect(await other.startRebuild(60_000)).toBe(true);
    await Promise.all([ledger.close(), other.close()]);
  });

  test('an item of the outbox is handed to one reader, and after a while to another', async () => {
    const { ledger, other } = await openNew();
    await other.close();
    await ledger.admit([sampleContact('1', { group: 'held_out' })], LOADED_MS);
    expect(await ledger.readOutbox(10)).toHaveLength(1);
    expect(await ledger.readOutbox(10)).toEqual([]);
    expect(await ledger.outboxSize()).toBe(1);
    await ledger.close();
  });

  test('a wrong password, an evicting server and nobody at all are refused clearly', async () => {
    const refused = async (url: string) => openRedisLedger({ url, openTimeoutMs: 1500 }).catch((thrown: unknown) => thrown);
    const wrong = await refused(urlOf('x', 'secret'));
    expect(wrong).toMatchObject({ code: 'bad_config' });
    expect(String(wrong)).not.toContain('secret');
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await client.config('SET', 'maxmemory', '100mb');
    expect(await refused(urlOf('x'))).toMatchObject({ code: 'bad_config' });
    await client.config('SET', 'maxmemory-policy', 'noeviction');
    const nobody = await refused('redis://:secret@127.0.0.1:1');
    expect(nobody).toMatchObject({ code: 'unreachable' });
    expect(String(nobody)).not.toContain('secret');
  });
});

/** What Redis holds now, to be put in the place of what it will hold. */
async function copyOf(client: Redis): Promise<{ putBack(): Promise<void> }> {
  const kept: [key: string, dump: Buffer, ttlMs: number][] = [];
  for (const key of await client.keys('*')) kept.push([key, (await client.dumpBuffer(key)), Math.max(0, await client.pttl(key))]);
  return {
    async putBack() {
      await client.flushall();
      for (const [key, dump, ttlMs] of kept) await client.restore(key, ttlMs, dump);
    },
  };
}

async function waitFor(holds: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 2000 && !holds(); tries++) await new Promise((resolve) => setTimeout(resolve, 5));
  return holds();
}
