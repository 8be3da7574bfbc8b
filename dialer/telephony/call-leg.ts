import { createHmac } from 'node:crypto';
import type { Dialog, SrfRequest, SrfResponse } from 'drachtio-srf';
import type { Endpoint } from 'drachtio-fsmrf';
import type { Clock, Timer } from '../../core/clock.ts';
import { AudioFork } from './audio-fork.ts';
import type { HeldCall } from './held-call.ts';
import { discardEndpoint, type MediaLink } from './media-link.ts';
import type { Call, CallEnd, CallEvent, CallFailure, CallRequest, HangupParty } from './port.ts';
import { PromptPlayer } from './prompt-player.ts';
import { q850CauseOf } from './reason-header.ts';
import type { SignallingLink } from './signalling-link.ts';
import { plainReason, sipFailureOf } from './sip-failure.ts';
import type { SwitchSettings, TelephonyLog } from './switch-options.ts';

/** How long the final response to a CANCEL is waited for before the call is told as ended; it can take 32 s, or never come. */
const CANCEL_GRACE_MS = 2000;
/** How long the SIP server may take to say that it has the INVITE, ms of the wall; until then no call time runs. */
const SENT_TIMEOUT_MS = 5000;

const nothing = (): void => undefined;

/** An event without its time. */
type Told = CallEvent extends infer E ? (E extends CallEvent ? Omit<E, 'atMs'> : never) : never;

/** What a call needs of the switch it belongs to. */
export interface CallSurroundings {
  readonly clock: Clock;
  readonly log: TelephonyLog;
  readonly amd: SwitchSettings['amd'];
  /** The least loaded way out; null if nothing is up. */
  pick(): { signalling: SignallingLink; media: MediaLink } | { reason: string };
  ended(call: CallLeg): void;
}

/**
 * preparing: a media endpoint is being made. prepared: it stands, no INVITE was sent. inviting: the INVITE is out, the ring timer
 * runs. cancelling: CANCEL was sent or waits for the INVITE's echo. answered: 200 came and was acknowledged, the media is being
 * joined. up: the callee hears us. ended: told; the endpoint is let go, and a 200 that still comes is answered with BYE.
 */
type State = 'preparing' | 'prepared' | 'inviting' | 'cancelling' | 'answered' | 'up' | 'ended';

/** One outbound call: an endpoint in FreeSWITCH and a dialog with the callee, joined by us. */
export class CallLeg implements Call, HeldCall {
  readonly #request: CallRequest;
  readonly #trunk: SwitchSettings['trunks'][number];
  readonly #on: (event: CallEvent) => void;
  readonly #around: CallSurroundings;
  #state: State = 'preparing';
  #signalling: SignallingLink | null = null;
  #media: MediaLink | null = null;
  #endpoint: Endpoint | null = null;
  #player: PromptPlayer | null = null;
  #invite: SrfRequest | null = null;
  #dialog: Dialog | null = null;
  #timer: Timer | null = null;
  #cancelledFor: 'ring_timeout' | 'asked' = 'asked';
  #rang = false;
  /** When the callee's side first rang or sounded; null: it did neither. */
  #firstSignAtMs: number | null = null;
  /** From then to the answer, ms. */
  #ringMs = 0;
  /** The callee's first SDP before the answer; a 200 may leave it at that (RFC 3262). */
  #earlySdp: string | null = null;
  /** The SDP that the endpoint sends to. */
  #joinedSdp = '';
  #earlyMedia: Promise<void> | null = null;
  /** Asked for while the media was being joined. */
  #waiting: { readonly playId: number; readonly files: readonly string[] } | null = null;
  #fork: AudioFork | null = null;

