import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Cluster, type ClusterDialer } from '../deploy/local/cluster.ts';
import { writeTrialList } from '../deploy/local/trial.ts';
import { publicMixSchema } from '../dialer/simulator/options.ts';
import { bareLoop, onlyHumans, withSimulator } from './calls.ts';
import { openCampaign } from './dialing-rig.ts';
import { mean, median, runIfMain, type BenchResult } from './result.ts';

/**
 * A whole campaign through four dialers' processes on real Kafka and Redis, with the sink beside them: calls per second, signalling only,
 * against the bare loop of calls.ts with as many calls at once; and each dialer's memory from the first to the last tenth of the run.
 * The list is loaded before the dialers start; what is timed is from the first call to the last contact's end.
 * `cluster.js`; BENCH_CONTACTS, default 200,000; needs the build, as the processes run from it.
 */
const CONTACTS = Number(process.env['BENCH_CONTACTS'] ?? 200_000);
const DIALERS = 4;
/** Calls at once, of all dialers together and of the loop. */
const AT_ONCE = 240;
/** A ring of some seconds takes tens of milliseconds. */
const SPEED = 100;
/** Simulated: a second of the wall could hold a hundred times as many. */
const CAP_PER_SECOND = 5000;
const CAP_CHANNELS = 100_000;
/** Wall seconds: nobody dies here, and a busy machine stops everybody at times. */
const LEASE_SECONDS = 30;
const LOOP_CALLS = 3000;
const LOOP_ROUNDS = 3;
const SAMPLE_MS = 1000;
const TELL_MS = 10_000;
/** No contact ended for so long: it stands still. */
const STILL_MS = 120_000;
/** The last tenth may hold a tenth more than the first. */
const FLAT = 0.9;
/** Simulated time until the campaign expires. */
const YEARS_MS = 5 * 365 * 86_400_000;
const MB = 2 ** 20;

/** What a dialer told of itself at one moment. Memory in bytes. */
interface Sample {
  readonly rss: number;
  readonly heapUsed: number;
  readonly callsStarted: number;
  readonly contactsClosed: number;
}

interface Moment {
  readonly atMs: number;
  readonly dialers: readonly Sample[];
}

interface Measure {
  readonly name: string;
  readonly what: 'rss' | 'heapUsed';
  readonly how: string;
  readonly over: (values: readonly number[]) => number;
}

/** A heap grows by garbage until V8 collects it: at its lowest it holds what is in use, and what leaks. */
const MEASURES: readonly Measure[] = [
  { name: 'rss', what: 'rss', how: 'means', over: mean },
  { name: 'heap used', what: 'heapUsed', how: 'means', over: mean },
  { name: 'heap used, at its lowest', what: 'heapUsed', how: 'lowest', over: (values) => Math.min(...values) },
];

export async function benchCluster(): Promise<BenchResult[]> {
  const loop: number[] = [];
  // Before and after, for a machine that changes its pace meanwhile; the first one is uncounted.
  const loopRounds = async (rounds: number): Promise<void> => {
    for (let round = 0; round < rounds; round++) loop.push(await withSimulator((simulator) => bareLoop(simulator, LOOP_CALLS, AT_ONCE), SPEED));
  };
  await loopRounds(1 + LOOP_ROUNDS);
  loop.shift();
  const run = await campaignRun();
  await loopRounds(LOOP_ROUNDS);

  const [first, last] = [run.moments[0]!, run.moments.at(-1)!];
  const calls = sum(last, 'callsStarted') - sum(first, 'callsStarted');
  const seconds = (last.atMs - first.atMs) / 1000;
  const [ours, peer] = [calls / seconds, median(loop)];
  const grown = MEASURES.map((measure) => ({ ...measure, dialers: Array.from({ length: DIALERS }, (_, dialer) => tenths(run.moments, dialer, measure)) }));
  return [
    {
      name: 'a campaign through four dialers', unit: 'calls/s', ours: Math.round(ours), peer: Math.round(peer), peerName: 'a bare drachtio-srf + drachtio-fsmrf loop', ratio: ours / peer, target: null,
      detail: `${CONTACTS} contacts, ${sum(last, 'callsStarted')} calls, ${AT_ONCE} at once, ${seconds.toFixed(0)} s; Kafka, Redis, ClickHouse's engine, sink, dialers and simulator on one machine; ${run.audit}; loop, before and after: ${loop.map(Math.round).join(', ')}`,
    },
    ...grown.map(({ name, how, dialers }): BenchResult => {
      const worst = dialers.reduce((a, b) => (b.last / b.first > a.last / a.first ? b : a));
      return {
        name: `memory of a dialer (${name}) in the last tenth of the campaign`, unit: 'MB', ours: inMb(worst.last), peer: inMb(worst.first), peerName: 'the first tenth, by the dialer that grew most',
        ratio: worst.first / worst.last, target: FLAT,
        detail: `${how} of a sample a second (${run.moments.length}), first and last tenth of each dialer: ${dialers.map(({ first: before, last: after }) => `${inMb(before)} -> ${inMb(after)}`).join(', ')} MB`,
      };
    }),
  ];
}

