import { fileURLToPath } from 'node:url';
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { attemptsTopic } from '../../core/bus/topics.ts';
import { readJournal } from '../../dialer/simulator/journal-file.ts';
import type { Misbehaviour } from '../../dialer/simulator/options.ts';
import { misbehaviourSchema } from '../../dialer/simulator/options.ts';
import type { Cluster, ClusterDialer } from '../../deploy/local/cluster.ts';

/** What a fault finds, and whom it takes. */
export interface FaultScene {
  readonly cluster: Cluster;
  /** The dialer that suffers, chosen by the seed. */
  readonly victim: ClusterDialer;
  /** ClickHouse stays away so long, wall ms. */
  readonly longAwayMs: number;
  /** When the fault came, wall ms since the epoch. */
  readonly faultMs: number;
  /** What went wrong with the fault's own promises, such as an exit code. */
  readonly offend: (offence: string) => void;
}

export interface Fault {
  readonly name: string;
  /** For the table: what is done. */
  readonly what: string;
  /** Done before the campaign is loaded. @returns the victim, if it is not one of the dialers that run */
  readonly prepare?: (cluster: Cluster) => Promise<ClusterDialer>;
  /** Resolves once the fault has passed: the part is back, or replaced. */
  readonly act: (scene: FaultScene) => Promise<void>;
  /** Done after the trial. */
  readonly mend?: (scene: FaultScene) => Promise<void>;
  /** The victim stood still past its lease. */
  readonly freezes?: boolean;
}

/** So long a stopped dialer outstays its lease, and still the retry of its lost calls is not yet due. */
const LEASES_PAUSED = 2.5;
/** A signal is heard within this, and what was on its way to the switch is there. */
const SIGNAL_MS = 500;
const SHORT_MS = 8_000;
/** So much of what was promised an older copy of Redis misses. */
const SET_BACK_MS = 2_000;
/** Where Redis keeps its append-only files, in its directory. */
const APPENDS = 'appendonlydir';
const CLOCK_STEP = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/bench/chaos/clock-step.js' : './clock-step.js', import.meta.url));
const well: Misbehaviour = misbehaviourSchema.parse({});

/** One for each line of the list of what may happen. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'dialer killed',
    what: 'kill -9 of a dialer; another is started',
    act: async ({ cluster, victim }) => {
      await cluster.killDialer(victim);
      await cluster.addDialer();
    },
  },
  {
    name: 'dialer drained',
    what: 'SIGTERM of a dialer; another is started',
    act: async ({ cluster, victim, offend }) => {
      const { code, signal } = await cluster.drainDialer(victim);
      if (code !== 0) offend(`the drained dialer ended with ${signal ?? `exit code ${code ?? '?'}`}, expected 0: ${victim.process.stderr.slice(-400)}`);
      await cluster.addDialer();
    },
    mend: async ({ cluster, victim, faultMs, offend }) => {
      const own = new Set<string>();
      for await (const { value } of cluster.bus.scan(attemptsTopic)) if (value.dialerId === victim.id) own.add(value.attemptId);
      const after = readJournal(cluster.journal).filter((entry) => entry.kind === 'invite' && own.has(entry.attemptId) && entry.wallMs > faultMs + SIGNAL_MS);
      if (after.length > 0) offend(`the dialer started ${after.length} calls after SIGTERM`);
    },
  },
  {
    name: 'dialer stopped',
    what: 'SIGSTOP of a dialer past its lease, then SIGCONT',
    freezes: true,
    act: async ({ cluster, victim }) => {
      cluster.pauseDialer(victim);
      await sleep((cluster.options.leaseSeconds ?? 2) * 1000 * LEASES_PAUSED);
      cluster.resumeDialer(victim);
    },
  },
  {
    name: 'sink killed',
    what: 'kill -9 of the sink; another is started',
    act: async ({ cluster }) => {
      await cluster.sink.kill();
      await cluster.startSink();
    },
  },
  {
    name: 'Kafka restarted',
    what: 'kill -9 of the broker, started again on its log',
    act: async ({ cluster }) => {
      await cluster.kafka.kill();
      await cluster.kafka.restart();
    },
  },
  {
    name: 'Redis restarted',
    what: 'kill -9 of Redis, started again on its append-only file',
    act: async ({ cluster }) => {
      await cluster.redis.kill();
      await cluster.redis.restart();
    },
  },
  {
    name: 'Redis wiped',
    what: 'FLUSHALL: the whole ledger is gone',
    act: async ({ cluster }) => {
      const redis = new Redis(cluster.redis.url);
      await redis.flushall();
      redis.disconnect();
    },
  },
  {
    name: 'Redis set back',
    what: 'kill -9 of Redis, started again on its files of 2 s before: a copy that misses what was promised since',
    act: async ({ cluster: { redis } }) => {
      const copy = `${redis.dir}-copy`;
      await cp(join(redis.dir, APPENDS), copy, { recursive: true });
      await sleep(SET_BACK_MS);
      await redis.kill();
      await rm(join(redis.dir, APPENDS), { recursive: true });
      await rename(copy, join(redis.dir, APPENDS));
      await redis.restart();
    },
  },
  {
    name: 'ClickHouse away',
    what: 'kill -9 of ClickHouse, started again after a minute',
    act: async ({ cluster, longAwayMs }) => {
      await cluster.clickhouse.kill();
      await sleep(longAwayMs);
      await cluster.clickhouse.restart();
    },
  },
  {
    name: 'drachtio lost',
    what: "every dialer's connection to drachtio is cut in mid-call",
    act: ({ cluster }) => cluster.simulator.dropDrachtio(),
  },
  {
    name: 'FreeSWITCH lost',
    what: "FreeSWITCH's event sockets are cut in mid-call",
    act: ({ cluster }) => cluster.simulator.dropEventSockets(),
  },
  {
    name: 'a third refused',
    what: 'a third of the calls get 503 for 8 s',
    act: async ({ cluster }) => {
      await cluster.simulator.setMisbehaviour({ ...well, unavailableShare: 1 / 3 });
      await sleep(SHORT_MS);
      await cluster.simulator.setMisbehaviour(well);
    },
  },
  {
    name: 'clock stepped',
    what: "a dialer's clock steps an hour forward, and after 4 s back",
    prepare: (cluster) => cluster.addDialer([CLOCK_STEP]),
    act: async ({ victim }) => {
      victim.process.signal('SIGUSR2');
      await sleep(SHORT_MS / 2);
      victim.process.signal('SIGUSR2');
    },
    mend: async ({ cluster, victim, offend }) => {
      const { code, signal } = await cluster.drainDialer(victim);
      if (code !== 0) offend(`the dialer whose clock was stepped ended with ${signal ?? `exit code ${code ?? '?'}`}, expected 0`);
    },
  },
];
