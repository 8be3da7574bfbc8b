import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { openBus } from '../../core/bus/open.ts';
import { systemClock } from '../../core/clock.ts';
import { ObzvonError } from '../../core/errors.ts';
import { openLedger } from '../../dialer/ledger/open.ts';
import { audit, auditText } from '../audit/audit.ts';
import { EXIT } from '../exit-codes.ts';
import { openAnalytics } from '../house.ts';
import { journalPathOf } from '../simulated-world.ts';
import { settleOrders } from '../orders.ts';
import { example, type Act } from './act.ts';

export function registerAudit(program: Command, act: Act): void {
  const command = program.command('audit').description('hold the promises against what bus, ledger, analytics and switch saw; exit code 1 if one is broken').requiredOption('--campaign <id>', 'the campaign');
  example(command, 'obzvon audit --campaign november-debt').action(
    act(async (context, options: { campaign: string }) => {
      const { config, releases } = context;
      const bus = await openBus(config.bus.url, { nowMs: () => systemClock.nowMs() });
      releases.add('bus', () => bus.close());
      const ledger = await openLedger(config.ledger.url);
      releases.add('ledger', () => ledger.close());
      await settleOrders(bus, ledger);
      const state = (await ledger.campaigns()).find((each) => each.campaign.id === options.campaign);
      if (state === undefined) throw new ObzvonError('not_found', `there is no campaign "${options.campaign}" in the ledger`);
      const { analytics, sink } = await openAnalytics(context, bus);
      await Promise.race([sink.caughtUp(), sink.failed]);
      const journalPath = journalPathOf(config.data.dir);
      const report = await audit({ bus, ledger, analytics, campaign: state.campaign, journalPath: existsSync(journalPath) ? journalPath : null, nowMs: systemClock.nowMs() });
      context.terminal.result(report, () => auditText(report));
      return report.ok ? EXIT.done : EXIT.failed;
    }),
  );
}