/** The campaign from its first call to its last contact's end. */
async function campaignRun(): Promise<{ readonly moments: readonly Moment[]; readonly audit: string }> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const startMs = Date.now();
  const limits = { maxCallsPerSecond: CAP_PER_SECOND, maxChannels: CAP_CHANNELS };
  const cluster = await Cluster.start({
    dialers: 0, speed: SPEED, startMs, say, trunk: limits, leaseSeconds: LEASE_SECONDS,
    simulator: { seed: 'bench', media: false, answerProbability: 1, mix: publicMixSchema.parse(onlyHumans()) },
  });
  try {
    const campaign = { ...openCampaign(startMs, limits), expiresAt: new Date(startMs + YEARS_MS).toISOString() };
    writeFileSync(cluster.at('campaign.yaml'), JSON.stringify(campaign));
    writeTrialList(cluster.at('debtors.csv'), { number: 0, id: campaign.id, contacts: CONTACTS, startMs, ...limits });
    say(`loading ${CONTACTS} contacts`);
    const load = await cluster.run('load', 'debtors.csv', '--campaign', 'campaign.yaml');
    if (load.code !== 0) throw new Error(`the load ended with exit code ${String(load.code)}: ${load.stderr.slice(-1000)}`);
    boundDialers(cluster.at('obzvon.yaml'));
    say(`starting ${DIALERS} dialers`);
    const dialers = await Promise.all(Array.from({ length: DIALERS }, () => cluster.addDialer()));
    const moments = await sampled(cluster, dialers, say);
    say('auditing');
    const audit = await cluster.run('audit', '--campaign', campaign.id);
    if (audit.code !== 0) throw new Error(`the audit does not hold: ${audit.stdout.slice(-1000)}${audit.stderr.slice(-1000)}`);
    return { moments, audit: 'the audit holds' };
  } finally {
    await cluster.stop();
  }
}

/**
 * Each dialer is bounded by its own channels. A cap on channels that all share would have them begin and give back without end: who
 * finds no channel free waits 2 s of the trial's clock, which is 20 ms here. Measured: some 40 begins a
 * call instead of one, and a sixth of the calls a second.
 */
function boundDialers(configFile: string): void {
  const config = z.looseObject({ dialer: z.looseObject({}) }).parse(JSON.parse(readFileSync(configFile, 'utf8')));
  writeFileSync(configFile, JSON.stringify({ ...config, dialer: { ...config.dialer, maxChannels: AT_ONCE / DIALERS } }));
}

/** Asks the dialers once a second how they are, until every contact has ended. @returns what they said since the first call */
async function sampled(cluster: Cluster, dialers: readonly ClusterDialer[], say: (line: string) => void): Promise<Moment[]> {
  const moments: Moment[] = [];
  const beganMs = performance.now();
  let [ended, endedAtMs, toldMs] = [0, beganMs, beganMs];
  for (let dueMs = beganMs; ended < CONTACTS; dueMs += SAMPLE_MS) {
    await sleep(Math.max(0, dueMs - performance.now()));
    const casualties = cluster.casualties();
    if (casualties.length > 0) throw new Error(casualties.join('\n'));
    const moment: Moment = { dialers: await Promise.all(dialers.map(sampleOf)), atMs: performance.now() };
    if (sum(moment, 'callsStarted') > 0) moments.push(moment);
    const closed = sum(moment, 'contactsClosed');
    if (closed > ended) [ended, endedAtMs] = [closed, moment.atMs];
    if (moment.atMs - endedAtMs > STILL_MS) throw new Error(`${ended} of ${CONTACTS} contacts have ended, and none for ${STILL_MS / 1000} s`);
    if (moment.atMs - toldMs < TELL_MS || moments.length < 2) continue;
    toldMs = moment.atMs;
    const back = moments.at(-Math.min(moments.length, TELL_MS / SAMPLE_MS + 1))!;
    const rate = ((sum(moment, 'callsStarted') - sum(back, 'callsStarted')) / (moment.atMs - back.atMs)) * 1000;
    say(`${((moment.atMs - beganMs) / 1000).toFixed(0).padStart(5)} s  ${ended} of ${CONTACTS} contacts ended, ${rate.toFixed(0)} calls a second; RSS ${moment.dialers.map(({ rss }) => inMb(rss)).join(', ')} MB`);
  }
  return moments;
}

async function sampleOf({ metricsPort }: ClusterDialer): Promise<Sample> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  // Prometheus's text format: `name{labels} value`, a line each.
  const total = (name: string): number =>
    text.split('\n').reduce((before, line) => (line.startsWith(`${name} `) || line.startsWith(`${name}{`) ? before + Number(line.slice(line.lastIndexOf(' ') + 1)) : before), 0);
  return {
    rss: total('process_resident_memory_bytes'), heapUsed: total('nodejs_heap_size_used_bytes'),
    callsStarted: total('obzvon_calls_started_total'), contactsClosed: total('obzvon_contacts_closed_total'),
  };
}

const sum = (moment: Moment, what: 'callsStarted' | 'contactsClosed'): number => moment.dialers.reduce((total, dialer) => total + dialer[what], 0);
const inMb = (bytes: number): number => Math.round(bytes / MB);

/** Over the first and the last tenth of the run, bytes. */
function tenths(moments: readonly Moment[], dialer: number, { what, over }: Measure): { readonly first: number; readonly last: number } {
  const values = moments.map((moment) => moment.dialers[dialer]![what]);
  const tenth = Math.max(1, Math.floor(values.length / 10));
  return { first: over(values.slice(0, tenth)), last: over(values.slice(-tenth)) };
}

await runIfMain(import.meta.url, benchCluster);
