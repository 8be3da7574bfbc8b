/** A timer that was set; `cancel` is safe to call at any time, also after it fired. */
export interface Timer {
  cancel(): void;
}

/** Time as everybody in the product sees it. All times are milliseconds since the epoch, UTC. */
export interface Clock {
  nowMs(): number;
  /**
   * Calls `fire` once, `delayMs` of this clock's milliseconds from now, never early, however far that is. Keeps the process
   * alive until then, or until it is cancelled.
   */
  setTimer(delayMs: number, fire: () => void): Timer;
  sleep(delayMs: number): Promise<void>;
}

/** Node fires a longer timeout at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The clock on the wall. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  setTimer(delayMs, fire) {
    const dueMs = Date.now() + delayMs;
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = dueMs - Date.now();
      handle = setTimeout(leftMs > MAX_TIMEOUT_MS ? arm : fire, Math.min(Math.max(0, leftMs), MAX_TIMEOUT_MS));
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  },
  sleep: (delayMs) => new Promise((resolve) => void systemClock.setTimer(delayMs, resolve)),
};

/** A source of wall time: Date.now, or a {@link SteadyClock}. */
export type WallTime = () => number;

/**
 * Wall time that a step of this machine's clock cannot move: the machine's steady counter (CLOCK_MONOTONIC) from a first reading, which
 * {@link SteadyClock.correct} brings back to the truth in small steps. It never goes back.
 */
export class SteadyClock implements Clock {
  #offsetMs: number;
  #latestMs = -Infinity;

  /** @param nowMs the time it is now */
  constructor(nowMs: number) {
    this.#offsetMs = nowMs - performance.now();
  }

  nowMs(): number {
    this.#latestMs = Math.max(this.#latestMs, Math.floor(performance.now() + this.#offsetMs));
    return this.#latestMs;
  }

  /** Takes over that it is `nowMs`. A clock that was ahead stands still until it is right. @returns by how much it was wrong, ms, > 0 if behind */
  correct(nowMs: number): number {
    const wrongMs = nowMs - (performance.now() + this.#offsetMs);
    this.#offsetMs += wrongMs;
    return wrongMs;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const dueMs = performance.now() + delayMs;
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = dueMs - performance.now();
      if (leftMs <= 0) fire();
      else handle = setTimeout(arm, Math.min(Math.ceil(leftMs), MAX_TIMEOUT_MS));
    };
    handle = setTimeout(arm, Math.min(Math.max(0, Math.ceil(delayMs)), MAX_TIMEOUT_MS));
    return { cancel: () => clearTimeout(handle) };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.setTimer(delayMs, resolve));
  }
}

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
  readonly #wallMs: WallTime;
  readonly #timers = new Set<PendingTimer>();
  #latestMs = -Infinity;

  constructor(reading: ClockReading, wallMs: WallTime = Date.now) {
    this.#reading = reading;
    this.#wallMs = wallMs;
  }

  get reading(): ClockReading {
    return this.#reading;
  }

  get speed(): number {
    return this.#reading.speed;
  }

  nowMs(): number {
    const { wallMs, simulatedMs, speed } = this.#reading;
    this.#latestMs = Math.max(this.#latestMs, Math.floor(simulatedMs + (this.#wallMs() - wallMs) * speed));
    return this.#latestMs;
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
    this.follow({ wallMs: this.#wallMs(), simulatedMs: toMs, speed: this.speed });
  }

  /** Goes on `speed` times as fast as the wall's clock. */
  changeSpeed(speed: number): void {
    this.follow({ wallMs: this.#wallMs(), simulatedMs: this.nowMs(), speed });
  }

  /** Takes over another clock's reading, as the dialer's process does when the simulator's jumps. */
  follow(reading: ClockReading): void {
    this.#reading = reading;
    // Timers that are all due now fire in the order in which they are due.
    for (const timer of [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)) {
      clearTimeout(timer.handle);
      this.#arm(timer);
    }
  }

  #arm(timer: PendingTimer): void {
    const wallDelayMs = Math.ceil(Math.max(0, (timer.dueMs - this.nowMs()) / this.speed));
    timer.handle = setTimeout(() => {
      // Timeouts are cut at their longest, and may come a wall millisecond early, which is many of this clock's.
      if (this.nowMs() < timer.dueMs) {
        this.#arm(timer);
        return;
      }
      this.#timers.delete(timer);
      timer.fire();
    }, Math.min(wallDelayMs, MAX_TIMEOUT_MS));
  }
}
