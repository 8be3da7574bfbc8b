import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Cluster } from '../../deploy/local/cluster.ts';
import type { TrialWatch } from '../../deploy/local/trial-watch.ts';
import { trialCampaign, writeTrialList, type Trial } from '../../deploy/local/trial.ts';

/** A trial that has not come to its end after this long will not. Wall ms. */
const LIMIT_MS = 240_000;
const POLL_MS = 20;

const auditSchema = z.object({ ok: z.boolean(), checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })) });

/** Writes campaign and list, and loads them. `changes`: of the campaign's keys. */
export async function loadTrial(cluster: Cluster, trial: Trial, changes: Readonly<Record<string, unknown>> = {}): ReturnType<Cluster['run']> {
  writeFileSync(cluster.at(`${trial.id}.yaml`), JSON.stringify(trialCampaign(trial, changes)));
  writeTrialList(cluster.at(`${trial.id}.csv`), trial);
  return cluster.run('load', `${trial.id}.csv`, '--campaign', `${trial.id}.yaml`);
}

/** Waits for the trial's end; notes it if that does not come. */
export async function finishTrial(cluster: Cluster, watch: TrialWatch, trial: Trial, offences: string[]): Promise<{ progress: ReturnType<TrialWatch['progress']> }> {
  const finished = await watch.ended(trial.id, trial.contacts, LIMIT_MS, () => {
    const casualties = cluster.casualties();
    if (casualties.length > 0) throw new Error(casualties.join('\n'));
  });
  const progress = watch.progress(trial.id);
  if (!finished) offences.push(`after ${LIMIT_MS / 1000} s ${trial.contacts - progress.ended} of ${trial.contacts} contacts had not ended`);
  return { progress };
}

/** What `obzvon audit` has against a trial. */
export async function auditTrial(cluster: Cluster, trial: Trial): Promise<string[]> {
  const { code, stdout, stderr } = await cluster.run('audit', '--campaign', trial.id, '--journal', cluster.journal, '--json');
  const parsed = auditSchema.safeParse(stdout === '' ? null : JSON.parse(stdout));
  if (!parsed.success) return [`the audit said nothing and ended with exit code ${code ?? '?'}: ${stderr.slice(-600)}`];
  return parsed.data.checks.filter((check) => !check.ok).map((check) => `audit: ${check.name}: ${check.detail}`);
}

/** @throws Error after half the limit */
export async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const untilMs = performance.now() + LIMIT_MS / 2;
  while (!(await holds())) {
    if (performance.now() > untilMs) throw new Error(`${what} did not come within ${LIMIT_MS / 2000} s`);
    await sleep(POLL_MS);
  }
}
