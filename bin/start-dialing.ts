import type { Bus } from '../core/bus/port.ts';
import { commandsTopic } from '../core/bus/topics.ts';
import type { Campaign } from '../core/campaign.ts';
import { parseSwitchUrl } from '../core/switch-url.ts';
import { startDialer, type Dialer } from '../dialer/engine/dialer.ts';
import type { DialerListener } from '../dialer/engine/telemetry.ts';
import { connectSwitch } from '../dialer/telephony/switch.ts';
import { startAmdService } from './amd-service.ts';
import type { Context } from './context.ts';
import { keptKey, leaseMsOf, type House } from './house.ts';
import { openSpeech } from './speech-of-step.ts';
import { paceWorld } from './world-pace.ts';
import { measure, sampleDialer, serveTelemetry, timed } from './telemetry.ts';
import { Releases } from './releases.ts';

/** A dialer with its switch, detector and voice. */
export interface Dialing {
  readonly dialer: Dialer;
  readonly failed: Promise<never>;
  /** Drains the dialer, then releases what it ran on. */
  stop(): Promise<void>;
}

/** Campaigns as last defined on the bus and not yet over. */
async function definedCampaigns(bus: Bus): Promise<Campaign[]> {
  const campaigns = new Map<string, Campaign>();
  for await (const { value } of bus.scan(commandsTopic)) {
    if (value.kind === 'define') campaigns.set(value.campaignId, value.campaign);
    else if (value.kind === 'stop') campaigns.delete(value.campaignId);
  }
  return [...campaigns.values()];
}

/** The detector as FreeSWITCH reaches it: one of its own, or this dialer's. */
async function openDetector(context: Context, house: House, releases: Releases): Promise<{ readonly url: string; readonly failed: Promise<never> }> {
  const { serviceUrl, publicUrl } = context.config.amd;
  if (serviceUrl !== undefined) return { url: serviceUrl, failed: new Promise(() => undefined) };
  const amd = await startAmdService(context, house.bus, () => house.clock.nowMs());
  releases.add('amd', () => amd.close());
  return { url: publicUrl ?? amd.url, failed: amd.failed };
}

/** Starts detector, voice, switch and dialer on an open house. */
export async function startDialing(context: Context, house: House, tell: DialerListener): Promise<Dialing> {
  const { config, log } = context;
  const releases = new Releases();
  const speed = house.clockSpeed;
  try {
    const amd = await openDetector(context, house, releases);
    const speech = await openSpeech(config);
    releases.add('speech', () => speech.close());
    for (const campaign of await definedCampaigns(house.bus)) await speech.warmUp(campaign);
    if (house.world?.waitsForSpeech === true) releases.add('pace', paceWorld(house.world, speed, () => speech.longestWaitMs()));
    const parts = config.switch.url.flatMap((url) => parseSwitchUrl(url) ?? []);
    const drachtio = house.world === null ? parts.flatMap((part) => (part.kind === 'drachtio' ? [part] : [])) : [house.world.process.drachtio];
    const freeswitch = house.world === null ? parts.flatMap((part) => (part.kind === 'freeswitch' ? [part] : [])) : [house.world.process.freeswitch];
    const telephony = await connectSwitch({
      drachtio,
      freeswitch,
      trunks: config.trunks.map(({ name, uri, username, password }) => ({ name, uri, ...(username === undefined || password === undefined ? {} : { auth: { username, password } }) })),
      amd: { url: amd.url, token: config.amd.token, calleeKey: config.analytics.phoneKey ?? (await keptKey(config.data.dir)) },
      eventSocketListen: { host: config.eventSocket.listenHost, port: config.eventSocket.listenPort, ...(config.eventSocket.publicHost === undefined ? {} : { advertisedHost: config.eventSocket.publicHost }) },
      clock: house.clock,
      log,
    });
    releases.add('switch', () => telephony.close());
    const dialer = await startDialer({
      bus: house.bus,
      ledger: timed(house.ledger),
      switch: telephony,
      clock: house.clock,
      clockSpeed: speed,
      prompt: (step, contact, campaign) => speech.prepare(step, contact, campaign),
      trunks: config.trunks,
      dialerId: config.dialer.id,
      leaseMs: leaseMsOf(config, speed),
      maxChannels: config.dialer.maxChannels,
      drainMs: config.dialer.drainSeconds * 1000,
      tell: (event) => {
        measure(event);
        tell(event);
      },
      log,
    });
    for (const trunk of config.trunks) measure({ kind: 'trunk_rate', trunk: trunk.name, callsPerSecond: trunk.maxCallsPerSecond, maxCallsPerSecond: trunk.maxCallsPerSecond });
    await serveTelemetry({
      listen: config.metrics.listen,
      healths: () => ({ bus: house.bus.health(), ledger: house.ledger.health(), switch: telephony.health() }),
      sample: () => sampleDialer({ bus: house.bus, ledger: house.ledger, nowMs: () => house.clock.nowMs(), callsUnderWay: () => dialer.callsUnderWay }),
      log, releases,
    });
    return {
      dialer,
      failed: Promise.race([dialer.failed, amd.failed]),
      async stop() {
        try {
          await dialer.drain();
        } finally {
          // A drain that failed must not leave the switch connected: it would keep the process.
          await releases.releaseAll();
        }
      },
    };
  } catch (error) {
    await releases.releaseAll();
    throw error;
  }
}
