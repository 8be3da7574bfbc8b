/**
 * Trains the human-or-machine model: `npx tsx amd/train/train.ts [--calls N] [--cache DIR] CLIPS_FOLDER...` writes amd/model/human-or-machine.json.
 * Each fold of the training voices is judged by a model of the other folds: on these judgements the model is calibrated, the policy found and
 * the card's figures counted. The test part is never heard (`obzvon amd evaluate CLIPS_FOLDER`).
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { readClips } from '../corpus/clips.ts';
import { FOLDS, inSplit } from '../corpus/split.ts';
import { NEVER_STOPS } from '../decision/stopping-policy.ts';
import { TreeModel, type TreeModelFile } from '../decision/tree-model.ts';
import { toWeights, VoiceEar, type VoiceNetFile, type VoiceNetWeights } from '../decision/voice-net.ts';
import { FEATURE_COUNT, FEATURE_NAMES, VOICE_NET } from '../voice/features.ts';
import { SHAPE_SIZE } from '../voice/voice-shape.ts';
import { boost, type BoostOptions, type Forest, type Rows } from './boost.ts';
import { calibrate, type Judged } from './calibrate.ts';
import { crossedFigures } from './crossed-figures.ts';
import { gather, VOICE_STRETCH, VOICE_TILT } from './gather.ts';
import { stoppingPolicy, type Course, type Prices } from './optimal-stopping.ts';
import type { CallSteps } from './steps.ts';
import { trainVoiceNet, zeroNet, type VoiceNetOptions } from './voice-net-training.ts';

const BOOST: BoostOptions = { trees: 220, depth: 6, rate: 0.06, minLeafWeight: 40, ridge: 8, rowShare: 0.4, featureShare: 0.5, seed: 5 };
const NET: VoiceNetOptions = { epochs: 7, rate: 0.005, seed: 3 };
/** Steps deep in the silence after the speech tell nothing that earlier ones did not. */
const MAX_SILENCE_MS = 1600;
/** A lost human costs as much as so many missed machines; campaigns choose among these (the nearest is taken). */
const PRICES: readonly Prices[] = [1, 3, 10, 30, 100].map((costRatio) => ({ costRatio, waitingSecond: 0.04, channelSecond: 0.05 }));
/** So sure it must be of a person to be called one. */
const SURE_HUMAN = 0.82;
/** What is no voice is seldom taken for one, so that there are few of it to learn from; it must never be a person. */
const NOBODY_WEIGHT = 4;
const AS_IT_IS = [{ fromMs: 0, scale: 1, shift: 0 }];

const isHuman = ({ call }: CallSteps): boolean => call.truth === 'human';

/** What the trees learn from: every second step of each call. Each call weighs the same however long it talks, and so does each class. */
function rowsOf(calls: readonly CallSteps[]): Rows {
  const picked = calls.map((call, index) => call.silenceMs.flatMap((silenceMs, step) => (silenceMs <= MAX_SILENCE_MS && (step + index) % 2 === 0 ? [step] : [])));
  const count = picked.reduce((sum, steps) => sum + steps.length, 0);
  const heard = calls.filter((_, index) => picked[index]!.length > 0);
  const humans = heard.filter(isHuman).length;
  const rows: Rows = { count, features: FEATURE_COUNT, x: new Float32Array(count * FEATURE_COUNT), y: new Uint8Array(count), weight: new Float64Array(count) };
  let row = 0;
  calls.forEach((call, index) => {
    const steps = picked[index]!;
    for (const step of steps) {
      rows.x.set(call.features.subarray(step * FEATURE_COUNT, (step + 1) * FEATURE_COUNT), row * FEATURE_COUNT);
      rows.y[row] = isHuman(call) ? 1 : 0;
      rows.weight[row] = (count / 2 / steps.length / (isHuman(call) ? humans : heard.length - humans)) * (call.call.truth === 'nobody' ? NOBODY_WEIGHT : 1);
      row++;
    }
  });
  return rows;
}

