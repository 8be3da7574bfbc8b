import { afterEach, beforeAll, expect, test } from 'vitest';
import { attemptsTopic, paymentsTopic } from '../core/bus/topics.ts';
import { readJournal } from '../dialer/simulator/journal-file.ts';
import type { JournalEntry } from '../dialer/simulator/journal.ts';
import { ensureBuilt, Workspace } from './testing/command-line.ts';
import { presses, REFUSED, Rig, RINGS } from './testing/rig.contract.ts';
import { smallCampaign, smallConfig, smallList, START } from './testing/small-campaign.ts';

const PHONES = Array.from({ length: 6 }, (_, i) => `+38067000000${i + 1}`) as [string, string, string, string, string, string];
let rig: Rig | null = null;
let space: Workspace | null = null;
beforeAll(ensureBuilt, 180_000);
afterEach(async () => {
  await rig?.close();
  space?.remove();
  rig = space = null;
});

test('a payment that comes while the telephone rings ends the call, and the contact as paid', async () => {
  rig = await Rig.start(() => RINGS);
  const { house } = rig;
  const campaign = await rig.define({ ringTimeoutSeconds: 170 });
  await rig.publish(campaign, 'A-1', PHONES[0]);
  rig.run(campaign.id);
  await rig.until(() => rig!.invites() === 1);
  const nowMs = house.clock.nowMs();
  await house.bus.publish(paymentsTopic, [{ key: 'A-1', value: { paymentId: 'P-1', accountId: 'A-1', amountMinor: 100, currency: 'UAH', paidAtMs: nowMs, receivedAtMs: nowMs } }]);
  expect(await rig.finished()).toEqual({ kind: 'finished' });
  expect(rig.journal().map((entry) => entry.kind)).toEqual(['invite', 'cancelled', 'ended']);
  expect(await rig.statusOf(campaign, 'A-1')).toBe('paid');
});

test('who presses 9 is called no more, by no campaign', async () => {
  rig = await Rig.start((phone) => (phone === PHONES[0] ? presses('9', phone) : REFUSED));
  const first = await rig.define({
    retry: { maxAttempts: 1 },
    flow: {
      start: 'ask',
      steps: {
        ask: { kind: 'gather', prompt: { en: 'Press nine to stop these calls.' }, choices: { 9: { meaning: 'opt_out', next: 'end' } }, otherwise: 'end' },
        end: { kind: 'hangup' },
      },
    },
  });
  // The second campaign begins later; its contacts wait in the ledger while the call of the first is made.
  const second = await rig.define({ id: 'second', startsAt: '2026-11-03T09:00:00+02:00' });
  await rig.publish(second, 'B-1', PHONES[0]);
  await rig.publish(second, 'B-2', PHONES[0], PHONES[1]);
  await rig.publish(first, 'A-1', PHONES[0]);
  rig.run(first.id);
  expect(await rig.finished()).toEqual({ kind: 'finished' });
  const attempts = [];
  for await (const { value } of rig.house.bus.scan(attemptsTopic)) attempts.push(value);
  expect(attempts).toMatchObject([{ outcome: 'human', digits: '9', response: { kind: 'opt_out' } }]);
  expect(await rig.statusOf(first, 'A-1')).toBe('opted_out');
  expect(await rig.statusOf(second, 'B-1')).toBe('suppressed');
  expect(await rig.statusOf(second, 'B-2')).toBe('waiting');
  expect((await rig.house.ledger.contactByAccount(second.id, 'B-2'))?.phones).toMatchObject([{ dncReason: 'asked in a call' }, { dncReason: null }]);
});

