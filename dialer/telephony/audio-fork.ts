import type { Endpoint } from 'drachtio-fsmrf';
import type { AmdControl, AmdMessage, AmdStart } from '../../core/amd-wire.ts';
import { parseAmdMessage } from './amd-messages.ts';
import { plainReason } from './sip-failure.ts';

/** Names the fork; without a name FreeSWITCH finds it neither for text nor for stopping it. */
const BUG_NAME = 'amd';

export interface ForkListener {
  onMessage(message: AmdMessage): void;
  /** No more verdicts will come; told at most once, and not after `stop`. */
  onBroken(reason: string): void;
  onNonsense(): void;
}

/** One endpoint's audio on its way to the AMD service. idle, then started, then stopped by us or broken. */
export class AudioFork {
  readonly #endpoint: Endpoint;
  readonly #url: string;
  readonly #listener: ForkListener;
  #state: 'idle' | 'started' | 'stopped' | 'broken' = 'idle';

  constructor(endpoint: Endpoint, url: string, listener: ForkListener) {
    this.#endpoint = endpoint;
    this.#url = url;
    this.#listener = listener;
  }

  get started(): boolean {
    return this.#state === 'started';
  }

  /** Resolves once FreeSWITCH took the order; whether the service is reached shows later. Does nothing but the first time. */
  async start(metadata: AmdStart): Promise<void> {
    if (this.#state !== 'idle') return;
    this.#state = 'started';
    const endpoint = this.#endpoint;
    endpoint.on('mod_audio_fork::json', (body: unknown) => this.#onMessage(body, metadata.callId));
    endpoint.on('mod_audio_fork::error', () => this.#break('the AMD service reported an error'));
    endpoint.on('mod_audio_fork::connect_failed', () => this.#break('the AMD service could not be reached'));
    endpoint.on('mod_audio_fork::disconnect', () => this.#break('the AMD service closed the connection'));
    try {
      // Mono: the other mixes deliver nothing until FreeSWITCH itself plays.
      await endpoint.forkAudioStart({ wsUrl: this.#url, mixType: 'mono', sampling: '8000', bugname: BUG_NAME, metadata });
    } catch (error) {
      this.#break(plainReason(error));
    }
  }

  /** Tells the service that the early media it hears has become the call, after `ringMs` of ringing. */
  answered(ringMs: number): void {
    if (this.#state === 'started') this.#endpoint.forkAudioSendText(BUG_NAME, { type: 'answered', ringMs } satisfies AmdControl).catch((error: unknown) => this.#break(plainReason(error)));
  }

  stop(): void {
    const running = this.#state === 'started';
    if (this.#state !== 'broken') this.#state = 'stopped';
    if (running) this.#endpoint.forkAudioStop(BUG_NAME).catch(() => undefined);
  }

  #onMessage(body: unknown, callId: string): void {
    const message = parseAmdMessage(body);
    if (message?.callId === callId) this.#listener.onMessage(message);
    else this.#listener.onNonsense();
  }

  #break(reason: string): void {
    if (this.#state !== 'started') return;
    this.#state = 'broken';
    this.#listener.onBroken(reason);
  }
}
