import type { AmdMessage, UnsureMeans } from '../../core/amd-wire.ts';
import type { Language } from '../../core/contact.ts';
import type { RingOdds } from '../../core/ring-odds.ts';

/** What the switch must know to place one call. All text here is ours or checked: E.164 phones, ids, configured trunk names. */
export interface CallRequest {
  readonly attemptId: string;
  readonly phone: string;
  readonly callerId: string;
  readonly trunk: string;
  readonly language: Language;
  readonly ringTimeoutMs: number;
  /** Ask AMD for verdicts, and how. null: no detection. */
  readonly detection: { readonly latestDecisionMs: number; readonly lostHumanCost?: number; readonly unsureMeans?: UnsureMeans; readonly earlyMedia: boolean; readonly country?: string; readonly ringOdds?: RingOdds } | null;
}

/** Why a call was never answered. */
export type CallFailure =
  /** A final SIP response other than 2xx. `q850Cause` from its Reason header, 0 if none. */
  | { readonly kind: 'sip'; readonly status: number; readonly q850Cause: number; readonly reason: string }
  /** We sent CANCEL: it rang too long, or somebody asked for it. */
  | { readonly kind: 'cancelled'; readonly why: 'ring_timeout' | 'asked' }
  /** No media endpoint: FreeSWITCH is away, full or too slow. No INVITE was sent. */
  | { readonly kind: 'media'; readonly reason: string }
  /** The connection to drachtio is gone or refused the request. */
  | { readonly kind: 'signalling'; readonly reason: string };

export type HangupParty = 'callee' | 'dialer' | 'switch';

/**
 * What a call tells. Order: prepared, invited, then ringing and early_media in any order, then answered, then the rest;
 * `ended` once, last, from any point. `atMs` is the dialer's clock.
 */
export type CallEvent =
  /** The media endpoint stands; `invite()` may be called. */
  | { readonly kind: 'prepared'; readonly atMs: number }
  | { readonly kind: 'invited'; readonly atMs: number }
  | { readonly kind: 'ringing'; readonly atMs: number }
  | { readonly kind: 'early_media'; readonly atMs: number }
  | { readonly kind: 'answered'; readonly atMs: number }
  | { readonly kind: 'amd'; readonly atMs: number; readonly message: AmdMessage }
  /** The audio fork could not be connected or broke: no more verdicts will come. */
  | { readonly kind: 'amd_unavailable'; readonly atMs: number; readonly reason: string }
  | { readonly kind: 'digit'; readonly atMs: number; readonly digit: string }
  /** The prompt `playId` ended; `playedMs` of it were played. */
  | { readonly kind: 'play_ended'; readonly atMs: number; readonly playId: number; readonly playedMs: number; readonly result: 'completed' | 'stopped' | 'failed' }
  | { readonly kind: 'ended'; readonly atMs: number; readonly end: CallEnd };

export type CallEnd =
  | { readonly kind: 'never_answered'; readonly failure: CallFailure }
  | { readonly kind: 'hung_up'; readonly by: HangupParty; readonly q850Cause: number };

/** One call. Every method may be called at any time, also after the end (then it does nothing). */
export interface Call {
  /** Sends the INVITE. Only after `prepared`. `onSent`: when the SIP server has confirmed that it is on the wire; by `atMs` it was. */
  invite(onSent?: (atMs: number) => void): void;
  /** Plays WAV files one after the other as one prompt; ends in `play_ended` with this `playId`. A prompt still playing is stopped first. */
  play(playId: number, files: readonly string[]): void;
  stopPlay(): void;
  /** Ends the audio fork: no more AMD messages wanted. */
  stopListening(): void;
  /** CANCEL, BYE or nothing, as the call stands. A 200 that crosses the CANCEL is acknowledged and ended with BYE. */
  hangUp(): void;
}

export type SwitchHealth = { readonly kind: 'up' } | { readonly kind: 'down'; readonly reason: string };

/** A SIP server and media servers as one thing that places calls. */
export interface Switch {
  place(request: CallRequest, on: (event: CallEvent) => void): Call;
  /** Calls that have not ended. */
  readonly callsInProgress: number;
  health(): SwitchHealth;
  /** Calls back on every change of health. */
  onHealth(listener: (health: SwitchHealth) => void): void;
  /** Ends every call and all connections. */
  close(): Promise<void>;
}
