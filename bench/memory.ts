import { simulatorOptionsSchema } from '../dialer/simulator/options.ts';
import { forkSimulator } from '../dialer/simulator/process.ts';
import { onlyHumans } from './calls.ts';
import { openCampaign, startRig } from './dialing-rig.ts';
import { runIfMain, type BenchResult } from './result.ts';

/** Peak memory of a dialer (detector included) that holds 1,000 calls at once; the simulator has a process of its own. */
const AT_ONCE = 1000;
const LIMIT_MB = 400;
const HOLD_MS = 15_000;
const GIVE_UP_MS = 120_000;

export async function benchMemory(): Promise<BenchResult> {
  const emptyMb = rssMb();
  const simulator = await forkSimulator(simulatorOptionsSchema.parse({ seed: 'bench', speed: 1, answerProbability: 1, mix: onlyHumans() }));
  const campaign = openCampaign(simulator.clock.nowMs(), { maxCallsPerSecond: 100, maxChannels: AT_ONCE });
  let ended = 0;
  const rig = await startRig(simulator, campaign, 20 * AT_ONCE, (event) => {
    if (event.kind === 'attempt_ended') ended++;
  });
  let peakMb = 0;
  let mostCalls = 0;
  let fullSinceMs: number | null = null;
  const startedMs = Date.now();
  try {
    while (Date.now() - startedMs < GIVE_UP_MS && (fullSinceMs === null || Date.now() - fullSinceMs < HOLD_MS)) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      peakMb = Math.max(peakMb, rssMb());
      mostCalls = Math.max(mostCalls, rig.dialer.callsUnderWay);
      if (mostCalls >= AT_ONCE) fullSinceMs ??= Date.now();
    }
  } finally {
    await rig.close();
    await simulator.close();
  }
  return {
    name: `peak memory at ${AT_ONCE} calls at once`, unit: 'MB', ours: Math.round(peakMb), peer: null, peerName: `the limit of ${LIMIT_MB} MB`,
    ratio: LIMIT_MB / peakMb, target: 1, detail: `${mostCalls} calls at once, held ${HOLD_MS / 1000} s, ${ended} ended meanwhile; ${Math.round(emptyMb)} MB before the start`,
  };
}

const rssMb = (): number => process.memoryUsage.rss() / 2 ** 20;

await runIfMain(import.meta.url, benchMemory);
