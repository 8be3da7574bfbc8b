import type { Endpoint, PlayResult } from 'drachtio-fsmrf';

export interface PromptEnd {
  readonly playId: number;
  readonly playedMs: number;
  readonly result: 'completed' | 'stopped' | 'failed';
}

interface Prompt {
  readonly playId: number;
  readonly files: readonly string[];
  /** Of the files that are done. */
  playedMs: number;
  /** When the file under way began to sound; null: not yet. */
  soundsSinceMs: number | null;
  stopped: boolean;
}

/** `playback_last_offset_pos` counts samples of an 8 kHz channel. */
const SAMPLES_PER_MS = 8;

/**
 * Plays prompts to one endpoint, one at a time, each of one or several files. A prompt asked for while another plays stops that
 * one. `uuid_break` is sent only while a file sounds: before, it would flush the command to play out of the channel's queue and
 * no end of it would ever be told; after, it would break the next.
 */
export class PromptPlayer {
  readonly #endpoint: Endpoint;
  readonly #nowMs: () => number;
  readonly #onEnd: (end: PromptEnd) => void;
  #current: Prompt | null = null;
  #next: Prompt | null = null;
  #closed = false;
  /** Since the last file began. */
  #breakSent = false;

  constructor(endpoint: Endpoint, nowMs: () => number, onEnd: (end: PromptEnd) => void) {
    this.#endpoint = endpoint;
    this.#nowMs = nowMs;
    this.#onEnd = onEnd;
    endpoint.on('playback-start', () => {
      this.#breakSent = false;
      if (!this.#current) return;
      this.#current.soundsSinceMs = this.#nowMs();
      if (this.#current.stopped) this.#break();
    });
  }

  play(playId: number, files: readonly string[]): void {
    if (this.#closed) return;
    const prompt: Prompt = { playId, files, playedMs: 0, soundsSinceMs: null, stopped: false };
    const displaced = this.#next;
    if (displaced) this.#onEnd({ playId: displaced.playId, playedMs: 0, result: 'stopped' });
    if (this.#current) {
      this.#next = prompt;
      this.#stopCurrent(this.#current);
    } else void this.#run(prompt);
  }

  stop(): void {
    const waiting = this.#next;
    this.#next = null;
    if (waiting) this.#onEnd({ playId: waiting.playId, playedMs: 0, result: 'stopped' });
    if (this.#current) this.#stopCurrent(this.#current);
  }

  /** The call is over: what plays counts as stopped now. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const [current, waiting] = [this.#current, this.#next];
    this.#current = this.#next = null;
    if (current) this.#onEnd({ playId: current.playId, playedMs: this.#playedMs(current), result: 'stopped' });
    if (waiting) this.#onEnd({ playId: waiting.playId, playedMs: 0, result: 'stopped' });
  }

  #busy(): boolean {
    return this.#current !== null || this.#closed;
  }

  #playedMs({ playedMs, soundsSinceMs }: Prompt): number {
    return Math.round(playedMs + (soundsSinceMs === null ? 0 : Math.max(0, this.#nowMs() - soundsSinceMs)));
  }

  #stopCurrent(prompt: Prompt): void {
    if (prompt.stopped) return;
    prompt.stopped = true;
    if (prompt.soundsSinceMs !== null) this.#break();
  }

  #break(): void {
    this.#breakSent = true;
    // If it fails the channel is gone, and its end is told elsewhere.
    this.#endpoint.api('uuid_break', [this.#endpoint.uuid, 'all']).catch(() => undefined);
  }

  /** A break that crossed the end of its file is kept by the channel and cuts the next one before its first sample. */
  async #playFile(file: string, prompt: Prompt): Promise<PlayResult> {
    // A file that is missing never begins, and leaves the break to the one after it.
    const mayBeCut = this.#breakSent;
    const result = await this.#endpoint.play(file);
    if (!mayBeCut || prompt.stopped || this.#closed || result.playbackLastOffsetPos !== '0') return result;
    prompt.soundsSinceMs = null;
    return this.#endpoint.play(file);
  }

  async #run(prompt: Prompt): Promise<void> {
    this.#current = prompt;
    let failed = false;
    for (const file of prompt.files) {
      if (prompt.stopped) break;
      try {
        const { playbackLastOffsetPos } = await this.#playFile(file, prompt);
        if (this.#closed) return;
        const samples = Number(playbackLastOffsetPos);
        prompt.playedMs = playbackLastOffsetPos !== undefined && samples >= 0 ? prompt.playedMs + samples / SAMPLES_PER_MS : this.#playedMs(prompt);
      } catch {
        if (this.#closed) return;
        failed = true;
      }
      prompt.soundsSinceMs = null;
      if (failed) break;
    }
    if (this.#closed) return;
    this.#current = null;
    const next = this.#next;
    this.#next = null;
    this.#onEnd({ playId: prompt.playId, playedMs: Math.round(prompt.playedMs), result: prompt.stopped ? 'stopped' : failed ? 'failed' : 'completed' });
    if (!next) return;
    // Whoever was told of the end may have asked for another prompt already: that one is newer.
    if (this.#busy()) this.#onEnd({ playId: next.playId, playedMs: 0, result: 'stopped' });
    else void this.#run(next);
  }
}