  constructor(request: CallRequest, trunk: SwitchSettings['trunks'][number], on: (event: CallEvent) => void, around: CallSurroundings) {
    this.#request = request;
    this.#trunk = trunk;
    this.#on = on;
    this.#around = around;
    // Nothing is told before whoever places the call holds it.
    queueMicrotask(() => void this.#prepare());
  }

  invite(onSent?: (atMs: number) => void): void {
    if (!this.#is('prepared')) return;
    const { phone, callerId, attemptId, ringTimeoutMs } = this.#request;
    const srf = this.#signalling?.srf;
    const endpoint = this.#endpoint;
    if (!srf || !endpoint) { this.#fail({ kind: 'signalling', reason: 'the SIP server is not connected' }); return; }
    this.#state = 'inviting';
    this.#tell({ kind: 'invited' });
    if (!this.#is('inviting')) {
      this.#fail({ kind: 'cancelled', why: 'asked' });
      return;
    }
    const unsent = setTimeout(() => this.#notSent(), SENT_TIMEOUT_MS);
    this.#timer = { cancel: () => clearTimeout(unsent) };
    const { uri, fromHost, auth } = this.#trunk;
    const options = {
      localSdp: endpoint.local.sdp,
      headers: { From: `<sip:${callerId}@${fromHost}>`, 'X-Attempt-Id': attemptId },
      ...(auth ? { auth } : {}),
    };
    const progress = {
      cbRequest: (error: unknown, sent?: SrfRequest) => {
        if (error || !sent) return;
        onSent?.(this.#around.clock.nowMs());
        this.#onSent(sent, ringTimeoutMs);
      },
      cbProvisional: (response: SrfResponse) => this.#onProvisional(response),
    };
    try {
      // With a callback, not a promise: a BYE in the same packet as the 200 would be handled before a promise's `then`.
      srf.createUAC(uri.replace('{phone}', phone), options, progress, (error: unknown, dialog: Dialog) => {
        if (error) this.#onRefused(error);
        else this.#onAnswered(dialog);
      });
    } catch (error) {
      this.#onRefused(error);
    }
  }

  play(playId: number, files: readonly string[]): void {
    if (this.#is('ended')) return;
    if (this.#player) this.#player.play(playId, files);
    else if (this.#is('answered')) {
      this.#dropWaiting();
      this.#waiting = { playId, files };
    }
    else this.#tell({ kind: 'play_ended', playId, playedMs: 0, result: 'failed' });
  }

  stopPlay(): void {
    this.#dropWaiting();
    this.#player?.stop();
  }

  #dropWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) this.#tell({ kind: 'play_ended', playId: waiting.playId, playedMs: 0, result: 'stopped' });
  }

  stopListening(): void {
    if (this.#is('ended')) return;
    this.#fork?.stop();
  }

  hangUp(): void {
    switch (this.#state) {
      case 'preparing':
      case 'prepared':
        { this.#fail({ kind: 'cancelled', why: 'asked' }); return; }
      case 'inviting':
        { this.#cancel('asked'); return; }
      case 'answered':
      case 'up':
        { this.#hungUp('dialer', 0); return; }
      case 'cancelling':
      case 'ended':
        return;
    }
  }

  /** The connection to drachtio is gone, and every dialog with it. */
  signallingLost(reason: string): void {
    this.#dialog = this.#invite = null;
    if (this.#is('answered', 'up')) this.#hungUp('switch', 0);
    else if (this.#is('cancelling')) this.#fail({ kind: 'cancelled', why: this.#cancelledFor });
    else this.#fail({ kind: 'signalling', reason });
  }

  /** The endpoint is gone: FreeSWITCH ended it, or its event socket closed. */
  mediaLost(reason: string): void {
    if (this.#is('answered', 'up')) { this.#hungUp('switch', 0); return; }
    if (this.#is('preparing', 'prepared')) { this.#fail({ kind: 'media', reason }); return; }
    if (this.#is('cancelling')) { this.#fail({ kind: 'cancelled', why: this.#cancelledFor }); return; }
    if (!this.#is('inviting')) return;
    // The callee may still pick up; ended is told first, so that a 200 from now on is met with BYE.
    this.#sendCancel();
    this.#fail({ kind: 'signalling', reason: `the media endpoint was lost while it rang: ${reason}` });
  }

  /** A method, so that the compiler does not take the state for unchanged over an await or a callback. */
  #is(...states: readonly State[]): boolean {
    return states.includes(this.#state);
  }

  #tell(event: Told, atMs = this.#around.clock.nowMs()): void {
    this.#on({ ...event, atMs });
  }

  async #prepare(): Promise<void> {
    if (!this.#is('preparing')) return;
    const way = this.#around.pick();
    if ('reason' in way) { this.#fail({ kind: 'media', reason: way.reason }); return; }
    this.#signalling = way.signalling;
    this.#media = way.media;
    way.signalling.calls.add(this);
    way.media.calls.add(this);
    let endpoint: Endpoint;
    try {
      endpoint = await way.media.createEndpoint();
    } catch (error) {
      if (this.#is('preparing')) this.#fail({ kind: 'media', reason: plainReason(error) });
      return;
    }
    if (!this.#is('preparing')) { discardEndpoint(endpoint); return; }
    this.#endpoint = endpoint;
    if (!endpoint.connected) { this.#fail({ kind: 'media', reason: 'FreeSWITCH ended the channel at once' }); return; }
    endpoint.on('destroy', (end?: { reason?: string }) => this.mediaLost(end?.reason ?? 'its event socket closed'));
    endpoint.on('dtmf', ({ dtmf }: { dtmf?: string }) => {
      if (this.#is('answered', 'up') && dtmf !== undefined && /^[0-9*#A-D]$/.test(dtmf)) this.#tell({ kind: 'digit', digit: dtmf });
    });
    this.#fork = new AudioFork(endpoint, this.#around.amd.url, {
      onMessage: (message) => {
        if (this.#is('inviting', 'answered', 'up')) this.#tell({ kind: 'amd', message });
      },
      onBroken: (reason) => {
        if (!this.#is('ended')) this.#tell({ kind: 'amd_unavailable', reason });
      },
      onNonsense: () => this.#around.log.warn({ attemptId: this.#request.attemptId }, 'a message of the AMD service was not understood'),
    });
    this.#state = 'prepared';
    this.#tell({ kind: 'prepared' });
  }

  /** The INVITE has left: the time it may ring, or the answer to a CANCEL may take, runs from here. */
  #onSent(sent: SrfRequest, ringTimeoutMs: number): void {
    this.#invite = sent;
    this.#timer?.cancel();
    if (this.#is('inviting')) this.#timer = this.#around.clock.setTimer(ringTimeoutMs, () => this.#cancel('ring_timeout'));
    else if (this.#is('cancelling')) this.#awaitCancelled();
    if (this.#is('cancelling', 'ended')) this.#sendCancel();
  }

  #notSent(): void {
    this.#around.log.warn({ attemptId: this.#request.attemptId }, 'the SIP server did not take an INVITE in time');
    if (this.#is('cancelling')) this.#fail({ kind: 'cancelled', why: this.#cancelledFor });
    else if (this.#is('inviting')) this.#fail({ kind: 'signalling', reason: 'the SIP server did not take the INVITE in time' });
  }

  #awaitCancelled(): void {
    this.#timer?.cancel();
    this.#timer = this.#around.clock.setTimer(CANCEL_GRACE_MS, () => this.#fail({ kind: 'cancelled', why: this.#cancelledFor }));
  }

  #onProvisional(response: SrfResponse): void {
    if (!this.#is('inviting') || response.status <= 100) return;
    this.#firstSignAtMs ??= this.#around.clock.nowMs();
    // A 183 without SDP says no more than a 180: the call makes progress.
    const early = (response.status === 180 || response.status === 183) && response.body.length > 0;
    if (!this.#rang && !(early && response.status === 183)) {
      this.#rang = true;
      this.#tell({ kind: 'ringing' });
    }
    if (!early || this.#earlySdp !== null || !this.#is('inviting')) return;
    this.#earlySdp = response.body;
    this.#tell({ kind: 'early_media' });
    if (this.#request.detection?.earlyMedia && this.#is('inviting')) this.#earlyMedia = this.#listenEarly(response.body);
  }

  /** Joins the endpoint to the early media and listens; what fails here is tried again at the answer. */
  async #listenEarly(sdp: string): Promise<void> {
    try {
      await this.#endpoint?.dialog?.modify(sdp);
    } catch {
      return;
    }
    this.#joinedSdp = sdp;
    if (this.#is('inviting', 'answered')) await this.#startFork(this.#is('inviting'));
  }

  #onAnswered(dialog: Dialog): void {
    if (!this.#is('inviting')) {
      // Crossed our CANCEL, or came after all was told; srf has acknowledged it.
      this.#bye(dialog);
      if (this.#is('cancelling')) this.#fail({ kind: 'cancelled', why: this.#cancelledFor });
      return;
    }
    this.#timer?.cancel();
    this.#state = 'answered';
    if (this.#firstSignAtMs !== null) this.#ringMs = Math.max(0, Math.round(this.#around.clock.nowMs() - this.#firstSignAtMs));
    this.#invite = null;
    this.#dialog = dialog;
    dialog.on('destroy', (bye) => {
      this.#dialog = null;
      this.#hungUp('callee', q850CauseOf(bye.get('Reason')) || 16);
    });
    dialog.on('modify', (offer, response) => void this.#onReinvited(offer, response));
    this.#tell({ kind: 'answered' });
    void this.#join(dialog.remote.sdp || (this.#earlySdp ?? ''));
  }

  /** Lets the callee and the endpoint hear each other, AMD first. */
  async #join(sdp: string): Promise<void> {
    const endpoint = this.#endpoint;
    if (this.#earlyMedia) await this.#earlyMedia;
    if (!endpoint || !this.#is('answered')) return;
    if (sdp !== this.#joinedSdp) {
      try {
        await endpoint.dialog?.modify(sdp);
      } catch (error) {
        if (!this.#is('answered')) return;
        this.#around.log.warn({ attemptId: this.#request.attemptId, reason: plainReason(error) }, 'the media could not be joined');
        this.#hungUp('switch', 0); return;
      }
      if (!this.#is('answered')) return;
      this.#joinedSdp = sdp;
    }
    if (this.#fork?.started) this.#fork.answered(this.#ringMs);
    else await this.#startFork(false);
    if (!this.#is('answered')) return;
    this.#state = 'up';
    this.#player = new PromptPlayer(endpoint, () => this.#around.clock.nowMs(), (end) => this.#tell({ kind: 'play_ended', ...end }));
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) this.#player.play(waiting.playId, waiting.files);
  }

  /** The callee moved its media (re-INVITE): the endpoint follows; a mere refresh is answered with what stands. */
  async #onReinvited(offer: SrfRequest, response: SrfResponse): Promise<void> {
    const endpoint = this.#endpoint;
    if (!endpoint) { response.send(488); return; }
    try {
      if (offer.body.length > 0 && offer.body !== this.#joinedSdp) {
        await endpoint.dialog?.modify(offer.body);
        this.#joinedSdp = offer.body;
      }
      response.send(200, { body: endpoint.local.sdp, headers: { 'Content-Type': 'application/sdp' } });
    } catch {
      response.send(488);
    }
  }

  async #startFork(earlyMedia: boolean): Promise<void> {
    const { detection, attemptId, language, phone } = this.#request;
    if (!detection) return;
    const { latestDecisionMs, lostHumanCost, unsureMeans, country, ringOdds = [] } = detection;
    const { token, calleeKey } = this.#around.amd;
    // Which numbers play one recording is all that AMD needs of a number.
    const callee = calleeKey === undefined ? {} : { callee: createHmac('sha256', calleeKey).update(phone).digest('hex').slice(0, 16) };
    await this.#fork?.start({
      type: 'start', token, callId: attemptId, sampleRate: 8000, language, earlyMedia, latestDecisionMs, ...callee, ...(country === undefined ? {} : { country }),
      ...(lostHumanCost === undefined ? {} : { lostHumanCost }), ...(unsureMeans === undefined ? {} : { unsureMeans }), ...(earlyMedia ? {} : { ringMs: this.#ringMs }), ...(ringOdds.length === 0 ? {} : { ringOdds }),
    });
  }

  #onRefused(error: unknown): void {
    if (this.#is('cancelling')) { this.#fail({ kind: 'cancelled', why: this.#cancelledFor }); return; }
    if (this.#is('inviting')) this.#fail(sipFailureOf(error));
  }

  #cancel(why: 'ring_timeout' | 'asked'): void {
    if (!this.#is('inviting')) return;
    this.#state = 'cancelling';
    this.#cancelledFor = why;
    // Not sent yet: the CANCEL follows once it is, and the timer for that goes on.
    if (this.#invite) this.#awaitCancelled();
    this.#sendCancel();
  }

  #sendCancel(): void {
    const invite = this.#invite;
    this.#invite = null;
    try {
      invite?.cancel(nothing);
    } catch {
      // The connection is gone; its loss is told elsewhere.
    }
  }

  #bye(dialog: Dialog): void {
    try {
      dialog.destroy(undefined, nothing);
    } catch {
      // As above.
    }
  }

  #hungUp(by: HangupParty, q850Cause: number): void {
    if (!this.#is('answered', 'up')) return;
    const dialog = this.#dialog;
    this.#dialog = null;
    if (dialog) this.#bye(dialog);
    this.#end({ kind: 'hung_up', by, q850Cause });
  }

  #fail(failure: CallFailure): void {
    if (!this.#is('ended')) this.#end({ kind: 'never_answered', failure });
  }

  #end(end: CallEnd): void {
    this.#state = 'ended';
    this.#timer?.cancel();
    this.#signalling?.calls.delete(this);
    this.#media?.calls.delete(this);
    const endpoint = this.#endpoint;
    this.#endpoint = null;
    if (endpoint) discardEndpoint(endpoint);
    this.#around.ended(this);
    this.#dropWaiting();
    this.#player?.close();
    this.#tell({ kind: 'ended', end });
  }
}
