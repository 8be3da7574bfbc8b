import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLedger } from './embedded.ts';
import { ledgerContract } from './ledger.contract.ts';

ledgerContract('embedded', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-ledger-'));
  return { open: () => openEmbeddedLedger({ dir }), tearDown: () => rm(dir, { recursive: true, force: true }) };
});
