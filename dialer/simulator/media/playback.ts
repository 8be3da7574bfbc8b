import type { Clock, Timer } from '../../../core/clock.ts';
import { wavLength } from './wav-length.ts';

const SAMPLES_PER_MS = 8;
/** FreeSWITCH reads files ahead in blocks of 8192 samples; `playback_samples` and `_ms` count what was read. */
const READ_AHEAD_SAMPLES = 8192;

/** What FreeSWITCH leaves in the channel's variables after a file. */
export interface PlaybackCounters {
  readonly offsetSamples: number;
  readonly readSamples: number;
}

export interface PlaybackEvents {
  /** A file begins; `samples` long from where it starts. */
  started(file: string, samples: number): void;
  stopped(file: string, counters: PlaybackCounters, status: 'done' | 'break'): void;
  completed(response: 'FILE PLAYED' | 'FILE NOT FOUND'): void;
}

interface PlayedFile {
  readonly name: string;
  readonly samples: number | null;
}

/** One `playback` application: its files one after the other, in simulated time. */
export class Playback {
  readonly #clock: Clock;
  readonly #events: PlaybackEvents;
  readonly #files: PlayedFile[];
  #index = -1;
  #startedMs = 0;
  #timer: Timer | null = null;
  #last: 'FILE PLAYED' | 'FILE NOT FOUND' = 'FILE NOT FOUND';

  /** `delimiter`: the channel's `playback_delimiter`, '' for none. */
  constructor(clock: Clock, argument: string, delimiter: string, events: PlaybackEvents) {
    this.#clock = clock;
    this.#events = events;
    const names = delimiter === '' ? [argument] : argument.split(delimiter);
    this.#files = names.map((name) => ({ name, samples: lengthOf(name) }));
  }

  start(): void {
    this.#next();
  }

  /** Stops everything; `status` as PLAYBACK_STOP tells it. */
  stop(status: 'done' | 'break'): void {
    const file = this.#files[this.#index];
    if (!file || this.#timer === null) return;
    this.#timer.cancel();
    this.#timer = null;
    const total = file.samples ?? 0;
    const offsetSamples = Math.min(total, Math.round((this.#clock.nowMs() - this.#startedMs) * SAMPLES_PER_MS));
    this.#index = this.#files.length;
    const readSamples = Math.min(total, (Math.floor(offsetSamples / READ_AHEAD_SAMPLES) + 2) * READ_AHEAD_SAMPLES);
    this.#events.stopped(file.name, { offsetSamples, readSamples }, status);
    this.#events.completed('FILE PLAYED');
  }

  #next(): void {
    this.#index += 1;
    const file = this.#files[this.#index];
    if (!file) {
      this.#events.completed(this.#last);
      return;
    }
    const { name, samples } = file;
    if (samples === null) {
      this.#last = 'FILE NOT FOUND';
      this.#next(); return;
    }
    this.#last = 'FILE PLAYED';
    this.#startedMs = this.#clock.nowMs();
    this.#timer = this.#clock.setTimer(samples / SAMPLES_PER_MS, () => {
      this.#timer = null;
      this.#events.stopped(name, { offsetSamples: samples, readSamples: samples }, 'done');
      this.#next();
    });
    this.#events.started(name, samples);
  }
}

/** `file_string://a!b` is one sound made of several files; `@@N` starts a file N samples in. */
function lengthOf(name: string): number | null {
  if (name.startsWith('file_string://')) {
    let sum: number | null = null;
    for (const part of name.slice('file_string://'.length).split('!')) {
      const samples = lengthOf(part);
      if (samples !== null) sum = (sum ?? 0) + samples;
    }
    return sum;
  }
  const silence = /^silence_stream:\/\/(\d+)/.exec(name);
  if (silence) return Number(silence[1]) * SAMPLES_PER_MS;
  const [path = '', from = '0'] = name.split('@@');
  const samples = wavLength(path);
  return samples === null ? null : Math.max(0, samples - (Number.parseInt(from, 10) || 0));
}
