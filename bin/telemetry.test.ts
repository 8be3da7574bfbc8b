import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LEDGER_OPS, metricsRegistry } from '../core/metrics.ts';
import { openEmbeddedLedger } from '../dialer/ledger/embedded.ts';
import { LOADED_MS, sampleCampaign, sampleContact, sampleAttempt, sampleBegun, samplePayment, START_MS } from '../dialer/ledger/samples.contract.ts';
import { rowsSampler, timed } from './telemetry.ts';

/** How often an operation was timed. */
async function countOf(op: string): Promise<number> {
  const metric = (await metricsRegistry.getMetricsAsJSON()).find(({ name }) => name === 'obzvon_ledger_operation_seconds');
  // A histogram's values carry the name of their series, of which the library's types say nothing.
  const values = (metric?.values ?? []) as { metricName?: string; labels: { op?: string }; value: number }[];
  return values.find((value) => value.metricName?.endsWith('_count') && value.labels.op === op)?.value ?? 0;
}

test('a timed ledger is the ledger, whole: every method is there and works on its own fields; those of a call’s way are timed', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-timed-'));
  const inner = await openEmbeddedLedger({ dir });
  const ledger = timed(inner);
  const before = new Map(await Promise.all(LEDGER_OPS.map(async (op) => [op, await countOf(op)] as const)));
  try {
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(inner))) expect(typeof Reflect.get(ledger, name), name).toBe('function');
    expect(Reflect.get(ledger, 'claim')).toBe(Reflect.get(ledger, 'claim'));

    await ledger.defineCampaign(sampleCampaign());
    expect(await ledger.admit([sampleContact('1')], LOADED_MS)).toBe(1);
    const [claim] = await ledger.claim({ campaignId: 'november', dialerId: 'dialer-1', limit: 5, nowMs: START_MS, leaseMs: 1000 });
    const begun = sampleBegun(claim!);
    expect(await ledger.begin(claim!.lease, begun, claim!.facts, [])).toEqual({ kind: 'begun' });
    expect(await ledger.renew([claim!.lease], START_MS + 5000)).toMatchObject([{ status: 'kept' }]);
    expect(await ledger.takeStart([{ key: 'campaign:november', maxPerSecond: 5 }], START_MS)).toMatchObject({ kind: 'granted', atMs: START_MS });
    expect(await ledger.settle(claim!.lease, { attempt: sampleAttempt(claim!, begun), next: { kind: 'wait', dueAtMs: START_MS, reason: 'r' }, optOut: [], nowMs: START_MS })).toBe('settled');
    expect(await ledger.readOutbox(5)).toHaveLength(1);
    await ledger.recordPayments([samplePayment('1', 5)], START_MS);
    for await (const entry of ledger.listDnc()) expect(entry).toBeNull();
    expect(ledger.health()).toEqual({ kind: 'up' });
    for (const op of LEDGER_OPS) expect(await countOf(op), op).toBe(before.get(op)! + 1);
    await expect(ledger.setMode('december', 'paused')).rejects.toMatchObject({ code: 'not_found' });
  } finally {
    await ledger.close();
    await rm(dir, { recursive: true, force: true });
  }
  await expect(ledger.campaigns()).rejects.toMatchObject({ code: 'storage' });
});

test('rows stored are counted once, however often they are sampled', async () => {
  const rows = { attempts: 5 };
  const sample = rowsSampler(() => ({ ...rows }));
  sample();
  sample();
  rows.attempts = 12;
  sample();
  expect((await metricsRegistry.metrics()).split('\n')).toContain('obzvon_rows_stored_total{table="attempts"} 12');
});
