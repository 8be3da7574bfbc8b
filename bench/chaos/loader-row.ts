import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { readJournal } from '../../dialer/simulator/journal-file.ts';
import { callerIdsOf, MIN_GAP_MINUTES, trialCampaign, writeTrialList, type Trial } from '../../deploy/local/trial.ts';
import type { ChaosGround } from './ground.ts';
import { callsShowing, judgeJournal } from './journal-judge.ts';
import type { ChaosResult } from './result.ts';
import { auditTrial, finishTrial, until } from './trial-steps.ts';

/** Most of the list is held out: what is tried is the load. */
const CONTACTS = 4000;
const HOLD_OUT_SHARE = 0.9;
/** The loader is killed when it has been given so much of the list. */
const GIVEN_SHARE = 0.6;

const reportSchema = z.object({ accepted: z.number().optional(), duplicates: z.number().optional() });

/** Kills the loader when part of the list is on the bus and the rest still to come; then runs the same load again. */
export async function loaderRow(ground: ChaosGround): Promise<ChaosResult> {
  const startedMs = performance.now();
  const { cluster, watch } = await ground.cluster();
  const trial: Trial = { ...ground.newTrial('loader killed', cluster), contacts: CONTACTS };
  const offences: string[] = [];
  const [list, campaign] = [cluster.at(`${trial.id}.csv`), cluster.at(`${trial.id}.yaml`)];
  writeTrialList(list, trial);
  writeFileSync(campaign, JSON.stringify(trialCampaign(trial, { holdOutShare: HOLD_OUT_SHARE })));

  const first = cluster.startCommand(['load', '-', '--campaign', campaign, '--format', 'csv'], { stdin: true });
  const rows = readFileSync(list, 'utf8').split('\n');
  first.write(`${rows.slice(0, Math.round(rows.length * GIVEN_SHARE)).join('\n')}\n`, false);
  await until(() => watch.progress(trial.id).ended > 0, "the first of the list's contacts");
  const before = watch.progress(trial.id);
  await first.kill();
  const end = await first.ended;
  if (end.signal !== 'SIGKILL') offences.push(`the loader ended with exit code ${end.code ?? '?'} before it could be killed`);

  const second = await cluster.run('load', list, '--campaign', campaign, '--json');
  if (second.code !== 0) offences.push(`the second load ended with exit code ${second.code ?? '?'}: ${second.stderr.slice(-400)}`);
  const { progress } = await finishTrial(cluster, watch, trial, offences);
  offences.push(...(await auditTrial(cluster, trial)));
  const judgement = judgeJournal(callsShowing(readJournal(cluster.journal), callerIdsOf(trial)), {
    minGapMs: MIN_GAP_MINUTES * 60_000, maxPerWallSecond: ground.options.callsPerWallSecond, maxChannels: trial.maxChannels,
  });
  offences.push(...judgement.offences, ...cluster.casualties());
  const report = reportSchema.parse(JSON.parse(second.stdout === '' ? '{}' : second.stdout));
  return {
    name: 'loader killed', what: 'kill -9 of the loader in mid-load; the same load is run again', contacts: trial.contacts, recovery: null, awayS: null, judgement, offences,
    moment: `${Math.round(GIVEN_SHARE * 100)} % of the list read, ${before.ended} contacts ended`,
    lost: progress.outcomes.get('lost') ?? 0,
    seen: `second load: ${report.duplicates ?? '?'} already there, ${report.accepted ?? '?'} added`,
    seconds: (performance.now() - startedMs) / 1000, logs: null,
  };
}
