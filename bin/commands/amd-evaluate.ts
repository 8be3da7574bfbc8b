import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { evaluate, evaluateCalls, type EvaluateOptions } from '../../amd/evaluate.ts';
import type { Evaluation } from '../../amd/evaluation/evaluation.ts';
import { readRecordedCalls } from '../../amd/evaluation/recorded-calls.ts';
import { DETECTION_DEFAULTS } from '../../core/amd-wire.ts';
import { ObzvonError } from '../../core/errors.ts';
import { writeWhole } from '../../core/whole-file.ts';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';

interface Options {
  calls: string;
  seed: string;
  part: string;
  latest: string;
  cost: string;
  save: string;
}

export function registerAmdEvaluate(amd: Command, act: Act): void {
  const command = amd
    .command('evaluate <folder>')
    .description('how well detection does, beside Asterisk\'s algorithm, on labelled recordings (labels.jsonl), on calls built from clips (clips.jsonl), or on obzvon\'s own clips ("corpus")')
    .option('--calls <n>', 'calls to build from clips', '2000')
    .option('--seed <n>', 'which calls are built', '1')
    .option('--part <part>', 'voices of the clips: unheard (those the model did not learn from) or all', 'unheard')
    .option('--latest <ms>', 'latest decision after the answer, ms', String(DETECTION_DEFAULTS.latestDecisionMs))
    .option('--cost <ratio>', 'how many missed machines one lost human costs', String(DETECTION_DEFAULTS.lostHumanCost))
    .option('--save <file>', 'where the figures are written as JSON', 'amd-evaluation.json');
  example(command, 'obzvon amd evaluate recorded-calls/ --save evaluation.json', 'obzvon amd evaluate corpus --calls 500').action(
    act(async (context, folder: string, options: Options) => {
      const evaluation = await run(folder, options);
      await writeWhole(options.save, `${JSON.stringify(evaluation, null, 1)}\n`);
      context.terminal.result(evaluation, () => `${evaluation.text}\n\nSaved to ${options.save}.`);
      return EXIT.done;
    }),
  );
}

async function run(folder: string, options: Options): Promise<Evaluation> {
  const number = (name: keyof Options, least: number, most: number): number => {
    const value = Number(options[name]);
    if (options[name].trim() === '' || !(value >= least && value <= most)) throw new ObzvonError('usage', `--${name}: found "${options[name]}"; expected a number from ${least} to ${most}`);
    return value;
  };
  if (options.part !== 'unheard' && options.part !== 'all') throw new ObzvonError('usage', `--part: found "${options.part}"; expected unheard or all`);
  const chosen: EvaluateOptions = {
    calls: Math.round(number('calls', 1, 1_000_000)), seed: Math.round(number('seed', 0, 1_000_000)), part: options.part,
    latestDecisionMs: number('latest', 500, 60_000), lostHumanCost: number('cost', 0.01, 10_000), forced: true,
  };
  if (folder === 'corpus') return evaluate(fileURLToPath(new URL('../../amd/fixtures', import.meta.url)), chosen);
  const recorded = await readRecordedCalls(folder);
  return recorded === null ? evaluate(folder, chosen) : evaluateCalls(recorded, chosen, 'recorded calls, as labelled');
}
