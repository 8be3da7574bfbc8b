import type { PersonaKind } from './journal.ts';

/** Samples per second of everything the public says or hears. */
export const PUBLIC_SAMPLE_RATE = 8000;

/**
 * The sound of one party, 16-bit linear, 8 kHz, made as it is asked for. One script belongs to one call.
 * `read` is asked for rising, adjoining stretches, so a script may keep state from one to the next.
 */
export interface AudioScript {
  /** Fills `out` whole with the samples from number `fromSample` on; past the last word comes the line's noise floor or silence. */
  read(fromSample: number, out: Int16Array): void;
}

/** How the network or the callee answers an INVITE. */
export type PersonaFinal =
  | { readonly kind: 'answer' }
  /** A final failure. `q850Cause` 0: no Reason header. `local`: nobody is there at all, the SIP server itself says 503. */
  | {
      readonly kind: 'sip';
      readonly status: number;
      readonly reason: string;
      readonly q850Cause: number;
      readonly retryAfterS?: number;
      readonly local?: boolean;
    }
  /** Rings until the caller gives up. */
  | { readonly kind: 'ring_forever' };

/** What happens to the callee; `atMs` is simulated ms since the epoch. */
export type PersonaEvent =
  /** The call is up; `audio` starts at sample 0. */
  | { readonly kind: 'answered'; readonly atMs: number }
  /** A prompt began to play to the callee: the `promptIndex`-th of this call (from 0), `durationMs` long if nobody stops it. */
  | { readonly kind: 'prompt_started'; readonly atMs: number; readonly promptIndex: number; readonly durationMs: number }
  /** It stopped after `heardMs`; `completed` if it was played to its end. `totalHeardMs`: of all prompts of this call. */
  | { readonly kind: 'prompt_ended'; readonly atMs: number; readonly promptIndex: number; readonly heardMs: number; readonly totalHeardMs: number; readonly completed: boolean };

/** What the callee does, `afterMs` simulated ms after the event it is the reaction to. */
export type PersonaAction =
  | { readonly kind: 'press'; readonly afterMs: number; readonly digit: string }
  | { readonly kind: 'hang_up'; readonly afterMs: number };

/** One call as the called side will live it. Durations in simulated ms. */
export interface PersonaCall {
  readonly kind: PersonaKind;
  /** From INVITE to the first 180 (or 183, if there is early media); null: no provisional response comes at all. */
  readonly ringingAfterMs: number | null;
  /** From INVITE to the final response; not used with `ring_forever`. */
  readonly ringMs: number;
  readonly final: PersonaFinal;
  /** Heard by the caller from the 183 on, until the call is answered or refused. */
  readonly earlyMedia: AudioScript | null;
  /** Heard by the caller from the answer on. */
  readonly answerAudio: AudioScript | null;
  /** Hangs up this long after the answer if it has not before: the patience of a human, the end of a recording. null: never. */
  readonly hangUpAfterMs: number | null;
  /**
   * Told what happens, says what to do. An array replaces whatever was still to come of earlier reactions;
   * null leaves that as it stands.
   */
  react(event: PersonaEvent): readonly PersonaAction[] | null;
}

/** Everybody who can be called. The same seed, phone, call index and time give the same call. */
export interface Public {
  /**
   * Who answers `phone` (E.164) when it is called for the `callIndex`-th time (from 0, journal included) at `atMs`, simulated ms
   * since the epoch. Any text that is not a phone must be answered too (an `invalid` persona).
   */
  personaOf(phone: string, callIndex: number, atMs: number): PersonaCall;
}
