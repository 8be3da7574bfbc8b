import { Kafka, logLevel, type Admin, type logCreator } from 'kafkajs';
import { ObzvonError } from '../errors.ts';
import { tlsRefusal } from '../tls.ts';
import { hopeless, reasonOf } from './kafka-errors.ts';
import type { KafkaSettings } from './kafka-url.ts';
import type { EngineHealth } from './port.ts';

/** What the bus tells of itself; a pino logger fits. */
export interface BusLog {
  debug(context: object, message: string): void;
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
}

export interface Waits {
  /** Longest that opening tries to reach a broker. */
  readonly openMs: number;
  /** Longest that stopping waits for brokers that do not answer. */
  readonly closeMs: number;
}
export const DEFAULT_WAITS: Waits = { openMs: 8_000, closeMs: 4_000 };

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
const PULSE_MS = 2_000;
const PULSE_LIMIT_MS = 5_000;
/** As `closeMs`, when no broker answers anyway. */
const CLOSE_AWAY_MS = 500;
const CONNECT_TIMEOUT_MS = 3_000;
/** A broker that hangs is given up on after this, and asked anew. */
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * The connection to a Kafka cluster: what the bus's publisher, consumers and scans share. It asks the cluster how it is
 * every {@link PULSE_MS} and has the answer as {@link health}.
 *
 * `open`: questions are asked until they are answered. `closed`: pending ones are rejected.
 */
export class KafkaLink {
  /** For questions and publishing: gives up soon; whoever asks asks again, and can be stopped in between. */
  readonly kafka: Kafka;
  /**
   * For members of groups: does not give up while a broker is started again (about 12 s). A member that outlives it goes
   * on at once; measured, one that gave up and joined anew waited 11 s for its own former session to run out.
   */
  readonly patientKafka: Kafka;
  readonly settings: KafkaSettings;
  readonly log: BusLog;
  readonly waits: Waits;
  #admin: Promise<Admin> | undefined;
  #health: EngineHealth = { kind: 'up' };
  #closed = false;
  #pulse: NodeJS.Timeout | undefined;
  #pulsing = false;
  readonly #close: Promise<void>;
  #closeNow!: () => void;

  constructor(settings: KafkaSettings, log: BusLog, waits: Waits) {
    this.settings = settings;
    this.log = log;
    this.waits = waits;
    this.#close = new Promise((resolve) => (this.#closeNow = resolve));
    this.kafka = clientOf(settings, log, 4);
    this.patientKafka = clientOf(settings, log, 14);
  }

  /**
   * Refused credentials and certificates end it at once. Later, once open, a certificate that went bad is waited for like any broker
   * that is away: somebody will renew it.
   * @throws ObzvonError unreachable if no broker answers, bad_config if they refuse us or are not trusted
   */
  async open(): Promise<void> {
    const untilMs = performance.now() + this.waits.openMs;
    for (;;) {
      const left = untilMs - performance.now();
      const asked = this.#attempt((admin) => admin.describeCluster());
      const answer = await within(left, asked.then(() => 'up' as const, (error: unknown) => ({ error })));
      if (answer === 'up') break;
      const error = answer?.error ?? new Error(`no answer within ${this.waits.openMs} ms`);
      const noTls = tlsRefusal(error);
      const refused = noTls === null ? hopeless(error, 'the connection') : new ObzvonError('bad_config', `bus.url: Kafka at ${this.settings.brokers.join(', ')}: ${noTls}`, { cause: error });
      if (refused === null && untilMs - performance.now() > FIRST_PAUSE_MS) {
        await this.pause(2 * FIRST_PAUSE_MS);
        continue;
      }
      this.close();
      throw refused ?? new ObzvonError('unreachable', `bus.url: no Kafka broker answers at ${this.settings.brokers.join(', ')}: ${reasonOf(error)}; expected a running one`, { cause: error });
    }
    this.#pulse = setInterval(() => void this.#feel(), PULSE_MS);
    this.#pulse.unref();
  }

  get closed(): boolean {
    return this.#closed;
  }

  get health(): EngineHealth {
    return this.#health;
  }

