import { setTimeout as sleep } from 'node:timers/promises';
import { commandsTopic } from '../../core/bus/topics.ts';
import { PERSONA_KINDS } from '../../dialer/simulator/journal.ts';
import { readJournal } from '../../dialer/simulator/journal-file.ts';
import { Cluster } from '../../deploy/local/cluster.ts';
import type { Trial } from '../../deploy/local/trial.ts';
import { mostWithin } from './journal-judge.ts';
import { isGreen, type ChaosResult } from './result.ts';
import { loadTrial, until } from './trial-steps.ts';

export interface CapOptions {
  readonly dialers: number;
  /** Wall seconds of each stretch that is counted. */
  readonly seconds: number;
  readonly seed: string;
  readonly say: (line: string) => void;
  /** Told of each row as it is done. */
  readonly onRow: (result: ChaosResult) => void;
}

/** Of the campaign; the trunk's lies far above. */
const CAP = 100;
const LOWER_CAP = 40;
const LEAST_MEAN = 98;
/** A raised cap is in force once so many calls start in a second. */
const RAISED_RATE = 95;
const IN_FORCE_MS = 1000;
const DENSE_MS = 100;
/** Processes that are new are slow. */
const SETTLE_MS = 8_000;
/** How long each cap of the change is kept up. */
const CHANGE_MS = 6_000;
/**
 * The journal has whole milliseconds, rounded down: two starts that are 1000 apart there may have been 999.1 apart. Counted is the
 * span in which none that were less than a second apart can be missed.
 */
const SURE_SECOND_MS = 1001;

/** Everybody is engaged or has no such number: calls of some seconds, so that the starts are what is tried. Nobody is called twice. */
const BUSY_PUBLIC = { ...Object.fromEntries(PERSONA_KINDS.map((kind) => [kind, 0])), busy: 1, invalid: 1 };

