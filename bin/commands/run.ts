import type { Command } from 'commander';
import { formatReport } from '../../analytics/format.ts';
import { reachReport } from '../../analytics/report.ts';
import { ObzvonError } from '../../core/errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { wholeRun } from '../whole-run.ts';
import { readCampaign } from '../read-campaign.ts';
import { example, type Act } from './act.ts';

interface RunCommandOptions {
  campaign: string;
  list?: string[];
  maxHours?: string;
}

export function registerRun(program: Command, act: Act): void {
  const command = program
    .command('run')
    .description('load, dial until every contact has a disposition, report; run again it goes on where it stopped')
    .requiredOption('--campaign <file>', 'the campaign, a YAML file')
    .option('--list <file...>', 'lists of debtors; rows already loaded are passed over')
    .option('--max-hours <n>', 'stop after this long; the next run goes on');
  example(command, 'obzvon run --campaign november-debt.yaml --list debtors.csv', '0 9 * * 1-6  obzvon run --campaign november-debt.yaml --list debtors.csv --max-hours 11 --json >> runs.ndjson').action(
    act(async (context, options: RunCommandOptions): Promise<ExitCode> => {
      const limitMs = options.maxHours === undefined ? null : Number(options.maxHours) * 3_600_000;
      if (limitMs !== null && !(limitMs > 0)) throw new ObzvonError('usage', `--max-hours: found "${options.maxHours ?? ''}"; expected a number above 0`);
      const campaign = await readCampaign(options.campaign);
      const { end, analytics, loads } = await wholeRun(context, { campaign, lists: options.list ?? [], limitMs });
      const reach = await reachReport(analytics, campaign.id);
      context.terminal.result({ end, loads, reach }, () => `${end.kind === 'finished' ? 'every contact has a disposition' : `stopped with ${end.unfinished} contacts to go; the same command goes on`}\n\n${formatReport(reach, 'table')}`);
      return end.kind === 'finished' && loads.every((load) => load.refusedRows === 0) ? EXIT.done : EXIT.partial;
    }),
  );
}
