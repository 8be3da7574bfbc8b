import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJournal } from '../../dialer/simulator/journal-file.ts';
import { hashFraction } from '../../core/ids.ts';
import { Workspace, type Ended, type Running } from './command-line.ts';
import { smallCampaign, smallConfig, smallList } from './small-campaign.ts';

export interface CrashPlan {
  readonly contacts: number;
  readonly kills: number;
  /** Chance of the moments, and of the public. */
  readonly seed: string;
  /** Told as it happens. */
  readonly onKill?: (kill: Kill) => void;
}

/** One kill -9: when it came, and how many calls the switch had seen by then. */
export interface Kill {
  readonly number: number;
  readonly moment: string;
  readonly calls: number;
  /** Calls under way when it came. */
  readonly open: number;
}

export interface CrashOutcome {
  readonly kills: readonly Kill[];
  readonly last: Ended;
  readonly audit: Ended;
  /** What the switch's journal has against the dialer; empty is good. */
  readonly offences: readonly string[];
  readonly calls: number;
  readonly cutByCrash: number;
  readonly seconds: number;
}

const MIN_GAP_MINUTES = 15;
const POLL_MS = 5;
/** Bytes that a call leaves in the journal, about. */
const BYTES_PER_CALL = 560;

/**
 * Runs a campaign with `kill -9` at random moments, each followed by the same command, then to its end; then audits it
 * and reads what the simulated switch saw. Kills come while it starts, migrates, loads, dials and jumps.
 */
export async function crashRun(plan: CrashPlan): Promise<CrashOutcome> {
  const startedMs = Date.now();
  const space = new Workspace();
  try {
    space.write('campaign.yaml', smallCampaign({ caps: { perDay: 4, perWeek: 8, perMonth: 20, minGapMinutes: MIN_GAP_MINUTES } }));
    space.write('obzvon.yaml', smallConfig({ seed: plan.seed, answerProbability: 0.2 }));
    space.write('debtors.csv', smallList(plan.contacts));
    const run = (): Running => space.start('run', '--campaign', 'campaign.yaml', '--list', 'debtors.csv', '--json');
    const kills: Kill[] = [];
    for (let number = 1; number <= plan.kills; number++) {
      const draw = (question: string): number => hashFraction(plan.seed, `kill ${number}, ${question}`);
      const running = run();
      const early = draw('kind') < 0.3;
      const moment = early ? await afterStart(draw('moment') * 2500, running) : await afterCalls(space, (1 + draw('moment') * plan.contacts) / plan.kills, draw('jitter') * 60, running);
      const before = callsIn(space);
      running.child.kill('SIGKILL');
      const ended = await running.ended;
      if (ended.code !== null) throw new Error(`the run ended before kill ${number} could come: exit code ${ended.code}\n${ended.stderr}`);
      const kill = { number, moment, ...before };
      kills.push(kill);
      plan.onKill?.(kill);
    }
    const last = await run().ended;
    const audit = await space.run('audit', '--campaign', 'small');
    const { offences, calls, cutByCrash } = judge(space);
    return { kills, last, audit, offences, calls, cutByCrash, seconds: (Date.now() - startedMs) / 1000 };
  } finally {
    space.remove();
  }
}

async function afterStart(ms: number, running: Running): Promise<string> {
  await Promise.race([sleep(ms), running.ended]);
  return `${Math.round(ms)} ms after the start`;
}

async function afterCalls(space: Workspace, calls: number, jitterMs: number, running: Running): Promise<string> {
  const size = (): number => statSync(space.journal, { throwIfNoEntry: false })?.size ?? 0;
  const until = size() + calls * BYTES_PER_CALL;
  while (size() < until && running.child.exitCode === null && running.child.signalCode === null) await sleep(POLL_MS);
  await sleep(jitterMs);
  return `after ${Math.round(calls)} more calls`;
}

function callsIn(space: Workspace): { calls: number; open: number } {
  let calls = 0;
  let ended = 0;
  for (const entry of readJournal(space.journal)) {
    if (entry.kind === 'invite') calls++;
    if (entry.kind === 'ended') ended++;
  }
  return { calls, open: calls - ended };
}

/** What nobody may have seen: a number called within the gap, or twice at once, or a call without an end. */
function judge(space: Workspace): { offences: string[]; calls: number; cutByCrash: number } {
  const offences: string[] = [];
  const lastStartMs = new Map<string, number>();
  const open = new Map<string, string>();
  let calls = 0;
  let cutByCrash = 0;
  for (const entry of readJournal(space.journal)) {
    if (entry.kind === 'invite') {
      calls++;
      const beforeMs = lastStartMs.get(entry.phone);
      if (beforeMs !== undefined && entry.atMs - beforeMs < MIN_GAP_MINUTES * 60_000) offences.push(`a number was called again after ${Math.round((entry.atMs - beforeMs) / 1000)} s`);
      if (open.has(entry.phone)) offences.push('two calls to one number at once');
      lastStartMs.set(entry.phone, entry.atMs);
      open.set(entry.phone, entry.attemptId);
    } else if (entry.kind === 'ended') {
      if (open.get(entry.phone) === entry.attemptId) open.delete(entry.phone);
      if (entry.by === 'crash') cutByCrash++;
    }
  }
  if (open.size > 0) offences.push(`${open.size} calls have no end`);
  return { offences, calls, cutByCrash };
}