const toFile = (weights: VoiceNetWeights): VoiceNetFile =>
  Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, Array.from(values, (value) => Number(value.toPrecision(5)))])) as VoiceNetFile;

/** A net that has heard persons, recordings and what is no voice; greetings in the owner's own voice sound like persons and would only confuse it. */
function learnVoices(calls: readonly CallSteps[]): VoiceNetWeights {
  const heard = calls.filter(({ call }) => call.kind !== 'machine_own_voice');
  const humans = heard.filter(isHuman).length;
  return trainVoiceNet(heard.map((call) => ({ shapes: call.shapes, human: isHuman(call), weight: heard.length / 2 / (isHuman(call) ? humans : heard.length - humans) })), NET);
}

/** What was learnt before and lies in the cache, or else is learnt now and put there: a long training can be stopped and gone on with. */
async function kept<T>(cache: string | null, name: string, learn: () => T): Promise<T> {
  const path = cache === null ? null : join(cache, name);
  // Written below; only this command reads it.
  if (path !== null && existsSync(path)) return JSON.parse(await readFile(path, 'utf8')) as T;
  const learnt = learn();
  if (path !== null) await writeFile(path, JSON.stringify(learnt));
  return learnt;
}

/** Fills in what the net says at each step. */
function hearVoices(calls: readonly CallSteps[], weights: VoiceNetWeights): void {
  for (const { features, framesHeard, shapes } of calls) {
    const ear = new VoiceEar(weights);
    let frame = 0;
    framesHeard.forEach((frames, step) => {
      for (; frame < frames; frame++) ear.hear(shapes.subarray(frame * SHAPE_SIZE, (frame + 1) * SHAPE_SIZE));
      features[step * FEATURE_COUNT + VOICE_NET] = ear.logOdds;
    });
  }
}

function modelOf(forest: Forest, rest: Partial<Pick<TreeModelFile, 'calibration' | 'policy' | 'card' | 'voices' | 'net'>> = {}): TreeModelFile {
  return { version: 2, features: [...FEATURE_NAMES], ...forest, calibration: AS_IT_IS, policy: NEVER_STOPS, net: toFile(zeroNet()), voices: [], card: {}, ...rest };
}

/** Log-odds of each step of each call. */
function judge(calls: readonly CallSteps[], forest: Forest): number[][] {
  const model = new TreeModel(modelOf(forest));
  const row = new Float64Array(FEATURE_COUNT);
  return calls.map(({ features, elapsedMs }) => elapsedMs.map((_, step) => {
    row.set(features.subarray(step * FEATURE_COUNT, (step + 1) * FEATURE_COUNT));
    return model.logOdds(row);
  }));
}

interface Crossed {
  calls: CallSteps[];
  logOdds: number[][];
}

/** Each call judged by a net and trees that did not hear its voice; the trees have learnt to trust nets only as far as they can be on new voices. */
async function cross(calls: readonly CallSteps[], cache: string | null, say: (line: string) => void): Promise<Crossed> {
  const crossed: Crossed = { calls: [], logOdds: [] };
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = calls.filter((call) => call.fold !== fold);
    hearVoices(calls.filter((call) => call.fold === fold), toWeights(await kept(cache, `net-without-fold-${fold}-of-${calls.length}.json`, () => toFile(learnVoices(others)))));
    say(`fold ${fold + 1} of ${FOLDS} heard`);
  }
  for (let fold = 0; fold < FOLDS; fold++) {
    const held = calls.filter((call) => call.fold === fold);
    crossed.logOdds.push(...await kept(cache, `judged-fold-${fold}-of-${calls.length}.json`, () => judge(held, boost(rowsOf(calls.filter((call) => call.fold !== fold)), BOOST))));
    crossed.calls.push(...held);
    say(`fold ${fold + 1} of ${FOLDS} judged`);
  }
  return crossed;
}

