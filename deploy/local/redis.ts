import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ObzvonError } from '../../core/errors.ts';
import type { LocalCertificates } from './certificates.ts';
import { redisProgram, type RedisProgram } from './redis-program.ts';

const run = promisify(execFile);

/** A Redis may take so long from its start to its first answer. */
const START_MS = 30_000;
/** Ports are drawn from here: below those that systems give to outgoing connections, and with room for a cluster's bus port 10,000 above. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

export interface RedisOptions {
  /** Where its files go; a directory of its own, removed by `stop`, if not given. */
  readonly dir?: string;
  readonly port?: number;
  /** When the append-only file is flushed to the disk; `always` unless said. */
  readonly appendfsync?: 'always' | 'everysec' | 'no';
  /** Also listens with TLS, on a port of its own. */
  readonly tls?: RedisTls;
  /** Further lines of its configuration. */
  readonly config?: readonly string[];
}

export interface RedisTls {
  readonly certificates: LocalCertificates;
  /** Whether clients must show a certificate of the authority, too. */
  readonly mutual?: boolean;
}

/** A Redis on this machine's loopback, append-only. It ends with the process that started it, however that ends. */
export interface LocalRedis {
  /** redis://127.0.0.1:PORT */
  readonly url: string;
  readonly port: number;
  /** Where it listens with TLS; null: nowhere. */
  readonly tlsPort: number | null;
  readonly pid: number;
  readonly dir: string;
  /** Kills it as a crash would (SIGKILL) and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and files, ending it before if it runs. Resolves once it answers. */
  restart(): Promise<void>;
  /** Ends it in good order and removes its files, if they were its own. */
  stop(): Promise<void>;
}

/**
 * Starts a Redis; resolves once it answers.
 * @throws ObzvonError `unreachable` if there is no redis-server, or it does not start
 */
export async function startRedis(options: RedisOptions = {}): Promise<LocalRedis> {
  const program = await redisProgram();
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'obzvon-redis-')));
  await mkdir(dir, { recursive: true });
  for (let tries = 1; ; tries++) {
    const port = options.port ?? (await freePort());
    const tlsPort = options.tls === undefined ? null : await freePort();
    await writeFile(join(dir, 'redis.conf'), configuration(port, tlsPort, dir, options));
    const server = new Server(program, [join(dir, 'redis.conf')], { port, tlsPort }, dir, options.dir === undefined);
    try {
      await server.restart();
      return server;
    } catch (error) {
      // Another process may have taken the port since it was found free.
      if (options.port !== undefined || tries === 5) {
        await server.stop();
        throw error;
      }
    }
  }
}

function configuration(port: number, tlsPort: number | null, dir: string, options: RedisOptions): string {
  return [
    `port ${port}`, 'bind 127.0.0.1', 'protected-mode yes', 'daemonize no', `dir ${dir}`, `logfile ${join(dir, 'redis.log')}`, 'loglevel notice',
    'appendonly yes', `appendfsync ${options.appendfsync ?? 'always'}`, 'save ""', 'maxmemory-policy noeviction', ...tlsLines(tlsPort, options.tls), ...(options.config ?? []), '',
  ].join('\n');
}

function tlsLines(tlsPort: number | null, tls: RedisTls | undefined): string[] {
  if (tlsPort === null || tls === undefined) return [];
  const { ca, cert, key } = tls.certificates;
  return [`tls-port ${tlsPort}`, `tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${ca}`, `tls-auth-clients ${tls.mutual === true ? 'yes' : 'no'}`];
}

class Server implements LocalRedis {
  readonly port: number;
  readonly tlsPort: number | null;
  readonly dir: string;
  readonly #program: RedisProgram;
  readonly #args: readonly string[];
  readonly #ownsDir: boolean;
  #child: ChildProcess | null = null;
  #guard: ChildProcess | null = null;

