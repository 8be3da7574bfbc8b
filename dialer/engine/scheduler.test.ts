import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimulatedClock } from '../../core/clock.ts';
import { openEmbeddedLedger } from '../ledger/embedded.ts';
import type { Ledger } from '../ledger/port.ts';
import { sampleCampaign, sampleContact, START_MS } from '../ledger/samples.contract.ts';
import { RingingSwitch } from './ringing-switch.contract.ts';
import { Scheduler } from './scheduler.ts';

const SPEED = 100;
let clock: SimulatedClock;
let dir: string;
let ledger: Ledger;
let ringing: RingingSwitch;
const errors: unknown[] = [];

beforeEach(async () => {
  clock = new SimulatedClock({ wallMs: Date.now(), simulatedMs: START_MS + 1000, speed: SPEED });
  dir = await mkdtemp(join(tmpdir(), 'obzvon-scheduler-'));
  ledger = await openEmbeddedLedger({ dir });
  ringing = new RingingSwitch(clock);
  errors.length = 0;
});
afterEach(async () => {
  await ledger.close();
  await rm(dir, { recursive: true, force: true });
  expect(errors).toEqual([]);
});

function schedulerOf(over: { maxChannels: number; leaseMs?: number; ledger?: Ledger }): Scheduler {
  return new Scheduler({
    ledger: over.ledger ?? ledger, switch: ringing, clock, clockSpeed: SPEED,
    prompt: () => Promise.resolve({ files: [], durationMs: 0 }),
    trunks: [{ name: 'trunk-a', maxCallsPerSecond: 1000, maxChannels: 1000 }],
    dialerId: 'dialer-1', leaseMs: over.leaseMs ?? 3_600_000, maxChannels: over.maxChannels,
    tell: () => undefined, onPromptFailed: () => undefined, onSettled: () => undefined, onError: (error) => errors.push(error),
  });
}

const until = async (met: () => boolean): Promise<void> => { while (!met()) await new Promise((resolve) => setTimeout(resolve, 5)); };
const invitedOf = (campaign: string): number => ringing.calls.filter(({ request, invited }) => invited && request.phone.startsWith(campaign === 'first' ? '+380671' : '+380672')).length;

test('campaigns share what is free: one with many due does not keep another waiting', async () => {
  for (const [campaignId, digit] of [['first', 1], ['second', 2]] as const) {
    await ledger.defineCampaign(sampleCampaign(campaignId, { maxCallsPerSecond: 500, maxChannels: 500, rampUpSeconds: 0, ringTimeoutSeconds: 180 }));
    await ledger.admit(Array.from({ length: 60 }, (_, i) => sampleContact(`${campaignId}-${i}`, { campaignId, phones: [`+38067${digit}${String(i).padStart(6, '0')}`] })), START_MS);
  }
  const scheduler = schedulerOf({ maxChannels: 20 });
  await scheduler.pulse();
  await until(() => invitedOf('first') + invitedOf('second') >= 20);
  expect(invitedOf('first')).toBeGreaterThanOrEqual(8);
  expect(invitedOf('second')).toBeGreaterThanOrEqual(8);
  expect(invitedOf('first') + invitedOf('second')).toBe(20);
  scheduler.stopAccepting();
  scheduler.stopAll('drain_limit');
  await until(() => scheduler.idle);
});

test('a prepared call whose lease has run out by its turn is not placed', async () => {
  await ledger.defineCampaign(sampleCampaign('first', { maxCallsPerSecond: 500, maxChannels: 500, rampUpSeconds: 0 }));
  await ledger.admit([sampleContact('first-1', { campaignId: 'first', phones: ['+380671000001'] })], START_MS);
  let grant: () => void = () => undefined;
  const turn = new Promise<void>((resolve) => { grant = resolve; });
  // The ledger answers the question for a start only when the lease is long over, as for a process that was stopped meanwhile.
  const slow = new Proxy(ledger, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        if (name === 'takeStart') {
          await turn;
          return { kind: 'granted', atMs: clock.nowMs(), receipt: '' };
        }
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
  const scheduler = schedulerOf({ maxChannels: 20, leaseMs: 5_000, ledger: slow });
  await scheduler.pulse();
  await until(() => ringing.calls.length === 1);
  clock.jumpTo(clock.nowMs() + 60_000);
  grant();
  // The contact is claimed anew, under a lease that holds, and called then.
  await until(() => ringing.calls.length === 2);
  await until(() => ringing.calls[1]!.invited);
  expect(ringing.calls[0]!.invited).toBe(false);
  expect((await ledger.counts('first', clock.nowMs())).attempts).toBe(1);
  scheduler.stopAccepting();
  scheduler.stopAll('drain_limit');
  await until(() => scheduler.idle);
});
