import { activeRms } from './channel.ts';
import type { ClipPicker } from './clip-picker.ts';
import type { Clip } from './clips.ts';
import type { CallKind } from './kinds.ts';
import { joined, repeated, silence, sine, whiteNoise } from './signals.ts';

/** What is heard between the lead-in and the beep. */
export interface Spoken {
  parts: Int16Array[];
  voice: string;
  lang: string;
  /** What the level is taken of. */
  rmsOf: Int16Array;
}

const LONG_SENTENCE_SECONDS = 4.3;
const SHORT_SECONDS = 2.6;
/** A greeting spoken by the telephone's owner takes at least this; nothing but its length tells it from a person. */
const OWN_GREETING_SECONDS = 4.5;
const GREETING_SECONDS = 3.2;

/** The bodies of calls, from clips that fit a line's noise. */
export class SpokenParts {
  private readonly clips: ClipPicker;

  constructor(clips: ClipPicker) {
    this.clips = clips;
  }

  possible(kind: CallKind): boolean {
    const { clips } = this;
    if (kind === 'human_short' || kind === 'human_twice') return clips.has('human_short');
    if (kind === 'human_long' || kind === 'machine_own_voice') return clips.has('human_long');
    if (kind === 'machine' || kind === 'machine_hello') return clips.has('machine_greeting') || clips.has('machine_prompt');
    if (kind.startsWith('announcement')) return clips.has('announcement');
    return true;
  }

  of(kind: CallKind, random: () => number, snrDb: number): Spoken {
    const { clips } = this;
    switch (kind) {
      case 'human_short': {
        const clip = clips.pick('human_short', random, snrDb, SHORT_SECONDS);
        return random() < 0.3 ? one(clip, clip.pcm, silence(2.2 + 2 * random()), clip.pcm) : one(clip, clip.pcm);
      }
      case 'human_twice': {
        const clip = clips.pick('human_short', random, snrDb, 1.6);
        return one(clip, clip.pcm, silence(0.15 + 0.9 * random()), clips.sameVoice(clip, random, 1.6).pcm);
      }
      case 'human_long': {
        const clip = clips.pick('human_long', random, snrDb, LONG_SENTENCE_SECONDS);
        return one(clip, clip.pcm);
      }
      case 'machine': return this.greeting(random, snrDb);
      case 'machine_hello': return this.hello(random, snrDb);
      case 'machine_own_voice': {
        const clip = clips.pick('human_long', random, snrDb, 15);
        const first = fluent(clip.pcm);
        const parts = [first];
        for (let samples = first.length; samples < OWN_GREETING_SECONDS * 8000;) {
          const next = fluent(clips.sameVoice(clip, random, 15).pcm);
          parts.push(silence(0.1 + 0.35 * random()), next);
          samples += next.length;
        }
        return one(clip, ...parts);
      }
      case 'announcement_short': {
        // Prompts are the same studio voices; there are too few short announcements to learn phrases from.
        const clip = clips.pick(random() < 0.4 && clips.has('machine_prompt') ? 'machine_prompt' : 'announcement', random, snrDb, 2.2);
        return one(clip, clip.pcm, silence(0.3 + 1.2 * random()), random() < 0.4 ? repeated(joined(sine([425], 0.4, 4000), silence(0.4)), 6) : silence(1));
      }
      case 'announcement': {
        const clip = clips.pick('announcement', random, snrDb, 12, 2);
        return one(clip, clip.pcm, silence(0.4 + 1.2 * random()), clip.pcm);
      }
      case 'announcement_sit': {
        const clip = clips.pick('announcement', random, snrDb, 12);
        const amplitude = 1.4 * activeRms(clip.pcm);
        return one(clip, ...[950, 1400, 1800].map((hz) => sine([hz + 60 * random() - 30], 0.3 + 0.06 * random(), amplitude)), silence(0.2 + 0.5 * random()), clip.pcm);
      }
      case 'silence': case 'digital_silence': return noVoice(silence(6));
      case 'noise': return noVoice(silence(random()), whiteNoise(0.2 + 4 * random(), 10_000 * random(), random));
      case 'music': return noVoice(this.music(random));
      case 'ringback': return noVoice(repeated(random() < 0.5 ? joined(sine([425], 0.8, 4000), silence(3.2)) : joined(sine([440, 480], 2, 6000), silence(4)), 2));
      case 'busy': return noVoice(repeated(random() < 0.5 ? joined(sine([425], 0.4, 4000), silence(0.4)) : joined(sine([480, 620], 0.5, 6000), silence(0.5)), 8));
      case 'fax': return noVoice(silence(0.5 + random()), random() < 0.5 ? sine([2100], 3) : joined(sine([1100], 0.5), silence(3), sine([1100], 0.5)));
    }
  }

