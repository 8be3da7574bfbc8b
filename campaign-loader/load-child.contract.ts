/** A process of its own that loads a list and stands still, for ever, at a point it was asked for: there it is killed. Run with a {@link ChildOrder} as JSON. */
import { openBus } from '../core/bus/open.ts';
import type { Bus } from '../core/bus/port.ts';
import { campaignSchema } from '../core/campaign.ts';
import { loadList, openRows, type OpenRows } from './index.ts';

/** Where it stands still. `half_read`: of the list; `half_published`, `commit`, `done`: before the bus has the rest, the commit, the manifest. */
export type StandStill = 'half_read' | 'first_published' | 'half_published' | 'commit' | 'done';

export interface ChildOrder {
  readonly at: StandStill;
  readonly rows: number;
  readonly busUrl: string;
  readonly list: string;
  readonly campaign: unknown;
  readonly spoolDir: string | null;
}

async function standStill(): Promise<never> {
  process.stdout.write('here\n');
  return new Promise(() => setInterval(() => undefined, 1000));
}

function stoppingBus(bus: Bus, order: ChildOrder): Bus {
  let sent = 0;
  return {
    scan: (topic) => bus.scan(topic),
    rewrite: (topic, change) => bus.rewrite(topic, change),
    consume: (topic, options, handle) => bus.consume(topic, options, handle),
    lag: (topic, group) => bus.lag(topic, group),
    hasCommitted: (topic, group) => bus.hasCommitted(topic, group),
    health: () => bus.health(),
    close: () => bus.close(),
    publish: async (topic, messages) => {
      if (topic.name === 'contacts' && sent === 0 && order.at === 'first_published') await standStill();
      if (topic.name === 'commands' && order.at === 'commit') await standStill();
      if (topic.name === 'loads' && order.at === 'done' && messages.some(({ value }) => (value as { state: string }).state === 'done')) await standStill();
      await bus.publish(topic, messages);
      if (topic.name === 'contacts') sent += messages.length;
      if (order.at === 'half_published' && sent > order.rows / 2) await standStill();
    },
  };
}

function stoppingList(list: OpenRows, order: ChildOrder): OpenRows {
  if (order.at !== 'half_read') return list;
  async function* rows(): OpenRows['rows'] {
    let read = 0;
    for await (const batch of list.rows) {
      yield batch;
      read += batch.length;
      if (read > order.rows / 2) await standStill();
    }
  }
  return Object.assign(Object.create(list) as OpenRows, { rows: rows() });
}

const order = JSON.parse(process.argv.at(-1)!) as ChildOrder;
const bus = await openBus(order.busUrl, { nowMs: Date.now });
const list = stoppingList(await openRows({ kind: 'file', path: order.list }), order);
await loadList(
  { campaign: campaignSchema.parse(order.campaign), list, nowMs: Date.now, loadId: 'killed', refusedPath: null },
  { bus: stoppingBus(bus, order), loadedBy: { by: 'child', version: '0', sinceMs: null, sourceMark: '' }, atOnce: order.spoolDir === null ? null : { maxRefusedShare: 0, spoolDir: order.spoolDir } },
);
