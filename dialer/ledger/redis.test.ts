import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe } from 'vitest';
import { redisForTests } from '../../deploy/local/engines-for-tests.ts';
import { ledgerContract, ledgerLossContract, type LedgerUnderTest } from './ledger.contract.ts';
import { ledgerModelContract } from './model.contract.ts';
import type { Ledger } from './port.ts';
import { openRedisLedger } from './redis/ledger.ts';

const url = await redisForTests();

async function wipe(prefix: string): Promise<void> {
  const client = new Redis(url ?? '');
  const keys = await client.keys(`{${prefix}}:*`);
  if (keys.length > 0) await client.unlink(...keys);
  client.disconnect();
}

async function openReady(options: Parameters<typeof openRedisLedger>[0]): Promise<Ledger> {
  const ledger = await openRedisLedger(options);
  if ((await ledger.condition()).kind === 'lost' && (await ledger.startRebuild(60_000))) await ledger.finishRebuild(0);
  return ledger;
}

function setUp(): Promise<LedgerUnderTest & { wipe(): Promise<void> }> {
  const prefix = `test-${randomUUID()}`;
  return Promise.resolve({
    open: () => openReady({ url: `${url ?? ''}?prefix=${prefix}` }),
    wipe: () => wipe(prefix),
    tearDown: () => wipe(prefix),
  });
}

describe.skipIf(url === null)('on Redis', () => {
  ledgerContract('redis', setUp);
  ledgerLossContract('redis', setUp);
  ledgerModelContract('redis', setUp, 25);
});
