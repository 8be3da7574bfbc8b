import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createTerminal } from '../../bin/terminal.ts';
import { Cluster } from './cluster.ts';
import { TrialWatch, type TrialProgress } from './trial-watch.ts';
import { trialCampaign, trialRetries, writeTrialList, type Trial } from './trial.ts';

const HELP = `make cluster: obzvon's cluster profile on this machine's loopback, from the list to the audit.
  --contacts N   people in the list (20000)
  --dialers N    dialer processes (4)
  --speed N      simulated seconds in one of the wall's (10)
  --cps N        calls started in a wall second at most, all dialers together (250)
  --media        calls carry sound: detection, prompts. Without it callees hang up as soon as they have answered
  --keep         the folder with all data and logs stays`;

const { values } = parseArgs({
  options: {
    contacts: { type: 'string', default: '20000' }, dialers: { type: 'string', default: '4' }, speed: { type: 'string', default: '10' }, cps: { type: 'string' },
    media: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
  },
});
const START_MS = Date.parse('2026-11-02T09:00:00+02:00');
/** Two cores carry so many calls a wall second with sound. */
const MEDIA_CPS = '50';
/** Who answers has been reached as far as signalling goes: not called again for having hung up. */
const SIGNALLING_ONLY = { retry: { maxAttempts: 3, after: { ...trialRetries, cut_short: { delayMinutes: 2, max: 0, phone: 'same' } } } };
const LIMIT_MS = 60 * 60_000;
const BAR_WIDTH = 30;

const terminal = createTerminal({ json: false, stdout: process.stdout, stderr: process.stderr, nowMs: Date.now });

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const [contacts, dialers, speed, cps] = [values.contacts, values.dialers, values.speed, values.cps ?? (values.media ? MEDIA_CPS : '250')].map(Number) as [number, number, number, number];
  const startedMs = performance.now();
  const seconds = (): string => `${((performance.now() - startedMs) / 1000).toFixed(0)} s`;
  const say = (line: string): void => terminal.say(`${seconds().padStart(5)}  ${line}`);
  terminal.say(
    `obzvon's cluster profile on loopback: ${contacts} contacts, ${dialers} dialers, a clock ${speed} times as fast as the wall's, ` +
    (values.media ? 'calls with sound' : 'signalling only: callees hang up as soon as they have answered, nobody hears or says anything (--media: with sound)'),
  );
  const trial: Trial = { number: 0, id: 'trial', contacts, maxCallsPerSecond: cps / speed, maxChannels: 2000, startMs: START_MS };
  const cluster = await Cluster.start({
    dialers, speed, startMs: START_MS, say,
    simulator: { media: values.media, answerProbability: 0.5 },
    trunk: { maxCallsPerSecond: (cps / speed) * 2, maxChannels: 2000 },
  });
  let ok = false;
  const interrupted = (): void => {
    terminal.say('interrupted: ending everything');
    void cluster.stop({ keep: values.keep }).finally(() => process.exit(1));
  };
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  try {
    ok = await runTrial(cluster, trial, say);
    return ok ? 0 : 1;
  } finally {
    say('stopping everything');
    await cluster.stop({ keep: values.keep || !ok });
    if (values.keep || !ok) terminal.say(`data and logs: ${cluster.dir}`);
  }
}

async function runTrial(cluster: Cluster, trial: Trial, say: (line: string) => void): Promise<boolean> {
  writeTrialList(cluster.at('debtors.csv'), trial);
  writeFileSync(cluster.at('campaign.yaml'), JSON.stringify(trialCampaign(trial, values.media ? {} : SIGNALLING_ONLY)));
  const watch = await TrialWatch.start(cluster.bus);
  say(`loading ${trial.contacts} contacts`);
  const loading = cluster.startCommand(['load', 'debtors.csv', '--campaign', 'campaign.yaml']);
  let loadFailure: string | null = null;
  void loading.ended.then(({ code }) => {
    if (code === 0) say('loaded');
    else loadFailure = `the load ended with exit code ${code ?? '?'}: ${loading.stderr.trim()}`;
  }).catch((error: unknown) => { loadFailure = String(error); });
  const dialledMs = performance.now();
  const rate = new Rate();
  const finished = await watch.ended(trial.id, trial.contacts, LIMIT_MS, (progress) => {
    const casualties = [...cluster.casualties(), ...(loadFailure === null ? [] : [loadFailure])];
    if (casualties.length > 0) throw new Error(casualties.join('\n'));
    terminal.status([statusLine(progress, trial.contacts, rate)]);
  });
  terminal.endStatus();
  const { attempts } = watch.progress(trial.id);
  const dialSeconds = (performance.now() - dialledMs) / 1000;
  await watch.stop();
  if (!finished) {
    say('it did not come to its end');
    return false;
  }
  const stats = await cluster.simulator.stats();
  say(`every contact has ended: ${attempts} calls in ${dialSeconds.toFixed(0)} s, ${(attempts / dialSeconds).toFixed(0)} a second on average, at most ${stats.peakPerWallSecond} in one, ${stats.maxConcurrent} at once`);
  say('auditing');
  const audit = await cluster.run('audit', '--campaign', trial.id, '--journal', cluster.journal);
  const report = await cluster.run('report', 'reach', '--campaign', trial.id);
  process.stdout.write(`${report.stdout}\n${audit.stdout}`);
  if (audit.code !== 0) terminal.say(audit.stderr.slice(-2000));
  if (report.code !== 0) terminal.say(report.stderr.slice(-2000));
  return audit.code === 0 && report.code === 0;
}

function statusLine(progress: TrialProgress, contacts: number, rate: Rate): string {
  const share = progress.ended / contacts;
  const filled = Math.round(share * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${progress.ended} of ${contacts} contacts ended, ${Math.floor(share * 100)} %  ${progress.attempts} calls, ${rate.of(progress.attempts).toFixed(0)} a second`;
}

/** How fast a count grows, over the last seconds. */
class Rate {
  readonly #seen: { readonly ms: number; readonly count: number }[] = [];

  of(count: number): number {
    const ms = performance.now();
    this.#seen.push({ ms, count });
    while (this.#seen.length > 2 && ms - this.#seen[0]!.ms > 5000) this.#seen.shift();
    const first = this.#seen[0]!;
    return ms === first.ms ? 0 : ((count - first.count) / (ms - first.ms)) * 1000;
  }
}

process.exitCode = await main();
