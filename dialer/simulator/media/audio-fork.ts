import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Clock } from '../../../core/clock.ts';
import type { CalleeCall } from '../callee-call.ts';

const SUBPROTOCOL = 'audio.drachtio.org';
/** A listener that does not keep up gets nothing new beyond this. */
const MOST_BUFFERED_BYTES = 4 << 20;

/**
 * The one type of text frame that mod_audio_fork hands on as it is. It acts itself on a few others (transfer, disconnect, playAudio),
 * which nobody here sends, and drops the rest.
 */
const frameSchema = z.object({ type: z.literal('json') });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface ForkOrder {
  readonly bugName: string;
  readonly url: string;
  readonly sampleRate: 8000 | 16000;
  /** First text frame; '' for none. */
  readonly metadata: string;
}

export interface ForkEvents {
  connected(): void;
  failed(reason: string): void;
  /** A text frame of type `json` came back: the module passes such a frame on whole. */
  json(text: string): void;
  /** The other side closed it. */
  disconnected(): void;
}

/** Sends all forks' audio from one timer. A fast clock has many frames due at once: they go out as one message. */
export class ForkTicker {
  readonly #clock: Clock;
  readonly #forks = new Set<AudioFork>();
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(clock: Clock, speed: number) {
    this.#clock = clock;
    this.#everyMs = speed > 1 ? 10 : 20;
  }

  get forks(): number {
    return this.#forks.size;
  }

  add(fork: AudioFork): void {
    this.#forks.add(fork);
    this.#timer ??= setInterval(() => {
      const now = this.#clock.nowMs();
      for (const each of this.#forks) each.send(now);
    }, this.#everyMs);
  }

  remove(fork: AudioFork): void {
    this.#forks.delete(fork);
    if (this.#forks.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** One media bug of mod_audio_fork: the callee's voice as L16 over a WebSocket, text frames back. */
export class AudioFork {
  readonly order: ForkOrder;
  readonly #socket: WebSocket;
  readonly #ticker: ForkTicker;
  readonly #heard: () => CalleeCall | null;
  #listeningTo: CalleeCall | null = null;
  #sound = -1;
  #before = 0;
  #stopped = false;

  constructor(order: ForkOrder, ticker: ForkTicker, heard: () => CalleeCall | null, events: ForkEvents) {
    this.order = order;
    this.#ticker = ticker;
    this.#heard = heard;
    this.#socket = new WebSocket(order.url, SUBPROTOCOL, { perMessageDeflate: false, skipUTF8Validation: true });
    let open = false;
    this.#socket.on('open', () => {
      open = true;
      if (this.#stopped) return;
      if (order.metadata !== '') this.#socket.send(order.metadata);
      this.#ticker.add(this);
      events.connected();
    });
    this.#socket.on('message', (data, isBinary) => {
      if (isBinary || this.#stopped) return;
      const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
      if (frameSchema.safeParse(parsed(text)).success) events.json(text);
    });
    this.#socket.on('error', () => {
      // 'close' follows and says the rest.
    });
    this.#socket.on('close', () => {
      this.#leave();
      if (this.#stopped) return;
      this.#stopped = true;
      if (open) events.disconnected();
      else events.failed('Unable to connect');
    });
  }

  /** Sends what is due. Nothing flows while the callee's side sends no audio. */
  send(nowMs: number): void {
    const callee = this.#heard();
    if (callee !== this.#listeningTo) {
      this.#listeningTo = callee;
      this.#sound = -1;
    }
    if (!callee?.voice.sounding || this.#socket.bufferedAmount > MOST_BUFFERED_BYTES) return;
    if (this.#sound !== callee.voice.sound) {
      this.#sound = callee.voice.sound;
      callee.listen();
    }
    for (;;) {
      const samples = callee.voice.pull(nowMs);
      if (!samples) return;
      const wide = this.order.sampleRate === 16000 ? this.#widen(samples) : samples;
      this.#socket.send(Buffer.from(wide.buffer, wide.byteOffset, wide.byteLength));
    }
  }

  sendText(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  /** Ends the fork; `text` is sent first. */
  stop(text = ''): void {
    if (this.#stopped) return;
    if (text !== '') this.sendText(text);
    this.#stopped = true;
    this.#leave();
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#socket.terminate();
    else this.#socket.close(1000);
  }

  #leave(): void {
    this.#ticker.remove(this);
    this.#listeningTo = null;
  }

  /** 8 to 16 kHz: every second sample is the mean of its neighbours. */
  #widen(samples: Int16Array): Int16Array {
    const wide = new Int16Array(samples.length * 2);
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i]!;
      wide[2 * i] = (this.#before + sample) >> 1;
      wide[2 * i + 1] = sample;
      this.#before = sample;
    }
    return wide;
  }
}
