import type { Command } from 'commander';
import { type Act } from './act.ts';
import { registerAmdAudit } from './amd-audit.ts';
import { registerAmdClassify } from './amd-classify.ts';
import { registerAmdEvaluate } from './amd-evaluate.ts';
import { registerAmdLabel } from './amd-label.ts';
import { registerAmdPrints } from './amd-prints.ts';
import { registerAmdServe } from './amd-serve.ts';
import { registerAmdSignals } from './amd-signals.ts';

export function registerAmd(program: Command, act: Act): void {
  const amd = program.command('amd').description('answering-machine detection: on recordings, as a service, its fingerprints, labels and figures');
  registerAmdClassify(amd, act);
  registerAmdEvaluate(amd, act);
  registerAmdServe(amd, act);
  registerAmdPrints(amd, act);
  registerAmdLabel(amd, act);
  registerAmdAudit(amd, act);
  registerAmdSignals(amd, act);
}