  /** How long to wait for a good end: not for a cluster that is known to be away. */
  get closeLimitMs(): number {
    return this.#health.kind === 'up' ? this.waits.closeMs : Math.min(this.waits.closeMs, CLOSE_AWAY_MS);
  }

  /** The name in the cluster of a topic or a group. */
  named(name: string): string {
    return this.settings.prefix === null ? name : `${this.settings.prefix}.${name}`;
  }

  /** Asks the cluster until it answers. @throws ObzvonError if trying again cannot mend it, or the bus was closed */
  async ask<T>(doing: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      this.assertOpen();
      try {
        return await this.#attempt(question);
      } catch (error) {
        this.assertOpen();
        const reason = hopeless(error, doing);
        if (reason !== null) throw reason;
        this.down(error);
      }
      await this.pause(pauseMs);
    }
  }

  /** Waits, or until the bus is closed. */
  async pause(ms: number): Promise<void> {
    await within(ms, this.#close);
  }

  assertOpen(): void {
    if (this.#closed) throw new ObzvonError('usage', `the bus at ${this.settings.brokers.join(', ')} is closed`);
  }

  down(error: unknown): void {
    if (this.#closed) return;
    if (this.#health.kind === 'up') this.log.warn({ reason: reasonOf(error) }, 'Kafka does not answer; trying until it does');
    this.#health = { kind: 'down', reason: `Kafka at ${this.settings.brokers.join(', ')}: ${reasonOf(error)}` };
  }

  up(): void {
    if (this.#health.kind === 'down') this.log.info({}, 'Kafka answers again');
    this.#health = { kind: 'up' };
  }

  /** No more questions; pending ones end. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#pulse);
    this.#dropAdmin(this.#admin);
    this.#closeNow();
  }

  async #attempt<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const connecting = (this.#admin ??= this.#connect());
    try {
      const answer = await question(await connecting);
      this.up();
      return answer;
    } catch (error) {
      // A client that lost its brokers may be stuck with what it knows of them: the next question gets a new one.
      this.#dropAdmin(connecting);
      throw error;
    }
  }

  async #connect(): Promise<Admin> {
    const admin = this.kafka.admin({ retry: { retries: 1, initialRetryTime: FIRST_PAUSE_MS } });
    try {
      await admin.connect();
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      throw error;
    }
    return admin;
  }

  #dropAdmin(admin: Promise<Admin> | undefined): void {
    if (admin === undefined) return;
    if (this.#admin === admin) this.#admin = undefined;
    admin.then((connected) => connected.disconnect()).catch(() => undefined);
  }

  async #feel(): Promise<void> {
    if (this.#pulsing) return;
    this.#pulsing = true;
    try {
      const felt = await within(PULSE_LIMIT_MS, this.#attempt((admin) => admin.describeCluster()).then(() => 'felt' as const));
      if (felt === undefined) this.down(new Error(`no answer within ${PULSE_LIMIT_MS} ms`));
    } catch (error) {
      this.down(error);
    } finally {
      this.#pulsing = false;
    }
  }
}

/** The promise's value, or undefined after so many ms; a late rejection is nobody's. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), Math.max(0, ms))))]);
  } finally {
    clearTimeout(timer);
  }
}

function clientOf(settings: KafkaSettings, log: BusLog, retries: number): Kafka {
  return new Kafka({
    clientId: 'obzvon',
    brokers: [...settings.brokers],
    ssl: settings.tls === null ? false : { ...settings.tls },
    ...(settings.sasl === null ? {} : { sasl: saslOf(settings.sasl) }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { retries, initialRetryTime: FIRST_PAUSE_MS, maxRetryTime: 1_000 },
    logLevel: logLevel.WARN,
    logCreator: quietly(log),
  });
}

/** kafkajs tells of every single retry as an error; what matters of it the bus says itself. */
function quietly(log: BusLog): logCreator {
  return () => ({ namespace, log: { message, ...context } }) => {
    log.debug({ kafkajs: namespace, ...(typeof context.error === 'string' ? { error: context.error } : {}) }, message);
  };
}

function saslOf({ mechanism, username, password }: NonNullable<KafkaSettings['sasl']>) {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password } as const;
    case 'scram-sha-256':
      return { mechanism, username, password } as const;
    case 'scram-sha-512':
      return { mechanism, username, password } as const;
  }
}
