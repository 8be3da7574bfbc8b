import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { SimulatedClock } from '../../core/clock.ts';
import { ERROR_CODES, ObzvonError, unreachable, type ErrorCode } from '../../core/errors.ts';
import type { EndedEntry } from './callee-call.ts';
import type { Misbehaviour, SimulatorOptions } from './options.ts';
import { toParentSchema, type ToChild, type ToParent } from './process-messages.ts';
import type { Address, SimulatorStats } from './simulator.ts';

/** A simulator in a process of its own, so that it takes nothing from the dialer's. */
export interface SimulatorProcess {
  readonly drachtio: Address;
  readonly freeswitch: Address;
  /** Shows the simulator's time. Move it with {@link SimulatorProcess.jumpTo} and {@link SimulatorProcess.changeSpeed} only. */
  readonly clock: SimulatedClock;
  readonly pid: number;
  /** Moves both clocks forward: the simulator's first, which writes it down. Times past are ignored. */
  jumpTo(ms: number): Promise<void>;
  /** Lets both clocks run `speed` times as fast as the wall's from now on. */
  changeSpeed(speed: number): Promise<void>;
  onCallEnded(listener: (entry: EndedEntry) => void): void;
  stats(): Promise<SimulatorStats>;
  setMisbehaviour(misbehaviour: Misbehaviour): Promise<void>;
  dropDrachtio(): Promise<void>;
  dropEventSockets(): Promise<void>;
  /** Calls back once if the simulator's process ends without having been asked to. */
  onDied(listener: (reason: string) => void): void;
  close(): Promise<void>;
}

interface Waiting {
  resolve(message: Extract<ToParent, { kind: 'done' | 'stats' }>): void;
  reject(error: Error): void;
}

/**
 * Forks a simulator and waits until it listens. It ends with this process, however that ends.
 * @throws ObzvonError as {@link startSimulator}, or `unreachable` if the process ends before it has started.
 */
export async function forkSimulator(options: SimulatorOptions): Promise<SimulatorProcess> {
  // From source it needs the loader that runs TypeScript; from dist it is plain JavaScript.
  const source = import.meta.url.endsWith('.ts');
  const entry = new URL(source ? './process-child.ts' : './process-child.js', import.meta.url);
  const execArgv = source ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
  const child = fork(entry, { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const clock = new SimulatedClock({ wallMs: Date.now(), simulatedMs: options.startMs ?? Date.now(), speed: options.speed });
  const talk = new Conversation(child, clock);
  const { drachtio, freeswitch } = await talk.start(options);
  return {
    drachtio,
    freeswitch,
    clock,
    pid: child.pid ?? 0,
    jumpTo: async (toMs) => {
      if (toMs > clock.nowMs()) clock.follow((await talk.ask({ kind: 'jump', toMs })).reading);
    },
    changeSpeed: async (speed) => {
      clock.follow((await talk.ask({ kind: 'pace', speed })).reading);
    },
    stats: () => talk.stats(),
    setMisbehaviour: (misbehaviour) => talk.order({ kind: 'misbehave', misbehaviour }),
    dropDrachtio: () => talk.order({ kind: 'drop', what: 'drachtio' }),
    dropEventSockets: () => talk.order({ kind: 'drop', what: 'event_sockets' }),
    onCallEnded: (listener) => void talk.endedListeners.push(listener),
    onDied: (listener) => void talk.diedListeners.push(listener),
    close: () => talk.close(),
  };
}

type Started = Extract<ToParent, { kind: 'started' }>;
type Order = ToChild extends infer Message ? (Message extends { id: number } ? Omit<Message, 'id'> : never) : never;

/** The parent's end of the talk with the simulator's process. */
class Conversation {
  readonly endedListeners: ((entry: EndedEntry) => void)[] = [];
  readonly diedListeners: ((reason: string) => void)[] = [];
  readonly #child: ChildProcess;
  readonly #clock: SimulatedClock;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #starting: { resolve(started: Started): void; reject(error: Error): void } | null = null;
  #lastId = 0;
  #closing = false;

  constructor(child: ChildProcess, clock: SimulatedClock) {
    this.#child = child;
    this.#clock = clock;
    child.on('message', (raw) => this.#take(toParentSchema.parse(raw)));
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#gone(`the simulator's process ended with ${signal ?? `exit code ${code ?? '?'}`}`);
        resolve();
      });
    });
    child.on('error', (error) => this.#gone(`the simulator's process cannot be talked to: ${error.message}`));
  }

  start(options: SimulatorOptions): Promise<Started> {
    return new Promise((resolve, reject) => {
      this.#starting = { resolve, reject };
      this.#send({ kind: 'start', options, reading: this.#clock.reading });
    });
  }

  async ask(order: Order): Promise<Extract<ToParent, { kind: 'done' }>> {
    const answer = await this.#request(order);
    if (answer.kind !== 'done') throw new Error(`expected the simulator to say done, found ${answer.kind}`);
    return answer;
  }

  async order(order: Order): Promise<void> {
    await this.ask(order);
  }

  async stats(): Promise<SimulatorStats> {
    const answer = await this.#request({ kind: 'stats' });
    if (answer.kind !== 'stats') throw new Error(`expected the simulator's statistics, found ${answer.kind}`);
    return answer.stats;
  }

  async close(): Promise<void> {
    if (this.#closing) return this.#exited;
    this.#closing = true;
    if (this.#child.connected) this.#send({ kind: 'close', id: 0 });
    return this.#exited;
  }

  #request(order: Order): Promise<Extract<ToParent, { kind: 'done' | 'stats' }>> {
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) {
        reject(new ObzvonError('unreachable', "the simulator's process has ended"));
        return;
      }
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      this.#send({ ...order, id });
    });
  }

  #send(message: ToChild): void {
    this.#child.send(message);
  }

  #take(message: ToParent): void {
    switch (message.kind) {
      case 'started':
        this.#clock.follow(message.reading);
        this.#starting?.resolve(message);
        this.#starting = null;
        return;
      case 'failed': {
        const code: ErrorCode = message.code in ERROR_CODES ? (message.code as ErrorCode) : 'unreachable';
        this.#closing = true;
        this.#starting?.reject(new ObzvonError(code, message.message));
        this.#starting = null;
        return;
      }
      case 'done':
      case 'stats':
        this.#waiting.get(message.id)?.resolve(message);
        this.#waiting.delete(message.id);
        return;
      case 'ended':
        for (const entry of message.calls) for (const listener of this.endedListeners) listener(entry);
        return;
      default:
        unreachable(message);
    }
  }

  #gone(reason: string): void {
    const error = new ObzvonError('unreachable', reason);
    this.#starting?.reject(error);
    this.#starting = null;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    if (this.#closing) return;
    this.#closing = true;
    for (const listener of this.diedListeners) listener(reason);
  }
}
