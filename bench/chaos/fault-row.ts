import { setTimeout as sleep } from 'node:timers/promises';
import { hashFraction } from '../../core/ids.ts';
import { readJournal } from '../../dialer/simulator/journal-file.ts';
import { callerIdsOf, MIN_GAP_MINUTES } from '../../deploy/local/trial.ts';
import type { Fault } from './faults.ts';
import type { ChaosGround } from './ground.ts';
import { callsShowing, judgeJournal } from './journal-judge.ts';
import { recoveryOf } from './recovery.ts';
import type { ChaosResult } from './result.ts';
import { auditTrial, finishTrial, loadTrial, until } from './trial-steps.ts';

/** The fault comes when this share of the contacts has been called, and at some moment up to a third of a second later. */
const FAULT_AT_SHARE = 0.3;
const MOMENT_JITTER_MS = 333;

/** Runs one campaign on the ground, with one fault in the midst of it, to its end; then audits it and asks the switch. */
export async function faultRow(ground: ChaosGround, fault: Fault, options: { readonly longAwayMs: number }): Promise<ChaosResult> {
  const startedMs = performance.now();
  const { cluster, watch } = await ground.cluster();
  const trial = ground.newTrial(fault.name, cluster);
  const draw = (question: string): number => hashFraction(ground.options.seed, `${fault.name}, ${question}`);
  const offences: string[] = [];
  const prepared = await fault.prepare?.(cluster);
  const victim = prepared ?? cluster.dialers[Math.floor(draw('who') * cluster.dialers.length)]!;

  const { invites } = await cluster.simulator.stats();
  const load = await loadTrial(cluster, trial);
  if (load.code !== 0) offences.push(`the load ended with exit code ${load.code ?? '?'}: ${load.stderr.slice(-400)}`);
  await until(async () => (await cluster.simulator.stats()).invites - invites >= trial.contacts * FAULT_AT_SHARE, 'the calls before the fault');
  await sleep(draw('moment') * MOMENT_JITTER_MS);
  const before = await cluster.simulator.stats();
  const faultMs = Date.now();
  const scene = { cluster, victim, faultMs, longAwayMs: options.longAwayMs, offend: (offence: string): void => void offences.push(offence) };
  await fault.act(scene);
  const awayS = Math.round((Date.now() - faultMs) / 100) / 10;
  const { progress } = await finishTrial(cluster, watch, trial, offences);
  await fault.mend?.(scene);

  offences.push(...(await auditTrial(cluster, trial)));
  const journal = callsShowing(readJournal(cluster.journal), callerIdsOf(trial));
  const frozen = new Set(fault.freezes === true ? watch.attemptsOf(trial.id, 'lost') : []);
  const judgement = judgeJournal(journal, { minGapMs: MIN_GAP_MINUTES * 60_000, maxPerWallSecond: ground.options.callsPerWallSecond, maxChannels: trial.maxChannels }, frozen);
  offences.push(...judgement.offences, ...cluster.casualties());
  const recovery = recoveryOf(journal.flatMap((entry) => (entry.kind === 'invite' ? [entry.wallMs] : [])), faultMs);
  const lost = progress.outcomes.get('lost') ?? 0;
  return {
    name: fault.name, what: fault.what, contacts: trial.contacts, recovery, awayS, judgement, lost, offences,
    moment: `${before.invites - invites} calls placed, ${before.concurrent} under way`,
    seen: `${lost} lost, ${progress.outcomes.get('failed') ?? 0} failed, ${progress.outcomes.get('congestion') ?? 0} congestion; ${judgement.cut} cut off at the switch`,
    seconds: (performance.now() - startedMs) / 1000, logs: null,
  };
}
