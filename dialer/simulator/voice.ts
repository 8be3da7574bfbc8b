import type { AudioScript } from './public-port.ts';

const SAMPLES_PER_MS = 8;
const FRAME_SAMPLES = 160;
/** A listener that fell further behind than this (the clock jumped) goes on from the present. */
const MOST_BEHIND_SAMPLES = 120_000 * SAMPLES_PER_MS;
/** Samples handed out at once at most, so that one message stays small. */
const MOST_PULLED_SAMPLES = 4000 * SAMPLES_PER_MS;

/**
 * What a callee says, in simulated time. While nobody listens it goes unheard. A listener hears it from where it
 * would be on a line at normal speed: the wall's time between the first sound and the listener's coming is the
 * product's working time, which a simulated clock must not stretch into whole seconds of missed greeting.
 */
export class Voice {
  #script: AudioScript | null = null;
  #originMs = 0;
  #originWallMs = 0;
  #read = 0;
  #heardBefore = false;
  #sound = 0;

  /** A new sound begins: early media, then the answer. */
  begin(script: AudioScript | null, nowMs: number): void {
    this.#script = script;
    this.#originMs = nowMs;
    this.#originWallMs = Date.now();
    this.#read = 0;
    this.#heardBefore = false;
    this.#sound += 1;
  }

  end(): void {
    this.#script = null;
  }

  get sounding(): boolean {
    return this.#script !== null;
  }

  /** Counts the sounds begun, so that a listener notices a new one. */
  get sound(): number {
    return this.#sound;
  }

  /** Somebody begins to listen to this sound. Returns by how many simulated ms the callee's life is put off for it. */
  listen(nowMs: number): number {
    if (!this.#script) return 0;
    if (this.#heardBefore) {
      const missed = Math.floor((nowMs - this.#originMs) * SAMPLES_PER_MS) - this.#read;
      if (missed > 0) this.#skip(missed);
      return 0;
    }
    this.#heardBefore = true;
    const workingMs = Date.now() - this.#originWallMs;
    const putOffMs = Math.max(0, nowMs - this.#originMs - workingMs);
    this.#originMs += putOffMs;
    this.#skip(Math.floor(workingMs * SAMPLES_PER_MS));
    return putOffMs;
  }

  /** The whole 20 ms frames that have become due since the last call; null if none have. */
  pull(nowMs: number): Int16Array | null {
    if (!this.#script) return null;
    const due = Math.floor(((nowMs - this.#originMs) * SAMPLES_PER_MS) / FRAME_SAMPLES) * FRAME_SAMPLES;
    let count = due - this.#read;
    if (count <= 0) return null;
    if (count > MOST_BEHIND_SAMPLES) {
      this.#skip(count - FRAME_SAMPLES);
      count = FRAME_SAMPLES;
    }
    const out = new Int16Array(Math.min(count, MOST_PULLED_SAMPLES));
    this.#script.read(this.#read, out);
    this.#read += out.length;
    return out;
  }

  #skip(samples: number): void {
    // Scripts are read without gaps, so what is skipped is read and thrown away, up to a sane amount.
    const scratch = new Int16Array(SAMPLES_PER_MS * 1000);
    const kept = Math.min(samples, MOST_BEHIND_SAMPLES);
    for (let left = kept; left > 0; left -= scratch.length) this.#script?.read(this.#read + kept - left, scratch.subarray(0, Math.min(left, scratch.length)));
    this.#read += kept;
    if (samples > kept) this.#originMs += (samples - kept) / SAMPLES_PER_MS;
  }
}
