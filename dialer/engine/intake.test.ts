import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEmbeddedLedger } from '../ledger/embedded.ts';
import type { Ledger } from '../ledger/port.ts';
import { LOADED_MS, sampleCampaign, sampleContact, START_MS } from '../ledger/samples.contract.ts';
import { applyCommand } from './intake.ts';

let dir: string;
let ledger: Ledger;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-intake-'));
  ledger = await openEmbeddedLedger({ dir });
  await ledger.defineCampaign(sampleCampaign());
});
afterEach(async () => {
  await ledger.close();
  await rm(dir, { recursive: true, force: true });
});

const suppress = (accountId: string, expiresAtMs: number | null) => ({ kind: 'suppress_add', accountId, reason: 'dispute', expiresAtMs, atMs: START_MS }) as const;

test('an account suppressed after its load is not called any more; others are', async () => {
  await ledger.admit([sampleContact('1'), sampleContact('2')], LOADED_MS);
  await applyCommand(ledger, suppress('1', null), START_MS);
  await applyCommand(ledger, suppress('nobody', null), START_MS);
  expect(await ledger.counts('november', START_MS)).toMatchObject({ contacts: 2, waiting: 1, closed: { suppressed: 1 } });
  const entries = [];
  for await (const entry of ledger.listDnc()) entries.push(entry);
  expect(entries).toMatchObject([{ phone: '+380670000001', reason: 'account suppressed: dispute', expiresAtMs: null }]);
});

test('taking it back leaves the numbers blocked: whose else they are is not known', async () => {
  await ledger.admit([sampleContact('1', { phones: ['+380670000001', '+380670000009'] })], LOADED_MS);
  await applyCommand(ledger, suppress('1', START_MS + 1000), START_MS);
  await applyCommand(ledger, { kind: 'suppress_remove', accountId: '1', atMs: START_MS }, START_MS);
  const entries = [];
  for await (const { phone } of ledger.listDnc()) entries.push(phone);
  expect(entries.sort()).toEqual(['+380670000001', '+380670000009']);
});
