import { mkdirSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Workspace } from '../../bin/testing/command-line.ts';
import { smallCampaign, smallConfig, smallList } from '../../bin/testing/small-campaign.ts';
import { ObzvonProcess } from '../../deploy/local/cluster-process.ts';
import { readJournal } from '../../dialer/simulator/journal-file.ts';
import { mountSmallDisk, type SmallDisk } from './full-disk.ts';
import { judgeJournal } from './journal-judge.ts';
import type { ChaosResult } from './result.ts';

const CONTACTS = 500;
const SPEED = 200;
const MIN_GAP_MINUTES = 15;
/** The disk is full when the switch's journal is so long: about 150 calls. */
const FULL_AT_BYTES = 80_000;
/** A run that cannot write must say so and end, and one with room must come to its end, within this. */
const LIMIT_MS = 120_000;
const POLL_MS = 10;
/** Without the right to mount: no file of the run grows beyond this, in units of 512 bytes. */
const FILE_LIMIT_BLOCKS = 4096;

/**
 * The embedded stores on a disk that fills up while a campaign runs: the run must end with a clear error, and the same command with
 * room again must finish the campaign.
 */
export async function diskFullRow(options: { readonly seed: string; readonly say: (line: string) => void }): Promise<ChaosResult> {
  const startedMs = performance.now();
  const space = new Workspace();
  const offences: string[] = [];
  const disk = mountSmallDisk(space.at('disk'));
  if (disk === null) options.say('  this user may not mount a small disk: the size of files is limited instead');
  const running: ObzvonProcess[] = [];
  const run = (name: string, limited: boolean, ...args: string[]): ObzvonProcess => {
    const started = new ObzvonProcess({
      args, cwd: space.dir, logBase: space.at(name), ...(limited && disk === null ? { fileLimitBlocks: FILE_LIMIT_BLOCKS } : {}),
      env: { OBZVON_BUS_URL: `embedded:${space.at('disk/bus')}`, OBZVON_LEDGER_URL: `embedded:${space.at('disk/ledger')}`, OBZVON_ANALYTICS_URL: `chdb:${space.at('disk/analytics')}` },
    });
    running.push(started);
    return started;
  };
  try {
    mkdirSync(space.at('disk'), { recursive: true });
    space.write('campaign.yaml', smallCampaign({ caps: { perDay: 4, perWeek: 8, perMonth: 20, minGapMinutes: MIN_GAP_MINUTES } }));
    space.write('obzvon.yaml', smallConfig({ seed: options.seed, speed: SPEED, answerProbability: 0.3 }));
    space.write('debtors.csv', smallList(CONTACTS));
    const campaign = ['run', '--campaign', 'campaign.yaml', '--list', 'debtors.csv', '--json'];
    const first = run('first', true, ...campaign);
    const seen = await fillAndSeeItEnd(first, space, disk, offences);
    const callsBefore = readJournal(space.journal).filter((entry) => entry.kind === 'invite').length;

    disk?.empty();
    const second = run('second', false, ...campaign);
    const end = await endOf(second);
    if (end !== 0) offences.push(`with room again the run ended with ${end}: ${lastLine(second)}`);
    const audit = run('audit', false, 'audit', '--campaign', 'small');
    if ((await endOf(audit)) !== 0) offences.push(`audit: ${audit.stdout.split('\n').filter((line) => line.includes('FAILED')).join('; ')}${lastLine(audit)}`);
    const journal = readJournal(space.journal);
    const judgement = judgeJournal(journal, { minGapMs: MIN_GAP_MINUTES * 60_000, maxPerWallSecond: SPEED, maxChannels: 100 });
    offences.push(...judgement.offences);
    return {
      name: 'disk full', what: 'the disk of the embedded stores is filled; the run is started again with room', contacts: CONTACTS, recovery: null, awayS: null,
      moment: `${callsBefore} calls placed`, judgement, lost: null, seen, offences, seconds: (performance.now() - startedMs) / 1000, logs: null,
    };
  } finally {
    for (const each of running) await each.kill();
    disk?.remove();
    space.remove();
  }
}

async function fillAndSeeItEnd(run: ObzvonProcess, space: Workspace, disk: SmallDisk | null, offences: string[]): Promise<string> {
  const length = (): number => statSync(space.journal, { throwIfNoEntry: false })?.size ?? 0;
  while (run.running && length() < FULL_AT_BYTES) await sleep(POLL_MS);
  const filledMs = performance.now();
  disk?.fill();
  const end = await endOf(run);
  const seconds = (performance.now() - filledMs) / 1000;
  const said = lastLine(run);
  if (typeof end !== 'number' || end === 0) offences.push(`with the disk full the run ended with ${end}, expected exit code 1 and an error: ${said}`);
  else if (!/no space left|ENOSPC|file too large|free space/i.test(run.stderr)) offences.push(`with the disk full the run did not say so: ${said}`);
  return `ended with ${end} after ${seconds.toFixed(1)} s: ${said.replaceAll(space.dir, '')}`;
}

/** Its exit code, or what else happened. */
async function endOf(process: ObzvonProcess): Promise<number | string> {
  const giveUp = new AbortController();
  const end = await Promise.race([process.ended, sleep(LIMIT_MS, null, { signal: giveUp.signal }).catch(() => null)]);
  giveUp.abort();
  return end === null ? `nothing: it still ran after ${LIMIT_MS / 1000} s` : (end.code ?? end.signal ?? 'nothing');
}

/** What it said last of its own accord: warnings of a switch that is gone already follow. */
const lastLine = (process: ObzvonProcess): string => (process.stderr.trim().split('\n').findLast((line) => line.startsWith('obzvon:')) ?? process.stderr.trim().split('\n').at(-1) ?? '').slice(0, 240);
