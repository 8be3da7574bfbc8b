import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEmbeddedLedger } from './embedded.ts';
import { LOADED_MS, sampleCampaign, sampleContact, START_MS } from './samples.contract.ts';
import type { Ledger } from './port.ts';

const CONTACTS = 120;
const LEASE_MS = 60_000;

let dir: string;
let ledger: Ledger;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-crash-'));
  ledger = await openEmbeddedLedger({ dir });
  await ledger.defineCampaign(sampleCampaign());
  await ledger.admit(Array.from({ length: CONTACTS }, (_, index) => sampleContact(String(index))), LOADED_MS);
});
afterEach(async () => {
  await ledger.close();
  await rm(dir, { recursive: true, force: true });
});

/** Runs a dialer until it has said `lines` lines, kills it with SIGKILL, and gives every line that came. */
async function killedAfter(lines: number, dialerId: string, nowMs: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('./crash-child.contract.ts', import.meta.url)), dir, dialerId, String(nowMs)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  const exit = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === lines || line === 'idle') child.kill('SIGKILL');
  }
  await exit;
  expect(child.signalCode).toBe('SIGKILL');
  return said;
}

test('kill -9 at any moment: what was promised holds, nothing is told twice, every contact ends', async () => {
  const begun = new Set<string>();
  const settled = new Set<string>();
  let nowMs = START_MS;
  for (const [round, lines] of [7, 53, 111, 10_000].entries()) {
    for (const line of await killedAfter(lines, `dialer-${round}`, nowMs)) {
      const [what, attemptId] = line.split(' ');
      if (what === 'begun') begun.add(attemptId!);
      if (what === 'settled') settled.add(attemptId!);
    }
    // This process had the ledger open all the while, as a status command would.
    const counts = await ledger.counts('november', nowMs);
    expect(counts.waiting + counts.inFlight + counts.closed.exhausted).toBe(CONTACTS);
    const told = (await ledger.readOutbox(100_000)).flatMap((item) => (item.kind === 'attempt' ? [item.value.attemptId] : []));
    expect(new Set(told).size).toBe(told.length);
    for (const attemptId of settled) expect(told).toContain(attemptId);
    expect(counts.attempts).toBeGreaterThanOrEqual(begun.size);
    nowMs += 2 * LEASE_MS;
  }
  const counts = await ledger.counts('november', nowMs);
  expect(counts).toMatchObject({ waiting: 0, inFlight: 0, closed: { exhausted: CONTACTS } });
  const items = await ledger.readOutbox(100_000);
  expect(items.filter((item) => item.kind === 'closed')).toHaveLength(CONTACTS);
  expect(items.filter((item) => item.kind === 'attempt')).toHaveLength(counts.attempts);
  for (const attemptId of begun) expect(items.some((item) => item.kind === 'attempt' && item.value.attemptId === attemptId)).toBe(true);
  // Channels and phones are free again.
  const contact = await ledger.contactByAccount('november', '1');
  expect(contact?.phones.every((phone) => !phone.inCall)).toBe(true);
});
