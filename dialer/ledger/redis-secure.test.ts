import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { makeCertificates, type LocalCertificates } from '../../deploy/local/certificates.ts';
import { redisForTests } from '../../deploy/local/engines-for-tests.ts';
import { startRedis, startRedisCluster, startRedisSentinel, type LocalRedis } from '../../deploy/local/redis.ts';
import { claimsContract } from './claims.contract.ts';
import { LedgerFixture } from './fixture.contract.ts';
import type { Ledger } from './port.ts';
import { repeatsContract } from './repeats.contract.ts';
import { stopsContract } from './stops.contract.ts';
import { openRedisLedger } from './redis/ledger.ts';

/** What a ledger needs of Redis's ACL, as docs/operations.md says it. */
const ACL = '~{gas*}:* -@all +@read +@write +@scripting +@connection -@dangerous +info +time +wait';
const PASSWORD = 'hunter2/+@';
const refusedSchema = z.object({ code: z.string(), message: z.string() });
const shared = await redisForTests();
const needsOpenssl = await makeCertificates().then((made) => made.remove().then(() => null), (error: unknown) => error);
if (needsOpenssl !== null && process.env['CI'] !== undefined && process.env['CI'] !== '') throw new Error('openssl is needed under CI, and cannot be had here', { cause: needsOpenssl });

async function openReady(url: string): Promise<Ledger> {
  const ledger = await openRedisLedger({ url });
  if ((await ledger.condition()).kind === 'lost' && (await ledger.startRebuild(60_000))) await ledger.finishRebuild(0);
  return ledger;
}

/** Runs scripts and plain commands by way of the URL. */
async function useLedger(url: string): Promise<void> {
  const ledger = await openReady(url);
  try {
    expect(await ledger.condition()).toMatchObject({ kind: 'ready' });
    expect(ledger.health()).toEqual({ kind: 'up' });
  } finally {
    await ledger.close();
  }
}

/** Why a ledger does not open; it must not wait for a Redis that will never let us in. */
async function refusal(url: string): Promise<{ readonly code: string; readonly message: string }> {
  const error: unknown = await openRedisLedger({ url, openTimeoutMs: 40_000 }).then(async (ledger) => {
    await ledger.close();
    return null;
  }, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/hunter2|watchword/);
  return refusedSchema.parse(error);
}

describe.skipIf(shared === null || needsOpenssl !== null)('the ledger on a Redis that asks for TLS and a user of its ACL', () => {
  let certificates: LocalCertificates;
  let server: LocalRedis;
  const at = (user: string, query: string, host = '127.0.0.1'): string => `rediss://${user}@${host}:${server.tlsPort ?? 0}?prefix=gas&${query}`;
  const dialer = `dialer:${encodeURIComponent(PASSWORD)}`;

  beforeAll(async () => {
    certificates = await makeCertificates();
    server = await startRedis({ tls: { certificates, mutual: true }, config: ['user default off', `user dialer on >${PASSWORD} ${ACL}`] });
  });
  afterAll(async () => {
    await server.stop();
    await certificates.remove();
  });
  const ours = (): string => `ca=${certificates.ca}&cert=${certificates.clientCert}&key=${certificates.clientKey}`;

  // What a ledger does for calls is within what its user may; redis.test.ts has the rest of the contract, without TLS.
  describe('does its work', () => {
    const given = new LedgerFixture(() => {
      const prefix = `gas-${randomUUID()}`;
      const wipe = async (): Promise<void> => {
        const client = new Redis({ port: server.port, username: 'dialer', password: PASSWORD });
        const [, keys] = await client.scan(0, 'MATCH', `{${prefix}}:*`, 'COUNT', 100_000);
        if (keys.length > 0) await client.unlink(...keys);
        client.disconnect();
      };
      return Promise.resolve({ open: () => openReady(at(dialer, ours()).replace('prefix=gas&', `prefix=${prefix}&`)), wipe, tearDown: wipe });
    });
    claimsContract(given);
    stopsContract(given);
    repeatsContract(given);
  });

  test('opens with its authority, a certificate of ours and the password', async () => {
    await useLedger(at(dialer, ours()));
    await useLedger(at(dialer, ours(), 'localhost'));
  });

  test('a wrong password, and none, are bad_config at once', async () => {
    expect(await refusal(at('dialer:hunter3', ours()))).toMatchObject({ code: 'bad_config', message: expect.stringContaining('WRONGPASS') as string });
    expect(await refusal(`rediss://127.0.0.1:${server.tlsPort ?? 0}?${ours()}`)).toMatchObject({ code: 'bad_config', message: expect.stringContaining('NOAUTH') as string });
  });

  test('an authority that did not sign its certificate is not trusted, nor is the system\'s list', async () => {
    const strange = ours().replace(certificates.ca, certificates.strangerCa);
    for (const query of [strange, '']) expect(await refusal(at(dialer, query))).toMatchObject({ code: 'bad_config', message: expect.stringContaining('certificate is not trusted') as string });
  });

  test('without a certificate of ours it turns us away', async () => {
    expect(await refusal(at(dialer, `ca=${certificates.ca}`))).toMatchObject({ code: 'bad_config', message: expect.stringContaining('does not accept our certificate') as string });
  });

  test('a certificate for another name is not trusted', async () => {
    const elsewhere = await makeCertificates(['DNS:redis.example']);
    const other = await startRedis({ tls: { certificates: elsewhere } });
    try {
      expect(await refusal(`rediss://127.0.0.1:${other.tlsPort ?? 0}?ca=${elsewhere.ca}`)).toMatchObject({ code: 'bad_config', message: expect.stringContaining('for the host in the URL') as string });
    } finally {
      await other.stop();
      await elsewhere.remove();
    }
  });
});

