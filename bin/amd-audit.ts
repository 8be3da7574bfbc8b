import { readdir, readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { auditFigures, drawSample, type AuditCall, type AuditFigures, type AuditStratum, type Estimate } from '../amd/label/audit-figures.ts';
import { Labels } from '../amd/label/labels.ts';
import type { Bus } from '../core/bus/port.ts';
import { attemptsTopic } from '../core/bus/topics.ts';
import { ObzvonError } from '../core/errors.ts';
import { VERDICTS, verdictSchema } from '../core/outcome.ts';

const sampleLineSchema = z.object({ attemptId: z.string().regex(/^[\w-]{1,128}$/), verdict: verdictSchema });

/** The answered attempts of a campaign on which a verdict fell, each once. */
export async function judgedCalls(bus: Bus, campaignId: string): Promise<AuditCall[]> {
  const calls = new Map<string, AuditCall>();
  for await (const { value } of bus.scan(attemptsTopic)) {
    // Early media has no callee; only answered calls are asked about.
    if (value.campaignId === campaignId && value.verdict !== null && value.answeredAtMs !== null) calls.set(value.attemptId, { attemptId: value.attemptId, verdict: value.verdict });
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
  await writeFile(path, drawn.map((call) => `${JSON.stringify(call)}\n`).join(''), { mode: 0o600, flag: 'wx' });
  return drawn;
}

export interface AuditReport {
  campaign: string;
  sample: number;
  unlabelled: number;
  figures: AuditFigures;
}

/** What the labels given so far say of the campaign. */
export async function auditOf(campaign: string, calls: readonly AuditCall[], sample: readonly AuditCall[], folder: string): Promise<AuditReport> {
  const labels = await Labels.open(folder);
  const strata = new Map<string, AuditStratum>(VERDICTS.map((verdict) => [verdict, { verdict, attempts: calls.filter((call) => call.verdict === verdict).length, labels: {} }]));
  let unlabelled = 0;
  for (const { attemptId, verdict } of sample) {
    const label = labels.get(`${attemptId}.wav`);
    if (label === null) unlabelled++;
    else strata.get(verdict)!.labels[label] = (strata.get(verdict)!.labels[label] ?? 0) + 1;
  }
  return { campaign, sample: sample.length, unlabelled, figures: auditFigures([...strata.values()].filter(({ attempts }) => attempts > 0)) };
}

const share = (estimate: Estimate | null): string =>
  (estimate === null ? 'not known' : `${(100 * estimate.value).toFixed(1)} % (95 % interval ${(100 * estimate.low).toFixed(1)} to ${(100 * estimate.high).toFixed(1)})`);

export function auditText({ campaign, sample, unlabelled, figures }: AuditReport): string {
  const { reached, strata } = figures;
  return [
    `${campaign}: ${figures.labelled} of a sample of ${sample} calls are labelled${figures.untold > 0 ? `, ${figures.untold} cannot be told by ear` : ''}${unlabelled > 0 ? `, ${unlabelled} are still to be heard` : ''}`,
    `persons lost (not called human)     ${share(figures.humansLost)}`,
    `called human where no person was    ${share(figures.notHuman)}`,
    `answered by a person                ${reached.told} by the verdicts${reached.corrected === null ? '' : `, ${Math.round(reached.corrected.value)} corrected (${Math.round(reached.corrected.low)} to ${Math.round(reached.corrected.high)})`}`,
    ...strata.map(({ verdict, attempts, human }) => `  ${verdict.padEnd(13)} ${String(attempts).padStart(7)} calls, a person in ${share(human)}`),
  ].join('\n');
}
