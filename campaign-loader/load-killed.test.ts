import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openBus } from '../core/bus/open.ts';
import type { Bus } from '../core/bus/port.ts';
import { commandsTopic, contactsTopic } from '../core/bus/topics.ts';
import { campaignSchema } from '../core/campaign.ts';
import { kafkaForTests } from '../deploy/local/engines-for-tests.ts';
import { finishBrokenOff, loadList, loadsOf, openRows, type LoadReport } from './index.ts';
import type { ChildOrder, StandStill } from './load-child.contract.ts';

const ROWS = 12_000;
const campaignText = {
  id: 'killed',
  name: 'K',
  company: 'Energo',
  startsAt: '2026-11-01T00:00:00Z',
  expiresAt: '2026-12-01T00:00:00Z',
  trunks: ['main'],
  callerIds: ['+380443334455'],
  maxCallsPerSecond: 10,
  maxChannels: 100,
  flow: { start: 'bye', steps: { bye: { kind: 'hangup' } } },
};
const campaign = campaignSchema.parse(campaignText);
const CHILD = fileURLToPath(new URL('./load-child.contract.ts', import.meta.url));

async function killAt(order: ChildOrder): Promise<void> {
  const loader = spawn(process.execPath, ['--import', 'tsx', CHILD, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(loader, 'exit');
  await Promise.race([once(loader.stdout, 'data'), exited.then(() => Promise.reject(new Error('the loader ended by itself')))]);
  loader.kill('SIGKILL');
  await exited;
}

/** Loads a list until it is killed at a point; then as often again as `rerun` says; tells what is on the bus before and after. */
async function killedAt(at: StandStill, atOnce: boolean, busUrl: (dir: string) => string, look: (seen: { bus: Bus; again: () => Promise<LoadReport>; spoolDir: string }) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-killed-'));
  try {
    const list = join(dir, 'list.csv');
    await writeFile(list, `account_id,name,phones,debt\n${Array.from({ length: ROWS }, (_, index) => `A${index},Іван,067${1_000_000 + index},10`).join('\n')}\n`);
    const spoolDir = join(dir, 'spool');
    await killAt({ at, rows: ROWS, busUrl: busUrl(dir), list, campaign: campaignText, spoolDir: atOnce ? spoolDir : null });
    const bus = await openBus(busUrl(dir), { nowMs: Date.now });
    try {
      await look({
        bus,
        spoolDir,
        again: async () =>
          loadList(
            { campaign, list: await openRows({ kind: 'file', path: list }), nowMs: Date.now, loadId: 'again', refusedPath: null },
            { bus, loadedBy: { by: 'test', version: '0', sinceMs: null, sourceMark: '' }, atOnce: atOnce ? { maxRefusedShare: 0, spoolDir } : null },
          ),
      });
    } finally {
      await bus.close();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function keysOf(bus: Bus): Promise<string[]> {
  const keys: string[] = [];
  for await (const message of bus.scan(contactsTopic)) keys.push(message.key);
  return keys;
}

async function committed(bus: Bus): Promise<string[]> {
  const loadIds: string[] = [];
  for await (const { value } of bus.scan(commandsTopic)) if (value.kind === 'commit_load') loadIds.push(value.loadId);
  return loadIds;
}

async function expectWhole(bus: Bus): Promise<void> {
  const keys = await keysOf(bus);
  expect(keys.length).toBe(ROWS);
  expect(new Set(keys).size).toBe(ROWS);
}

const embedded = (dir: string): string => `embedded:${join(dir, 'bus')}`;

describe('a load killed with SIGKILL is made whole by running it again, and nobody is there twice:', () => {
  test.each<[StandStill]>([['half_published'], ['done']])('at %s', async (at) => {
    await killedAt(at, false, embedded, async ({ bus, again }) => {
      const before = (await keysOf(bus)).length;
      expect(before).toBeGreaterThan(ROWS / 2);
      expect(await again()).toMatchObject({ rows: ROWS, duplicates: before, accepted: ROWS - before });
      await expectWhole(bus);
      expect((await loadsOf(bus)).map(({ loadId, state }) => [loadId, state])).toEqual([['killed', 'failed'], ['again', 'done']]);
    });
  });
});

describe('an all-or-nothing load killed with SIGKILL', () => {
  test('while it reads has loaded nobody; run again it loads all', async () => {
    await killedAt('half_read', true, embedded, async ({ bus, again, spoolDir }) => {
      expect(await keysOf(bus)).toEqual([]);
      expect(await again()).toMatchObject({ accepted: ROWS, duplicates: 0 });
      await expectWhole(bus);
      expect(await committed(bus)).toEqual(['again']);
      expect(await readdir(spoolDir)).toEqual([]);
    });
  });

  test.each<[StandStill]>([['first_published'], ['half_published'], ['commit'], ['done']])('after its decision (at %s) is not committed before the next load of the campaign has finished it', async (at) => {
    await killedAt(at, true, embedded, async ({ bus, again, spoolDir }) => {
      expect(await committed(bus)).toEqual(at === 'done' ? ['killed'] : []);
      for await (const { value } of bus.scan(contactsTopic)) expect(value.awaitsCommit).toBe(true);
      expect(await again()).toMatchObject({ rows: ROWS, accepted: 0, duplicates: ROWS });
      await expectWhole(bus);
      expect((await committed(bus)).filter((loadId) => loadId === 'killed').length).toBeGreaterThan(0);
      expect(await readdir(spoolDir)).toEqual([]);
      expect((await loadsOf(bus)).map(({ loadId, state, accepted }) => [loadId, state, accepted])).toEqual([['killed', 'done', ROWS], ['again', 'done', 0]]);
    });
  });

  test('and whose file is gone must be revoked: nothing is loaded beside it', async () => {
    await killedAt('half_published', true, embedded, async ({ bus, again, spoolDir }) => {
      await rm(spoolDir, { recursive: true });
      await expect(again()).rejects.toThrow(/load killed was broken off .*obzvon load revoke killed/);
      expect(await finishBrokenOff(bus, spoolDir, campaign.id, Date.now)).toEqual([]);
    });
  });
});

const kafkaUrl = await kafkaForTests();
describe.skipIf(kafkaUrl === null)('on Kafka', () => {
  test.each([false, true])('a load killed half way is made whole (all or nothing: %s)', async (atOnce) => {
    await killedAt('half_published', atOnce, () => `${kafkaUrl!}/killed-${atOnce ? 'whole' : 'plain'}`, async ({ bus, again }) => {
      expect((await keysOf(bus)).length).toBeGreaterThan(ROWS / 2);
      expect(await committed(bus)).toEqual([]);
      expect(await again()).toMatchObject({ rows: ROWS, refusedRows: 0 });
      await expectWhole(bus);
      expect(await committed(bus)).toEqual(atOnce ? ['killed', 'again'] : []);
    });
  });
});
