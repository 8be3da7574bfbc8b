import { activeRms, drawChannel, throughChannel, type Channel } from './channel.ts';
import type { Clip } from './clips.ts';
import { joined, repeated, seededRandom, silence, sine, whiteNoise } from './signals.ts';

export const CALL_KINDS = [
  'human_short', 'human_twice', 'human_long', 'machine', 'machine_own_voice', 'announcement_short', 'announcement', 'announcement_sit',
  'silence', 'digital_silence', 'noise', 'music', 'ringback', 'busy', 'fax',
] as const;
export type CallKind = (typeof CALL_KINDS)[number];
/** `nobody`: no person and nothing to be found; any verdict but `human` will do. */
export type CallTruth = 'human' | 'machine' | 'announcement' | 'fax' | 'nobody';

export interface LabelledCall {
  kind: CallKind;
  truth: CallTruth;
  /** Source and speaker of the main voice; empty for calls without one. */
  voice: string;
  channel: Channel;
  pcm: Int16Array;
  /** Where the voicemail's beep ends, ms; null without a beep. */
  beepEndMs: number | null;
}

const CALL_SECONDS = 9;
const LONG_SENTENCE_SECONDS = 4.3;
const SHORT_SECONDS = 2.6;
/** A greeting spoken by the telephone's owner takes at least this; nothing but its length tells it from a person. */
const OWN_GREETING_SECONDS = 4.5;

export function truthOf(kind: CallKind): CallTruth {
  if (kind.startsWith('human')) return 'human';
  if (kind.startsWith('announcement')) return 'announcement';
  if (kind.startsWith('machine')) return 'machine';
  return kind === 'fax' ? kind : 'nobody';
}

/** How often each kind is drawn; persons and recordings are about as many. */
const WEIGHTS: Record<CallKind, number> = {
  human_short: 24, human_twice: 8, human_long: 14, machine: 16, machine_own_voice: 8, announcement_short: 14, announcement: 10, announcement_sit: 2,
  silence: 1, digital_silence: 0.5, noise: 1.5, music: 4, ringback: 1, busy: 1, fax: 1,
};

/** Builds calls from clips, the same for the same seed. A kind for which the clips have no voice is left out. */
export class CallBuilder {
  private readonly byLabel = new Map<string, Clip[]>();
  private readonly byVoice = new Map<string, Clip[]>();

  /** Most that a voice is played faster or slower, as a share; 0 leaves it as it is. */
  private readonly stretch: number;

  constructor(clips: readonly Clip[], stretch = 0) {
    this.stretch = stretch;
    for (const clip of clips) {
      push(this.byLabel, clip.label, clip);
      push(this.byVoice, `${clip.label} ${clip.voice}`, clip);
    }
  }

  *calls(count: number, seed: number): Generator<LabelledCall> {
    const kinds = CALL_KINDS.filter((kind) => this.possible(kind));
    const total = kinds.reduce((sum, kind) => sum + WEIGHTS[kind], 0);
    for (let index = 0; index < count; index++) {
      const random = seededRandom(seed * 1_000_003 + index);
      let ticket = random() * total;
      const kind = kinds.find((candidate) => (ticket -= WEIGHTS[candidate]) < 0) ?? kinds[0]!;
      yield this.build(kind, random);
    }
  }

  /** One call of a kind. */
  build(kind: CallKind, random: () => number): LabelledCall {
    const channel = drawChannel(random);
    const leadIn = this.leadIn(random);
    const { parts, voice, rmsOf } = this.body(kind, random);
    const beep = truthOf(kind) === 'machine' ? this.beep(random, activeRms(rmsOf)) : null;
    const body = resampled(joined(...parts), kind === 'announcement_sit' || kind === 'fax' ? 1 : 1 + this.stretch * (2 * random() - 1));
    const beforeEnd = beep === null ? [leadIn, body] : [leadIn, body, silence(0.15 + 0.85 * random()), beep];
    const sounding = joined(...beforeEnd);
    const pcm = joined(sounding, silence(Math.max(2, CALL_SECONDS - sounding.length / 8000)));
    const through = kind === 'digital_silence' ? pcm : throughChannel(pcm, activeRms(rmsOf), channel, random);
    return { kind, truth: truthOf(kind), voice, channel, pcm: through, beepEndMs: beep === null ? null : sounding.length / 8 };
  }

