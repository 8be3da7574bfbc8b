import type { Command } from 'commander';
import { readPayments, refusedPathOf, type SideListReport } from '../../campaign-loader/index.ts';
import { paymentsTopic } from '../../core/bus/topics.ts';
import { openCommandBus } from '../desk.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { example, type Act } from './act.ts';
import { listSource } from '../list-source.ts';

/** What reading payments or a do-not-call list did, for a clerk. */
export function sideListText(report: SideListReport, what: string): string {
  return [
    `${report.source}: ${report.rows} rows read, ${report.accepted} ${what}, ${report.refused} refused`,
    ...report.examples.map((each) => `  line ${each.line}: ${each.field} ${each.code}: found ${each.found}; expected ${each.expected}`),
    ...(report.refusedPath === null ? [] : [`  refused rows, to be mended and loaded again: ${report.refusedPath}`]),
  ].join('\n');
}

export const sideListEnd = (report: SideListReport): ExitCode => (report.refused === 0 ? EXIT.done : report.accepted === 0 ? EXIT.usage : EXIT.partial);

export function registerPayments(program: Command, act: Act): void {
  const payments = program.command('payments').description('tell obzvon who paid: their calls stop');
  const load = payments
    .command('load <list>')
    .description('load payments from a CSV file or stdin (-): payment_id, account_id, amount, paid_at, and currency if it varies')
    .option('--currency <code>', 'currency of rows that name none', 'UAH')
    .option('--refused <file>', 'where refused rows go (default: <list>.refused.csv)');
  example(load, 'obzvon payments load payments.csv', 'psql -c "COPY (…) TO STDOUT CSV HEADER" | obzvon payments load -').action(
    act(async (context, list: string, options: { currency: string; refused?: string }) => {
      const bus = await openCommandBus(context);
      const report = await readPayments(listSource(list), {
        currency: options.currency,
        nowMs: context.clock.nowMs(),
        refusedPath: options.refused ?? refusedPathOf(list === '-' ? 'stdin.csv' : list),
        take: (rows) => bus.publish(paymentsTopic, rows.map((value) => ({ key: value.accountId, value }))),
      });
      context.terminal.result(report, () => sideListText(report, 'payments told to every dialer'));
      return sideListEnd(report);
    }),
  );
}
