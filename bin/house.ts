import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectAnalytics, type Analytics } from '../analytics/client.ts';
import { migrate } from '../analytics/migrate.ts';
import { applyRetention } from '../analytics/retention.ts';
import { SINK_GROUP, startSink, type Sink } from '../analytics/sink.ts';
import { openBus } from '../core/bus/open.ts';
import type { Bus } from '../core/bus/port.ts';
import { commandsTopic } from '../core/bus/topics.ts';
import type { Campaign } from '../core/campaign.ts';
import type { Config } from '../core/config.ts';
import type { Clock } from '../core/clock.ts';
import { ObzvonError } from '../core/errors.ts';
import { parseSwitchUrl } from '../core/switch-url.ts';
import { recoveringLedger } from '../dialer/engine/recovering-ledger.ts';
import { openLedger } from '../dialer/ledger/open.ts';
import type { Ledger } from '../dialer/ledger/port.ts';
import type { Context } from './context.ts';
import { doOrAwait } from './group-work.ts';
import { dialerClock, parseClockUrl, speedOf } from './house-clock.ts';
import { SimulatedWorld } from './simulated-world.ts';
import { SINK_TOPICS } from './telemetry.ts';

/** Everything a campaign runs on, opened and started. */
export interface House {
  readonly bus: Bus;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** How many of the clock's ms pass in one of the wall's. */
  readonly clockSpeed: number;
  /** null with a real switch. */
  readonly world: SimulatedWorld | null;
}

/** Opens bus and ledger, and the simulated world if the switch is one. */
export async function openHouse(context: Context): Promise<House> {
  const { config, log, releases } = context;
  await mkdir(config.data.dir, { recursive: true });
  const parts = config.switch.url.flatMap((url) => parseSwitchUrl(url) ?? []);
  const simulator = parts.find((part) => part.kind === 'simulator');
  const world = simulator === undefined ? null : await SimulatedWorld.start(simulator.options, config.data.dir);
  if (world !== null) {
    releases.add('simulator', () => world.close());
    if (context.loaded.origins.get('switch.url')?.kind === 'default') context.terminal.say('switch.url is not set: nobody is really called, the simulator answers');
  }
  const engine = await openLedger(config.ledger.url, { log });
  releases.add('ledger', () => engine.close());
  const source = parseClockUrl(config.clock.url);
  const clock: Clock = world?.clock ?? (await dialerClock(source, { ledger: engine, log, releases }));
  const clockSpeed = world?.clock.speed ?? speedOf(source);
  const bus = await openBus(config.bus.url, { nowMs: () => clock.nowMs(), log });
  releases.add('bus', () => bus.close());
  const ledger = await recoveringLedger(engine, { bus, clock, clockSpeed, log, dialerId: config.dialer.id, leaseMs: leaseMsOf(config, clockSpeed) });
  return { bus, ledger, clock, clockSpeed, world };
}

/** A lease guards against the death of a process, which takes wall time whatever a simulated clock does. */
export function leaseMsOf(config: Config, clockSpeed: number): number {
  return config.dialer.leaseSeconds * 1000 * Math.max(1, clockSpeed);
}

/** A key made at the first need, then the same for ever. */
export async function keptKey(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, 'phone-key');
  // Written aside, then linked: whoever comes second finds it whole.
  const aside = `${path}.${process.pid}`;
  await writeFile(aside, randomBytes(32).toString('hex'), { mode: 0o600 });
  try {
    await link(aside, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
  return readFile(path, 'utf8');
}

/** The key that phones are hashed with in the analytics: the configured one, else the kept one. */
export async function phoneKeyOf({ analytics, data }: Config): Promise<string> {
  return analytics.phoneKey ?? (await keptKey(data.dir));
}

/** Opens the analytics store as it is. */
export async function connectStore({ config, releases }: Context): Promise<Analytics> {
  await mkdir(config.data.dir, { recursive: true });
  const analytics = await connectAnalytics(config.analytics.url, config.analytics);
  releases.add('analytics', () => analytics.close());
  return analytics;
}

/** Opens the analytics store and brings its schema up to date. */
export async function openStore(context: Context): Promise<Analytics> {
  const analytics = await connectStore(context);
  await migrate(analytics);
  await applyRetention(analytics, context.config.analytics.keepDays ?? null);
  return analytics;
}

async function openSink(context: Context, bus: Bus, analytics: Analytics, alone: boolean): Promise<Sink> {
  const { config, releases, log } = context;
  const sink = await startSink({ bus, analytics, log, alone, phoneKey: await phoneKeyOf(config) });
  releases.add('sink', () => sink.stop());
  return sink;
}

/** Opens the analytics store and starts the sink. */
export async function openAnalytics(context: Context, bus: Bus): Promise<{ readonly analytics: Analytics; readonly sink: Sink }> {
  const analytics = await openStore(context);
  return { analytics, sink: await openSink(context, bus, analytics, false) };
}

const LONGEST_WAIT_MS = 60_000;

/**
 * The store with everything in it that is on the bus by now: a sink at work is waited for; where there is none, this does its work.
 * @throws ObzvonError timeout if the sink at work does not get on
 */
export async function upToDateAnalytics(context: Context, bus: Bus): Promise<Analytics> {
  const analytics = await openStore(context);
  const behind = await doOrAwait(bus, SINK_GROUP, SINK_TOPICS, LONGEST_WAIT_MS, async () => {
    const sink = await openSink(context, bus, analytics, true);
    await Promise.race([sink.caughtUp(), sink.failed]);
  });
  if (behind > 0) throw new ObzvonError('timeout', `the sink is ${behind} messages behind the bus and did not catch up within ${LONGEST_WAIT_MS / 1000} s; see its /readyz`);
  return analytics;
}

export async function defineCampaign(house: House, campaign: Campaign): Promise<void> {
  await house.bus.publish(commandsTopic, [{ key: campaign.id, value: { kind: 'define', campaignId: campaign.id, campaign, atMs: house.clock.nowMs() } }]);
}
