import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Bus } from '../core/bus/port.ts';
import { contactsTopic, paymentsTopic } from '../core/bus/topics.ts';
import type { SimulatedClock } from '../core/clock.ts';
import { ObzvonError } from '../core/errors.ts';
import { readJournal } from '../dialer/simulator/journal-file.ts';
import { simulatorOptionsSchema } from '../dialer/simulator/options.ts';
import { forkSimulator, type SimulatorProcess } from '../dialer/simulator/process.ts';
import type { JournalEntry } from '../dialer/simulator/journal.ts';
import { SimulatedPayers, type CallHeard, type PlantedEffect } from '../dialer/simulator/public/payments.ts';

/** What may stand behind `simulator:?` in the switch's URL. */
const worldSchema = z.strictObject({
  seed: z.string().min(1).default('obzvon'),
  /** Simulated seconds in one of the wall's. */
  speed: z.coerce.number().min(0.1).max(1000).default(1),
  /** Simulated time at the first start. */
  start: z.iso.datetime({ offset: true }).optional(),
  /** 1: when nobody is to be called until later, time jumps there. */
  skipIdle: z.enum(['0', '1']).default('0'),
  /** 1: time runs slower while this machine cannot speak the prompts fast enough for it. */
  waitsForSpeech: z.enum(['0', '1']).default('0'),
  answerProbability: z.coerce.number().min(0).max(1).optional(),
  unavailableShare: z.coerce.number().min(0).max(1).default(0),
  lateAnswerShare: z.coerce.number().min(0).max(1).default(0),
  lostByeShare: z.coerce.number().min(0).max(1).default(0),
  noResponseShare: z.coerce.number().min(0).max(1).default(0),
  forkRefusedShare: z.coerce.number().min(0).max(1).default(0),
});

/** Who presses 1 promises: so the example's flow asks. */
const PROMISE_DIGIT = '1';

function heardOf(entry: Extract<JournalEntry, { kind: 'ended' }>): CallHeard {
  return { phone: entry.phone, persona: entry.persona, heardMs: entry.heardMs, atMs: entry.atMs, promised: entry.digits?.includes(PROMISE_DIGIT) ?? false };
}

/** Payments reach billing's feed this often; the feed is read in such steps when time jumps. */
const FEED_STEP_MS = 60 * 60_000;

export function journalPathOf(dataDir: string): string {
  return join(dataDir, 'simulator', 'journal.ndjson');
}

/**
 * The world of a simulated run: a switch with a public behind it in a process of its own, the clock all of them share,
 * and billing, which hears who paid.
 */
export class SimulatedWorld {
  readonly process: SimulatorProcess;
  readonly skipIdle: boolean;
  readonly waitsForSpeech: boolean;
  readonly journalPath: string;
  readonly #payers: SimulatedPayers;
  readonly #told = new Set<string>();
  #nextFeedMs = 0;

  private constructor(process: SimulatorProcess, payers: SimulatedPayers, how: { skipIdle: boolean; waitsForSpeech: boolean }, journalPath: string) {
    this.process = process;
    this.#payers = payers;
    this.skipIdle = how.skipIdle;
    this.waitsForSpeech = how.waitsForSpeech;
    this.journalPath = journalPath;
  }

  /**
   * Starts the simulator, or goes on where its journal ends.
   * @param urlOptions what stands behind `simulator:?`
   * @throws ObzvonError bad_config for an option it does not know
   */
  static async start(urlOptions: Readonly<Record<string, string>>, dataDir: string): Promise<SimulatedWorld> {
    const parsed = worldSchema.safeParse(urlOptions);
    if (!parsed.success) {
      const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'option'}: ${issue.message}`);
      throw new ObzvonError('bad_config', `switch.url: simulator: ${faults.join('; ')}; expected ${Object.keys(worldSchema.shape).join(', ')}`);
    }
    const { seed, speed, start, skipIdle, waitsForSpeech, answerProbability, ...misbehaviour } = parsed.data;
    const journalPath = journalPathOf(dataDir);
    mkdirSync(join(dataDir, 'simulator'), { recursive: true });
    const process = await forkSimulator(
      simulatorOptionsSchema.parse({
        seed, speed, misbehaviour, journal: journalPath,
        ...(start === undefined ? {} : { startMs: Date.parse(start) }),
        ...(answerProbability === undefined ? {} : { answerProbability }),
      }),
    );
    const payers = new SimulatedPayers(seed);
    const world = new SimulatedWorld(process, payers, { skipIdle: skipIdle === '1', waitsForSpeech: waitsForSpeech === '1' }, journalPath);
    process.onCallEnded((entry) => payers.callEnded(heardOf(entry)));
    return world;
  }

  get clock(): SimulatedClock {
    return this.process.clock;
  }

  /** Makes the people on the bus known to billing, with what calls and payments there were before this start. */
  async meet(bus: Bus): Promise<void> {
    for await (const { value } of bus.scan(contactsTopic)) this.#payers.add(value);
    for await (const { value } of bus.scan(paymentsTopic)) this.#told.add(value.paymentId);
    for (const entry of readJournal(this.journalPath)) if (entry.kind === 'ended') this.#payers.callEnded(heardOf(entry));
  }

  /** Publishes the payments that fell due since the last time, if billing's feed is due. @returns how many */
  async deliverPayments(bus: Bus): Promise<number> {
    const nowMs = this.clock.nowMs();
    if (nowMs < this.#nextFeedMs) return 0;
    this.#nextFeedMs = nowMs - (nowMs % FEED_STEP_MS) + FEED_STEP_MS;
    const due = this.#payers.due(nowMs).filter((payment) => !this.#told.has(payment.paymentId));
    if (due.length === 0) return 0;
    for (const payment of due) this.#told.add(payment.paymentId);
    await bus.publish(paymentsTopic, due.map((payment) => ({ key: payment.accountId, value: { ...payment, receivedAtMs: nowMs } })));
    return due.length;
  }

  /** When billing will next hear of a payment; null if no more are to come. */
  nextPaymentMs(): number | null {
    const next = this.#payers.nextAtMs();
    return next === null ? null : Math.ceil(next / FEED_STEP_MS) * FEED_STEP_MS;
  }

  jumpTo(ms: number): Promise<void> {
    return this.process.jumpTo(ms);
  }

  changeSpeed(speed: number): Promise<void> {
    return this.process.changeSpeed(speed);
  }

  plantedEffect(untilMs: number): PlantedEffect {
    return this.#payers.plantedEffect(untilMs);
  }

  close(): Promise<void> {
    return this.process.close();
  }
}
