import type { Command } from 'commander';
import { addTouches } from '../../analytics/touches.ts';
import { readTouches, refusedPathOf } from '../../campaign-loader/index.ts';
import { EXIT } from '../exit-codes.ts';
import { openStore } from '../house.ts';
import { listSource, refusedStem } from '../list-source.ts';
import { sideListEnd, sideListText, zoneOption } from '../side-list.ts';
import { example, type Act } from './act.ts';

export function registerTouches(program: Command, act: Act): void {
  const touches = program.command('touches').description('tell the analytics what other channels sent (letters, SMS): whether they reached both groups alike');
  const load = touches
    .command('load <list>')
    .description('load letters or SMS that went out from a CSV file, stdin (-), a URL or a database: account_id, at; and channel if it is there')
    .option('--query <sql>', 'with a database: the SELECT that gives these columns')
    .option('--channel <name>', 'channel of rows that name none, such as letter')
    .option('--timezone <zone>', 'of times and dates written without an offset', 'Europe/Kyiv')
    .option('--refused <file>', 'where refused rows go (default: <list>.refused.csv)');
  example(load, 'obzvon touches load letters.csv --channel letter').action(
    act(async (context, list: string, options: { query?: string; channel?: string; timezone: string; refused?: string }) => {
      const timezone = zoneOption(options.timezone);
      const source = listSource(list, options.query);
      const analytics = await openStore(context);
      const toldAtMs = context.clock.nowMs();
      const report = await readTouches(source, {
        channel: options.channel ?? null,
        timezone,
        refusedPath: options.refused ?? refusedPathOf(refusedStem(source)),
        take: (rows) => addTouches(analytics, rows, toldAtMs),
      });
      context.terminal.result(report, () => sideListText(report, 'letters, SMS and the like stored'));
      return report.rows === 0 ? EXIT.done : sideListEnd(report);
    }),
  );
}
