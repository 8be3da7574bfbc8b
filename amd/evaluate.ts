import { setImmediate as othersTurn } from 'node:timers/promises';
import { DETECTION_DEFAULTS } from '../core/amd-wire.ts';
import { ObzvonError } from '../core/errors.ts';
import { asteriskAmd } from './asterisk.ts';
import { CallBuilder } from './corpus/calls.ts';
import { readClips } from './corpus/clips.ts';
import { shippedModel } from './decision/model-file.ts';
import type { HumanModel } from './decision/tree-model.ts';
import { SIMULATED, type BeepFigures, type Evaluation } from './evaluation/evaluation.ts';
import { FalseToneTally } from './evaluation/false-tones.ts';
import { forcedFigures, forcedJudgement, reliability, type Judged } from './evaluation/forced.ts';
import { clusterOf, quantile, shareOf, type Counted } from './evaluation/interval.ts';
import { renderEvaluation } from './evaluation/render.ts';
import { systemFigures } from './evaluation/system-figures.ts';
import type { EvaluatedCall, Told } from './evaluation/told.ts';
import { classifyPcm, type AmdVerdictReport } from './wav.ts';

export interface EvaluateOptions {
  /** Calls to build. Default 2000. */
  calls?: number;
  seed?: number;
  /** Voices of the clips: `unheard` are those the model did not learn from, by its card. Default `unheard`. */
  part?: 'unheard' | 'all';
  /** Default: as campaigns have it. */
  latestDecisionMs?: number;
  /** How many missed machines one lost human costs. Default: as campaigns have it. */
  lostHumanCost?: number;
  /** ISO 3166: whose ringback and busy tones to expect. Default: any. */
  country?: string | null;
  /** Null: timing alone. */
  model?: HumanModel | null;
  /** Also what the model would say when forced, and how true its probabilities are; takes as long again. Default false. */
  forced?: boolean;
  /** Told after each call how many have been heard. */
  onCall?: (heard: number) => void;
  /** Once aborted no further call is heard; the figures are of those that were. */
  stop?: AbortSignal;
}

const BEEP_TOLERANCE_MS = 300;

/** Builds calls from a folder of clips and tries the detector and Asterisk's algorithm on them. Pure but for reading the folder and giving way between calls. */
export async function evaluate(folder: string, options: EvaluateOptions = {}): Promise<Evaluation> {
  const { part = 'unheard', calls = 2000, seed = 1 } = options;
  const heard = part === 'all' ? null : (options.model === undefined ? shippedModel() : options.model)?.heard;
  const clips = (await readClips(folder)).filter(({ voice }) => heard?.has(voice) !== true);
  if (clips.length === 0) throw new ObzvonError('bad_input', `${folder}: no clip of a voice that the model has not heard; expected some, or all to be asked for`);
  return evaluateCalls(new CallBuilder(clips).calls(calls, seed), options);
}

/**
 * The same for calls already built, or recorded (`of` then says what they are). Asterisk's clock, too, is counted from the detector's first
 * speech where there is one.
 */
export async function evaluateCalls(calls: Iterable<EvaluatedCall> | AsyncIterable<EvaluatedCall>, options: EvaluateOptions = {}, of = SIMULATED): Promise<Evaluation> {
  const latestDecisionMs = options.latestDecisionMs ?? DETECTION_DEFAULTS.latestDecisionMs;
  const lostHumanCost = options.lostHumanCost ?? DETECTION_DEFAULTS.lostHumanCost;
  const country = options.country ?? null;
  const model = options.model === undefined ? shippedModel() : options.model;
  const ours: Told[] = [];
  const asterisk: Told[] = [];
  const judged: Judged[] = [];
  const beeps = new BeepTally();
  const falseTones = new FalseToneTally();
  let stopped = false;
  for await (const { pcm, ...call } of calls) {
    if (options.stop?.aborted === true) {
      stopped = true;
      break;
    }
    const report = classifyPcm(pcm, 8000, '', { latestDecisionMs, lostHumanCost, country, model });
    ours.push({ call, verdict: report.verdict, takenBack: report.takenBack?.verdict ?? null, audioMs: report.audioMs, onsetMs: report.speechOnsetMs });
    const theirs = asteriskAmd(pcm);
    asterisk.push({ call, verdict: theirs.verdict, takenBack: null, audioMs: theirs.audioMs, onsetMs: report.speechOnsetMs });
    beeps.add(call, report, pcm.length / 8000);
    falseTones.add(call, report, Math.min(pcm.length / 8000, untilMs(report) / 1000));
    const judgement = options.forced === true && call.voice !== '' ? forcedJudgement(pcm, model) : null;
    if (judgement !== null) judged.push({ human: call.truth === 'human', voice: call.voice, judgement });
    options.onCall?.(ours.length);
    // A call takes tens of milliseconds of the processor: signals are heard in between.
    await othersTurn();
  }
  const evaluation = {
    of, calls: ours.length, stopped, latestDecisionMs, lostHumanCost, country, systems: [systemFigures('obzvon', ours), systemFigures('Asterisk app_amd, defaults', asterisk)], beeps: beeps.figures(), falseTones: falseTones.figures(),
    forced: judged.length === 0 ? [] : forcedFigures(judged), reliability: judged.length === 0 ? [] : reliability(judged),
  };
  return { ...evaluation, text: renderEvaluation(evaluation) };
}

/** How long beeps were listened for: the other verdicts are the end of it. */
function untilMs({ verdict, audioMs, settledMs }: AmdVerdictReport): number {
  return verdict === 'machine' || verdict === 'human' || verdict === 'unsure' ? (settledMs ?? Infinity) : audioMs;
}

class BeepTally {
  private readonly errors: number[] = [];
  private readonly counted: Counted[] = [];
  private readonly told: Counted[] = [];
  private calls = 0;
  private falseBeeps = 0;
  private seconds = 0;

  add(call: Told['call'], report: AmdVerdictReport, seconds: number): void {
    const { beepEndMs } = call;
    // A recorded machine may beep where nobody has noted it.
    if (call.truth === 'machine' && beepEndMs === null) return;
    const near = beepEndMs === null ? [] : report.beeps.map(({ audioMs }) => audioMs - beepEndMs).filter((ms) => Math.abs(ms) < BEEP_TOLERANCE_MS);
    const errorMs = near.sort((a, b) => Math.abs(a) - Math.abs(b))[0];
    if (call.truth !== 'fax') this.seconds += Math.min(seconds, untilMs(report) / 1000);
    this.falseBeeps += report.beeps.length - near.length;
    const cluster = clusterOf(call.voice, this.calls++);
    this.told.push(...report.beeps.map((_beep, index) => ({ cluster, hit: index < near.length })));
    if (beepEndMs === null || untilMs(report) < beepEndMs) return;
    this.counted.push({ cluster, hit: errorMs !== undefined });
    if (errorMs !== undefined) this.errors.push(errorMs);
  }

  figures(): BeepFigures {
    return {
      expected: this.counted.length, found: this.errors.length, falseBeeps: this.falseBeeps, hours: this.seconds / 3600, recall: shareOf(this.counted),
      precision: shareOf(this.told),
      endErrorP50Ms: quantile(this.errors, 0.5), endErrorP95Ms: quantile(this.errors, 0.95),
    };
  }
}
