import type { Command } from 'commander';
import { knownContacts, loadList, refusedPathOf, validateList, type ListFormat, type ListSource, type LoadProgress, type LoadReport } from '../../campaign-loader/index.ts';
import type { Bus } from '../../core/bus/port.ts';
import type { Campaign } from '../../core/campaign.ts';
import type { Clock } from '../../core/clock.ts';
import { newId } from '../../core/ids.ts';
import { commandsTopic } from '../../core/bus/topics.ts';
import type { Context } from '../context.ts';
import { openCommandBus } from '../desk.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readCampaign } from '../read-campaign.ts';
import { example, type Act } from './act.ts';
import type { Terminal } from '../terminal.ts';

interface ListOptions {
  campaign: string;
  format?: ListFormat;
  refused?: string;
}

/** `-` is stdin. */
export function listSource(list: string): ListSource {
  return list === '-' ? { kind: 'stream', stream: process.stdin, name: 'stdin' } : { kind: 'file', path: list };
}

function refusedPath(list: string, asked: string | undefined): string {
  return asked ?? refusedPathOf(list === '-' ? 'stdin.csv' : list);
}

function showProgress(terminal: Terminal): (progress: LoadProgress) => void {
  const startedMs = Date.now();
  return (progress) => {
    const seconds = (Date.now() - startedMs) / 1000;
    const rate = Math.round(progress.rows / Math.max(0.1, seconds));
    const share = progress.totalBytes === null || progress.totalBytes === 0 ? null : progress.bytes / progress.totalBytes;
    const left = share === null || share === 0 ? '' : `, ${Math.floor(share * 100)} %, ${Math.ceil((seconds / share) * (1 - share))} s left`;
    terminal.status([`${progress.rows} rows, ${progress.accepted} accepted, ${progress.refused} refused, ${rate} rows/s${left}`]);
  };
}

/** What a load or a validation says of itself, for a clerk. */
export function loadText(report: LoadReport): string {
  const lines = [
    `${report.source}: ${report.rows} rows read${report.dryRun ? ', nothing loaded (validation)' : ''}`,
    `  accepted    ${report.accepted} (held out ${report.heldOut})`,
    `  duplicates  ${report.duplicates} already in the campaign`,
    `  refused     ${report.refusedRows}`,
  ];
  for (const [title, counts] of [['refused', report.refused], ['remark', report.remarks]] as const) {
    for (const [code, count] of Object.entries(counts)) {
      const first = count.examples[0];
      lines.push(`    ${title} ${code}: ${count.rows}${first === undefined ? '' : `, first in line ${first.line}: found ${first.found}; expected ${first.expected}`}`);
    }
  }
  if (report.sharedPhones > 0) lines.push(`  ${report.sharedPhones} phones stand under more than one account`);
  if (report.refusedPath !== null) lines.push(`  refused rows, to be mended and loaded again: ${report.refusedPath}`);
  if (report.remarksPath !== null) lines.push(`  remarks on accepted rows: ${report.remarksPath}`);
  return lines.join('\n');
}

/** Loads one list into a campaign that the bus has been told of. */
export async function loadOne(context: Context, bus: Bus, clock: Clock, campaign: Campaign, list: string, options: { format?: ListFormat | undefined; refused?: string | undefined } = {}): Promise<LoadReport> {
  const report = await loadList({
    campaign,
    source: listSource(list),
    ...(options.format === undefined ? {} : { reading: { format: options.format } }),
    bus,
    known: await knownContacts(bus, campaign.id),
    nowMs: () => clock.nowMs(),
    loadId: newId(clock.nowMs()),
    refusedPath: refusedPath(list, options.refused),
    onProgress: showProgress(context.terminal),
  });
  context.terminal.endStatus();
  return report;
}

const endOf = (report: LoadReport): ExitCode => (report.refusedRows === 0 ? EXIT.done : report.accepted + report.duplicates === 0 ? EXIT.usage : EXIT.partial);

export function registerLoad(program: Command, act: Act): void {
  const add = (name: string, description: string): Command =>
    program
      .command(`${name} <list>`)
      .description(description)
      .requiredOption('--campaign <file>', 'the campaign, a YAML file')
      .option('--format <format>', 'csv or ndjson (default: by the extension)')
      .option('--refused <file>', 'where refused rows go (default: <list>.refused.csv)');

  example(add('validate', 'check a list (a file, or - for stdin) without loading it'), 'obzvon validate debtors.csv --campaign november-debt.yaml').action(
    act(async (context, list: string, options: ListOptions) => {
      const campaign = await readCampaign(options.campaign);
      const report = await validateList({
        campaign,
        source: listSource(list),
        ...(options.format === undefined ? {} : { reading: { format: options.format } }),
        nowMs: () => context.clock.nowMs(),
        loadId: newId(context.clock.nowMs()),
        refusedPath: refusedPath(list, options.refused),
        onProgress: showProgress(context.terminal),
      });
      context.terminal.endStatus();
      context.terminal.result(report, () => loadText(report));
      return endOf(report);
    }),
  );

  example(add('load', 'check a list and load its good rows into a campaign'), 'obzvon load debtors.csv --campaign november-debt.yaml', 'zcat debtors.csv.gz | obzvon load - --campaign november-debt.yaml --json').action(
    act(async (context, list: string, options: ListOptions) => {
      const campaign = await readCampaign(options.campaign);
      const bus = await openCommandBus(context);
      await bus.publish(commandsTopic, [{ key: campaign.id, value: { kind: 'define', campaignId: campaign.id, campaign, atMs: context.clock.nowMs() } }]);
      const report = await loadOne(context, bus, context.clock, campaign, list, options);
      context.terminal.result(report, () => loadText(report));
      return endOf(report);
    }),
  );
}
