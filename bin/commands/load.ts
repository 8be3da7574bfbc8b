import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { forecast, refusedPathOf, sourceMarkOf, validateList, type LoadReport, type OpenRows } from '../../campaign-loader/index.ts';
import type { Bus } from '../../core/bus/port.ts';
import { commandsTopic } from '../../core/bus/topics.ts';
import type { Campaign } from '../../core/campaign.ts';
import { ObzvonError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { Context } from '../context.ts';
import { openCommandBus } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { listSource, refusedStem, sourceNameOf } from '../list-source.ts';
import { endOfLoad, loadOne, showProgress } from '../load-one.ts';
import { forecastText, loadText } from '../load-text.ts';
import { openList, type ReadingOptions } from '../open-list.ts';
import { readCampaign } from '../read-campaign.ts';
import { changedSince, sinceOf } from '../since.ts';
import { watchFolder } from '../watch-folder.ts';
import { example, type Act } from './act.ts';
import { registerLoads } from './loads.ts';

interface ListOptions extends ReadingOptions {
  campaign?: string;
  refused?: string;
}

interface LoadCommandOptions extends ListOptions {
  since?: string | true;
  by?: string;
  allOrNothing?: boolean;
  maxRefusedShare?: string;
  watch?: string;
  once?: boolean;
}

const DEFAULT_MAX_REFUSED_SHARE = 0.02;

const WHAT_A_LIST_IS = `
A list is a file, a pattern in quotes ('lists/*.csv'), - for stdin, an http(s):// URL, or a database (postgres://, mysql://, clickhouse://) with --query.
docs/list.md has more: mapping files, recurring loads, what the refused file is for.
`;

function addReadingOptions(command: Command): Command {
  return command
    .option('--campaign <file>', 'the campaign, a YAML file')
    .option('--format <format>', 'csv, ndjson, json or xlsx (default: found out)')
    .option('--encoding <name>', 'such as windows-1251 (default: found out)')
    .option('--sheet <name>', 'sheet of a workbook, by name or number')
    .option('--map <file>', 'mapping file: which column is what')
    .option('--query <sql>', 'the SELECT that gives the list, for a database')
    .option('--refused <file>', 'where refused rows go (default: <list>.refused.csv)');
}

async function campaignOf(path: string | undefined): Promise<Campaign> {
  if (path === undefined) throw new ObzvonError('usage', '--campaign is missing; expected the campaign, a YAML file');
  return readCampaign(path);
}

/** How a list was understood, as a result has it: without any of its rows. */
const understoodOf = (list: OpenRows): unknown => ({ files: list.understood.files.map(({ name, format, compression, encoding, delimiter, headingLine, columns }) => ({ name, format, compression, encoding, delimiter, headingLine, columns })) });

export function registerLoad(program: Command, act: Act): void {
  const validate = addReadingOptions(program.command('validate <list>').description('check a list without loading it: what its headings mean, what is wrong, when it would be called')).addHelpText('after', WHAT_A_LIST_IS);
  example(validate, 'obzvon validate debtors.csv --campaign november-debt.yaml').action(
    act(async (context, text: string, options: ListOptions) => {
      const campaign = await campaignOf(options.campaign);
      const source = listSource(text, options.query);
      const list = await openList(context, source, options, 'show');
      const nowMs = context.clock.nowMs();
      const bus = await busIfThere(context);
      const report = await validateList({
        campaign, list, nowMs: () => context.clock.nowMs(), loadId: newId(nowMs), refusedPath: options.refused ?? refusedPathOf(refusedStem(source)), onProgress: showProgress(context.terminal),
        ...(bus === null ? {} : { bus }),
      });
      context.terminal.endStatus();
      const when = forecast(new Map(Object.entries(report.callableByZone)), campaign, nowMs);
      context.terminal.result({ ...report, understood: understoodOf(list), forecast: when }, () => `${loadText(report)}\n${forecastText(when, campaign.defaultTimezone)}`);
      return endOfLoad(report);
    }),
  );

  const load = addReadingOptions(program.command('load').argument('[list]').description('check a list and load its good rows into a campaign; see also: load list, load show, load revoke'))
    .option('--yes', 'load although a heading is not sure', false)
    .option('--by <who>', 'who loads, for the manifest (default: the user and machine)')
    .option('--all-or-nothing', 'load nobody if too many rows are refused, and let nobody be called before all are there', false)
    .option('--max-refused-share <share>', `with --all-or-nothing: how many of the rows may be refused, 0 to 1 (default: ${DEFAULT_MAX_REFUSED_SHARE})`)
    .option('--since [moment]', 'only what changed after a moment; without one, since the last load of this source. A query names it as {since}')
    .option('--watch <dir>', 'load each file that appears in a directory, then move it to done/ or failed/; until stopped')
    .option('--once', 'with --watch: load what is there and end', false)
    .addHelpText('after', WHAT_A_LIST_IS);
  example(
    load,
    'obzvon load debtors.csv --campaign november-debt.yaml',
    'zcat debtors.csv.gz | obzvon load - --campaign november-debt.yaml --json',
    'obzvon load --watch /srv/billing --once --campaign november-debt.yaml --yes',
    `obzvon load postgres://obzvon@billing/main --query "select * from debtors where changed > {since}" --since --campaign november-debt.yaml`,
  ).action(
    act(async (context, text: string | undefined, options: LoadCommandOptions) => {
      const campaign = await campaignOf(options.campaign);
      const maxRefusedShare = shareOf(options);
      if (options.watch !== undefined) {
        if (text !== undefined || options.since !== undefined || options.query !== undefined) throw new ObzvonError('usage', '--watch loads files of a directory; expected no list, --since or --query beside it');
        const bus = await openCommandBus(context);
        await define(context, bus, campaign);
        return watchFolder(context, bus, options.watch, { campaign, reading: options, by: options.by, maxRefusedShare, once: options.once === true });
      }
      if (text === undefined) throw new ObzvonError('usage', 'the list is missing; expected a file, -, a URL, or --watch <dir>');
      const source = listSource(text, options.query);
      const sourceMark = sourceMarkOf(...sourceNameOf(source));
      const bus = await openCommandBus(context);
      const sinceMs = options.since === undefined ? null : await sinceOf(bus, campaign.id, sourceMark, options.since);
      const changed = await changedSince(source, sinceMs, options.since !== undefined);
      if (changed === null) {
        context.terminal.result({ campaignId: campaign.id, unchangedSinceMs: sinceMs }, () => `${text}: not changed since ${new Date(sinceMs ?? 0).toISOString()}: nothing to load`);
        return EXIT.done;
      }
      const list = await openList(context, changed, options, 'ask');
      await define(context, bus, campaign);
      const report = await loadOne(context, bus, context.clock, list, { campaign, refusedPath: options.refused ?? refusedPathOf(refusedStem(source)), by: options.by, sourceMark, sinceMs, maxRefusedShare });
      context.terminal.result({ ...report, understood: understoodOf(list) }, () => loadedText(report));
      return endOfLoad(report);
    }),
  );
  registerLoads(load, act);
}

const loadedText = (report: LoadReport): string => `${loadText(report)}\n  load ${report.loadId}; to take it back: obzvon load revoke ${report.loadId}`;

function shareOf({ allOrNothing, maxRefusedShare }: LoadCommandOptions): number | null {
  if (allOrNothing !== true) {
    if (maxRefusedShare !== undefined) throw new ObzvonError('usage', '--max-refused-share goes with --all-or-nothing');
    return null;
  }
  const share = maxRefusedShare === undefined ? DEFAULT_MAX_REFUSED_SHARE : Number(maxRefusedShare);
  if (!(share >= 0 && share <= 1)) throw new ObzvonError('usage', `--max-refused-share: found "${maxRefusedShare ?? ''}"; expected a share from 0 to 1, such as 0.02`);
  return share;
}

/** A dialer must know a campaign before it is given its contacts. */
async function define(context: Context, bus: Bus, campaign: Campaign): Promise<void> {
  await bus.publish(commandsTopic, [{ key: campaign.id, value: { kind: 'define', campaignId: campaign.id, campaign, atMs: context.clock.nowMs() } }]);
}

/** For a validation: what the campaign has already is told if it is there to be asked; nothing is made for it. */
async function busIfThere(context: Context): Promise<Bus | null> {
  const dir = /^embedded:(.*)$/.exec(context.config.bus.url)?.[1];
  if (dir !== undefined && !existsSync(dir)) return null;
  try {
    return await openCommandBus(context);
  } catch (error) {
    if (!(error instanceof ObzvonError && error.code === 'unreachable')) throw error;
    context.terminal.say(`${error.message}: the list is checked without what the campaign has already`);
    return null;
  }
}
