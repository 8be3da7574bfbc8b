import type { Analytics } from '../analytics/client.ts';
import type { Sink } from '../analytics/sink.ts';
import type { LoadReport } from '../campaign-loader/index.ts';
import type { Campaign } from '../core/campaign.ts';
import type { Context } from './context.ts';
import { loadNamed } from './load-one.ts';
import { loadText } from './load-text.ts';
import { statusLines } from './progress.ts';
import { defineCampaign, openAnalytics, openHouse, type House } from './house.ts';
import { runCampaigns, type RunEnd } from './run-campaign.ts';
import { Tally } from './tally.ts';

export interface WholeRun {
  readonly end: RunEnd;
  readonly loads: readonly LoadReport[];
  readonly house: House;
  readonly analytics: Analytics;
  readonly sink: Sink;
  readonly tally: Tally;
}

/** Loads the lists, dials until every contact has a disposition (or the limit), and brings the analytics up to date. What is open stays open until the command's releases. */
export async function wholeRun(context: Context, options: { campaign: Campaign; lists: readonly string[]; limitMs: number | null }): Promise<WholeRun> {
  const { campaign } = options;
  const house = await openHouse(context);
  const { analytics, sink } = await openAnalytics(context, house.bus);
  await defineCampaign(house, campaign);
  const loads: LoadReport[] = [];
  for (const list of options.lists) {
    const report = await loadNamed(context, house.bus, house.clock, campaign, list);
    context.terminal.say(loadText(report));
    loads.push(report);
  }
  await house.world?.meet(house.bus);
  const tally = new Tally(Date.now);
  const end = await Promise.race([
    runCampaigns(context, {
      house,
      campaigns: () => Promise.resolve([campaign.id]),
      limitMs: options.limitMs,
      untilFinished: true,
      tell: (event) => tally.add(event),
      onTick: (counts) => context.terminal.status(statusLines(counts, tally, house.clock.nowMs())),
    }),
    sink.failed,
  ]);
  context.terminal.endStatus();
  await Promise.race([sink.caughtUp(), sink.failed]);
  return { end, loads, house, analytics, sink, tally };
}
