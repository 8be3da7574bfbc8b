import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { ObzvonError } from '../../core/errors.ts';
import type { LocalCertificates } from './certificates.ts';
import { ChildEngine, freePort } from './child-engine.ts';
import { kafkaJars } from './kafka-jars.ts';

export interface KafkaOptions {
  /** Data, settings and log; kept by `stop`. Without it a temporary one, removed by `stop`. */
  readonly dir?: string;
  /** Without it a free one. */
  readonly port?: number;
  /** Default 384. */
  readonly heapMb?: number;
  /** Also listens with TLS, on ports of their own. */
  readonly secure?: KafkaSecurity;
}

export interface KafkaSecurity {
  readonly certificates: LocalCertificates;
  /** Who may come by each mechanism of SASL; SCRAM-SHA-256 and SCRAM-SHA-512 have the same. Letters and digits alone. */
  readonly plain: { readonly username: string; readonly password: string };
  readonly scram: { readonly username: string; readonly password: string };
}

/** One Kafka (KRaft, broker and controller in one) on the loopback. It ends with this process. */
export interface LocalKafka {
  /** `kafka://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Where it listens with TLS: for users of SASL, and for who shows a certificate (mutual TLS); null: nowhere. */
  readonly securePorts: SecurePorts | null;
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

export interface SecurePorts {
  readonly sasl: number;
  readonly mutual: number;
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
  const { secure } = options;
  const securePorts = secure === undefined ? null : { sasl: await freePort(), mutual: await freePort() };
  const controllerPort = await freePort();
  const properties = { ...plainProperties(port, controllerPort, dir), ...(secure === undefined || securePorts === null ? {} : secureProperties(port, securePorts, secure, controllerPort)) };
  await writeFile(settings, Object.entries(properties).map(([key, value]) => `${key}=${value}\n`).join(''), { mode: 0o600 });
  try {
    await promisify(execFile)('java', [...java, 'kafka.tools.StorageTool', 'format', '--ignore-formatted', `--cluster-id=${randomBytes(16).toString('base64url')}`, '-c', settings, ...scramUsers(secure)]);
  } catch (cause) {
    if (temporary) await rm(dir, { recursive: true, force: true });
    // Not the command itself: it holds passwords.
    const said = cause instanceof Error && 'stderr' in cause ? `${String(cause.stderr)} ${'stdout' in cause ? String(cause.stdout) : ''}` : String(cause);
    throw new ObzvonError('storage', `Kafka's directory ${dir} cannot be prepared: ${said.trim().slice(0, 500)}`);
  }
  let engine: ChildEngine | undefined;
  return {
    url: `kafka://127.0.0.1:${port}`,
    port,
    securePorts,
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

function plainProperties(port: number, controllerPort: number, dir: string): Readonly<Record<string, string | number | boolean>> {
  return {
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
}

/** A listener for users of SASL and one for mutual TLS, beside the plain one, by which the broker is seen to have started. */
function secureProperties(port: number, ports: SecurePorts, { certificates, plain }: KafkaSecurity, controllerPort: number): Readonly<Record<string, string>> {
  return {
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort},SASL_SSL://127.0.0.1:${ports.sasl},SSL://127.0.0.1:${ports.mutual}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},SASL_SSL://127.0.0.1:${ports.sasl},SSL://127.0.0.1:${ports.mutual}`,
    // Said in full once a protocol other than PLAINTEXT is there.
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': certificates.keystore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.ca,
    'listener.name.ssl.ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_${plain.username}="${plain.password}";`,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': SCRAM,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': SCRAM,
  };
}
const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';

/** In KRaft the first users are written when the directory is formatted. */
function scramUsers(secure: KafkaSecurity | undefined): string[] {
  if (secure === undefined) return [];
  const { username, password } = secure.scram;
  return ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${username},password=${password}]`]);
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
