import { pathToFileURL } from 'node:url';
import { asteriskAmd } from './asterisk.ts';
import { CallBuilder, CALL_KINDS, truthOf, type CallKind, type LabelledCall } from './corpus/calls.ts';
import { readClips } from './corpus/clips.ts';
import { inSplit, type Split } from './corpus/split.ts';
import { classifyPcm } from './wav.ts';
import type { HumanModel } from './decision/tree-model.ts';

export interface EvaluateOptions {
  /** Calls to build. Default 2000. */
  calls?: number;
  seed?: number;
  /** Which voices: `test` are those the model never heard. Default `test`. */
  split?: Split | 'all';
  /** Default 4000, as campaigns have it. */
  latestDecisionMs?: number;
  /** Null: timing alone. */
  model?: HumanModel | null;
}

/** Figures of one detector on one kind of call. */
export interface KindFigures {
  calls: number;
  verdicts: Record<string, number>;
}

export interface SystemFigures {
  name: string;
  kinds: Partial<Record<CallKind, KindFigures>>;
  /** Persons called machine, announcement or fax: what costs most. */
  humansLost: number;
  humans: number;
  /** Machines and announcements called human. */
  machinesMissed: number;
  machines: number;
  nobodyCalledHuman: number;
  nobody: number;
  /** Decision times of right verdicts, ms from the first speech (from the answer where there was none). */
  humanMs: { p50: number; p95: number };
  machineMs: { p50: number; p95: number };
}

export interface Evaluation {
  systems: SystemFigures[];
  beeps: { expected: number; found: number; endErrorP50Ms: number; endErrorP95Ms: number };
  text: string;
}

/** Builds calls from a folder of clips and tries the detector and Asterisk's algorithm on them. Pure but for reading the folder. */
export async function evaluate(folder: string, options: EvaluateOptions = {}): Promise<Evaluation> {
  const { split = 'test', calls = 2000, seed = 1 } = options;
  const clips = (await readClips(folder)).filter((clip) => split === 'all' || inSplit(clip, split));
  return evaluateCalls(new CallBuilder(clips).calls(calls, seed), options);
}

class Tally {
  readonly name: string;
  readonly kinds: Partial<Record<CallKind, KindFigures>> = {};
  readonly humanMs: number[] = [];
  readonly machineMs: number[] = [];
  constructor(name: string) {
    this.name = name;
  }

  add(call: LabelledCall, verdict: string, ms: number): void {
    const kind = (this.kinds[call.kind] ??= { calls: 0, verdicts: {} });
    kind.calls++;
    kind.verdicts[verdict] = (kind.verdicts[verdict] ?? 0) + 1;
    if (call.truth === 'human' && verdict === 'human') this.humanMs.push(ms);
    if ((call.truth === 'machine' || call.truth === 'announcement') && isRecording(verdict)) this.machineMs.push(ms);
  }

  figures(): SystemFigures {
    const count = (match: (kind: CallKind) => boolean, verdict: (verdict: string) => boolean): number =>
      CALL_KINDS.filter(match).reduce((sum, kind) => sum + Object.entries(this.kinds[kind]?.verdicts ?? {})
        .reduce((inner, [name, times]) => inner + (verdict(name) ? times : 0), 0), 0);
    const human = (kind: CallKind): boolean => kind.startsWith('human');
    const machine = (kind: CallKind): boolean => ['machine', 'announcement'].includes(truthOf(kind));
    const nobody = (kind: CallKind): boolean => !human(kind) && !machine(kind) && kind !== 'fax';
    const calledHuman = (verdict: string): boolean => verdict === 'human';
    const all = (): boolean => true;
    return {
      name: this.name,
      kinds: this.kinds,
      humansLost: count(human, isRecording),
      humans: count(human, all),
      machinesMissed: count(machine, calledHuman),
      machines: count(machine, all),
      nobodyCalledHuman: count(nobody, calledHuman),
      nobody: count(nobody, all),
      humanMs: { p50: quantile(this.humanMs, 0.5), p95: quantile(this.humanMs, 0.95) },
      machineMs: { p50: quantile(this.machineMs, 0.5), p95: quantile(this.machineMs, 0.95) },
    };
  }
}