  constructor(program: RedisProgram, args: readonly string[], ports: { readonly port: number; readonly tlsPort: number | null }, dir: string, ownsDir: boolean) {
    this.#program = program;
    this.#args = args;
    this.port = ports.port;
    this.tlsPort = ports.tlsPort;
    this.dir = dir;
    this.#ownsDir = ownsDir;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async restart(): Promise<void> {
    await this.#end('SIGTERM');
    const child = spawn(this.#program.server, this.#args, { cwd: this.dir, env: this.#program.env, stdio: 'ignore' });
    this.#child = child;
    child.on('error', () => undefined);
    // Reads until this process is gone, however it went, then ends the server: nothing is left behind by a killed test.
    this.#guard = spawn('/bin/sh', ['-c', 'read _; kill -9 "$0" 2>/dev/null', String(child.pid ?? 0)], { stdio: ['pipe', 'ignore', 'ignore'] });
    this.#guard.on('error', () => undefined);
    this.#guard.stdin?.on('error', () => undefined);
    for (const process of [child, this.#guard]) process.unref();
    const untilMs = Date.now() + START_MS;
    while (!(await answers(this.port))) {
      if (child.exitCode !== null || child.pid === undefined || Date.now() > untilMs) {
        const log = await readFile(join(this.dir, 'redis.log'), 'utf8').catch(() => '');
        await this.#end('SIGKILL');
        throw new ObzvonError('unreachable', `Redis on port ${this.port} did not start: ${log.trim().split('\n').at(-1) ?? 'it wrote no log'}`);
      }
      await sleep(20);
    }
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    if (this.#ownsDir) await rm(this.dir, { recursive: true, force: true });
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.#guard?.kill('SIGKILL');
    this.#guard = null;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    // A stopped process (SIGSTOP) hears only this.
    const force = setTimeout(() => child.kill('SIGKILL'), 5000);
    await exit;
    clearTimeout(force);
  }
}

/** Several local Redis processes that make up one service. */
export interface LocalRedisGroup {
  /** As the ledger takes it: redis+cluster://… or redis+sentinel://…; with TLS or passwords write your own, from `servers`. */
  readonly url: string;
  readonly servers: readonly LocalRedis[];
  stop(): Promise<void>;
}

/** A Redis Cluster of three masters on loopback; resolves once every slot is served. With `tls` its nodes name one another as `localhost`. */
export async function startRedisCluster(options: Pick<RedisOptions, 'appendfsync' | 'tls'> = {}): Promise<LocalRedisGroup> {
  const { cli, env } = await redisProgram();
  const { tls } = options;
  const among = tls === undefined ? [] : ['tls-cluster yes', 'cluster-announce-hostname localhost', 'cluster-preferred-endpoint-type hostname'];
  const servers: LocalRedis[] = [];
  try {
    for (let node = 0; node < 3; node++) servers.push(await startRedis({ ...options, config: ['cluster-enabled yes', 'cluster-node-timeout 2000', ...among] }));
    const nodes = servers.map(({ port, tlsPort }) => `127.0.0.1:${tlsPort ?? port}`);
    await run(cli, [...(tls === undefined ? [] : ['--tls', '--cacert', tls.certificates.ca]), '--cluster', 'create', ...nodes, '--cluster-yes'], { env, timeout: START_MS });
    await until('the cluster', async () => (await Promise.all(servers.map(({ port }) => ask(port, 'CLUSTER INFO')))).every((info) => info.includes('cluster_state:ok')));
    return { url: `redis+cluster://${nodes.join(',')}`, servers, stop: () => stopAll(servers) };
  } catch (error) {
    await stopAll(servers);
    throw error;
  }
}

export interface SentinelOptions extends Pick<RedisOptions, 'appendfsync' | 'tls'> {
  readonly downAfterMs?: number;
  /** Of master and replica. */
  readonly password?: string;
  readonly sentinelPassword?: string;
}

/**
 * A master, its replica and the sentinel that watches them (`servers` in this order); the replica is in step when it resolves.
 * With `tls` they also speak it among themselves, and the sentinel names the master's TLS port.
 */
export async function startRedisSentinel(options: SentinelOptions = {}): Promise<LocalRedisGroup> {
  const { appendfsync, tls, password, sentinelPassword } = options;
  const servers: LocalRedis[] = [];
  try {
    const among = tls === undefined ? [] : ['tls-replication yes'];
    const common = { ...(appendfsync === undefined ? {} : { appendfsync }), ...(tls === undefined ? {} : { tls }) };
    const config = [...among, ...(password === undefined ? [] : [`requirepass ${password}`, `masterauth ${password}`])];
    const master = await startRedis({ ...common, config });
    const masterPort = master.tlsPort ?? master.port;
    servers.push(master);
    const replica = await startRedis({ ...common, config: [...config, `replicaof 127.0.0.1 ${masterPort}`, 'repl-diskless-sync-delay 0'] });
    servers.push(replica);
    await until('the replica', async () => (await ask(replica.port, 'INFO replication', password)).includes('master_link_status:up'));
    const dir = await mkdtemp(join(tmpdir(), 'obzvon-sentinel-'));
    const port = await freePort();
    const tlsPort = tls === undefined ? null : await freePort();
    const conf = join(dir, 'redis.conf');
    await writeFile(
      conf,
      [`port ${port}`, 'bind 127.0.0.1', 'daemonize no', `dir ${dir}`, `logfile ${join(dir, 'redis.log')}`, `sentinel monitor mymaster 127.0.0.1 ${masterPort} 1`, ...tlsLines(tlsPort, tls), ...among,
        `sentinel down-after-milliseconds mymaster ${options.downAfterMs ?? 500}`, 'sentinel failover-timeout mymaster 3000', 
        ...(password === undefined ? [] : [`sentinel auth-pass mymaster ${password}`]), ...(sentinelPassword === undefined ? [] : [`requirepass ${sentinelPassword}`]), ''].join('\n'),
    );
    const sentinel = new Server(await redisProgram(), [conf, '--sentinel'], { port, tlsPort }, dir, true);
    servers.push(sentinel);
    await sentinel.restart();
    await until('the sentinel', async () => (await ask(port, 'SENTINEL replicas mymaster', sentinelPassword)).includes(String(replica.tlsPort ?? replica.port)));
    return { url: `redis+sentinel://127.0.0.1:${port}/mymaster`, servers, stop: () => stopAll([sentinel, replica, master]) };
  } catch (error) {
    await stopAll(servers);
    throw error;
  }
}

async function stopAll(servers: readonly LocalRedis[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const untilMs = Date.now() + START_MS;
  while (!(await holds())) {
    if (Date.now() > untilMs) throw new ObzvonError('unreachable', `${what} of the local Redis was not ready after ${START_MS / 1000} s`);
    await sleep(50);
  }
}

async function answers(port: number): Promise<boolean> {
  // One that asks for a password is up, too.
  return /^(\+PONG|-NOAUTH)/.test(await ask(port, 'PING'));
}

/** One inline command and what came back in its first packets; empty if nobody answers. */
function ask(port: number, command: string, password?: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 }, () => socket.write(`${password === undefined ? '' : `AUTH ${password}\r\n`}${command}\r\nQUIT\r\n`));
    socket.setEncoding('utf8').on('data', (data: string) => (text += data));
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
