/**
 * Trains the human-or-machine model: `npx tsx amd/train/train.ts CLIPS_FOLDER [calls]` writes amd/model/human-or-machine.json (about
 * ten minutes). Each fold of the training voices is judged by a model of the other folds; thresholds are chosen on those judgements.
 * The test part is never heard (`npx tsx amd/evaluate.ts CLIPS_FOLDER`).
 */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { CallBuilder } from '../corpus/calls.ts';
import { readClips, type Clip } from '../corpus/clips.ts';
import { foldOf, FOLDS, inSplit } from '../corpus/split.ts';
import { TreeModel, type TreeModelFile } from '../decision/tree-model.ts';
import { FEATURE_COUNT, FEATURE_NAMES } from '../voice/features.ts';
import { boost, type BoostOptions, type Forest, type Rows } from './boost.ts';
import { choosePolicy, type JudgedCall, type Policy, type PolicyResult } from './policy.ts';
import { silenceMsOf, stepsOf, type CallSteps } from './steps.ts';

const BOOST: BoostOptions = { trees: 200, depth: 5, rate: 0.08, minLeafWeight: 20, ridge: 4 };
const SEED = 11;
const LATEST_DECISION_MS = 5200;
/** Steps deep in the silence after the speech tell nothing that earlier ones did not. */
const MAX_SILENCE_MS = 1500;
/** Voices are played up to so much faster or slower, which changes pitch and timbre: there are few studio voices to learn from. */
const VOICE_STRETCH = 0.14;

interface FoldedCall extends CallSteps {
  fold: number;
}

function gather(clips: readonly Clip[], count: number): FoldedCall[] {
  const builder = new CallBuilder(clips.filter((clip) => inSplit(clip, 'train')), VOICE_STRETCH);
  const gathered: FoldedCall[] = [];
  for (const call of builder.calls(count, SEED)) {
    if (call.truth === 'fax') continue;
    gathered.push({ ...stepsOf(call, LATEST_DECISION_MS), fold: foldOf(call.voice, gathered.length) });
  }
  return gathered;
}

function rowsOf(calls: readonly CallSteps[]): Rows {
  const kept = calls.flatMap((call) => call.steps.filter((step) => silenceMsOf(step) <= MAX_SILENCE_MS).map((step, _, steps) => ({ step, human: call.human, weight: 1 / steps.length })));
  const humans = kept.reduce((sum, { human, weight }) => sum + (human ? weight : 0), 0);
  const others = kept.reduce((sum, { human, weight }) => sum + (human ? 0 : weight), 0);
  const rows: Rows = {
    count: kept.length, features: FEATURE_COUNT, x: new Float64Array(kept.length * FEATURE_COUNT),
    y: new Uint8Array(kept.length), weight: new Float64Array(kept.length),
  };
  kept.forEach(({ step, human, weight }, index) => {
    rows.x.set(step, index * FEATURE_COUNT);
    rows.y[index] = human ? 1 : 0;
    // Each call weighs the same however long it talks, and so does each class.
    rows.weight[index] = ((kept.length / 2) * weight) / (human ? humans : others);
  });
  return rows;
}

function modelOf(forest: Forest, policy: Policy, card: Record<string, unknown>): TreeModelFile {
  return { version: 1, features: [...FEATURE_NAMES], ...forest, policy, card };
}

const ANY_THRESHOLDS = { human: [{ probability: 1, silenceMs: 0 }], machineProbability: 0, machineElapsedMs: 0, forcedProbability: 0.5, forcedTalkingProbability: 0.5 };

function judged(calls: readonly CallSteps[], forest: Forest): JudgedCall[] {
  const model = new TreeModel(modelOf(forest, { noisyBelowDb: 0, noisy: ANY_THRESHOLDS, quiet: ANY_THRESHOLDS }, {}));
  return calls.map((call) => ({ ...call, probabilities: call.steps.map((step) => model.humanProbability(Float64Array.from(step))) }));
}

/** Trains on a folder of clips and returns the model file and how the chosen policy did on voices each fold's model had not heard. */
export async function train(folder: string, count: number, say: (line: string) => void): Promise<{ file: TreeModelFile; tuned: PolicyResult }> {
  const calls = gather(await readClips(folder), count);
  say(`${calls.length} calls built`);
  const crossed: JudgedCall[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const forest = boost(rowsOf(calls.filter((call) => call.fold !== fold)), BOOST);
    crossed.push(...judged(calls.filter((call) => call.fold === fold), forest));
    say(`fold ${fold + 1} of ${FOLDS} judged`);
  }
  const tuned = choosePolicy(crossed);
  say(JSON.stringify(tuned));
  const rows = rowsOf(calls);
  const card = {
    what: 'probability that the voice is a person, each 100 ms after the first speech',
    training: { calls: calls.length, steps: rows.count, boost: BOOST, seed: SEED, voiceStretch: VOICE_STRETCH },
    thresholds: 'chosen on the training part alone, each fold judged by a model of the others',
    crossed: { calls: crossed.length, noisy: tuned.noisy, quiet: tuned.quiet, meanSecondsFromSpeech: tuned.meanSeconds },
    limits: 'simulated channel, proxy languages: no recording of a real Russian, Ukrainian or Kazakh line was heard in training',
  };
  return { file: modelOf(boost(rows, BOOST), tuned.policy, card), tuned };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('say where the clips are: npx tsx amd/train/train.ts CLIPS_FOLDER [calls]');
  const { file } = await train(folder, Number(process.argv[3] ?? 7500), (line) => process.stdout.write(`${line}\n`));
  await writeFile(new URL('../model/human-or-machine.json', import.meta.url), `${JSON.stringify(file)}\n`);
}
