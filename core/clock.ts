/** A timer that was set; `cancel` is safe to call at any time, also after it fired. */
export interface Timer {
  cancel(): void;
}

/** Time as everybody in the product sees it. All times are milliseconds since the epoch, UTC. */
export interface Clock {
  nowMs(): number;
  /** Calls `fire` once, `delayMs` of this clock's milliseconds from now. Does not keep the process alive by itself. */
  setTimer(delayMs: number, fire: () => void): Timer;
  sleep(delayMs: number): Promise<void>;
}

/** The clock on the wall. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  setTimer(delayMs, fire) {
    const handle = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
};

interface PendingTimer {
  dueMs: number;
  fire: () => void;
  handle: NodeJS.Timeout | undefined;
}

/** Where a simulated clock stands: at wall time `wallMs` it showed `simulatedMs`, and runs `speed` times as fast. */
export interface ClockReading {
  wallMs: number;
  simulatedMs: number;
  speed: number;
}

/**
 * A clock that runs `speed` times as fast as the wall's and can jump forward. Two processes on one machine that share
 * a {@link ClockReading} show the same time. It never goes back.
 */
export class SimulatedClock implements Clock {
  #reading: ClockReading;
  readonly #timers = new Set<PendingTimer>();

  constructor(reading: ClockReading) {
    this.#reading = reading;
  }

  get reading(): ClockReading {
    return this.#reading;
  }

  get speed(): number {
    return this.#reading.speed;
  }

  nowMs(): number {
    const { wallMs, simulatedMs, speed } = this.#reading;
    return Math.floor(simulatedMs + (Date.now() - wallMs) * speed);
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const timer: PendingTimer = { dueMs: this.nowMs() + delayMs, fire, handle: undefined };
    this.#timers.add(timer);
    this.#arm(timer);
    return {
      cancel: () => {
        clearTimeout(timer.handle);
        this.#timers.delete(timer);
      },
    };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.setTimer(delayMs, resolve));
  }

  /** Moves time forward to `toMs` (ignored if that is past); timers that fall due on the way fire at once. */
  jumpTo(toMs: number): void {
    if (toMs <= this.nowMs()) return;
    this.follow({ wallMs: Date.now(), simulatedMs: toMs, speed: this.speed });
  }

  /** Takes over another clock's reading, as the simulator's process does when the dialer's jumps. */
  follow(reading: ClockReading): void {
    this.#reading = reading;
    for (const timer of this.#timers) {
      clearTimeout(timer.handle);
      this.#arm(timer);
    }
  }

  #arm(timer: PendingTimer): void {
    const wallDelayMs = Math.max(0, (timer.dueMs - this.nowMs()) / this.speed);
    timer.handle = setTimeout(() => {
      this.#timers.delete(timer);
      timer.fire();
    }, Math.min(wallDelayMs, 2 ** 31 - 1));
  }
}
