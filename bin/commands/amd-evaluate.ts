import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { evaluate, evaluateCalls, type EvaluateOptions } from '../../amd/evaluate.ts';
import { RECORDED, type Evaluation } from '../../amd/evaluation/evaluation.ts';
import { readRecordedCalls } from '../../amd/evaluation/recorded-calls.ts';
import { LABELS_FILE } from '../../amd/label/labels.ts';
import { DETECTION_DEFAULTS } from '../../core/amd-wire.ts';
import { ObzvonError } from '../../core/errors.ts';
import { writeWhole } from '../../core/whole-file.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { readCampaign } from '../read-campaign.ts';
import { example, type Act } from './act.ts';

interface Options {
  calls: string;
  seed: string;
  part: string;
  latest?: string;
  cost?: string;
  campaign?: string;
  save: string;
}

/** What was heard, and whether that was all there was. */
interface Heard {
  evaluation: Evaluation;
  whole: boolean;
}

const CLIPS_FILE = 'clips.jsonl';
const STATUS_EVERY_MS = 250;

export function registerAmdEvaluate(amd: Command, act: Act): void {
  const command = amd
    .command('evaluate <folder>')
    .description('how well detection does, beside Asterisk\'s algorithm, on labelled recordings (labels.jsonl), on calls built from clips (clips.jsonl), or on obzvon\'s own clips ("corpus")')
    .option('--calls <n>', 'calls to build from clips', '2000')
    .option('--seed <n>', 'which calls are built', '1')
    .option('--part <part>', 'voices of the clips: unheard (those the model did not learn from) or all', 'unheard')
    .option('--latest <ms>', `latest decision after the answer, ms (default: ${DETECTION_DEFAULTS.latestDecisionMs}, or the campaign's)`)
    .option('--cost <ratio>', `how many missed machines one lost human costs (default: ${DETECTION_DEFAULTS.lostHumanCost}, or the campaign's)`)
    .option('--campaign <file>', 'decide as this campaign would: by its latest decision, its cost of a lost human, its country')
    .option('--save <file>', 'where the figures are written as JSON', 'amd-evaluation.json');
  example(command, 'obzvon amd evaluate recorded-calls/ --save evaluation.json', 'obzvon amd evaluate recorded-calls/ --campaign campaign.yaml', 'obzvon amd evaluate corpus --calls 500').action(
    act(async (context, folder: string, options: Options) => {
      const chosen = await chosenOf(options);
      await expectWritable(options.save);
      const { evaluation, whole } = await hear(context, folder, chosen);
      context.terminal.endStatus();
      if (evaluation.calls === 0) {
        context.terminal.say('stopped before a call was heard: there are no figures');
        return EXIT.partial;
      }
      await writeWhole(options.save, `${JSON.stringify(evaluation, null, 1)}\n`);
      context.terminal.result(evaluation, () => `${evaluation.text}\n\nSaved to ${options.save}.`);
      return whole ? EXIT.done : EXIT.partial;
    }),
  );
}

async function chosenOf(options: Options): Promise<EvaluateOptions & { calls: number }> {
  const number = (name: string, text: string, least: number, most: number, whole = true): number => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
      throw new ObzvonError('usage', `--${name}: found "${text}"; expected a ${whole ? 'whole ' : ''}number from ${least} to ${most}`);
    }
    return value;
  };
  const { part, latest, cost } = options;
  if (part !== 'unheard' && part !== 'all') throw new ObzvonError('usage', `--part: found "${part}"; expected unheard or all`);
  const counts = { calls: number('calls', options.calls, 1, 1_000_000), seed: number('seed', options.seed, 0, 1_000_000) };
  const latestDecisionMs = latest === undefined ? null : number('latest', latest, 500, 60_000);
  const lostHumanCost = cost === undefined ? null : number('cost', cost, 0.01, 10_000, false);
  const campaign = options.campaign === undefined ? null : await readCampaign(options.campaign);
  // What ringing tells is left aside: how long a recorded or built call rang is not known.
  const detection = campaign?.detection ?? DETECTION_DEFAULTS;
  return {
    ...counts, part, forced: true, country: campaign?.defaultCountry ?? null,
    latestDecisionMs: latestDecisionMs ?? detection.latestDecisionMs, lostHumanCost: lostHumanCost ?? detection.lostHumanCost,
  };
}

/** An hour's figures must not be lost for want of a place: whether there is one is asked before. */
async function expectWritable(path: string): Promise<void> {
  const folder = dirname(path);
  const [there, place] = await Promise.all([stat(path).catch(() => null), stat(folder).catch(() => null)]);
  const isWritable = await access(folder, constants.W_OK).then(() => true, () => false);
  const fault = path.trim() === '' ? 'found nothing' : there?.isDirectory() === true ? 'is a folder' : place === null ? `${folder} is not there`
    : !place.isDirectory() ? `${folder} is no folder` : !isWritable ? `${folder} cannot be written to` : null;
  if (fault !== null) throw new ObzvonError('usage', `--save ${path}: ${fault}; expected a file in a folder that can be written to`);
}

async function hear(context: Context, folder: string, chosen: EvaluateOptions & { calls: number }): Promise<Heard> {
  const { terminal, stopAsked } = context;
  const following = (total: number): EvaluateOptions => ({ ...chosen, onCall: showProgress(context, total), stop: stopAsked });
  const built = async (clips: string): Promise<Heard> => {
    const evaluation = await evaluate(clips, following(chosen.calls));
    return { evaluation, whole: !evaluation.stopped };
  };
  if (folder === 'corpus') return built(fileURLToPath(new URL('../../amd/fixtures', import.meta.url)));
  const recorded = await readRecordedCalls(folder);
  if (recorded === null) {
    await expectClips(folder);
    return built(folder);
  }
  let leftOut = 0;
  const calls = recorded.read(({ message }) => {
    leftOut++;
    terminal.say(`${message}; it is left out`);
  });
  const evaluation = await evaluateCalls(calls, following(recorded.listed), RECORDED);
  if (leftOut > 0 && leftOut === recorded.listed) throw new ObzvonError('bad_input', `${folder}: none of the ${leftOut} recordings of ${LABELS_FILE} could be read; expected WAV files of 8 or 16 kHz beside it`);
  if (leftOut > 0) terminal.say(`${leftOut} of the ${recorded.listed} recordings of ${LABELS_FILE} are left out`);
  return { evaluation, whole: leftOut === 0 && !evaluation.stopped };
}

/** Calls heard, and how fast: live on a terminal, a plain line now and then otherwise. */
function showProgress({ terminal }: Context, total: number): (heard: number) => void {
  const startedAt = performance.now();
  let shownAt = -Infinity;
  return (heard) => {
    const now = performance.now();
    if (now - shownAt < STATUS_EVERY_MS) return;
    shownAt = now;
    terminal.status([`${heard} of ${total} calls, ${(heard / Math.max(0.001, (now - startedAt) / 1000)).toFixed(1)} calls/s`]);
  };
}

async function expectClips(folder: string): Promise<void> {
  if (await access(join(folder, CLIPS_FILE)).then(() => true, () => false)) return;
  const isFolder = await stat(folder).then((found) => found.isDirectory(), () => null);
  const found = isFolder === null ? 'is not there' : isFolder ? `found neither ${LABELS_FILE} nor ${CLIPS_FILE}` : 'is no folder';
  throw new ObzvonError('not_found', `${folder}: ${found}; expected a folder with ${LABELS_FILE} (recorded calls and who answered, as obzvon amd label writes it) or ${CLIPS_FILE} (clips that calls are built from), or "corpus" for obzvon's own clips`);
}
