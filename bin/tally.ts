import type { Disposition, Outcome, Verdict } from '../core/outcome.ts';
import type { DialerEvent } from '../dialer/engine/telemetry.ts';

const RATE_SPAN_MS = 5000;

/** What has happened since the start, counted from the dialer's events; the progress display is made from it. */
export class Tally {
  dialled = 0;
  ringing = 0;
  talking = 0;
  notPlaced = 0;
  leasesLost = 0;
  readonly outcomes = new Map<Outcome, number>();
  readonly verdicts = new Map<Verdict, number>();
  readonly dispositions = new Map<Disposition, number>();
  readonly #starts: number[] = [];
  #firstEnded: { readonly ended: number; readonly wallMs: number } | null = null;
  readonly #wallMs: () => number;

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  add(event: DialerEvent): void {
    switch (event.kind) {
      case 'call_started':
        this.dialled++;
        this.#starts.push(this.#wallMs());
        return;
      case 'call_ringing':
        this.ringing++;
        return;
      case 'call_answered':
        this.talking++;
        return;
      case 'attempt_ended':
        if (event.attempt.answeredAtMs !== null) this.talking--;
        if (event.attempt.postDialDelayMs !== null) this.ringing--;
        this.outcomes.set(event.attempt.outcome, (this.outcomes.get(event.attempt.outcome) ?? 0) + 1);
        if (event.attempt.verdict !== null) this.verdicts.set(event.attempt.verdict, (this.verdicts.get(event.attempt.verdict) ?? 0) + 1);
        return;
      case 'contact_closed':
        this.dispositions.set(event.closed.disposition, (this.dispositions.get(event.closed.disposition) ?? 0) + 1);
        return;
      case 'call_not_placed':
        this.notPlaced++;
        return;
      case 'lease_lost':
        this.leasesLost++;
        return;
      case 'trunk_rate':
        return;
    }
  }

  /** Time left if contacts go on ending as fast as they have so far, as text for the progress line. */
  eta(ended: number, contacts: number): string {
    this.#firstEnded ??= { ended, wallMs: this.#wallMs() };
    const since = ended - this.#firstEnded.ended;
    if (since <= 0 || ended >= contacts) return '';
    const seconds = ((this.#wallMs() - this.#firstEnded.wallMs) / since) * (contacts - ended) / 1000;
    return seconds > 7200 ? `  ${Math.round(seconds / 3600)} h left` : seconds > 120 ? `  ${Math.round(seconds / 60)} min left` : `  ${Math.ceil(seconds)} s left`;
  }

  /** Calls started per wall second over the last few. */
  callsPerSecond(): number {
    const sinceMs = this.#wallMs() - RATE_SPAN_MS;
    while (this.#starts.length > 0 && this.#starts[0]! < sinceMs) this.#starts.shift();
    return this.#starts.length / (RATE_SPAN_MS / 1000);
  }
}