const isRecording = (verdict: string): boolean => verdict === 'machine' || verdict === 'announcement' || verdict === 'fax';

/** The same for calls already built. Asterisk's clock, too, is counted from the detector's first speech where there is one. */
export function evaluateCalls(calls: Iterable<LabelledCall>, options: EvaluateOptions = {}): Evaluation {
  const latestDecisionMs = options.latestDecisionMs ?? 4000;
  const ours = new Tally('obzvon');
  const asterisk = new Tally('Asterisk app_amd, defaults');
  const beepErrors: number[] = [];
  let beeps = 0;
  for (const call of calls) {
    const report = classifyPcm(call.pcm, 8000, '', options.model === undefined ? { latestDecisionMs } : { latestDecisionMs, model: options.model });
    const onset = report.speechOnsetMs ?? 0;
    ours.add(call, report.verdict, report.audioMs - onset);
    const theirs = asteriskAmd(call.pcm);
    asterisk.add(call, theirs.verdict, theirs.audioMs - onset);
    if (call.beepEndMs === null || report.verdict !== 'machine') continue;
    beeps++;
    if (report.beep !== null && Math.abs(report.beep.audioMs - call.beepEndMs) < 300) beepErrors.push(report.beep.audioMs - call.beepEndMs);
  }
  const systems = [ours.figures(), asterisk.figures()];
  const beepFigures = { expected: beeps, found: beepErrors.length, endErrorP50Ms: quantile(beepErrors, 0.5), endErrorP95Ms: quantile(beepErrors, 0.95) };
  return { systems, beeps: beepFigures, text: render(systems, beepFigures) };
}

function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Wilson's 95 % interval of a share, in percent. */
export function wilson(found: number, of: number): string {
  if (of === 0) return 'none';
  const z = 1.96;
  const share = found / of;
  const centre = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))) / (1 + (z * z) / of);
  const percent = (value: number): string => (100 * value).toFixed(1);
  return `${found} of ${of}, ${percent(share)} % [${percent(Math.max(0, centre - half))}-${percent(Math.min(1, centre + half))}]`;
}

function render(systems: SystemFigures[], beeps: Evaluation['beeps']): string {
  const lines = ['Simulated channel, proxy languages: figures of real lines may differ.'];
  for (const system of systems) {
    lines.push('', system.name,
      `  humans lost            ${wilson(system.humansLost, system.humans)}`,
      `  machines called human  ${wilson(system.machinesMissed, system.machines)}`,
      `  nobody called human    ${wilson(system.nobodyCalledHuman, system.nobody)}`,
      `  human known after      p50 ${system.humanMs.p50} ms, p95 ${system.humanMs.p95} ms of the first speech`,
      `  machine known after    p50 ${system.machineMs.p50} ms, p95 ${system.machineMs.p95} ms`);
    for (const kind of CALL_KINDS) {
      const figures = system.kinds[kind];
      if (figures === undefined) continue;
      const verdicts = Object.entries(figures.verdicts).sort((a, b) => b[1] - a[1]).map(([verdict, times]) => `${verdict} ${times}`).join(', ');
      lines.push(`    ${kind.padEnd(19)} ${String(figures.calls).padStart(5)}  ${verdicts}`);
    }
  }
  lines.push('', `beeps after a machine: ${wilson(beeps.found, beeps.expected)} found; error of the end p50 ${beeps.endErrorP50Ms} ms, p95 ${beeps.endErrorP95Ms} ms`);
  return lines.join('\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('say where the clips are: npx tsx amd/evaluate.ts CLIPS_FOLDER [calls [latest decision, ms]]');
  const { text } = await evaluate(folder, { calls: Number(process.argv[3] ?? 2000), latestDecisionMs: Number(process.argv[4] ?? 4000) });
  process.stdout.write(`${text}\n`);
}
