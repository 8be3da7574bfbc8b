/**
 * Trains the human-or-machine model: `npx tsx amd/train/train.ts [--calls N] --cache DIR CLIPS_FOLDER...` writes amd/model/human-or-machine.json.
 * Each fold of the training voices is judged by a model of the other folds, on calls of its own: on these judgements the model is calibrated, the
 * policy found and the card's figures counted. The test part is never heard (`obzvon amd evaluate CLIPS_FOLDER`).
 * The net is learnt by voice_net.py, with what set-up.sh has put into DIR; what lies in DIR already is not made again.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { writeWhole } from '../../core/whole-file.ts';
import { readClips } from '../corpus/clips.ts';
import { FOLDS, inSplit } from '../corpus/split.ts';
import { NEVER_STOPS } from '../decision/stopping-policy.ts';
import { TreeModel, type TreeModelFile } from '../decision/tree-model.ts';
import { silentNet, VoiceEar, VoiceNet, voiceNetSchema, type VoiceNetFile } from '../decision/voice-net.ts';
import { FEATURE_COUNT, FEATURE_NAMES, VOICE_NET } from '../voice/features.ts';
import { boost, type BoostOptions, type Forest, type Rows } from './boost.ts';
import { calibrate, type Judged } from './calibrate.ts';
import { crossedFigures } from './crossed-figures.ts';
import { BENT_CALLS, gather, PLAIN_CALLS, type GatheredCall } from './gather.ts';
import { stoppingPolicy, type Course, type Prices } from './optimal-stopping.ts';
import { HEARD_SIZE } from './steps.ts';
import { holdToTraining } from './training-stamp.ts';

const BOOST: BoostOptions = { trees: 220, depth: 6, rate: 0.06, minLeafWeight: 40, ridge: 8, rowShare: 0.4, featureShare: 0.5, seed: 5 };
/** Steps deep in the silence after the speech tell nothing that earlier ones did not. */
const MAX_SILENCE_MS = 1600;
/** A lost human costs as much as so many missed machines; campaigns choose among these (the nearest is taken). */
const PRICES: readonly Prices[] = [1, 3, 10, 30, 100].map((costRatio) => ({ costRatio, waitingSecond: 0.04, channelSecond: 0.05 }));
/** So sure it must be of a person to be called one. */
const SURE_HUMAN = 0.78;
/** So sure, of one who still talks. */
const SURE_TALKING = 0.84;
/**
 * Who has answered is to be spoken to within 2 s of the end of their greeting (of telemarketers 16 CFR 310.4 (b)(1)(iv) and 47 CFR 64.1200 (a)(7) demand it);
 * 0.2 s is left for the way.
 */
const PATIENCE_MS = 1800;
/** What is no voice is seldom taken for one, so that there are few of it to learn from; it must never be a person. */
const NOBODY_WEIGHT = 4;
/** Sources whose persons act or read aloud. Who picks up a telephone does neither: they are learnt from, but no limit is chosen by them. */
const ACTED: readonly string[] = ['fillets_cs', 'hsb_cv'];
/** Calls on which the limits are chosen, to one that is learnt from. */
const PLAIN_SHARE = 0.5;
const AS_IT_IS = [{ fromMs: 0, scale: 1, shift: 0 }];

const isHuman = ({ call }: GatheredCall): boolean => call.truth === 'human';
const isActed = (gathered: GatheredCall): boolean => isHuman(gathered) && ACTED.some((source) => gathered.call.voice.startsWith(`${source}/`));

