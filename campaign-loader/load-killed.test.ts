import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEmbeddedBus } from '../core/bus/embedded.ts';
import { contactsTopic } from '../core/bus/topics.ts';
import { campaignSchema } from '../core/campaign.ts';
import { knownContacts, loadList } from './index.ts';

const ROWS = 30_000;
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

/** Loads the list and stands still, for ever, once about half of it is published: there it is killed. */
const child = (dir: string) => `
  const at = (path) => new URL(path, ${JSON.stringify(import.meta.url)}).href;
  const { openEmbeddedBus } = await import(at('../core/bus/embedded.ts'));
  const { campaignSchema } = await import(at('../core/campaign.ts'));
  const { loadList } = await import(at('./load.ts'));
  const bus = await openEmbeddedBus({ dir: ${JSON.stringify(join(dir, 'bus'))}, nowMs: () => 1 });
  let sent = 0;
  const slow = { publish: async (topic, messages) => {
    await bus.publish(topic, messages);
    sent += messages.length;
    if (sent > ${ROWS / 2}) { console.log('half'); await new Promise(() => setInterval(() => undefined, 1000)); }
  } };
  await loadList({ campaign: campaignSchema.parse(${JSON.stringify(campaignText)}), source: { kind: 'file', path: ${JSON.stringify(join(dir, 'list.csv'))} }, bus: slow, nowMs: () => 1, loadId: 'a', refusedPath: null });
`;

test('a load killed with SIGKILL half way is made whole by running it again, and nobody is there twice', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-killed-'));
  try {
    const rows = Array.from({ length: ROWS }, (_, index) => `A${index},Іван,067${1_000_000 + index},10`);
    await writeFile(join(dir, 'list.csv'), `account_id,name,phones,debt\n${rows.join('\n')}\n`);
    const loader = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', child(dir)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(loader, 'exit');
    await Promise.race([once(loader.stdout, 'data'), exited.then(() => Promise.reject(new Error('the loader ended by itself')))]);
    loader.kill('SIGKILL');
    await exited;

    const bus = await openEmbeddedBus({ dir: join(dir, 'bus'), nowMs: () => 2 });
    const campaign = campaignSchema.parse(campaignText);
    const report = await loadList({ campaign, source: { kind: 'file', path: join(dir, 'list.csv') }, bus, known: await knownContacts(bus, campaign.id), nowMs: () => 2, loadId: 'b', refusedPath: null });
    expect(report.rows).toBe(ROWS);
    expect(report.duplicates).toBeGreaterThan(ROWS / 2);
    expect(report.duplicates).toBeLessThan(ROWS);
    expect(report.accepted + report.duplicates).toBe(ROWS);
    const keys: string[] = [];
    for await (const message of bus.scan(contactsTopic)) keys.push(message.key);
    expect(keys.length).toBe(ROWS);
    expect(new Set(keys).size).toBe(ROWS);
    await bus.close();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
