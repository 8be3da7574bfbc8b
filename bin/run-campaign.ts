import { setTimeout as wallSleep } from 'node:timers/promises';
import type { Dialer } from '../dialer/engine/dialer.ts';
import type { DialerListener } from '../dialer/engine/telemetry.ts';
import type { CampaignCounts } from '../dialer/ledger/port.ts';
import { stopAskedOf, type Context } from './context.ts';
import type { House } from './house.ts';
import type { SimulatedWorld } from './simulated-world.ts';
import { startDialing } from './start-dialing.ts';

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
/** Counting the due walks over them: with 200,000 it takes some 10 ms, so not at every tick. */
const STATUS_EVERY_MS = 250;

/**
 * Dials until every contact of the campaigns has a disposition, or until stopped. In a simulated world time jumps over
 * the hours in which nobody is to be called, and billing tells who paid.
 */
export async function runCampaigns(context: Context, options: RunOptions): Promise<RunEnd> {
  const { house, untilFinished } = options;
  const dialing = await startDialing(context, house, options.tell);
  const startedMs = Date.now();
  let lastStatusMs = 0;
  let over = false;
  const counts = async (): Promise<CampaignCounts[]> => Promise.all((await options.campaigns()).map((id) => house.ledger.counts(id, house.clock.nowMs())));
  const unfinishedOf = (all: readonly CampaignCounts[]): number => all.reduce((sum, each) => sum + each.waiting + each.inFlight, 0);
  // Whether nothing is left to do is asked of every engine: only where the answer is needed.
  const asksIdle = untilFinished || house.world?.skipIdle === true;
  const work = async (): Promise<'finished' | 'limit'> => {
    for (;;) {
      if (options.limitMs !== null && Date.now() - startedMs >= options.limitMs) return 'limit';
      if (Date.now() - lastStatusMs >= STATUS_EVERY_MS) {
        lastStatusMs = Date.now();
        options.onTick(await counts(), dialing.dialer);
      }
      await house.world?.deliverPayments(house.bus);
      if (asksIdle && (await dialing.dialer.idle())) {
        const settled = await counts();
        if (unfinishedOf(settled) === 0 && untilFinished) return 'finished';
        if (!over && house.world?.skipIdle === true) await jumpToNextEvent(house.world, settled);
      }
      if (over) return 'limit';
      await wallSleep(TICK_MS);
    }
  };
  let end: 'finished' | 'limit' | 'stopped';
  try {
    // A stop is heard also while the loop waits for an engine that is away.
    end = await Promise.race([work(), stopAskedOf(context).then(() => 'stopped' as const), dialing.failed]);
  } finally {
    over = true;
    await dialing.stop();
  }
  const left = await counts();
  options.onTick(left, dialing.dialer);
  return end === 'finished' ? { kind: 'finished' } : { kind: 'stopped', unfinished: unfinishedOf(left) };
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
