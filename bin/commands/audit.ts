import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { ObzvonError } from '../../core/errors.ts';
import { audit, auditText } from '../audit/audit.ts';
import { openDesk } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { upToDateAnalytics } from '../house.ts';
import { journalPathOf } from '../simulated-world.ts';
import { example, type Act } from './act.ts';

export function registerAudit(program: Command, act: Act): void {
  const command = program.command('audit').description('hold the promises against what bus, ledger, analytics and switch saw; exit code 1 if one is broken').requiredOption('--campaign <id>', 'the campaign').option('--journal <file>', "the simulated switch's journal (default: of a simulator: switch)");
  example(command, 'obzvon audit --campaign november-debt').action(
    act(async (context, options: { campaign: string; journal?: string }) => {
      const { config } = context;
      const { bus, ledger } = await openDesk(context);
      const state = (await ledger.campaigns()).find((each) => each.campaign.id === options.campaign);
      if (state === undefined) throw new ObzvonError('not_found', `there is no campaign "${options.campaign}" in the ledger`);
      const analytics = await upToDateAnalytics(context, bus);
      const journalPath = options.journal ?? journalPathOf(config.data.dir);
      const report = await audit({ bus, ledger, analytics, campaign: state.campaign, journalPath: existsSync(journalPath) ? journalPath : null, nowMs: context.clock.nowMs() });
      context.terminal.result(report, () => auditText(report));
      return report.ok ? EXIT.done : EXIT.failed;
    }),
  );
}