  private possible(kind: CallKind): boolean {
    const has = (label: string): boolean => this.byLabel.has(label);
    if (kind === 'human_short' || kind === 'human_twice') return has('human_short');
    if (kind === 'human_long' || kind === 'machine_own_voice') return has('human_long');
    if (kind === 'machine') return has('machine_greeting') || has('machine_prompt');
    if (kind.startsWith('announcement')) return has('announcement');
    return true;
  }

  private leadIn(random: () => number): Int16Array {
    // Some calls are answered in the middle of the ringback's tail.
    return random() < 0.1 ? joined(sine([425], 0.1 + 0.2 * random(), 3000), silence(0.2 + random())) : silence(0.05 + 1.6 * random() ** 2);
  }

  private body(kind: CallKind, random: () => number): { parts: Int16Array[]; voice: string; rmsOf: Int16Array } {
    const nothing = { parts: [silence(6)], voice: '', rmsOf: sine([1000], 0.5, 8000) };
    const one = (clip: Clip, ...parts: Int16Array[]): { parts: Int16Array[]; voice: string; rmsOf: Int16Array } =>
      ({ parts, voice: clip.voice, rmsOf: clip.pcm });
    switch (kind) {
      case 'human_short': {
        const clip = this.pick('human_short', random, SHORT_SECONDS);
        return random() < 0.3 ? one(clip, clip.pcm, silence(2.2 + 2 * random()), clip.pcm) : one(clip, clip.pcm);
      }
      case 'human_twice': {
        const clip = this.pick('human_short', random, 1.6);
        const second = this.sameVoice(clip, random, 1.6);
        return one(clip, clip.pcm, silence(0.15 + 0.9 * random()), second.pcm);
      }
      case 'human_long': {
        const clip = this.pick('human_long', random, LONG_SENTENCE_SECONDS);
        return one(clip, clip.pcm);
      }
      case 'machine': return this.greeting(random);
      case 'machine_own_voice': {
        const clip = this.pick('human_long', random, 15);
        const parts = [clip.pcm];
        for (let samples = clip.pcm.length; samples < OWN_GREETING_SECONDS * 8000;) {
          const next = this.sameVoice(clip, random, 15);
          parts.push(silence(0.1 + 0.35 * random()), next.pcm);
          samples += next.pcm.length;
        }
        return one(clip, ...parts);
      }
      case 'announcement_short': {
        // Prompts are the same studio voices; there are too few short announcements to learn phrases from.
        const clip = this.pick(random() < 0.4 && this.byLabel.has('machine_prompt') ? 'machine_prompt' : 'announcement', random, 2.2);
        return one(clip, clip.pcm, silence(0.3 + 1.2 * random()), random() < 0.4 ? repeated(joined(sine([425], 0.4, 4000), silence(0.4)), 6) : silence(1));
      }
      case 'announcement': {
        const clip = this.pick('announcement', random, 12, 2);
        return one(clip, clip.pcm, silence(0.4 + 1.2 * random()), clip.pcm);
      }
      case 'announcement_sit': {
        const clip = this.pick('announcement', random, 12);
        const amplitude = 1.4 * activeRms(clip.pcm);
        return one(clip, ...[950, 1400, 1800].map((hz) => sine([hz + 60 * random() - 30], 0.3 + 0.06 * random(), amplitude)), silence(0.2 + 0.5 * random()), clip.pcm);
      }
      case 'silence': case 'digital_silence': return nothing;
      case 'noise': return { ...nothing, parts: [silence(random()), whiteNoise(0.2 + 4 * random(), 10_000 * random(), random)] };
      case 'music': return { ...nothing, parts: [this.music(random)] };
      case 'ringback': return { ...nothing, parts: [repeated(random() < 0.5 ? joined(sine([425], 0.8, 4000), silence(3.2)) : joined(sine([440, 480], 2, 6000), silence(4)), 2)] };
      case 'busy': return { ...nothing, parts: [repeated(random() < 0.5 ? joined(sine([425], 0.4, 4000), silence(0.4)) : joined(sine([480, 620], 0.5, 6000), silence(0.5)), 8)] };
      case 'fax': return { ...nothing, parts: [silence(0.5 + random()), random() < 0.5 ? sine([2100], 3) : joined(sine([1100], 0.5), silence(3), sine([1100], 0.5))] };
    }
  }

