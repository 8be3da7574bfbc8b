import type { Clock } from '../../core/clock.ts';
import type { Ledger, RateLimit } from '../ledger/port.ts';
import { GUARD_MS } from '../rules/rate-limiter.ts';

/** A prepared call that waits for its turn. */
export interface Starter {
  /** False once the call has ended while it waited. */
  readonly waiting: () => boolean;
  /** Why it may not start any more although its turn has come; null if it may. */
  readonly refusal: () => 'window_closed' | 'stopped' | null;
  /** `onSent` is to be told when the INVITE was on the wire at the latest. */
  readonly start: (onSent: (atMs: number) => void) => void;
  readonly refuse: (reason: 'window_closed' | 'stopped') => void;
}

export interface StartQueueParts {
  readonly ledger: Pick<Ledger, 'takeStart' | 'lateStart'>;
  readonly clock: Clock;
  /** How many of the clock's ms pass in one of the wall's. */
  readonly clockSpeed: number;
  /** The caps in force at the moment of asking. */
  readonly limits: () => readonly RateLimit[];
  /** Told of an error of the ledger, which ends the queue's run. */
  readonly onError: (error: unknown) => void;
}

/** Of the clock. */
const LONGEST_SLEEP_MS = 500;
/** A start on the wire later than this after its slot is told to the ledger, so that the caps count it where it fell; less is within the guard. Wall ms. */
const UNSEEN_MS = GUARD_MS - 1;
/** So late (the process stood still, the ledger was away) a slot is given up: another's start may stand there. Wall ms. */
const STALE_MS = 250;

/**
 * Prepared calls of one campaign on one trunk, let go one by one as the shared rate allows. Everything that can be
 * done before the INVITE is done by then, so a granted start leaves at its time and the rate stays smooth.
 */
export class StartQueue {
  readonly #parts: StartQueueParts;
  readonly #waiting: Starter[] = [];
  #running = false;

  constructor(parts: StartQueueParts) {
    this.#parts = parts;
  }

  add(starter: Starter): void {
    this.#waiting.push(starter);
    if (this.#running) return;
    this.#running = true;
    this.#run().catch((error: unknown) => {
      this.#running = false;
      this.#parts.onError(error);
    });
  }

  async #run(): Promise<void> {
    const { ledger, clock, clockSpeed, limits } = this.#parts;
    for (;;) {
      if (this.#head() === undefined) {
        // In the same turn as the look: whoever is added from now on starts another run.
        this.#running = false;
        return;
      }
      const askedMs = clock.nowMs();
      const permit = await ledger.takeStart(limits(), askedMs);
      if (permit.kind === 'wait') {
        await clock.sleep(Math.min(LONGEST_SLEEP_MS, Math.max(1, permit.untilMs - askedMs)));
        continue;
      }
      const aheadMs = permit.atMs - clock.nowMs();
      if (aheadMs > 0) await clock.sleep(aheadMs);
      const lateMs = clock.nowMs() - permit.atMs;
      if (lateMs > STALE_MS * clockSpeed) continue;
      // The head may have ended meanwhile: its turn goes to the next.
      const next = this.#head();
      if (next === undefined) continue;
      this.#waiting.shift();
      next.start((sentAtMs) => {
        // Told by its latest possible time, a start never crowds the one that takes its place in the next span, however slow the wires.
        if (sentAtMs - permit.atMs > UNSEEN_MS * clockSpeed) void ledger.lateStart(permit.receipt, sentAtMs).catch((error: unknown) => this.#parts.onError(error));
      });
    }
  }

  /** The first that may start; those who may not any more are told and leave. */
  #head(): Starter | undefined {
    for (;;) {
      const head = this.#waiting[0];
      if (head === undefined) return undefined;
      const refusal = head.waiting() ? head.refusal() : null;
      if (head.waiting() && refusal === null) return head;
      this.#waiting.shift();
      if (refusal !== null && head.waiting()) head.refuse(refusal);
    }
  }
}
