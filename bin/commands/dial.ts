import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';
import { openHouse } from '../house.ts';
import { runCampaigns } from '../run-campaign.ts';
import { statusLines } from '../progress.ts';
import { Tally } from '../tally.ts';

export function registerDial(program: Command, act: Act): void {
  example(program.command('dial').description('dial every running campaign until stopped (SIGTERM drains)'), 'obzvon dial').action(
    act(async (context) => {
      const house = await openHouse(context);
      await house.world?.meet(house.bus);
      const tally = new Tally(Date.now);
      const end = await runCampaigns(context, {
        house,
        campaigns: async () => (await house.ledger.campaigns()).map((state) => state.campaign.id),
        limitMs: null,
        untilFinished: false,
        tell: (event) => tally.add(event),
        onTick: (counts) => context.terminal.status(statusLines(counts, tally, house.clock.nowMs())),
      });
      context.terminal.result({ end: end.kind, dialled: tally.dialled, outcomes: Object.fromEntries(tally.outcomes) }, () => `dialled ${tally.dialled}`);
      return EXIT.done;
    }),
  );
}
