import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { ObzvonError } from '../../core/errors.ts';
import { auditOf, auditText, judgedCalls, readAuditSample, sampleOf } from '../amd-audit.ts';
import { openCommandBus } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';

export function registerAmdAudit(amd: Command, act: Act): void {
  const audit = amd.command('audit').description('how often the detector was wrong in this campaign: draws a random sample of recorded calls to label, then gives its error rates and corrects the reach')
    .requiredOption('--campaign <id>', 'the campaign').option('--dir <dir>', 'the recordings (default: amd.recordDir)').option('--sample <n>', 'calls to hear', '200').option('--seed <n>', 'of the draw', '1');
  example(audit, 'obzvon amd audit --campaign november-debt', 'obzvon amd label data/amd-recordings --sample data/amd-recordings/audit-november-debt.jsonl', 'obzvon amd audit --campaign november-debt').action(
    act(async (context, options: { campaign: string; dir?: string; sample: string; seed: string }) => {
      const size = Number(options.sample);
      const seed = Number(options.seed);
      if (!Number.isInteger(size) || size < 1) throw new ObzvonError('usage', `--sample: found "${options.sample}"; expected a number of calls`);
      if (!Number.isInteger(seed)) throw new ObzvonError('usage', `--seed: found "${options.seed}"; expected a whole number`);
      const folder = options.dir ?? context.config.amd.recordDir;
      const path = join(folder, `audit-${options.campaign.replace(/[^\w-]/g, '_')}.jsonl`);
      const calls = await judgedCalls(await openCommandBus(context), options.campaign);
      if (calls.length === 0) throw new ObzvonError('not_found', `${options.campaign}: found no answered call with a verdict; expected a campaign that has called`);
      const sample = existsSync(path) ? await readAuditSample(path) : await sampleOf(path, calls, folder, size, seed);
      const report = await auditOf(options.campaign, calls, sample, folder);
      context.terminal.result({ ...report, samplePath: path }, () => auditText(report));
      if (report.unlabelled > 0) context.terminal.say(`label them: obzvon amd label ${folder} --sample ${path}`);
      return report.unlabelled > 0 ? EXIT.partial : EXIT.done;
    }),
  );
}