/** What the trees learn from: every second step of each call. Each call weighs the same however long it talks, and so does each class. */
function rowsOf(calls: readonly GatheredCall[]): Rows {
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

const ALL_FOLDS = 'of-all';
const withoutFold = (fold: number): string => `without-fold-${fold}`;
const netPath = (cache: string, of: string): string => join(cache, `net-${of}.json`);

/** Has voice_net.py learn the nets that are not in the cache yet: one of all calls, and for each fold one that did not hear it. */
function learnNets(cache: string): void {
  if ([ALL_FOLDS, ...Array.from({ length: FOLDS }, (_, fold) => withoutFold(fold))].every((of) => existsSync(netPath(cache, of)))) return;
  const python = join(cache, 'python/bin/python');
  if (!existsSync(python)) throw new Error(`${cache} has no python: run amd/train/set-up.sh ${cache} first`);
  const { status } = spawnSync(python, [fileURLToPath(new URL('./voice_net.py', import.meta.url)), cache, join(cache, 'smart-turn.onnx'), join(cache, 'whisper_features.py')], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`voice_net.py ended with ${String(status)}: see what it said above`);
}

const learntNet = async (cache: string, of: string): Promise<VoiceNetFile> => voiceNetSchema.parse(JSON.parse(await readFile(netPath(cache, of), 'utf8')));

/** What was learnt before and lies in the cache, or else is learnt now and put there: a long training can be stopped and gone on with. */
async function kept<T>(cache: string, name: string, learn: () => T): Promise<T> {
  const path = join(cache, name);
  // Written below, for this training (training-stamp.ts).
  if (existsSync(path)) return JSON.parse(await readFile(path, 'utf8')) as T;
  const learnt = learn();
  await writeWhole(path, JSON.stringify(learnt));
  return learnt;
}

/** Fills in what the net says at each step. */
function hearVoices(calls: readonly GatheredCall[], file: VoiceNetFile): void {
  const net = new VoiceNet(file);
  for (const { features, framesHeard, heard } of calls) {
    const ear = new VoiceEar(net);
    let frame = 0;
    framesHeard.forEach((frames, step) => {
      for (; frame < frames; frame++) ear.hear(heard, frame * HEARD_SIZE, heard[(frame + 1) * HEARD_SIZE - 1] === 1);
      features[step * FEATURE_COUNT + VOICE_NET] = ear.logOdds;
    });
  }
}

function modelOf(forest: Forest, rest: Partial<Pick<TreeModelFile, 'calibration' | 'policy' | 'card' | 'voices' | 'net'>> = {}): TreeModelFile {
  return { version: 4, features: [...FEATURE_NAMES], ...forest, calibration: AS_IT_IS, policy: NEVER_STOPS, net: silentNet(), voices: [], card: {}, ...rest };
}

/** Log-odds of each step of each call. */
function judge(calls: readonly GatheredCall[], forest: Forest): number[][] {
  const model = new TreeModel(modelOf(forest));
  const row = new Float64Array(FEATURE_COUNT);
  return calls.map(({ features, elapsedMs }) => elapsedMs.map((_, step) => {
    row.set(features.subarray(step * FEATURE_COUNT, (step + 1) * FEATURE_COUNT));
    return model.logOdds(row);
  }));
}

interface Crossed {
  calls: GatheredCall[];
  logOdds: number[][];
}

/**
 * Each call of `plain` judged by a net and trees that did not hear its voice. Fills in what the nets say in `bent`, from which the trees learn to trust
 * nets only as far as they can be on new voices.
 */
async function cross(bent: readonly GatheredCall[], plain: readonly GatheredCall[], cache: string, say: (line: string) => void): Promise<Crossed> {
  const crossed: Crossed = { calls: [], logOdds: [] };
  for (let fold = 0; fold < FOLDS; fold++) {
    hearVoices([...bent, ...plain].filter((call) => call.fold === fold), await learntNet(cache, withoutFold(fold)));
    say(`fold ${fold + 1} of ${FOLDS} heard`);
  }
  for (let fold = 0; fold < FOLDS; fold++) {
    const held = plain.filter((call) => call.fold === fold);
    crossed.logOdds.push(...await kept(cache, `judged-fold-${fold}.json`, () => judge(held, boost(rowsOf(bent.filter((call) => call.fold !== fold)), BOOST))));
    crossed.calls.push(...held);
    say(`fold ${fold + 1} of ${FOLDS} judged`);
  }
  return crossed;
}

/** Persons and all others weigh the same, each call as any other of its side; who acts weighs nothing. */
function weightsOf(calls: readonly GatheredCall[]): number[] {
  const counted = calls.filter((call) => !isActed(call));
  const humans = counted.filter(isHuman).length;
  return calls.map((call) => (isActed(call) ? 0 : counted.length / 2 / (isHuman(call) ? humans : counted.length - humans)));
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
  return { calibration, policy: stoppingPolicy(courses, prices, { sureHuman: SURE_HUMAN, sureTalking: SURE_TALKING, patienceMs: PATIENCE_MS }), courses };
}

/** Calls in the cache may be of clips that are in no folder any more: the model has heard their voices all the same. */
export function voicesHeard(clips: readonly { voice: string }[], calls: readonly Pick<GatheredCall, 'call'>[]): string[] {
  return [...new Set([...clips, ...calls.map(({ call }) => call)].map(({ voice }) => voice))].filter((voice) => voice !== '').sort();
}

export async function train(folders: readonly string[], count: number, cache: string, say: (line: string) => void): Promise<TreeModelFile> {
  await holdToTraining(cache, count);
  const read = async (): Promise<Awaited<ReturnType<typeof readClips>>> => (await Promise.all(folders.map((folder) => readClips(folder)))).flat();
  const calls = await gather(BENT_CALLS, read, count, cache, say);
  const plain = await gather(PLAIN_CALLS, read, Math.ceil(count * PLAIN_SHARE), cache, say);
  learnNets(cache);
  const crossed = await cross(calls, plain, cache, say);
  const { courses, ...settled } = settle(crossed, PRICES);
  const figures = crossedFigures(crossed.calls, courses, settled.policy);
  say(JSON.stringify(figures, null, 1));
  const rows = rowsOf(calls);
  const voices = voicesHeard((await read()).filter((clip) => inSplit(clip, 'train')), [...calls, ...plain]);
  const card = {
    what: 'probability that the voice is a person, each 100 ms after the first speech',
    data: { folders: folders.length, calls: calls.length, steps: rows.count, voices: voices.length },
    split: 'by speaker, studio voices by source (corpus/split.ts); a third of the speakers and five sources are the test part and were not heard',
    training: { boost: BOOST, net: 'voice_net.py', bent: BENT_CALLS, prices: PRICES, sureHuman: SURE_HUMAN, sureTalking: SURE_TALKING, patienceMs: PATIENCE_MS },
    thresholds: `calibration and policy from ${plain.length} calls of the training voices as they are, in ${FOLDS} folds, each judged by a model of the others; not by persons of ${ACTED.join(' and ')}`,
    crossed: figures,
    limits: 'simulated channel, proxy languages: no recording of a real Russian, Ukrainian or Kazakh line was heard in training',
  };
  return modelOf(await kept(cache, 'forest.json', () => boost(rows, BOOST)), { ...settled, net: await learntNet(cache, ALL_FOLDS), voices, card });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { calls: { type: 'string', default: '10000' }, cache: { type: 'string' } } });
  if (positionals.length === 0 || values.cache === undefined) throw new Error('say where the clips are: npx tsx amd/train/train.ts [--calls N] --cache DIR CLIPS_FOLDER...');
  const file = await train(positionals, Number(values.calls), values.cache, (line) => process.stdout.write(`${line}\n`));
  await writeFile(new URL('../model/human-or-machine.json', import.meta.url), `${JSON.stringify(file)}\n`);
}
