import { once } from 'node:events';
import { simulatorOptionsSchema } from '../dialer/simulator/options.ts';
import { forkSimulator, type SimulatorProcess } from '../dialer/simulator/process.ts';
import { callOptions, connectBoth, newEndpoint } from '../dialer/simulator/testing/real-clients.ts';
import { openCampaign, startRig } from './dialing-rig.ts';
import { median, runIfMain, type BenchResult } from './result.ts';

/**
 * Calls per second, signalling only: everybody answers and hangs up at once. The peer is a bare loop over drachtio-srf and
 * drachtio-fsmrf that does the same signalling (endpoint, INVITE, modify, the callee's BYE, endpoint destroyed) and nothing else: no
 * ledger, no rules, no records. Both run in turn against a simulator in a process of its own.
 */
const CALLS = Number(process.env['BENCH_CALLS'] ?? 3000);
const AT_ONCE = 60;
const ROUNDS = 5;
/** Rings of some seconds take milliseconds. */
const SPEED = 1000;

export async function benchCalls(): Promise<BenchResult> {
  const ours: number[] = [];
  const peer: number[] = [];
  // One round of each uncounted: both are compiled while they run.
  for (let round = 0; round <= ROUNDS; round++) {
    const [bare, whole] = [await withSimulator(bareLoop), await withSimulator(wholeDialer)];
    if (round === 0) continue;
    peer.push(bare);
    ours.push(whole);
  }
  const [mine, theirs] = [median(ours), median(peer)];
  const ratio = median(ours.map((rate, round) => rate / peer[round]!));
  return {
    name: 'calls through the simulator', unit: 'calls/s', ours: Math.round(mine), peer: Math.round(theirs),
    peerName: 'a bare drachtio-srf + drachtio-fsmrf loop', ratio, target: 0.8,
    detail: `${CALLS} calls, ${AT_ONCE} at once, median of ${ROUNDS} rounds after one uncounted, ratio by rounds; ours ${ours.map(Math.round).join(', ')}; loop ${peer.map(Math.round).join(', ')}`,
  };
}

/** Work on a simulator in a process of its own, where everybody answers and hangs up at once. */
export async function withSimulator(work: (simulator: SimulatorProcess) => Promise<number>, speed = SPEED): Promise<number> {
  const simulator = await forkSimulator(simulatorOptionsSchema.parse({ seed: 'bench', speed, media: false, answerProbability: 1, mix: onlyHumans() }));
  try {
    return await work(simulator);
  } finally {
    await simulator.close();
  }
}

export function onlyHumans(): Record<string, number> {
  const kinds = ['voicemail', 'announcement_early', 'announcement_answered', 'sit', 'fax', 'silence', 'busy', 'no_answer', 'rejected', 'invalid', 'unreachable', 'congestion'];
  return { human: 1, ...Object.fromEntries(kinds.map((kind) => [kind, 0])) };
}

/** @returns calls per second of the bare loop, so many calls at once */
export async function bareLoop(simulator: SimulatorProcess, calls = CALLS, atOnce = AT_ONCE): Promise<number> {
  const clients = await connectBoth(simulator.drachtio, simulator.freeswitch);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < calls) {
      const number = next++;
      const endpoint = await newEndpoint(clients.media);
      const dialog = await clients.srf.createUAC(`sip:+38067${1_000_000 + number}@127.0.0.1:5090`, callOptions(endpoint.local.sdp, `bare-${number}`));
      const ended = once(dialog, 'destroy');
      await endpoint.modify(dialog.remote.sdp);
      await ended;
      await endpoint.destroy();
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: atOnce }, worker));
  const seconds = (performance.now() - startedMs) / 1000;
  clients.close();
  return calls / seconds;
}

async function wholeDialer(simulator: SimulatorProcess): Promise<number> {
  let closed = 0;
  let startedMs = performance.now();
  let finish: () => void;
  const finished = new Promise<void>((resolve) => { finish = resolve; });
  let started = false;
  const campaign = openCampaign(simulator.clock.nowMs(), { maxCallsPerSecond: 5000, maxChannels: AT_ONCE, ringTimeoutSeconds: 60 });
  const rig = await startRig(simulator, campaign, CALLS, (event) => {
    if (event.kind === 'call_started' && !started) {
      started = true;
      startedMs = performance.now();
    }
    if (event.kind === 'contact_closed' && ++closed === CALLS) finish();
  });
  try {
    await Promise.race([finished, rig.dialer.failed]);
    const seconds = (performance.now() - startedMs) / 1000;
    const { attempts } = await rig.ledger.counts(campaign.id, simulator.clock.nowMs());
    if (attempts !== CALLS) throw new Error(`the dialer placed ${attempts} calls of ${CALLS}`);
    return CALLS / seconds;
  } finally {
    await rig.close();
  }
}

await runIfMain(import.meta.url, benchCalls);
