import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEmbeddedLedger } from './embedded.ts';
import { ledgerContract, type LedgerUnderTest } from './ledger.contract.ts';
import { ledgerModelContract } from './model.contract.ts';
import { openLedger } from './open.ts';
import { sampleCampaign } from './samples.contract.ts';

async function setUp(): Promise<LedgerUnderTest> {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-ledger-'));
  return { open: () => openEmbeddedLedger({ dir }), tearDown: () => rm(dir, { recursive: true, force: true }) };
}

ledgerContract('embedded', setUp);
ledgerModelContract('embedded', setUp, 25);

test.each([
  ['redis://:secret@host:6379/first', 'bad_config'],
  ['postgres://host', 'bad_config'],
  ['embedded:', 'bad_config'],
  ['.obzvon/ledger', 'bad_config'],
])('%s is refused as %s, without its secrets', async (url, code) => {
  const error: unknown = await openLedger(url).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  expect(String(error)).not.toContain('secret');
});

test('embedded:DIR opens; what one run wrote the next one finds', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-ledger-'));
  const first = await openLedger(`embedded:${join(dir, 'deep', 'ledger')}`);
  await first.defineCampaign(sampleCampaign());
  await first.close();
  const second = await openLedger(`embedded:${join(dir, 'deep', 'ledger')}`);
  expect((await second.campaigns()).map((state) => state.campaign.id)).toEqual(['november']);
  await second.close();
  await expect(second.campaigns()).rejects.toMatchObject({ code: 'storage' });
  await rm(dir, { recursive: true, force: true });
});
