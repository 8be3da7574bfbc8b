import { systemClock, type Timer } from '../../core/clock.ts';

const FIRST_DELAY_MS = 200;
const GROWTH = 1.7;
const LONGEST_DELAY_MS = 5000;

/** How one try to connect went. */
export type ConnectResult =
  | { readonly kind: 'connected' }
  /** May be better next time. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Will not: a wrong secret. No further try is made. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Keeps one connection up: tries, waits longer after each failure, begins anew when told it was lost. On the wall's clock:
 * a simulated one would hammer the server.
 */
export class ConnectionLoop {
  readonly #connect: () => Promise<ConnectResult>;
  readonly #onFailure: (reason: string, refused: boolean) => void;
  #delayMs = FIRST_DELAY_MS;
  #timer: Timer | null = null;
  #trying = false;
  #closed = false;

  constructor(connect: () => Promise<ConnectResult>, onFailure: (reason: string, refused: boolean) => void) {
    this.#connect = connect;
    this.#onFailure = onFailure;
  }

  /** Tries once now and, unless refused, again and again in the background. @returns how the first try went */
  async try(): Promise<ConnectResult> {
    this.#trying = true;
    const result = await this.#connect();
    this.#trying = false;
    if (this.#closed) return result;
    if (result.kind === 'connected') this.#delayMs = FIRST_DELAY_MS;
    else this.#onFailure(result.reason, result.kind === 'refused');
    if (result.kind === 'failed') this.again();
    return result;
  }

  /** The connection was lost: tries again after a while. */
  again(): void {
    if (this.#closed || this.#trying || this.#timer) return;
    this.#timer = systemClock.setTimer(this.#delayMs, () => {
      this.#timer = null;
      void this.try();
    });
    this.#delayMs = Math.min(LONGEST_DELAY_MS, this.#delayMs * GROWTH);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }
}
