import type { Clock, Timer } from '../../core/clock.ts';
import { unreachable } from '../../core/errors.ts';
import type { JournalEntry } from './journal.ts';
import type { Misbehaviour } from './options.ts';
import type { PersonaAction, PersonaCall, PersonaEvent } from './public-port.ts';
import type { FarAddress, FarParty, Leg } from './signalling/leg.ts';
import { Voice } from './voice.ts';

/** RFC 3261, timer B: an INVITE that nobody answers ends after 64 times T1. */
const NO_RESPONSE_MS = 32_000;

export interface CallIdentity {
  readonly attemptId: string;
  readonly phone: string;
  readonly callerId: string;
}

export type EndedBy = 'caller' | 'callee' | 'network' | 'crash';
export type EndedEntry = Extract<JournalEntry, { kind: 'ended' }>;

/** What a callee needs of the switch it hangs on. */
export interface CalleeSurroundings {
  readonly clock: Clock;
  /** false: whoever is answered hangs up at once. */
  readonly media: boolean;
  misbehaviour(): Misbehaviour;
  /** True with that probability. */
  chance(share: number): boolean;
  journal(entry: JournalEntry): void;
  /** Hangs up from the callee's side; the server then forgets the dialog. */
  bye(leg: Leg, headers: string): void;
  refused(leg: Leg): void;
  answered(call: CalleeCall): void;
  ended(call: CalleeCall, entry: EndedEntry): void;
  /** A digit was pressed towards the media endpoint that this callee talks to. */
  digit(call: CalleeCall, digit: string): void;
}

/**
 * calling: not ringing yet. ringing: a 180 or 183 went out. answered: 200 went out. confirmed: and was acknowledged.
 * ended: written down as ended; only a BYE of the caller's may still come.
 */
type CalleeState = 'calling' | 'ringing' | 'answered' | 'confirmed' | 'ended';

/** One call to one number: the far side of an INVITE, played by a persona in simulated time. */
export class CalleeCall implements FarParty {
  readonly identity: CallIdentity;
  readonly voice = new Voice();
  /** The media port of the caller's offer: who hears this callee. */
  readonly offeredPort: number;
  /** The callee's own media port: who plays to it speaks to this callee. */
  readonly port: number;
  readonly #leg: Leg;
  readonly #persona: PersonaCall;
  readonly #around: CalleeSurroundings;
  readonly #timers = new Set<Timer>();
  #actions: Timer[] = [];
  #hangUpTimer: Timer | null = null;
  #hangUpAtMs = 0;
  #state: CalleeState = 'calling';
  #cancelled = false;
  #wasAnswered = false;
  #prompts = 0;
  #heardMs = 0;
  #digits = '';
  #promptStartedMs: number | null = null;
  #promptDurationMs = 0;

  constructor(around: CalleeSurroundings, leg: Leg, identity: CallIdentity, persona: PersonaCall, ports: { offered: number; own: number }) {
    this.#around = around;
    this.#leg = leg;
    this.identity = identity;
    this.#persona = persona;
    this.offeredPort = ports.offered;
    this.port = ports.own;
  }

  static addressAt(host: string, port: number): FarAddress {
    return { host, port, contact: `<sip:callee@${host}:${port};transport=UDP>`, fillsRport: false, ownHeaders: '' };
  }

  begin(): void {
    const bad = this.#around.misbehaviour();
    if (this.#around.chance(bad.unavailableShare)) {
      this.#refuse(503, 'Service Unavailable', '', 'network');
      return;
    }
    this.#after(NO_RESPONSE_MS, () => {
      if (this.#state === 'calling') this.#refuseLocally(408);
    });
    if (this.#around.chance(bad.noResponseShare)) return;
    const { final, ringingAfterMs, ringMs } = this.#persona;
    if (final.kind === 'sip' && final.local === true) {
      this.#refuseLocally(503);
      return;
    }
    if (ringingAfterMs !== null) this.#after(ringingAfterMs, () => this.#ring());
    switch (final.kind) {
      case 'answer':
        this.#after(ringMs, () => this.#answer());
        return;
      case 'sip': {
        const reason = final.q850Cause > 0 ? `Reason: Q.850;cause=${final.q850Cause};text="${final.reason}"\r\n` : '';
        const retry = final.retryAfterS === undefined ? '' : `Retry-After: ${final.retryAfterS}\r\n`;
        const by = this.#persona.kind === 'rejected' || this.#persona.kind === 'busy' ? 'callee' : 'network';
        this.#after(ringMs, () => this.#refuse(final.status, final.reason, retry + reason, by)); return;
      }
      case 'ring_forever':
        return;
      default:
        return unreachable(final);
    }
  }

