import { WINDOW_SAMPLES } from './spectrum.ts';

/** One hop at 8 kHz. */
export const HOP_MS = 10;
export const HOP_SAMPLES = 80;
/** Hops that are taken before the samples are moved to the front again. */
const PLACES = 4;
/** Where in a window its newest hop begins. */
const NEWEST = WINDOW_SAMPLES - HOP_SAMPLES;

/** The last 32 ms of one call at each hop; before its first sample there was silence. */
export class HopWindow {
  private readonly samples = new Int16Array(WINDOW_SAMPLES + (PLACES - 1) * HOP_SAMPLES);
  private readonly windows = Array.from({ length: PLACES }, (_, place) => this.samples.subarray(place * HOP_SAMPLES, place * HOP_SAMPLES + WINDOW_SAMPLES));
  private place = 0;
  /** Of the hop being filled. */
  private filled = 0;

  /** The hop is filled: look at `window`, then go on by `next`. */
  get whole(): boolean {
    return this.filled === HOP_SAMPLES;
  }

  /** The last WINDOW_SAMPLES samples, while `whole`. */
  get window(): Int16Array {
    return this.windows[this.place]!;
  }

  /** Mean square of the newest hop about its mean: an offset of the line is no sound. */
  get newestPower(): number {
    const { samples } = this;
    const from = NEWEST + this.place * HOP_SAMPLES;
    let sum = 0;
    let squares = 0;
    for (let at = from; at < from + HOP_SAMPLES; at++) {
      sum += samples[at]!;
      squares += samples[at]! * samples[at]!;
    }
    return squares / HOP_SAMPLES - (sum / HOP_SAMPLES) ** 2;
  }

  /** Takes samples from `from` until the hop is whole or `end` comes; @returns how far it came. */
  take(pcm: Int16Array, from: number, end: number): number {
    const { samples } = this;
    const upTo = Math.min(end, from + HOP_SAMPLES - this.filled);
    for (let index = from, at = NEWEST + this.place * HOP_SAMPLES + this.filled; index < upTo; index++, at++) samples[at] = pcm[index]!;
    this.filled += upTo - from;
    return upTo;
  }

  /** One sample, 16 bits. */
  push(sample: number): void {
    this.samples[NEWEST + this.place * HOP_SAMPLES + this.filled++] = sample;
  }

  /** Begins the next hop. */
  next(): void {
    this.filled = 0;
    if (++this.place < PLACES) return;
    this.place = 0;
    this.samples.copyWithin(0, PLACES * HOP_SAMPLES);
  }

  /** As before the first sample. */
  clear(): void {
    this.samples.fill(0);
    this.place = 0;
    this.filled = 0;
  }
}

/** Cuts a whole recording into hops: `hear` is given the window at the end of each, and the time there, ms. */
export function eachHop(pcm: Int16Array, hear: (window: Int16Array, timeMs: number) => void): void {
  const hops = new HopWindow();
  for (let at = 0, timeMs = HOP_MS; at < pcm.length; timeMs += HOP_MS) {
    at = hops.take(pcm, at, pcm.length);
    if (!hops.whole) return;
    hear(hops.window, timeMs);
    hops.next();
  }
}
