import type { Command } from 'commander';
import { knownAccounts, readPayments, refusedPathOf, toldPayments, type PaymentListReport } from '../../campaign-loader/index.ts';
import { paymentsTopic } from '../../core/bus/topics.ts';
import { openCommandBus } from '../desk.ts';
import { example, type Act } from './act.ts';
import { listSource, refusedStem } from '../list-source.ts';
import { sideListEnd, sideListText, zoneOption } from '../side-list.ts';

function paymentsText(report: PaymentListReport): string {
  const lines = [sideListText(report, 'payments known to every dialer')];
  if (report.alreadyTold > 0) lines.push(`  ${report.alreadyTold} were told before: not told again`);
  if (report.repeated > 0) lines.push(`  ${report.repeated} said again what an earlier row says: each counts once`);
  if (report.reversed > 0) lines.push(`  ${report.reversed} take a payment back`);
  if (report.unmatched > 0) lines.push(`  ${report.unmatched} of accounts that no campaign has: nobody's calls stop by them; lines ${report.unmatchedLines.join(', ')}${report.unmatched > report.unmatchedLines.length ? ', …' : ''}`);
  return lines.join('\n');
}

export function registerPayments(program: Command, act: Act): void {
  const payments = program.command('payments').description('tell obzvon who paid: their calls stop');
  const load = payments
    .command('load <list>')
    .description('load payments from a CSV file, stdin (-), a URL or a database: payment_id, account_id, amount, paid_at; and posted_at, currency, status, reverses if they are there')
    .option('--query <sql>', 'with a database: the SELECT that gives these columns')
    .option('--currency <code>', 'currency of rows that name none', 'UAH')
    .option('--timezone <zone>', 'of times and dates written without an offset', 'Europe/Kyiv')
    .option('--refused <file>', 'where refused rows go (default: <list>.refused.csv)');
  example(load, 'obzvon payments load payments.csv', 'psql -c "COPY (…) TO STDOUT CSV HEADER" | obzvon payments load -').action(
    act(async (context, list: string, options: { query?: string; currency: string; timezone: string; refused?: string }) => {
      const timezone = zoneOption(options.timezone);
      const source = listSource(list, options.query);
      const bus = await openCommandBus(context);
      const report = await readPayments(source, {
        currency: options.currency,
        timezone,
        nowMs: context.clock.nowMs(),
        refusedPath: options.refused ?? refusedPathOf(refusedStem(source)),
        isKnown: await knownAccounts(bus),
        isTold: await toldPayments(bus),
        take: (rows) => bus.publish(paymentsTopic, rows.map((value) => ({ key: value.accountId, value }))),
      });
      context.terminal.result(report, () => paymentsText(report));
      return sideListEnd(report);
    }),
  );
}
