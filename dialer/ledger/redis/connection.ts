import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import type { EngineHealth } from '../../../core/bus/port.ts';
import { ObzvonError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/log.ts';
import { MasterConnector, ServerConnector } from './connectors.ts';
import { refusalOf, refusalOfAll } from './refusal.ts';
import { SCRIPTS, type ScriptName } from './scripts.ts';
import type { RedisTarget } from './url.ts';

/** What a script answers. */
export type Reply = string | number | null | readonly Reply[];

/** A Redis that says nothing for so long while a command waits is down. */
const SILENT_MS = 5000;
/** A connection on which nothing comes for so long while a command waits is dead: it is made anew, and the command sent again. */
const DEAD_MS = 15_000;
const OLDEST_VERSION = 7;

/** Errors that pass: the command is sent again until it gets an answer. Redis out of memory or disk is waited for, too. */
const PASSING =
  /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|READONLY|BUSY|OOM|MISCONF|NOREPLICAS|MOVED|ASK|UNKILLABLE)\b|Connection is closed|Cluster redirections|Failed to refresh slots|Socket timeout|isn't writ|startup nodes|Cluster isn't ready|sentinels are unreachable|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|aborted/i;
/** While sentinels or a cluster cannot be had at opening, they are asked one by one so often. */
const ASK_EACH_MS = 500;

/**
 * One connection to Redis: runs scripts, and goes on trying for ever once it was opened. A command is sent again if the
 * connection was lost before its answer came, so it may be executed twice.
 *
 * Plain commands, not pipelines of ioredis: those are aborted when the connection is lost between their answers.
 */
export class RedisConnection {
  readonly #client: Redis | Cluster;
  readonly #target: RedisTarget;
  readonly #epochKey: string;
  #down: string | null = null;
  #refusal: string | null = null;
  #pending = 0;
  #heardAtMs = 0;
  #closed = false;

