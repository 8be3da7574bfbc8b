import { Cluster } from '../../deploy/local/cluster.ts';
import { TrialWatch } from '../../deploy/local/trial-watch.ts';
import type { Trial } from '../../deploy/local/trial.ts';
import { loadTrial } from './trial-steps.ts';

export interface GroundOptions {
  readonly dialers: number;
  /** Of every trial: contacts, and calls started in a wall second at most. */
  readonly contacts: number;
  readonly callsPerWallSecond: number;
  readonly maxChannels: number;
  readonly speed: number;
  /** Calls with sound. */
  readonly media: boolean;
  readonly seed: string;
  readonly say: (line: string) => void;
}

const WARM_UP_CONTACTS = 40;
const WARM_UP_LIMIT_MS = 60_000;
const START_MS = Date.parse('2026-11-02T09:00:00+02:00');

/** The cluster that rows run on, one after the other; after a row that failed the next gets a new one. */
export class ChaosGround {
  readonly options: GroundOptions;
  #now: { readonly cluster: Cluster; readonly watch: TrialWatch } | null = null;
  #trials = 0;

  constructor(options: GroundOptions) {
    this.options = options;
  }

  /** A trial with a number and a name of its own, which starts now. */
  newTrial(name: string, cluster: Cluster): Trial {
    const number = ++this.#trials;
    const { contacts, callsPerWallSecond, speed, maxChannels } = this.options;
    return { number, id: `row-${number}-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`, contacts, maxCallsPerSecond: callsPerWallSecond / speed, maxChannels, startMs: cluster.simulator.clock.nowMs() };
  }

  /** The running cluster, with as many dialers as there should be. */
  async cluster(): Promise<{ readonly cluster: Cluster; readonly watch: TrialWatch }> {
    this.#now ??= await this.#start();
    while (this.#now.cluster.dialers.length < this.options.dialers) await this.#now.cluster.addDialer();
    return this.#now;
  }

  async #start(): Promise<{ cluster: Cluster; watch: TrialWatch }> {
    const { dialers, speed, media, seed, callsPerWallSecond, maxChannels, say } = this.options;
    const cluster = await Cluster.start({
      dialers, speed, startMs: START_MS, say,
      simulator: { seed, media, answerProbability: 0.5 },
      trunk: { maxCallsPerSecond: (callsPerWallSecond / speed) * 2, maxChannels: maxChannels * 2 },
    });
    const watch = await TrialWatch.start(cluster.bus);
    // The first calls of a process take long (code is compiled, voices are read): a switch that stands still sees calls come in heaps.
    const trial: Trial = { ...this.newTrial('warm-up', cluster), contacts: WARM_UP_CONTACTS };
    await loadTrial(cluster, trial, { retry: { maxAttempts: 1 } });
    if (!(await watch.ended(trial.id, trial.contacts, WARM_UP_LIMIT_MS))) throw new Error(`the first ${WARM_UP_CONTACTS} calls did not end within ${WARM_UP_LIMIT_MS / 1000} s; logs: ${cluster.dir}`);
    return { cluster, watch };
  }

  /** Ends the cluster. @returns where its logs lie, if they are kept */
  async end(options: { readonly keep: boolean }): Promise<string | null> {
    const now = this.#now;
    this.#now = null;
    if (now === null) return null;
    await now.cluster.stop(options);
    return options.keep ? now.cluster.dir : null;
  }
}
