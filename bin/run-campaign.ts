import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wallSleep } from 'node:timers/promises';
import type { Analytics } from '../analytics/client.ts';
import { connectAnalytics } from '../analytics/client.ts';
import { migrate } from '../analytics/migrate.ts';
import { startSink, type Sink } from '../analytics/sink.ts';
import type { Campaign } from '../core/campaign.ts';
import type { Bus } from '../core/bus/port.ts';
import { openBus } from '../core/bus/open.ts';
import { commandsTopic } from '../core/bus/topics.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { parseSwitchUrl } from '../core/switch-url.ts';
import type { Dialer } from '../dialer/engine/dialer.ts';
import type { DialerListener } from '../dialer/engine/telemetry.ts';
import { openLedger } from '../dialer/ledger/open.ts';
import type { CampaignCounts, Ledger } from '../dialer/ledger/port.ts';
import type { Context } from './context.ts';
import { startDialing } from './start-dialing.ts';
import { SimulatedWorld } from './simulated-world.ts';

/** Everything a campaign runs on, opened and started. */
export interface House {
  readonly bus: Bus;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** null with a real switch. */
  readonly world: SimulatedWorld | null;
}

/** Opens bus and ledger, and the simulated world if the switch is one. */
export async function openHouse(context: Context): Promise<House> {
  const { config, releases } = context;
  await mkdir(config.data.dir, { recursive: true });
  const parts = config.switch.url.flatMap((url) => parseSwitchUrl(url) ?? []);
  const simulator = parts.find((part) => part.kind === 'simulator');
  const world = simulator === undefined ? null : await SimulatedWorld.start(simulator.options, config.data.dir);
  if (world !== null) {
    releases.add('simulator', () => world.close());
    if (context.loaded.origins.get('switch.url')?.kind === 'default') context.terminal.say('switch.url is not set: nobody is really called, the simulator answers');
  }
  const clock: Clock = world?.clock ?? systemClock;
  const bus = await openBus(config.bus.url, { nowMs: () => clock.nowMs() });
  releases.add('bus', () => bus.close());
  const ledger = await openLedger(config.ledger.url);
  releases.add('ledger', () => ledger.close());
  return { bus, ledger, clock, world };
}

/** The key that phones are hashed with in the analytics: made at the first need, then the same for ever. */
async function keptKey(dataDir: string): Promise<string> {
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

/** Opens the analytics store, brings its schema up to date and starts the sink. */
export async function openAnalytics(context: Context, bus: Bus): Promise<{ readonly analytics: Analytics; readonly sink: Sink }> {
  const { config, releases, log } = context;
  await mkdir(config.data.dir, { recursive: true });
  const analytics = await connectAnalytics(config.analytics.url);
  releases.add('analytics', () => analytics.close());
  await migrate(analytics);
  const sink = await startSink({ bus, analytics, log, phoneKey: config.analytics.phoneKey ?? (await keptKey(config.data.dir)) });
  releases.add('sink', () => sink.stop());
  return { analytics, sink };
}

export async function defineCampaign(house: House, campaign: Campaign): Promise<void> {
  await house.bus.publish(commandsTopic, [{ key: campaign.id, value: { kind: 'define', campaignId: campaign.id, campaign, atMs: house.clock.nowMs() } }]);
}

export type RunEnd =
  /** Every contact has a disposition. */
  | { readonly kind: 'finished' }
  /** A signal or the time limit came first. */
  | { readonly kind: 'stopped'; readonly unfinished: number };

export interface RunOptions {
  readonly house: House;
  /** Ids of the campaigns to look at. */
  readonly campaigns: () => Promise<readonly string[]>;
  /** Stop after this long on the wall; null: never. */
  readonly limitMs: number | null;
  /** End when every contact has a disposition; false: go on until stopped, as a dialer in service does. */
  readonly untilFinished: boolean;
  readonly tell: DialerListener;
  readonly onTick: (counts: readonly CampaignCounts[], dialer: Dialer) => void;
}

const TICK_MS = 40;
const STATUS_EVERY_MS = 250;

/**
 * Dials until every contact of the campaigns has a disposition, or until stopped. In a simulated world time jumps over
 * the hours in which nobody is to be called, and billing tells who paid.
 */
export async function runCampaigns(context: Context, options: RunOptions): Promise<RunEnd> {
  const { house } = options;
  const dialing = await startDialing(context, house, options.tell);
  const startedMs = Date.now();
  let lastStatusMs = 0;
  const counts = async (): Promise<CampaignCounts[]> => Promise.all((await options.campaigns()).map((id) => house.ledger.counts(id, house.clock.nowMs())));
  const unfinishedOf = (all: readonly CampaignCounts[]): number => all.reduce((sum, each) => sum + each.waiting + each.inFlight, 0);
  const work = async (): Promise<RunEnd> => {
    for (;;) {
      const now = await counts();
      if (Date.now() - lastStatusMs >= STATUS_EVERY_MS) {
        lastStatusMs = Date.now();
        options.onTick(now, dialing.dialer);
      }
      if (context.stopAsked.aborted || (options.limitMs !== null && Date.now() - startedMs >= options.limitMs)) return { kind: 'stopped', unfinished: unfinishedOf(now) };
      await house.world?.deliverPayments(house.bus);
      if (await dialing.dialer.idle()) {
        const settled = await counts();
        if (unfinishedOf(settled) === 0 && options.untilFinished) return { kind: 'finished' };
        if (house.world?.skipIdle === true) await jumpToNextEvent(house.world, settled);
      }
      await wallSleep(TICK_MS);
    }
  };
  try {
    return await Promise.race([work(), dialing.failed]);
  } finally {
    await dialing.stop();
    options.onTick(await counts(), dialing.dialer);
  }
}

/** A lease that nobody holds any more runs out within this; then its contact is due. */
const ORPHAN_STEP_MS = 10_000;

async function jumpToNextEvent(world: SimulatedWorld, counts: readonly CampaignCounts[]): Promise<void> {
  const nowMs = world.clock.nowMs();
  if (counts.some((each) => each.due > 0)) return;
  const times: number[] = [];
  for (const each of counts) {
    if (each.nextDueAtMs !== null) times.push(each.nextDueAtMs);
    if (each.inFlight > 0) times.push(nowMs + ORPHAN_STEP_MS);
  }
  const payment = world.nextPaymentMs();
  if (payment !== null && times.length > 0) times.push(Math.max(payment, nowMs));
  if (times.length > 0) await world.jumpTo(Math.min(...times));
}