test('pause, resume, new caps and stop take effect while it runs', async () => {
  rig = await Rig.start((phone) => (phone === PHONES[5] ? RINGS : REFUSED));
  const { clock, ledger } = rig.house;
  const at = (): { campaignId: string; atMs: number } => ({ campaignId: 'small', atMs: clock.nowMs() });
  const campaign = await rig.define({ ringTimeoutSeconds: 170 });
  // Somebody who is called tomorrow only: the run goes on until it is stopped.
  const tomorrow = await rig.define({ id: 'tomorrow', startsAt: '2026-11-03T09:00:00+02:00' });
  await rig.publish(tomorrow, 'B-1', PHONES[4]);
  await rig.order({ kind: 'pause', ...at() });
  for (const [i, phone] of PHONES.slice(0, 3).entries()) await rig.publish(campaign, `A-${i}`, phone);
  rig.run(campaign.id, tomorrow.id);
  await rig.until(async () => (await ledger.counts('small', clock.nowMs())).due === 3);
  const pausedUntilMs = clock.nowMs() + 1000;
  await rig.until(() => clock.nowMs() > pausedUntilMs);
  expect(rig.invites()).toBe(0);

  await rig.order({ kind: 'set', ...at(), maxChannels: 1 }, { kind: 'resume', ...at() });
  await rig.until(() => rig!.invites() === 3);
  await rig.publish(campaign, 'A-5', PHONES[5]);
  await rig.until(() => rig!.invites() === 4);
  expect(rig.simulator.stats().maxConcurrent).toBe(1);
  // That one rings for as long as it may; what comes now finds no channel until there is another.
  await rig.publish(campaign, 'A-3', PHONES[3]);
  await rig.until(async () => (await ledger.counts('small', clock.nowMs())).waiting === 1);
  expect(rig.invites()).toBe(4);
  await rig.order({ kind: 'set', ...at(), maxChannels: 2 });
  await rig.until(() => rig!.invites() === 5);
  await rig.until(async () => (await rig!.statusOf(campaign, 'A-3')) === 'invalid');

  await rig.order({ kind: 'stop', ...at() });
  await rig.until(async () => (await rig!.statusOf(campaign, 'A-5')) === 'expired');
  rig.stop.abort();
  expect(await rig.finished()).toEqual({ kind: 'stopped', unfinished: 1 });
  expect(rig.journal().filter((entry) => entry.kind === 'cancelled')).toHaveLength(1);
});

const openCalls = (journal: readonly JournalEntry[]): number => journal.filter((entry) => entry.kind === 'invite').length - journal.filter((entry) => entry.kind === 'ended').length;

test('SIGTERM drains: calls end, leases go back, and the next run goes on at once', { timeout: 120_000 }, async () => {
  space = new Workspace();
  const { journal } = space;
  space.write('campaign.yaml', smallCampaign({ maxCallsPerSecond: 2 }));
  // Leases that would keep the next run waiting for an hour, were they not given back.
  space.write('obzvon.yaml', smallConfig({ speed: 10, start: START, answerProbability: 0.3 }, { dialer: { leaseSeconds: 3600, drainSeconds: 30 } }));
  space.write('debtors.csv', smallList(60));
  const running = space.start('run', '--campaign', 'campaign.yaml', '--list', 'debtors.csv', '--json');
  while (openCalls(readJournal(journal)) < 3 && running.child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10));
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  expect(ended, ended.stderr).toMatchObject({ code: 3 });
  expect(JSON.parse(ended.stdout)).toMatchObject({ end: { kind: 'stopped' } });
  const entries = readJournal(journal);
  expect(openCalls(entries)).toBe(0);
  expect(entries.filter((entry) => entry.kind === 'ended' && entry.by === 'crash')).toEqual([]);
  const status = await space.run('campaign', 'status', 'small', '--json');
  expect(JSON.parse(status.stdout)).toMatchObject({ inFlight: 0, loading: 0 });

  const callsBefore = entries.filter((entry) => entry.kind === 'invite').length;
  const next = space.start('run', '--campaign', 'campaign.yaml', '--list', 'debtors.csv', '--json');
  while (readJournal(journal).filter((entry) => entry.kind === 'invite').length === callsBefore && next.child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10));
  next.child.kill('SIGTERM');
  expect((await next.ended).code).toBe(3);
  const all = readJournal(journal);
  const firstStop = Math.max(...entries.map((entry) => entry.atMs));
  const first = all.slice(entries.length).find((entry) => entry.kind === 'invite');
  // On the simulated clock: within minutes of the stop, not after an hour.
  expect(first!.atMs - firstStop).toBeLessThan(30 * 60_000);
});
