import { readdir, readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { auditFigures, drawSample, type AuditCall, type AuditFigures, type AuditStratum, type Estimate } from '../amd/label/audit-figures.ts';
import { Labels } from '../amd/label/labels.ts';
import { ringFigures, ringOddsOf, type RangCall, type RingStretch } from '../amd/label/ring-figures.ts';
import type { Bus } from '../core/bus/port.ts';
import { attemptsTopic } from '../core/bus/topics.ts';
import { ObzvonError } from '../core/errors.ts';
import { VERDICTS, verdictSchema } from '../core/outcome.ts';

const sampleLineSchema = z.object({ attemptId: z.string().regex(/^[\w-]{1,128}$/), verdict: verdictSchema });

export interface JudgedCall extends AuditCall {
  ringMs: number;
  /** Outcome `human`: whoever answered was spoken to as a person. */
  spokenTo: boolean;
}

/** The answered attempts of a campaign on which a verdict fell, each once. */
export async function judgedCalls(bus: Bus, campaignId: string): Promise<JudgedCall[]> {
  const calls = new Map<string, JudgedCall>();
  for await (const { value } of bus.scan(attemptsTopic)) {
    // Early media has no callee; only answered calls are asked about.
    if (value.campaignId === campaignId && value.verdict !== null && value.answeredAtMs !== null) calls.set(value.attemptId, { attemptId: value.attemptId, verdict: value.verdict, ringMs: value.ringMs, spokenTo: value.outcome === 'human' });
  }
  return [...calls.values()];
}

export async function readAuditSample(path: string): Promise<AuditCall[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ObzvonError('not_found', `${path}: cannot be read; expected a sample that obzvon amd audit has drawn`, { cause: error });
  });
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    let raw: unknown;
    try {
      raw = JSON.parse(line);
    } catch {
      raw = undefined;
    }
    const parsed = sampleLineSchema.safeParse(raw);
    if (!parsed.success) throw new ObzvonError('bad_input', `${path} line ${index + 1}: found "${line.slice(0, 60)}"; expected {"attemptId": ID, "verdict": VERDICT}`);
    return [parsed.data];
  });
}

/** Draws the sample among the recorded calls, and writes it: a sample once drawn is kept, for what is drawn anew until it pleases is no sample. */
export async function sampleOf(path: string, calls: readonly AuditCall[], folder: string, size: number, seed: number): Promise<AuditCall[]> {
  const names = new Set(await readdir(folder).catch(() => []));
  const recorded = calls.filter(({ attemptId }) => names.has(`${attemptId}.wav`));
  if (recorded.length === 0) throw new ObzvonError('not_found', `${folder}: found no recording of this campaign's ${calls.length} answered calls; expected some (amd.recordShare above 0 while it runs)`);
  const drawn = drawSample(recorded, size, seed);
  await writeFile(path, drawn.map(({ attemptId, verdict }) => `${JSON.stringify({ attemptId, verdict })}\n`).join(''), { mode: 0o600, flag: 'wx' });
  return drawn;
}

export interface AuditReport {
  campaign: string;
  sample: number;
  unlabelled: number;
  figures: AuditFigures;
  /** What ring time tells of who answers; null where too few are labelled. */
  ring: RingStretch[] | null;
}

/** What the labels given so far say of the campaign. */
export async function auditOf(campaign: string, calls: readonly JudgedCall[], sample: readonly AuditCall[], folder: string): Promise<AuditReport> {
  const labels = await Labels.open(folder);
  const strata = new Map<string, AuditStratum>(VERDICTS.map((verdict) => [verdict, { verdict, attempts: calls.filter((call) => call.verdict === verdict).length, spokenTo: calls.filter((call) => call.verdict === verdict && call.spokenTo).length, labels: {} }]));
  let unlabelled = 0;
  for (const { attemptId, verdict } of sample) {
    const label = labels.get(`${attemptId}.wav`);
    if (label === null) unlabelled++;
    else strata.get(verdict)!.labels[label] = (strata.get(verdict)!.labels[label] ?? 0) + 1;
  }
  return { campaign, sample: sample.length, unlabelled, figures: auditFigures([...strata.values()].filter(({ attempts }) => attempts > 0)), ring: ringFigures(rangCalls(calls, sample, labels, strata)) };
}

/** The labelled calls in which somebody or something spoke; each stands for its verdict's attempts. */
function rangCalls(calls: readonly JudgedCall[], sample: readonly AuditCall[], labels: Labels, strata: ReadonlyMap<string, AuditStratum>): RangCall[] {
  const ringMs = new Map(calls.map((call) => [call.attemptId, call.ringMs]));
  return sample.flatMap(({ attemptId, verdict }) => {
    const label = labels.get(`${attemptId}.wav`);
    const { attempts, labels: heard } = strata.get(verdict)!;
    const rang = ringMs.get(attemptId);
    if (rang === undefined || label === null || label === 'silence' || label === 'unsure') return [];
    return [{ ringMs: rang, human: label === 'human', weight: attempts / Object.values(heard).reduce((sum, count) => sum + count, 0) }];
  });
}

const share = (estimate: Estimate | null): string =>
  (estimate === null ? 'not known' : `${(100 * estimate.value).toFixed(1)} % (95 % interval ${(100 * estimate.low).toFixed(1)} to ${(100 * estimate.high).toFixed(1)})`);

export function auditText({ campaign, sample, unlabelled, figures, ring }: AuditReport): string {
  const { reached, strata } = figures;
  return [
    `${campaign}: ${figures.labelled} of a sample of ${sample} calls are labelled${figures.untold > 0 ? `, ${figures.untold} cannot be told by ear` : ''}${unlabelled > 0 ? `, ${unlabelled} are still to be heard` : ''}`,
    `persons lost (not spoken to)        ${share(figures.humansLost)}`,
    `persons not called human            ${share(figures.notCalledHuman)}`,
    `spoken to where no person was       ${share(figures.nobodySpokenTo)}`,
    `called human where no person was    ${share(figures.notHuman)}`,
    `answered by a person                ${reached.told} by their outcome${reached.corrected === null ? '' : `, ${Math.round(reached.corrected.value)} corrected (${Math.round(reached.corrected.low)} to ${Math.round(reached.corrected.high)})`}`,
    ...strata.map(({ verdict, attempts, human }) => `  ${verdict.padEnd(13)} ${String(attempts).padStart(7)} calls, a person in ${share(human)}`),
    ...(ring === null ? ['what ring time tells                not known: too few persons or recordings are labelled'] : ringLines(ring)),
  ].join('\n');
}

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

const ringLines = (ring: readonly RingStretch[]): string[] => [
  'answered after ringing for',
  ...ring.map(({ fromMs, persons, recordings, logOdds }) => `  ${`${fromMs / 1000} s and more`.padEnd(16)} ${percent(persons).padStart(7)} of the persons, ${percent(recordings).padStart(7)} of the recordings: log odds ${logOdds.toFixed(2)}`),
  `for the campaign: detection.ringOdds: ${JSON.stringify(ringOddsOf(ring))}`,
];