  acknowledged(): void {
    if (this.#state !== 'answered') return;
    this.#state = 'confirmed';
    if (!this.#around.media) this.#hangUp();
  }

  cancelled(): void {
    if (this.#state === 'calling') {
      // sofia-sip holds the CANCEL back until a provisional response comes; the callee knows nothing of it yet.
      this.#cancelled = true;
      return;
    }
    if (this.#state !== 'ringing') return;
    this.#journalCancelled();
    if (this.#around.chance(this.#around.misbehaviour().lateAnswerShare)) {
      this.#answer();
      return;
    }
    this.#refuse(487, 'Request Terminated', '', 'caller');
  }

  ended(): boolean {
    if (this.#state === 'ended') return false;
    this.#end('caller');
    return true;
  }

  reinvited(): string {
    return this.#sdp();
  }

  abandoned(): void {
    if (this.#state !== 'ended') this.#end('crash');
  }

  /** The media endpoint's fork begins to listen; what the callee does by the clock is put off with its voice. */
  listen(): void {
    const putOffMs = this.voice.listen(this.#around.clock.nowMs());
    if (putOffMs > 0 && this.#hangUpTimer) this.#hangUpAt(this.#hangUpAtMs + putOffMs);
  }

  /** A prompt begins to play to this callee. */
  promptStarted(durationMs: number): void {
    if (!this.#connected || this.#promptStartedMs !== null) return;
    const atMs = this.#around.clock.nowMs();
    this.#promptStartedMs = atMs;
    this.#promptDurationMs = durationMs;
    this.#react({ kind: 'prompt_started', atMs, promptIndex: this.#prompts, durationMs });
  }

  promptEnded(completed: boolean): void {
    if (this.#promptStartedMs === null) return;
    const heardMs = this.#closePrompt(completed);
    if (!this.#connected) return;
    const event = { kind: 'prompt_ended', atMs: this.#around.clock.nowMs(), promptIndex: this.#prompts - 1, heardMs, totalHeardMs: this.#heardMs, completed } as const;
    this.#react(event);
  }

  get #connected(): boolean {
    return this.#state === 'answered' || this.#state === 'confirmed';
  }

  #ring(): void {
    if (this.#state !== 'calling') return;
    this.#state = 'ringing';
    const { earlyMedia } = this.#persona;
    if (earlyMedia) this.voice.begin(earlyMedia, this.#around.clock.nowMs());
    this.#leg.provisional(earlyMedia ? 183 : 180, earlyMedia ? this.#sdp() : '');
    if (this.#cancelled) this.cancelled();
  }

  #answer(): void {
    if (this.#state !== 'calling' && this.#state !== 'ringing') return;
    const atMs = this.#around.clock.nowMs();
    this.#state = 'answered';
    this.#wasAnswered = true;
    this.#cancelTimers();
    this.voice.begin(this.#persona.answerAudio, atMs);
    this.#around.journal({ kind: 'answered', atMs, attemptId: this.identity.attemptId });
    this.#around.answered(this);
    this.#leg.answer(this.#sdp());
    if (!this.#around.media) return;
    if (this.#persona.hangUpAfterMs !== null) this.#hangUpAt(atMs + this.#persona.hangUpAfterMs);
    this.#react({ kind: 'answered', atMs });
  }

  #refuse(status: number, reason: string, headers: string, by: EndedBy): void {
    if (this.#state !== 'calling' && this.#state !== 'ringing') return;
    this.#end(by);
    this.#leg.refuse(status, reason, headers);
    this.#around.refused(this.#leg);
  }

  #refuseLocally(status: 408 | 503): void {
    if (this.#cancelled) this.#journalCancelled();
    this.#end(this.#cancelled ? 'caller' : 'network');
    this.#leg.refuseLocally(status);
    this.#around.refused(this.#leg);
  }

  #hangUp(): void {
    if (!this.#connected) return;
    this.#end('callee');
    if (this.#around.chance(this.#around.misbehaviour().lostByeShare)) return;
    this.#around.bye(this.#leg, 'Reason: Q.850;cause=16;text="Normal call clearing"\r\n');
  }

  #hangUpAt(atMs: number): void {
    this.#hangUpTimer?.cancel();
    this.#hangUpAtMs = atMs;
    this.#hangUpTimer = this.#around.clock.setTimer(Math.max(0, atMs - this.#around.clock.nowMs()), () => this.#hangUp());
  }

  #react(event: PersonaEvent): void {
    const actions = this.#persona.react(event);
    if (!actions) return;
    for (const timer of this.#actions) timer.cancel();
    this.#actions = actions.map((action) => this.#around.clock.setTimer(action.afterMs, () => this.#act(action)));
  }

  #act(action: PersonaAction): void {
    if (!this.#connected) return;
    switch (action.kind) {
      case 'press':
        this.#digits += action.digit;
        this.#around.digit(this, action.digit);
        return;
      case 'hang_up':
        this.#hangUp();
        return;
      default:
        return unreachable(action);
    }
  }

  /** Counts what was heard of the prompt that plays. */
  #closePrompt(completed = false): number {
    if (this.#promptStartedMs === null) return 0;
    // Timers of a fast clock fire late by whole simulated milliseconds: more than the prompt has nobody heard.
    const passedMs = this.#around.clock.nowMs() - this.#promptStartedMs;
    const heardMs = completed ? this.#promptDurationMs : Math.min(passedMs, this.#promptDurationMs);
    this.#promptStartedMs = null;
    this.#prompts += 1;
    this.#heardMs += heardMs;
    return heardMs;
  }

  #end(by: EndedBy): void {
    this.#closePrompt();
    this.#state = 'ended';
    this.#cancelTimers();
    this.#hangUpTimer?.cancel();
    for (const timer of this.#actions) timer.cancel();
    this.voice.end();
    const { attemptId, phone } = this.identity;
    const entry: EndedEntry = {
      kind: 'ended', atMs: this.#around.clock.nowMs(), attemptId, phone, persona: this.#persona.kind, answered: this.#wasAnswered, heardMs: this.#heardMs, by,
      ...(this.#digits === '' ? {} : { digits: this.#digits }),
    };
    this.#around.journal(entry);
    this.#around.ended(this, entry);
  }

  #journalCancelled(): void {
    this.#around.journal({ kind: 'cancelled', atMs: this.#around.clock.nowMs(), attemptId: this.identity.attemptId });
  }

  #after(delayMs: number, fire: () => void): void {
    const timer = this.#around.clock.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      fire();
    });
    this.#timers.add(timer);
  }

  #cancelTimers(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #sdp(): string {
    return (
      `v=0\r\no=user1 53655765 2353687637 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${this.port} RTP/AVP 8 101\r\n` +
      'a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n'
    );
  }
}