describe.skipIf(shared === null || needsOpenssl !== null)('the ledger on many servers with TLS', () => {
  let certificates: LocalCertificates;
  beforeAll(async () => {
    // For a name alone: what asks an address for its certificate is refused.
    certificates = await makeCertificates(['DNS:localhost']);
  });
  afterAll(() => certificates.remove());

  test('a cluster whose nodes are known by name, and who may be let in', async () => {
    const cluster = await startRedisCluster({ tls: { certificates } });
    try {
      const hosts = cluster.servers.map(({ tlsPort }) => `localhost:${tlsPort ?? 0}`).join(',');
      for (const { port } of cluster.servers) {
        const node = new Redis({ port });
        await node.acl('SETUSER', 'dialer', 'on', '>hunter2', ...ACL.split(' '), '+cluster|slots', '+cluster|info');
        await node.acl('SETUSER', 'blind', 'on', '>hunter2', ...ACL.split(' '), '+cluster|info');
        await node.acl('SETUSER', 'stateless', 'on', '>hunter2', ...ACL.split(' '), '+cluster|slots');
        node.disconnect();
      }
      await useLedger(`rediss+cluster://dialer:hunter2@${hosts}?prefix=gas&ca=${certificates.ca}`);
      // A user who may not ask what the client must know of the cluster.
      for (const user of ['blind', 'stateless']) {
        expect(await refusal(`rediss+cluster://${user}:hunter2@${hosts}?prefix=gas&ca=${certificates.ca}`)).toMatchObject({ code: 'bad_config', message: expect.stringContaining('NOPERM') as string });
      }
      expect(await refusal(`rediss+cluster://dialer:hunter3@${hosts}?ca=${certificates.ca}`)).toMatchObject({ code: 'bad_config', message: expect.stringContaining('WRONGPASS') as string });
      expect(await refusal(`rediss+cluster://dialer:hunter2@${hosts}?ca=${certificates.strangerCa}`)).toMatchObject({ code: 'bad_config', message: expect.stringContaining('certificate is not trusted') as string });
    } finally {
      await cluster.stop();
    }
  });

  test('sentinels with a password other than the master\'s', async () => {
    const byAddress = await makeCertificates();
    const group = await startRedisSentinel({ tls: { certificates: byAddress }, password: 'hunter2', sentinelPassword: 'watchword' });
    try {
      const at = (query: string, password = 'hunter2') => `rediss+sentinel://:${password}@localhost:${group.servers[2]?.tlsPort ?? 0}/mymaster?${query}`;
      await useLedger(at(`ca=${byAddress.ca}&sentinelPassword=watchword`));
      expect(await refusal(at(`ca=${byAddress.ca}&sentinelPassword=watchword3`))).toMatchObject({ code: 'bad_config', message: expect.stringContaining('WRONGPASS') as string });
      expect(await refusal(at(`ca=${byAddress.ca}`))).toMatchObject({ code: 'bad_config', message: expect.stringContaining('NOAUTH') as string });
      expect(await refusal(at(`ca=${byAddress.ca}&sentinelPassword=watchword`, 'hunter3'))).toMatchObject({ code: 'bad_config', message: expect.stringContaining('WRONGPASS') as string });
      expect(await refusal(at(`ca=${byAddress.strangerCa}&sentinelPassword=watchword`))).toMatchObject({ code: 'bad_config', message: expect.stringContaining('certificate is not trusted') as string });
    } finally {
      await group.stop();
      await byAddress.remove();
    }
  });
});