  private constructor(target: RedisTarget) {
    this.#target = target;
    this.#epochKey = `{${target.prefix}}:epoch`;
    this.#client = clientOf(target);
    this.#client.on('ready', () => (this.#down = null));
    this.#client.on('close', () => (this.#down ??= 'the connection was lost'));
    this.#client.on('error', (error: Error) => {
      this.#down = error.message === '' ? error.name : error.message;
      this.#refusal = refusalOf(error);
    });
  }

  /** @throws ObzvonError `unreachable` if it does not answer in time, `bad_config` if it refuses us */
  static async open(target: RedisTarget, options: { readonly log?: Logger; readonly timeoutMs: number }): Promise<RedisConnection> {
    const connection = new RedisConnection(target);
    try {
      await connection.#check(options.timeoutMs, options.log);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #check(timeoutMs: number, log: Logger | undefined): Promise<void> {
    const asked: { info: string | null; failed: string | null } = { info: null, failed: null };
    void this.#introduce().then((answer) => (asked.info = answer), (error: unknown) => (asked.failed = error instanceof Error ? error.message : String(error)));
    const untilMs = Date.now() + timeoutMs;
    let askEachAtMs = 0;
    while (asked.info === null) {
      const reason = asked.failed ?? this.#down;
      let refusal = this.#refusal ?? refusalOf(reason);
      if (reason !== null && this.#target.kind !== 'one' && Date.now() > askEachAtMs) {
        refusal ??= await refusalOfAll(this.#target);
        askEachAtMs = Date.now() + ASK_EACH_MS;
      }
      if (refusal !== null) throw new ObzvonError('bad_config', `Redis at ${this.#target.shown}: ${refusal}`);
      if (Date.now() > untilMs) throw new ObzvonError('unreachable', `Redis at ${this.#target.shown} does not answer: ${reason ?? `nothing came in ${timeoutMs / 1000} s`}`);
      await sleep(20);
    }
    const { info } = asked;
    const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
    const version = field('redis_version');
    if (!(Number.parseInt(version, 10) >= OLDEST_VERSION)) throw new ObzvonError('unsupported', `Redis at ${this.#target.shown} is version ${version}, expected ${OLDEST_VERSION} or later`);
    const policy = field('maxmemory_policy');
    if (policy !== '' && policy !== 'noeviction' && field('maxmemory') !== '0') {
      throw new ObzvonError('bad_config', `Redis at ${this.#target.shown} throws keys away when memory is short (maxmemory-policy ${policy}); expected noeviction: the ledger would lose contacts`);
    }
    if (policy !== '' && policy !== 'noeviction') log?.warn({ policy }, 'Redis would throw keys away if its memory were limited; expected maxmemory-policy noeviction');
    if (field('aof_enabled') === '0') log?.warn('Redis keeps no append-only file: a restart loses the ledger, which is then rebuilt from the bus');
  }

  /** What a server says of itself. Of a cluster's, whether we may ask for its slots and state, too: without them the client would never be ready, and never say why. */
  async #introduce(): Promise<string> {
    const node = await this.#node();
    if (this.#target.kind === 'cluster') {
      await node.cluster('SLOTS');
      await node.cluster('INFO');
    }
    return node.info();
  }

  /** A server to ask about itself. */
  async #node(): Promise<Redis> {
    if (this.#client instanceof Redis) return this.#client;
    for (;;) {
      const node = this.#client.nodes('master')[0];
      if (node !== undefined || this.#closed) return node ?? Promise.reject(new Error('Connection is closed'));
      await sleep(20);
    }
  }

  /** Runs a script with the ledger's epoch key and `args`. @throws ObzvonError `ledger_lost` if the ledger is not the one that `args` begins with */
  run(name: ScriptName, args: readonly (string | number)[]): Promise<Reply> {
    const { sha, source } = SCRIPTS[name];
    return this.#answered(async () => {
      try {
        return (await this.#client.evalsha(sha, 1, this.#epochKey, ...args)) as Reply;
      } catch (error) {
        // Forgotten by a restart, a failover or SCRIPT FLUSH.
        if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return (await this.#client.eval(source, 1, this.#epochKey, ...args)) as Reply;
        throw error;
      }
    }, name);
  }

  /** The epoch key; null if the ledger is lost. */
  readEpoch(): Promise<string | null> {
    return this.#answered(() => this.#client.get(this.#epochKey), 'get');
  }

  /** The server's clock, ms. */
  engineTimeMs(): Promise<number> {
    return this.#answered(async () => {
      const askedMs = performance.now();
      const [seconds, micros] = await (await this.#node()).time();
      // It was read about half a round trip ago.
      return Math.round(Number(seconds) * 1000 + Number(micros) / 1000 + (performance.now() - askedMs) / 2);
    }, 'time');
  }

  /** Waits until `replicas` have everything this connection wrote, or a second has passed. */
  async waitForReplicas(): Promise<void> {
    const client = this.#client;
    if (this.#target.replicas > 0 && client instanceof Redis) await this.#answered(() => client.wait(this.#target.replicas, 1000), 'wait');
  }

  /** Removes every key of the ledger but its epoch. */
  async wipe(): Promise<void> {
    const pattern = `{${this.#target.prefix}}:*`;
    await this.#answered(async () => {
      for (const node of this.#client instanceof Redis ? [this.#client] : this.#client.nodes('master')) {
        let cursor = '0';
        do {
          const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
          cursor = next;
          const own = keys.filter((key) => key !== this.#epochKey);
          if (own.length > 0) await node.unlink(...own);
        } while (cursor !== '0');
      }
    }, 'scan');
  }

  health(): EngineHealth {
    if (this.#down !== null) return { kind: 'down', reason: `Redis at ${this.#target.shown}: ${this.#down}` };
    if (this.#pending > 0 && Date.now() - this.#heardAtMs > SILENT_MS) return { kind: 'down', reason: `Redis at ${this.#target.shown} does not answer` };
    return { kind: 'up' };
  }

  close(): void {
    this.#closed = true;
    this.#client.disconnect();
  }

  get closed(): boolean {
    return this.#closed;
  }

  async #answered<T>(send: () => Promise<T>, what: string): Promise<T> {
    if (this.#pending++ === 0) this.#heardAtMs = Date.now();
    try {
      for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 1000)) {
        if (this.#closed) throw new ObzvonError('storage', 'the ledger is closed');
        try {
          const answer = await send();
          this.#heardAtMs = Date.now();
          this.#down = null;
          return answer;
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          if (message.startsWith('LEDGER_LOST')) {
            throw new ObzvonError('ledger_lost', `the ledger on Redis at ${this.#target.shown} is not the one that was opened: it was lost, or is being rebuilt`);
          }
          // Without its cause: that holds the command, and so phones.
          if (!PASSING.test(message)) throw new ObzvonError('storage', `Redis at ${this.#target.shown} refuses "${what}": ${message.slice(0, 300)}`);
        }
        await sleep(pauseMs);
      }
    } finally {
      this.#pending--;
    }
  }
}

function clientOf(target: RedisTarget): Redis | Cluster {
  const { hosts, master, db, username, password, sentinelUsername, sentinelPassword } = target;
  const tls = target.tls === null ? {} : { tls: { ...target.tls } };
  const common = {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...tls,
    connectionName: 'obzvon',
    maxRetriesPerRequest: null,
    connectTimeout: 5000,
    socketTimeout: DEAD_MS,
    retryStrategy: (times: number) => Math.min(20 * times, 500),
    // A master that was made a replica: look for the new one, and send the command there.
    reconnectOnError: (error: Error): 2 | false => (error.message.startsWith('READONLY') ? 2 : false),
  };
  switch (target.kind) {
    case 'one':
      return new Redis({ ...common, ...hosts[0]!, db, Connector: ServerConnector });
    case 'sentinel':
      return new Redis({
        ...common, sentinels: [...hosts], name: master, Connector: MasterConnector,
        // ioredis keeps TLS to the sentinels and TLS to the master they name apart.
        ...(target.tls === null ? {} : { enableTLSForSentinelMode: true, sentinelTLS: { ...target.tls } }),
        ...(sentinelUsername === null ? {} : { sentinelUsername }),
        ...(sentinelPassword === null ? {} : { sentinelPassword }),
        sentinelRetryStrategy: (times) => Math.min(20 * times, 500),
      });
    case 'cluster':
      return new Cluster([...hosts], {
        redisOptions: { ...common, Connector: ServerConnector },
        // By itself ioredis puts an address in the place of a name, for which no certificate is.
        ...(target.tls === null ? {} : { dnsLookup: (name, found) => { found(null, name); } }),
        clusterRetryStrategy: (times) => Math.min(20 * times, 500), slotsRefreshTimeout: 3000, retryDelayOnFailover: 100,
      });
  }
}