  /** A recorded greeting, or two to four prompts of one voice with a greeting's pauses. */
  private greeting(random: () => number, snrDb: number): Spoken {
    const whole = this.clips.all('machine_greeting');
    if (whole.length > 0 && (random() < 0.3 || !this.clips.has('machine_prompt'))) {
      const clip = whole[Math.floor(random() * whole.length)]!;
      return one(clip, clip.pcm);
    }
    const first = this.clips.pick('machine_prompt', random, snrDb, 8);
    return one(first, first.pcm, ...this.further(first, first.pcm.length / 8000, random));
  }

  /** "Hello." A pause. "You have reached ..." */
  private hello(random: () => number, snrDb: number): Spoken {
    const first = this.clips.pick(this.clips.has('machine_prompt') ? 'machine_prompt' : 'machine_greeting', random, snrDb, 1.5);
    const second = this.clips.sameVoice(first, random, 8);
    return one(first, first.pcm, silence(0.3 + 0.6 * random()), second.pcm, ...this.further(first, (first.pcm.length + second.pcm.length) / 8000, random));
  }

  private further(first: Clip, secondsSoFar: number, random: () => number): Int16Array[] {
    const parts: Int16Array[] = [];
    for (let more = 0, seconds = secondsSoFar; more < 4 && seconds < GREETING_SECONDS; more++) {
      const next = this.clips.sameVoice(first, random, 8);
      parts.push(silence(0.1 + 0.5 * random()), next.pcm);
      seconds += next.pcm.length / 8000;
    }
    return parts;
  }

  private music(random: () => number): Int16Array {
    const clips = this.clips.all('music').filter((clip) => clip.pcm.length > 16_000);
    if (clips.length > 0 && random() < 0.6) {
      const clip = clips[Math.floor(random() * clips.length)]!;
      const start = Math.floor(random() * Math.max(0, clip.pcm.length - 56_000));
      return clip.pcm.subarray(start, start + 8000 * (1 + 6 * random()));
    }
    const notes = Array.from({ length: 3 + Math.floor(12 * random()) }, () => 220 * 2 ** (Math.floor(random() * 20) / 12));
    const length = 0.2 + 0.4 * random();
    return joined(...notes.map((hz) => sine([hz, hz * 1.5, hz * 2], length, 8000)));
  }
}

const one = (clip: Clip, ...parts: Int16Array[]): Spoken => ({ parts, voice: clip.voice, lang: clip.lang, rmsOf: clip.pcm });
const noVoice = (...parts: Int16Array[]): Spoken => ({ parts, voice: '', lang: '-', rmsOf: sine([1000], 0.5, 8000) });

const PAUSE_FRAME = 160;
const LONGEST_PAUSE_FRAMES = 20;
/** A frame so far under the voice (as a share of its power) is a pause. */
const PAUSE_SHARE = 10 ** -2.2;

/** The clip without the middle of its long pauses: who records a greeting has it ready and does not stop to think. */
function fluent(pcm: Int16Array): Int16Array {
  const limit = PAUSE_SHARE * activeRms(pcm) ** 2 * PAUSE_FRAME;
  const kept: Int16Array[] = [];
  let quiet = 0;
  for (let start = 0; start < pcm.length; start += PAUSE_FRAME) {
    const frame = pcm.subarray(start, start + PAUSE_FRAME);
    let energy = 0;
    for (const sample of frame) energy += sample * sample;
    quiet = energy < limit ? quiet + 1 : 0;
    if (quiet <= LONGEST_PAUSE_FRAMES) kept.push(frame);
  }
  return joined(...kept);
}