/** Persons and all others weigh the same, each call as any other of its side. */
function weightsOf(calls: readonly CallSteps[]): number[] {
  const humans = calls.filter(isHuman).length;
  return calls.map((call) => calls.length / 2 / (isHuman(call) ? humans : calls.length - humans));
}

/** Calibration and policy from the judgements of models that did not hear the voices; `prices` as the product has them. */
function settle({ calls, logOdds }: Crossed, prices: readonly Prices[]): Pick<TreeModelFile, 'calibration' | 'policy'> & { courses: Course[] } {
  const weights = weightsOf(calls);
  const calibration = calibrate(calls.flatMap((call, index) => call.elapsedMs.flatMap((elapsedMs, step): Judged[] =>
    call.silenceMs[step]! > MAX_SILENCE_MS ? [] : [{ logOdds: logOdds[index]![step]!, elapsedMs, human: isHuman(call), weight: weights[index]! / 20 }])));
  const calibrated = new TreeModel(modelOf({ bias: 0, roots: [], feature: [], threshold: [], left: [], value: [] }, { calibration }));
  const courses = calls.map((call, index): Course => ({
    weight: weights[index]!, elapsedMs: call.elapsedMs, silenceMs: call.silenceMs, decidedByTone: call.decidedByTone,
    probabilities: call.elapsedMs.map((elapsedMs, step) => calibrated.calibrated(logOdds[index]![step]!, elapsedMs)),
  }));
  return { calibration, policy: stoppingPolicy(courses, prices, SURE_HUMAN), courses };
}

/** Calls in the cache may be of clips that are in no folder any more: the model has heard their voices all the same. */
export function voicesHeard(clips: readonly { voice: string }[], calls: readonly Pick<CallSteps, 'call'>[]): string[] {
  return [...new Set([...clips, ...calls.map(({ call }) => call)].map(({ voice }) => voice))].filter((voice) => voice !== '').sort();
}

export async function train(folders: readonly string[], count: number, cache: string | null, say: (line: string) => void): Promise<TreeModelFile> {
  const read = async (): Promise<Awaited<ReturnType<typeof readClips>>> => (await Promise.all(folders.map((folder) => readClips(folder)))).flat();
  const calls = await gather(read, count, cache, say);
  const crossed = await cross(calls, cache, say);
  const { courses, ...settled } = settle(crossed, PRICES);
  const figures = crossedFigures(crossed.calls, courses, settled.policy);
  say(JSON.stringify(figures, null, 1));
  const rows = rowsOf(calls);
  const voices = voicesHeard((await read()).filter((clip) => inSplit(clip, 'train')), calls);
  const card = {
    what: 'probability that the voice is a person, each 100 ms after the first speech',
    data: { folders: folders.length, calls: calls.length, steps: rows.count, voices: voices.length },
    split: 'by speaker, studio voices by source (corpus/split.ts); a third of the speakers and five sources are the test part and were not heard',
    training: { boost: BOOST, net: NET, voiceStretch: VOICE_STRETCH, voiceTilt: VOICE_TILT, prices: PRICES, sureHuman: SURE_HUMAN },
    thresholds: `calibration and policy from ${FOLDS} folds of the training voices, each judged by a model of the others`,
    crossed: figures,
    limits: 'simulated channel, proxy languages: no recording of a real Russian, Ukrainian or Kazakh line was heard in training',
  };
  return modelOf(await kept(cache, `forest-of-${calls.length}.json`, () => boost(rows, BOOST)), { ...settled, net: await kept(cache, `net-of-${calls.length}.json`, () => toFile(learnVoices(calls))), voices, card });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { calls: { type: 'string', default: '10000' }, cache: { type: 'string' } } });
  if (positionals.length === 0) throw new Error('say where the clips are: npx tsx amd/train/train.ts [--calls N] [--cache DIR] CLIPS_FOLDER...');
  const file = await train(positionals, Number(values.calls), values.cache ?? null, (line) => process.stdout.write(`${line}\n`));
  await writeFile(new URL('../model/human-or-machine.json', import.meta.url), `${JSON.stringify(file)}\n`);
}