/** Starts of calls as the switch saw them, ms of the wall's, over a stretch of time. */
class Starts {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  between(fromMs: number, toMs: number): number[] {
    return readJournal(this.#cluster.journal).flatMap((entry) => (entry.kind === 'invite' && entry.wallMs >= fromMs && entry.wallMs < toMs ? [entry.wallMs] : []));
  }
}

/** What a cap is worth: real time, signalling only, all dialers on one campaign that always has contacts due. */
export async function capRows(options: CapOptions): Promise<ChaosResult[]> {
  const { dialers, seconds, seed, say } = options;
  const cluster = await Cluster.start({
    dialers, speed: 1, say, simulator: { seed, media: false, mix: BUSY_PUBLIC as never }, trunk: { maxCallsPerSecond: CAP * 4, maxChannels: 4000 }, leaseSeconds: 5,
  });
  const results: ChaosResult[] = [];
  let keep = true;
  const done = (result: ChaosResult): void => {
    results.push(result);
    options.onRow(result);
  };
  try {
    const wallSeconds = 2 * seconds + (3 * SETTLE_MS + 2 * CHANGE_MS) / 1000;
    const trial: Trial = { number: 1, id: 'cap', contacts: Math.round(CAP * (wallSeconds + 40)), maxCallsPerSecond: CAP, maxChannels: 3000, startMs: Date.now() };
    const load = await loadTrial(cluster, trial, { holdOutShare: 0, retry: { maxAttempts: 1 } });
    if (load.code !== 0) throw new Error(`the load ended with exit code ${load.code ?? '?'}: ${load.stderr.slice(-400)}`);
    await until(async () => (await cluster.simulator.stats()).invites > 0, 'the first call');
    await sleep(SETTLE_MS);
    done(await steadyRow(cluster, `cap over ${dialers} dialers`, `${dialers} dialers, cap ${CAP} a second, ${seconds} s`, seconds));
    done(await changedDialersRow(cluster, seconds));
    done(await capChangeRow(cluster, trial));
    const casualties = cluster.casualties();
    if (casualties.length > 0) throw new Error(casualties.join('\n'));
    keep = !results.every(isGreen);
    return results;
  } finally {
    await cluster.stop({ keep });
    if (keep) say(`logs: ${cluster.dir}`);
  }
}

async function steadyRow(cluster: Cluster, name: string, what: string, seconds: number, fromMs = Date.now()): Promise<ChaosResult> {
  const measuredFromMs = Date.now();
  await sleep(seconds * 1000);
  const starts = new Starts(cluster);
  const measured = starts.between(measuredFromMs, measuredFromMs + seconds * 1000);
  const worstSecond = mostWithin(starts.between(fromMs, Date.now()), SURE_SECOND_MS);
  const mean = measured.length / seconds;
  const offences: string[] = [];
  if (worstSecond > CAP) offences.push(`a sliding second holds ${worstSecond} calls, at most ${CAP} allowed`);
  if (mean < LEAST_MEAN) offences.push(`the mean is ${mean.toFixed(2)} calls a second, expected ${LEAST_MEAN} at least`);
  return row(name, what, { calls: measured.length, worstSecond, seen: `worst second ${worstSecond}, mean ${mean.toFixed(2)} a second`, offences, seconds: (Date.now() - fromMs) / 1000 });
}

async function changedDialersRow(cluster: Cluster, seconds: number): Promise<ChaosResult> {
  const fromMs = Date.now();
  await cluster.killDialer(cluster.dialers[0]!);
  await cluster.addDialer();
  await sleep(SETTLE_MS);
  // The worst second is looked for from the kill on, the mean taken once the new one is at work.
  return steadyRow(cluster, 'cap after kill and add', `kill -9 of a dialer, another is started; then ${seconds} s`, seconds, fromMs);
}

async function capChangeRow(cluster: Cluster, trial: Trial): Promise<ChaosResult> {
  const startedMs = Date.now();
  const offences: string[] = [];
  const [loweredMs, loweredToMs] = await orderCap(cluster, trial, LOWER_CAP);
  const [raisedMs, raisedToMs] = await orderCap(cluster, trial, CAP);
  const starts = new Starts(cluster);
  const lowered = starts.between(loweredMs, loweredToMs);
  const inForceS = keptFrom(lowered, loweredMs) / 1000;
  const raised = starts.between(raisedMs, raisedToMs);
  const raisedS = highestFrom(raised, raisedMs) / 1000;
  const worstSecond = mostWithin(starts.between(startedMs, raisedToMs), SURE_SECOND_MS);
  if (!(inForceS * 1000 <= IN_FORCE_MS)) offences.push(`the lower cap was in force after ${inForceS.toFixed(2)} s, expected within 1 s`);
  if (!(raisedS * 1000 <= IN_FORCE_MS)) offences.push(`the higher cap was in force after ${raisedS.toFixed(2)} s, expected within 1 s`);
  if (worstSecond > CAP) offences.push(`a sliding second holds ${worstSecond} calls, at most ${CAP} allowed`);
  return row('cap change', `campaign set --cps ${LOWER_CAP}, then --cps ${CAP}`, {
    calls: lowered.length + raised.length, worstSecond, offences, seconds: (Date.now() - startedMs) / 1000,
    seen: `${LOWER_CAP} in force ${inForceS.toFixed(2)} s after the order, ${CAP} after ${raisedS.toFixed(2)} s`,
  });
}

/** Orders a cap with the product's own command, and lets it be in force for a while. @returns when the order was given to the bus, and the end */
async function orderCap(cluster: Cluster, trial: Trial, cap: number): Promise<[orderedMs: number, toMs: number]> {
  const { code, stderr } = await cluster.run('campaign', 'set', trial.id, '--cps', String(cap));
  if (code !== 0) throw new Error(`campaign set ended with exit code ${code ?? '?'}: ${stderr.slice(-400)}`);
  let orderedMs: number | null = null;
  for await (const { value } of cluster.bus.scan(commandsTopic)) if (value.kind === 'set' && value.maxCallsPerSecond === cap) orderedMs = value.atMs;
  if (orderedMs === null) throw new Error('the order did not come to the bus');
  await sleep(CHANGE_MS);
  return [orderedMs, Date.now()];
}

/**
 * After how many ms the lower cap was kept to: no stretch of a tenth of a second that ends later holds twice what it allows, and no second
 * that begins later holds more than it.
 */
function keptFrom(starts: readonly number[], orderedMs: number): number {
  let keptMs = orderedMs;
  for (let first = 0; first < starts.length; first++) {
    const within = (spanMs: number): number[] => starts.slice(first, first + CAP + 1).filter((ms) => ms - starts[first]! < spanMs);
    const dense = within(DENSE_MS);
    if (dense.length >= (2 * LOWER_CAP * DENSE_MS) / 1000) keptMs = Math.max(keptMs, dense.at(-1)!);
    if (within(SURE_SECOND_MS).length > LOWER_CAP) keptMs = Math.max(keptMs, starts[first]! + 1);
  }
  return keptMs - orderedMs;
}

/** After how many ms the first second begins in which calls start at the raised rate; Infinity: none. */
function highestFrom(starts: readonly number[], orderedMs: number): number {
  for (let first = 0, last = 0; first < starts.length; first++) {
    while (last < starts.length && starts[last]! - starts[first]! < 1000) last++;
    if (last - first >= RAISED_RATE) return starts[first]! - orderedMs;
  }
  return Infinity;
}

function row(name: string, what: string, of: { calls: number; worstSecond: number; seen: string; offences: readonly string[]; seconds: number }): ChaosResult {
  const { calls, worstSecond, seen, offences, seconds } = of;
  return { name, what, moment: '-', recovery: null, awayS: null, judgement: { offences, calls, cut: 0, worstSecond, mostAtOnce: null }, lost: null, contacts: 0, seen, offences, seconds, logs: null };
}
