import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { ObzvonError } from '../../core/errors.ts';
import { ChildEngine, freePort } from './child-engine.ts';
import { kafkaJars } from './kafka-jars.ts';

export interface KafkaOptions {
  /** Data, settings and log; kept by `stop`. Without it a temporary one, removed by `stop`. */
  readonly dir?: string;
  /** Without it a free one. */
  readonly port?: number;
  /** Default 384. */
  readonly heapMb?: number;
}

/** One Kafka (KRaft, broker and controller in one) on the loopback. It ends with this process. */
export interface LocalKafka {
  /** `kafka://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now. */
  readonly pid: number;
  readonly dir: string;
  /** SIGKILL; resolves when it is gone. It may be started again. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it is gone, and its directory with it if that was a temporary one. */
  stop(): Promise<void>;
  /** Starts it again (ending it gently first if it runs), on the same port and data; resolves when it answers. */
  restart(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
const PORT_TRIES = 3;
/** Compiling by C1 only and one collector thread: it answers in half the time, and leaves the second core alone. */
const JVM_FLAGS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Djava.awt.headless=true', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-Dorg.slf4j.simpleLogger.showDateTime=true'];

/**
 * Starts one and waits until it answers.
 * @throws ObzvonError not_found without Java or Maven, unreachable if the jars cannot be had or it does not start
 */
export async function startKafka(options: KafkaOptions = {}): Promise<LocalKafka> {
  const jars = await kafkaJars();
  for (let attempt = 1; ; attempt++) {
    const kafka = await prepare(jars, options);
    try {
      await kafka.restart();
      return kafka;
    } catch (error) {
      await kafka.stop();
      // Somebody may have taken the free port in between.
      if (options.port !== undefined || attempt === PORT_TRIES) throw error;
    }
  }
}

async function prepare(jars: string, options: KafkaOptions): Promise<LocalKafka> {
  const temporary = options.dir === undefined;
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'obzvon-kafka-')));
  await mkdir(dir, { recursive: true });
  const java = ['-Xms64m', `-Xmx${options.heapMb ?? 384}m`, ...JVM_FLAGS, '-cp', join(jars, '*')];
  const settings = join(dir, 'server.properties');
  const logFile = join(dir, 'kafka.log');
  const port = options.port ?? (await freePort());
  await writeFile(settings, properties(port, await freePort(), dir));
  try {
    await promisify(execFile)('java', [...java, 'kafka.tools.StorageTool', 'format', '--ignore-formatted', `--cluster-id=${randomBytes(16).toString('base64url')}`, '-c', settings]);
  } catch (cause) {
    if (temporary) await rm(dir, { recursive: true, force: true });
    throw new ObzvonError('storage', `Kafka's directory ${dir} cannot be prepared: ${String(cause).slice(0, 500)}`, { cause });
  }
  let engine: ChildEngine | undefined;
  return {
    url: `kafka://127.0.0.1:${port}`,
    port,
    get pid() {
      return engine?.pid ?? 0;
    },
    dir,
    kill: async () => engine?.end('SIGKILL'),
    async stop() {
      await engine?.end('SIGTERM');
      if (temporary) await rm(dir, { recursive: true, force: true });
    },
    async restart() {
      await engine?.end('SIGTERM');
      engine = await ChildEngine.start('java', [...java, 'kafka.Kafka', settings], { logFile });
      await answering(engine, port, logFile);
    },
  };
}

function properties(port: number, controllerPort: number, dir: string): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(dir, 'data'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // A lone member need not wait for others to come.
    'group.initial.rebalance.delay.ms': 0,
    // After SIGKILL the broker's old registration has to run out before it is let in again.
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 300,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'log.cleaner.threads': 1,
    'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,
    'log.index.size.max.bytes': 1024 * 1024,
  };
  return Object.entries(settings).map(([key, value]) => `${key}=${value}\n`).join('');
}

async function answering(engine: ChildEngine, port: number, logFile: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const kafka = new Kafka({ clientId: 'obzvon-start', brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING, connectionTimeout: 1000, requestTimeout: 2000, retry: { retries: 0 } });
    const admin = kafka.admin();
    try {
      await admin.connect();
      if ((await admin.describeCluster()).brokers.length > 0) return;
    } catch {
      // Not yet.
    } finally {
      await admin.disconnect();
    }
    if (!engine.running || Date.now() > deadline) {
      await engine.end('SIGKILL');
      const said = (await readFile(logFile, 'utf8').catch(() => '')).split('\n').slice(-12).join('\n');
      throw new ObzvonError('unreachable', `Kafka did not start on 127.0.0.1:${port}; ${logFile} ends:\n${said}`);
    }
    await pause(100);
  }
}
