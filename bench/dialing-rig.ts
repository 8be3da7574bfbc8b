import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAmdServer } from '../amd/server.ts';
import { openEmbeddedBus } from '../core/bus/embedded.ts';
import { commandsTopic, contactsTopic } from '../core/bus/topics.ts';
import { campaignSchema, type Campaign } from '../core/campaign.ts';
import type { Contact } from '../core/contact.ts';
import { createLogger } from '../core/log.ts';
import { contactIdOf } from '../core/ids.ts';
import { startDialer, type Dialer } from '../dialer/engine/dialer.ts';
import type { DialerEvent } from '../dialer/engine/telemetry.ts';
import { openEmbeddedLedger } from '../dialer/ledger/embedded.ts';
import type { Ledger } from '../dialer/ledger/port.ts';
import type { SimulatorProcess } from '../dialer/simulator/process.ts';
import { connectSwitch } from '../dialer/telephony/switch.ts';

const quiet = createLogger({ level: 'silent' });
const TOKEN = 'benchmark-token-0001';

/** A campaign that may call anybody at any hour, each once. */
export function openCampaign(startMs: number, over: { maxCallsPerSecond: number; maxChannels: number; ringTimeoutSeconds?: number }): Campaign {
  const always = ['00:00-24:00'];
  return campaignSchema.parse({
    id: 'bench',
    name: 'benchmark',
    company: 'Bench',
    startsAt: new Date(startMs - 3_600_000).toISOString(),
    expiresAt: new Date(startMs + 60 * 86_400_000).toISOString(),
    holdOutShare: 0,
    trunks: ['main'],
    callerIds: ['+380440001001'],
    rampUpSeconds: 0,
    window: { mon: always, tue: always, wed: always, thu: always, fri: always, sat: always, sun: always, holiday: always },
    retry: { maxAttempts: 1 },
    flow: { start: 'debt', steps: { debt: { kind: 'say', essential: true, text: { uk: 'Ваш борг.' }, next: 'end' }, end: { kind: 'hangup' } } },
    ...over,
  });
}

export function benchContact(campaignId: string, number: number, nowMs: number): Contact {
  const accountId = `bench-${number}`;
  return {
    contactId: contactIdOf(campaignId, accountId), campaignId, accountId, name: 'Nobody', debtMinor: 100_000, currency: 'UAH', language: 'uk', timezone: 'Europe/Kyiv',
    phones: [`+38067${String(1_000_000 + number)}`], group: 'called', priority: 5, fields: {}, loadId: 'bench', loadedAtMs: nowMs,
  };
}

/** A whole dialer on a simulator, with contacts waiting for it. */
export interface DialingRig {
  readonly ledger: Ledger;
  readonly dialer: Dialer;
  close(): Promise<void>;
}

/** Loads `contacts` people, then starts a dialer on them. `prompt`: what every prompt is, ms long. */
export async function startRig(simulator: SimulatorProcess, campaign: Campaign, contacts: number, tell: (event: DialerEvent) => void): Promise<DialingRig> {
  const { clock } = simulator;
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-bench-'));
  const bus = await openEmbeddedBus({ dir: join(dir, 'bus'), nowMs: () => clock.nowMs() });
  const ledger = await openEmbeddedLedger({ dir: join(dir, 'ledger') });
  await ledger.defineCampaign(campaign);
  await bus.publish(commandsTopic, [{ key: campaign.id, value: { kind: 'define', campaignId: campaign.id, campaign, atMs: clock.nowMs() } }]);
  const people = Array.from({ length: contacts }, (_, number) => benchContact(campaign.id, number, clock.nowMs()));
  await bus.publish(contactsTopic, people.map((value) => ({ key: value.contactId, value })));
  await ledger.admit(people, clock.nowMs());
  const amd = await startAmdServer({ host: '127.0.0.1', port: 0, token: TOKEN, log: quiet });
  const telephony = await connectSwitch({
    drachtio: [simulator.drachtio], freeswitch: [simulator.freeswitch], trunks: [{ name: 'main', uri: 'sip:{phone}@127.0.0.1:5090' }],
    amd: { url: amd.url, token: TOKEN }, eventSocketListen: { host: '127.0.0.1', port: 0 }, clock, log: quiet,
  });
  const dialer = await startDialer({
    bus, ledger, switch: telephony, clock, clockSpeed: clock.speed,
    prompt: () => Promise.resolve({ files: [], durationMs: 0 }),
    trunks: [{ name: 'main', maxCallsPerSecond: campaign.maxCallsPerSecond, maxChannels: campaign.maxChannels }],
    dialerId: 'bench', leaseMs: 60_000 * clock.speed, maxChannels: campaign.maxChannels, drainMs: 1000 * clock.speed, tell, log: quiet,
  });
  return {
    ledger,
    dialer,
    async close() {
      await dialer.drain();
      await telephony.close();
      await amd.close();
      await ledger.close();
      await bus.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
