import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkChdbHttpServer, type ChdbHttpProcess } from '../../analytics/testing/chdb-http-process.ts';
import { openBus } from '../../core/bus/open.ts';
import type { Bus } from '../../core/bus/port.ts';
import { createLogger } from '../../core/log.ts';
import { simulatorOptionsSchema, type SimulatorOptions } from '../../dialer/simulator/options.ts';
import { forkSimulator, type SimulatorProcess } from '../../dialer/simulator/process.ts';
import { freePort } from './child-engine.ts';
import { ObzvonProcess, type ProcessEnd } from './cluster-process.ts';
import { startKafka, type LocalKafka } from './kafka.ts';
import { startRedis, type LocalRedis } from './redis.ts';

export interface ClusterOptions {
  /** Processes of `obzvon dial`. */
  readonly dialers: number;
  /** Simulated seconds in one of the wall's; 1: everybody goes by the system's clock. */
  readonly speed: number;
  /** Simulated time at the start, ms since the epoch; absent: now. */
  readonly startMs?: number;
  /** What the simulated switch and its public do; clock and journal are the cluster's. */
  readonly simulator?: Partial<Omit<SimulatorOptions, 'speed' | 'startMs' | 'journal'>>;
  /** Of the one trunk, `main`. */
  readonly trunk: { readonly maxCallsPerSecond: number; readonly maxChannels: number };
  /** Wall seconds. Default 2. */
  readonly leaseSeconds?: number;
  /** Told what is being started. */
  readonly say?: (line: string) => void;
}

/** One dialer's process; `number` is its place among all that were ever started. */
export interface ClusterDialer {
  readonly number: number;
  readonly id: string;
  readonly process: ObzvonProcess;
  readonly metricsPort: number;
  paused: boolean;
}

/** How a command ended that was run to its end. */
export interface CommandEnd extends ProcessEnd {
  readonly stdout: string;
  readonly stderr: string;
}

/** A process may take so long, wall ms, from its start until it is ready, on a busy machine. */
const READY_MS = 90_000;
const DRAIN_MS = 60_000;
/** Of the wall's. */
const DRAIN_SECONDS = 20;
const TRUNK = 'main';
/** What phones are hashed with in the trial's store. */
const PHONE_KEY = 'a-trial-has-no-secret';

/**
 * obzvon's cluster profile on this machine's loopback, every part a process of its own: Kafka, Redis (append-only, synced at every write),
 * ClickHouse (its engine behind its HTTP interface), the simulated switch, the sink and the dialers. Everything lies in one
 * temporary folder, and everything ends with this process, however that ends.
 */
export class Cluster {
  readonly dir: string;
  readonly options: ClusterOptions;
  kafka!: LocalKafka;
  redis!: LocalRedis;
  clickhouse!: ChdbHttpProcess;
  simulator!: SimulatorProcess;
  sink!: ObzvonProcess;
  /** The harness's own hand on the bus. */
  bus!: Bus;
  readonly dialers: ClusterDialer[] = [];
  #started = 0;
  #commands = 0;
  #sinks = 0;
  readonly #others = new Set<ObzvonProcess>();

  private constructor(options: ClusterOptions) {
    this.options = options;
    this.dir = mkdtempSync(join(tmpdir(), 'obzvon-cluster-'));
  }

