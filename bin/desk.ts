import { openBus } from '../core/bus/open.ts';
import type { Bus } from '../core/bus/port.ts';
import { recoveringLedger } from '../dialer/engine/recovering-ledger.ts';
import { openLedger } from '../dialer/ledger/open.ts';
import type { Ledger } from '../dialer/ledger/port.ts';
import type { Context } from './context.ts';
import { parseClockUrl, speedOf } from './house-clock.ts';
import { leaseMsOf } from './house.ts';
import { settleOrders } from './orders.ts';

/** What a command that looks into the ledger works at. */
export interface Desk {
  readonly bus: Bus;
  readonly ledger: Ledger;
}

/** The bus, for a command that needs no ledger. */
export async function openCommandBus(context: Context): Promise<Bus> {
  const bus = await openBus(context.config.bus.url, { nowMs: () => context.clock.nowMs(), log: context.log });
  context.releases.add('bus', () => bus.close());
  return bus;
}

/** Bus and ledger, with every order given so far in the ledger. */
export async function openDesk(context: Context): Promise<Desk> {
  const { config, log, clock, releases } = context;
  const bus = await openCommandBus(context);
  const engine = await openLedger(config.ledger.url, { log });
  releases.add('ledger', () => engine.close());
  const clockSpeed = speedOf(parseClockUrl(config.clock.url));
  const ledger = await recoveringLedger(engine, { bus, clock, clockSpeed, log, dialerId: config.dialer.id, leaseMs: leaseMsOf(config, clockSpeed) });
  await settleOrders(bus, ledger, clock);
  return { bus, ledger };
}
