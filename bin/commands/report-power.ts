import type { Command } from 'commander';
import { formatPower, powerReport } from '../../analytics/power-report.ts';
import { ObzvonError } from '../../core/errors.ts';
import { openCommandBus } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { upToDateAnalytics } from '../house.ts';
import { readCampaign } from '../read-campaign.ts';
import { example, type Act } from './act.ts';

interface PowerCommandOptions {
  campaign: string;
  days: string;
  contacts?: string;
  holdOut?: string;
  paidShare?: string;
}

export function registerPower(report: Command, act: Act): void {
  const power = report
    .command('power')
    .description('before launch: the smallest effect of the calls that a hold-out will show')
    .requiredOption('--campaign <id or file>', 'a campaign that is loaded, or its YAML file')
    .option('--contacts <n>', 'contacts of a list that is not loaded yet')
    .option('--hold-out <share>', 'share held out, instead of the one the campaign names')
    .option('--paid-share <share>', 'expected share that pays without calls; default: as before the load')
    .option('--days <n>', 'days payments will be followed, 1 to 60', '14');
  example(power, 'obzvon report power --campaign examples/november-debt/campaign.yaml --contacts 200000').action(
    act(async (context, options: PowerCommandOptions) => {
      const file = /\.ya?ml$/.test(options.campaign) ? await readCampaign(options.campaign) : null;
      const holdOutShare = numberOf('--hold-out', options.holdOut) ?? file?.holdOutShare;
      const contacts = numberOf('--contacts', options.contacts);
      const paidShare = numberOf('--paid-share', options.paidShare);
      const analytics = await upToDateAnalytics(context, await openCommandBus(context));
      const made = await powerReport(analytics, file?.id ?? options.campaign, {
        horizonDays: numberOf('--days', options.days) ?? 14,
        ...(holdOutShare === undefined ? {} : { holdOutShare }),
        ...(file === null ? {} : { currency: file.currency }),
        ...(contacts === undefined ? {} : { contacts }),
        ...(paidShare === undefined ? {} : { paidShare }),
      });
      context.terminal.result(made, () => formatPower(made));
      return EXIT.done;
    }),
  );
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new ObzvonError('usage', `${option}: found "${text}"; expected a number`);
  return number;
}
