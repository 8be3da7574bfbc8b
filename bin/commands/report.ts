import type { Command } from 'commander';
import { formatReport, type Report, type ReportForm } from '../../analytics/format.ts';
import { reachReport } from '../../analytics/report.ts';
import { upliftReport } from '../../analytics/uplift.ts';
import type { Analytics } from '../../analytics/client.ts';
import { ObzvonError } from '../../core/errors.ts';
import { openCommandBus } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { upToDateAnalytics } from '../house.ts';
import { example, type Act } from './act.ts';
import { registerPower } from './report-power.ts';

interface ReportOptions {
  campaign: string;
  csv?: boolean;
  days?: string;
  since?: string;
}

export function registerReport(program: Command, act: Act): void {
  const report = program.command('report').description('what the campaign reached and what it was worth');
  const add = (name: string, description: string, make: (analytics: Analytics, options: ReportOptions) => Promise<Report>): Command =>
    report
      .command(name)
      .description(description)
      .requiredOption('--campaign <id>', 'the campaign')
      .option('--csv', 'for a spreadsheet')
      .action(
        act(async (context, options: ReportOptions) => {
          if (context.terminal.json && options.csv === true) throw new ObzvonError('usage', 'found --json and --csv; expected one of them');
          const made = await make(await upToDateAnalytics(context, await openCommandBus(context)), options);
          const form: ReportForm = options.csv === true ? 'csv' : 'table';
          context.terminal.result(made, () => formatReport(made, form));
          return EXIT.done;
        }),
      );

  example(add('reach', 'the funnel, outcomes by attempt number, reach by hour, dispositions', (analytics, options) => reachReport(analytics, options.campaign)), 'obzvon report reach --campaign november-debt');
  const uplift = add('uplift', 'payments of those called against those held out, by day, with 95 % intervals', (analytics, options) => {
    if (options.since !== undefined && options.since !== 'calling' && options.since !== 'load') throw new ObzvonError('usage', `--since: found "${options.since}"; expected calling or load`);
    return upliftReport(analytics, options.campaign, { ...(options.days === undefined ? {} : { horizonDays: Number(options.days) }), ...(options.since === undefined ? {} : { since: options.since }) });
  });
  uplift.option('--days <n>', 'days to follow, 1 to 60', '14').option('--since <start>', 'count days from the start of calling, or from the load', 'calling');
  example(uplift, 'obzvon report uplift --campaign november-debt --days 14 --json');
  registerPower(report, act);
}
