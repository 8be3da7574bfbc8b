import { SimulatedClock } from '../../core/clock.ts';
import { ObzvonError, unreachable } from '../../core/errors.ts';
import type { EndedEntry } from './callee-call.ts';
import { holdJournal } from './journal-file.ts';
import { toChildSchema, type ToChild, type ToParent } from './process-messages.ts';
import { createPublic } from './public/public.ts';
import { startSimulator, type Simulator } from './simulator.ts';

/** Calls that ended are told in batches: one message for some milliseconds of them. */
const ENDED_BATCH_MS = 15;

/** The entry point of a simulator's own process: it lives as long as the process that forked it. */
class SimulatorProcess {
  #simulator: Simulator | null = null;
  #clock: SimulatedClock | null = null;
  #ended: EndedEntry[] = [];
  #freeJournal = (): void => undefined;

  async take(message: ToChild): Promise<void> {
    switch (message.kind) {
      case 'start':
        await this.#start(message);
        return;
      case 'stats':
        if (this.#simulator) send({ kind: 'stats', id: message.id, stats: this.#simulator.stats() });
        return;
      case 'jump':
        this.#simulator?.jumpTo(message.toMs);
        this.#done(message.id);
        return;
      case 'pace':
        this.#clock?.changeSpeed(message.speed);
        this.#done(message.id);
        return;
      case 'misbehave':
        this.#simulator?.setMisbehaviour(message.misbehaviour);
        this.#done(message.id);
        return;
      case 'drop':
        if (message.what === 'drachtio') this.#simulator?.dropDrachtio();
        else this.#simulator?.dropEventSockets();
        this.#done(message.id);
        return;
      case 'close':
        await this.#close();
        this.#tellEnded();
        this.#done(message.id);
        process.disconnect();
        return;
      default:
        unreachable(message);
    }
  }

  /** The parent is gone: what was under way is written down as it is, and that is all. */
  async abandon(): Promise<void> {
    await this.#close();
    process.exit(0);
  }

  async #close(): Promise<void> {
    const simulator = this.#simulator;
    this.#simulator = null;
    await simulator?.close();
    this.#freeJournal();
    this.#freeJournal = () => undefined;
  }

  async #start({ options, reading }: Extract<ToChild, { kind: 'start' }>): Promise<void> {
    this.#clock = new SimulatedClock(reading);
    try {
      if (options.journal !== undefined) this.#freeJournal = await holdJournal(options.journal);
      this.#simulator = await startSimulator(options, { public: createPublic(options), clock: this.#clock });
    } catch (error) {
      if (!(error instanceof ObzvonError)) throw error;
      this.#freeJournal();
      send({ kind: 'failed', code: error.code, message: error.message });
      process.disconnect();
      return;
    }
    this.#simulator.onCallEnded((entry) => {
      if (this.#ended.length === 0) setTimeout(() => this.#tellEnded(), ENDED_BATCH_MS);
      this.#ended.push(entry);
    });
    const { drachtio, freeswitch } = this.#simulator;
    send({ kind: 'started', drachtio, freeswitch, reading: this.#clock.reading });
  }

  #tellEnded(): void {
    if (this.#ended.length === 0) return;
    send({ kind: 'ended', calls: this.#ended });
    this.#ended = [];
  }

  #done(id: number): void {
    if (this.#clock) send({ kind: 'done', id, reading: this.#clock.reading });
  }
}

function send(message: ToParent): void {
  if (process.connected) process.send?.(message);
}

const own = new SimulatorProcess();
process.on('message', (raw) => void own.take(toChildSchema.parse(raw)));
process.on('disconnect', () => void own.abandon());
// A terminal's Ctrl-C reaches the whole group: the parent drains its calls first and needs a switch for that.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