  /** @throws ObzvonError `unreachable` or `not_found` if an engine cannot be had; what was started by then is ended */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options);
    try {
      await cluster.#startAll();
      return cluster;
    } catch (error) {
      await cluster.stop({ keep: true });
      throw error;
    }
  }

  get journal(): string {
    return join(this.dir, 'journal.ndjson');
  }

  /** Where a file of this name lies, or may be written. */
  at(name: string): string {
    return join(this.dir, name);
  }

  async #startAll(): Promise<void> {
    const { options } = this;
    const say = options.say ?? (() => undefined);
    for (const name of ['logs', 'kafka', 'redis', 'clickhouse']) mkdirSync(this.at(name));
    say('starting Kafka, Redis, ClickHouse and the simulated switch');
    await allOrFirstError([
      startKafka({ dir: this.at('kafka') }).then((kafka) => { this.kafka = kafka; }),
      startRedis({ dir: this.at('redis') }).then((redis) => { this.redis = redis; }),
      forkChdbHttpServer({ dir: this.at('clickhouse') }).then((server) => { this.clickhouse = server; }),
      forkSimulator(
        simulatorOptionsSchema.parse({ ...options.simulator, speed: options.speed, journal: this.journal, ...(options.startMs === undefined ? {} : { startMs: options.startMs }) }),
      ).then((simulator) => { this.simulator = simulator; }),
    ]);
    writeFileSync(this.at('obzvon.yaml'), JSON.stringify(this.#configuration(), null, 1));
    this.bus = await openBus(this.kafka.url, { nowMs: () => this.simulator.clock.nowMs(), log: createLogger({ level: 'silent' }) });
    say(`starting the sink and ${options.dialers} dialers`);
    await allOrFirstError([this.startSink(), ...Array.from({ length: options.dialers }, () => this.addDialer())]);
  }

  #configuration(): Record<string, unknown> {
    const { drachtio, freeswitch } = this.simulator;
    const { speed, trunk, leaseSeconds } = this.options;
    const reading = this.simulator.clock.reading;
    return {
      bus: { url: this.kafka.url },
      ledger: { url: this.redis.url },
      analytics: { url: this.clickhouse.url, phoneKey: PHONE_KEY },
      clock: { url: speed === 1 ? 'system:' : `simulated:?wallMs=${reading.wallMs}&simulatedMs=${Math.round(reading.simulatedMs)}&speed=${speed}` },
      switch: { url: [`drachtio://:${drachtio.secret}@${drachtio.host}:${drachtio.port}`, `freeswitch://:${freeswitch.secret}@${freeswitch.host}:${freeswitch.port}`] },
      trunks: [{ name: TRUNK, uri: 'sip:{phone}@127.0.0.1:5060', ...trunk }],
      prompts: { dir: this.at('prompts') },
      // The drain's limit goes by the trial's clock.
      dialer: { leaseSeconds: leaseSeconds ?? 2, drainSeconds: Math.min(3600, DRAIN_SECONDS * speed) },
    };
  }

  #spawn(name: string, args: readonly string[], env: Readonly<Record<string, string>>, options: { readonly preload?: readonly string[]; readonly stdin?: boolean } = {}): ObzvonProcess {
    return new ObzvonProcess({
      args, cwd: this.dir, logBase: join(this.dir, 'logs', name), ...options,
      env: { OBZVON_CONFIG: this.at('obzvon.yaml'), OBZVON_DATA_DIR: join(this.dir, 'data', name), ...env },
    });
  }

  /** Starts one more dialer and waits until it is ready. `preload`: modules loaded into its process first. */
  async addDialer(preload: readonly string[] = []): Promise<ClusterDialer> {
    const number = ++this.#started;
    const metricsPort = await freePort();
    const id = `dialer-${number}`;
    const process = this.#spawn(id, ['dial', '--json'], { OBZVON_DIALER_ID: id, OBZVON_METRICS_LISTEN: `127.0.0.1:${metricsPort}` }, { preload });
    const dialer: ClusterDialer = { number, id, process, metricsPort, paused: false };
    this.dialers.push(dialer);
    await process.ready(metricsPort, READY_MS);
    return dialer;
  }

  /** SIGKILL. */
  async killDialer(dialer: ClusterDialer): Promise<void> {
    this.#forget(dialer);
    await dialer.process.kill();
  }

  /** SIGTERM: it should end its calls and exit with 0. */
  async drainDialer(dialer: ClusterDialer): Promise<ProcessEnd> {
    this.#forget(dialer);
    return dialer.process.drain(DRAIN_MS);
  }

  /** SIGSTOP. */
  pauseDialer(dialer: ClusterDialer): void {
    dialer.paused = true;
    dialer.process.signal('SIGSTOP');
  }

  /** SIGCONT. */
  resumeDialer(dialer: ClusterDialer): void {
    dialer.paused = false;
    dialer.process.signal('SIGCONT');
  }

  /** Starts the sink and waits until it is ready. */
  async startSink(): Promise<void> {
    const metricsPort = await freePort();
    this.sink = this.#spawn(`sink-${++this.#sinks}`, ['sink', '--json'], { OBZVON_METRICS_LISTEN: `127.0.0.1:${metricsPort}` });
    await this.sink.ready(metricsPort, READY_MS);
  }

  /** Starts a command that ends by itself. */
  startCommand(args: readonly string[], options: { readonly stdin?: boolean } = {}): ObzvonProcess {
    const command = this.#spawn(`command-${++this.#commands}-${args[0] ?? ''}`, args, {}, options);
    this.#others.add(command);
    void command.ended.finally(() => this.#others.delete(command)).catch(() => undefined);
    return command;
  }

  /** Runs a command to its end. */
  async run(...args: string[]): Promise<CommandEnd> {
    const command = this.startCommand(args);
    const end = await command.ended;
    return { ...end, stdout: command.stdout, stderr: command.stderr };
  }

  /** Dialers, sink and engines that have ended without having been asked to, and what they said last. */
  casualties(): string[] {
    return [...this.dialers.map((dialer) => ({ name: dialer.id, process: dialer.process })), { name: 'the sink', process: this.sink }]
      .filter(({ process }) => !process.running)
      .map(({ name, process }) => `${name} has ended by itself: ${process.stderr.trim().split('\n').slice(-2).join(' ').slice(-600)}`);
  }

  /** Ends everything that was started. `keep`: the folder stays, for a look at the logs. */
  async stop(options: { readonly keep?: boolean } = {}): Promise<void> {
    const processes = [...this.dialers.map((dialer) => dialer.process), ...this.#others];
    // Not assigned yet if the start failed on the way.
    const parts = this as Partial<Pick<Cluster, 'sink' | 'bus' | 'simulator' | 'clickhouse' | 'redis' | 'kafka'>>;
    if (parts.sink !== undefined) processes.push(parts.sink);
    await Promise.allSettled(processes.map((process) => process.kill()));
    await Promise.allSettled([Promise.race([parts.bus?.close(), new Promise((resolve) => setTimeout(resolve, 3000).unref())])]);
    await Promise.allSettled([parts.simulator?.close(), parts.clickhouse?.kill(), parts.redis?.kill(), parts.kafka?.kill()]);
    if (options.keep !== true) rmSync(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  #forget(dialer: ClusterDialer): void {
    this.dialers.splice(this.dialers.indexOf(dialer), 1);
  }
}

/** Waits for all, also if one fails, so that nothing is half started when the failure is told. */
async function allOrFirstError(work: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}
