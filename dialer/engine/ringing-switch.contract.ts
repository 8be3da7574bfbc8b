import type { Clock } from '../../core/clock.ts';
import type { CallEvent, CallRequest, Switch } from '../telephony/port.ts';

/** A switch whose calls are prepared at once, ring for ever and end when they are hung up. */
export class RingingSwitch implements Switch {
  readonly calls: { request: CallRequest; invited: boolean }[] = [];
  callsInProgress = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  place(request: CallRequest, on: (event: CallEvent) => void): ReturnType<Switch['place']> {
    const call = { request, invited: false };
    this.calls.push(call);
    queueMicrotask(() => on({ kind: 'prepared', atMs: this.#clock.nowMs() }));
    return {
      invite: () => {
        call.invited = true;
        on({ kind: 'invited', atMs: this.#clock.nowMs() });
      },
      play: () => undefined,
      stopPlay: () => undefined,
      stopListening: () => undefined,
      hangUp: () => on({ kind: 'ended', atMs: this.#clock.nowMs(), end: { kind: 'never_answered', failure: { kind: 'cancelled', why: 'asked' } } }),
    };
  }
  health(): { kind: 'up' } {
    return { kind: 'up' };
  }
  onHealth(): void {
    // It never changes.
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}