  /** A recorded greeting, or two to four prompts of one voice with a greeting's pauses. */
  private greeting(random: () => number): { parts: Int16Array[]; voice: string; rmsOf: Int16Array } {
    const whole = this.byLabel.get('machine_greeting');
    if (whole !== undefined && (random() < 0.3 || !this.byLabel.has('machine_prompt'))) {
      const clip = whole[Math.floor(random() * whole.length)]!;
      return { parts: [clip.pcm], voice: clip.voice, rmsOf: clip.pcm };
    }
    const first = this.pick('machine_prompt', random, 8);
    const parts = [first.pcm];
    let seconds = first.pcm.length / 8000;
    for (let more = 0; more < 4 && seconds < 3.2; more++) {
      const next = this.sameVoice(first, random, 8);
      parts.push(silence(0.1 + 0.5 * random()), next.pcm);
      seconds += next.pcm.length / 8000;
    }
    return { parts, voice: first.voice, rmsOf: first.pcm };
  }

  private beep(random: () => number, rms: number): Int16Array {
    return sine([640 + 800 * random()], 0.2 + 0.6 * random(), 1.4 * rms);
  }

  private music(random: () => number): Int16Array {
    const clips = this.byLabel.get('music')?.filter((clip) => clip.pcm.length > 16_000) ?? [];
    if (clips.length > 0 && random() < 0.6) {
      const clip = clips[Math.floor(random() * clips.length)]!;
      const start = Math.floor(random() * Math.max(0, clip.pcm.length - 56_000));
      return clip.pcm.subarray(start, start + 8000 * (1 + 6 * random()));
    }
    const notes = Array.from({ length: 3 + Math.floor(12 * random()) }, () => 220 * 2 ** (Math.floor(random() * 20) / 12));
    const length = 0.2 + 0.4 * random();
    return joined(...notes.map((hz) => sine([hz, hz * 1.5, hz * 2], length, 8000)));
  }

  private pick(label: string, random: () => number, maxSeconds: number, minSeconds = 0): Clip {
    const clips = this.byLabel.get(label) ?? [];
    for (let tries = 0; tries < 200; tries++) {
      const voice = clips[Math.floor(random() * clips.length)]!;
      const seconds = voice.pcm.length / 8000;
      if (seconds <= maxSeconds && seconds >= minSeconds) return voice;
    }
    return clips.reduce((shortest, clip) => (clip.pcm.length < shortest.pcm.length ? clip : shortest));
  }

  private sameVoice(clip: Clip, random: () => number, maxSeconds: number): Clip {
    const clips = (this.byVoice.get(`${clip.label} ${clip.voice}`) ?? []).filter(({ pcm }) => pcm.length <= maxSeconds * 8000);
    return clips[Math.floor(random() * clips.length)] ?? clip;
  }
}

/** Linear interpolation: good enough below 3.4 kHz for a change of a few percent. */
function resampled(pcm: Int16Array, speed: number): Int16Array {
  if (speed === 1) return pcm;
  return Int16Array.from({ length: Math.floor((pcm.length - 1) / speed) }, (_, index) => {
    const at = Math.floor(index * speed);
    const share = index * speed - at;
    return pcm[at]! * (1 - share) + pcm[at + 1]! * share;
  });
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
