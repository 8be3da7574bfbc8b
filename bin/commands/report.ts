import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { exportFormOf, queryBytes, querySheet, sheetBytes } from '../../analytics/export.ts';
import { formatReport, sheetOf, type Report, type ReportForm } from '../../analytics/format.ts';
import { pageReport } from '../../analytics/page/model.ts';
import { renderPage } from '../../analytics/page/page.ts';
import { reachReport } from '../../analytics/report.ts';
import { attemptsReport } from '../../analytics/reports/attempts.ts';
import { costReport } from '../../analytics/reports/cost.ts';
import { dataReport } from '../../analytics/reports/data.ts';
import { qualityReport } from '../../analytics/reports/quality.ts';
import { sheetCsv } from '../../analytics/sheet.ts';
import { upliftReport, type UpliftOptions } from '../../analytics/uplift.ts';
import type { Analytics } from '../../analytics/client.ts';
import { languageSchema } from '../../core/contact.ts';
import { ObzvonError } from '../../core/errors.ts';
import { writeWhole } from '../../core/whole-file.ts';
import type { Context } from '../context.ts';
import { openCommandBus } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { upToDateAnalytics } from '../house.ts';
import { example, type Act } from './act.ts';
import { registerPower } from './report-power.ts';

interface ReportOptions {
  campaign: string;
  csv?: boolean;
  output?: string;
  days?: string;
  since?: string;
}

function upliftOptions(options: ReportOptions): UpliftOptions {
  const { since } = options;
  if (since !== undefined && since !== 'calling' && since !== 'load') throw new ObzvonError('usage', `--since: found "${since}"; expected calling or load`);
  return { ...(options.days === undefined ? {} : { horizonDays: Number(options.days) }), ...(since === undefined ? {} : { since }) };
}

const open = async (context: Context): Promise<Analytics> => upToDateAnalytics(context, await openCommandBus(context));

/** Says what was written where: on stdout, for with `-o` nothing else is there. */
async function written(context: Context, path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const length = await writeWhole(path, bytes);
  context.terminal.result({ written: path, bytes: length }, () => `${path}: ${length} bytes`);
}

export function registerReport(program: Command, act: Act): void {
  const report = program.command('report').description('what the campaign reached and what it was worth');
  const add = (name: string, description: string, make: (analytics: Analytics, options: ReportOptions) => Promise<Report>): Command =>
    report
      .command(name)
      .description(description)
      .requiredOption('--campaign <id>', 'the campaign')
      .option('--csv', 'for a spreadsheet')
      .option('-o, --output <file>', 'write to a file that ends in .csv, .parquet or .xlsx, whole or not at all')
      .action(
        act(async (context, options: ReportOptions) => {
          if (context.terminal.json && options.csv === true) throw new ObzvonError('usage', 'found --json and --csv; expected one of them');
          const to = options.output === undefined ? null : { path: options.output, form: exportFormOf(options.output) };
          const analytics = await open(context);
          const made = await make(analytics, options);
          if (to !== null) {
            await written(context, to.path, await sheetBytes(analytics, sheetOf(made), to.form));
            return EXIT.done;
          }
          const form: ReportForm = options.csv === true ? 'csv' : 'table';
          context.terminal.result(made, () => formatReport(made, form));
          return EXIT.done;
        }),
      );
  const withDays = (command: Command): Command => command.option('--days <n>', 'days to follow, 1 to 60', '14').option('--since <start>', 'count days from the start of calling, or from the load', 'calling');

  example(add('reach', 'the funnel, outcomes by attempt number, reach by hour, dispositions', (analytics, options) => reachReport(analytics, options.campaign)), 'obzvon report reach --campaign november-debt');
  example(withDays(add('uplift', 'payments of those called against those held out, by day, with 95 % intervals', (analytics, options) => upliftReport(analytics, options.campaign, upliftOptions(options)))), 'obzvon report uplift --campaign november-debt --days 14 --json');
  example(add('attempts', 'what each further attempt brought, and what became of the promises', (analytics, options) => attemptsReport(analytics, options.campaign)), 'obzvon report attempts --campaign november-debt -o attempts.xlsx');
  example(add('quality', 'trunks, caller ids and their health, detection, why calls were not answered', (analytics, options) => qualityReport(analytics, options.campaign)), 'obzvon report quality --campaign november-debt');
  example(add('cost', 'what the calls cost, by trunk, a human answer, a promise', (analytics, options) => costReport(analytics, options.campaign)), 'obzvon report cost --campaign november-debt');
  example(add('data', 'whether the figures can be trusted: deliveries, payments, who was called after paying', (analytics, options) => dataReport(analytics, options.campaign)), 'obzvon report data --campaign november-debt');

  const page = report.command('page').description('one page for the director: a file of its own that needs no network; with --json the numbers on it').requiredOption('--campaign <id>', 'the campaign').option('-o, --output <file>', 'the HTML file').option('--language <code>', 'uk, ru or en', 'uk');
  example(withDays(page), 'obzvon report page --campaign november-debt -o report.html --language uk').action(
    act(async (context, options: ReportOptions & { language: string }) => {
      const language = languageSchema.safeParse(options.language);
      if (!language.success) throw new ObzvonError('usage', `--language: found "${options.language}"; expected uk, ru or en`);
      if (options.output === undefined && !context.terminal.json) throw new ObzvonError('usage', 'found neither -o nor --json; expected -o report.html');
      const made = await pageReport(await open(context), options.campaign, upliftOptions(options));
      const length = options.output === undefined ? 0 : await writeWhole(options.output, renderPage(made, language.data));
      context.terminal.result(made, () => `${options.output ?? ''}: ${length} bytes`);
      return EXIT.done;
    }),
  );

  const query = report.command('query <file>').description('the answer to a query of yours (one SELECT, which can change nothing), on stdout or in a file').option('-o, --output <file>', 'write to a file that ends in .csv, .parquet or .xlsx, whole or not at all').option('--param <name=value...>', 'values for {name:Type} in the query', []);
  example(query, 'obzvon report query hours.sql --param campaign=november-debt -o hours.xlsx').action(
    act(async (context, file: string, options: { output?: string; param: string[] }) => {
      const to = options.output === undefined ? null : { path: options.output, form: exportFormOf(options.output) };
      const sql = await readFile(file, 'utf8').catch((error: unknown) => {
        throw new ObzvonError('not_found', `${file}: ${error instanceof Error ? error.message : String(error)}`);
      });
      const parameters = Object.fromEntries(options.param.map((text): [string, string] => {
        const at = text.indexOf('=');
        if (at <= 0) throw new ObzvonError('usage', `--param: found "${text}"; expected name=value`);
        return [text.slice(0, at), text.slice(at + 1)];
      }));
      const analytics = await open(context);
      if (to !== null) {
        await written(context, to.path, await queryBytes(analytics, sql, to.form, parameters));
        return EXIT.done;
      }
      const sheet = await querySheet(analytics, sql, parameters);
      context.terminal.result(sheet.rows.map((row) => Object.fromEntries(sheet.columns.map((column, i) => [column.name, row[i] ?? null]))), () => sheetCsv(sheet));
      return EXIT.done;
    }),
  );
  registerPower(report, act);
}
