import { activeRms, drawChannel, throughChannel, type Channel } from './channel.ts';
import { ClipPicker } from './clip-picker.ts';
import type { Clip } from './clips.ts';
import { CALL_KINDS, KIND_WEIGHTS, truthOf, type CallKind, type CallTruth } from './kinds.ts';
import { joined, seededRandom, silence, sine } from './signals.ts';
import { SpokenParts, type Spoken } from './spoken-parts.ts';

export interface LabelledCall {
  kind: CallKind;
  truth: CallTruth;
  /** Source and speaker of the main voice; empty for calls without one. */
  voice: string;
  /** Language of the main voice; `-` for calls without one. */
  lang: string;
  channel: Channel;
  pcm: Int16Array;
  /** Where the lead-in ends and the first sound of the body begins, ms. */
  bodyStartMs: number;
  /** Where the voicemail's beep ends, ms; null without a beep. */
  beepEndMs: number | null;
}

export interface CallBuilderOptions {
  /** Most that a voice is played faster or slower, as a share (pitch and timbre change with it): other voices to learn from. Default 0. */
  stretch?: number;
  /** Most that the timbre is tilted by, as the second tap of a filter: another microphone. Default 0. */
  tilt?: number;
  /** Calls are cut off here, beep or no beep. Default: none is. */
  maxSeconds?: number;
}

const CALL_SECONDS = 9;

/** Builds calls from clips, the same for the same seed. A kind for which the clips have no voice is left out. */
export class CallBuilder {
  private readonly parts: SpokenParts;
  private readonly background: readonly Clip[];
  private readonly options: Required<CallBuilderOptions>;

  constructor(clips: readonly Clip[], options: CallBuilderOptions = {}) {
    const picker = new ClipPicker(clips);
    this.parts = new SpokenParts(picker);
    this.background = [...picker.all('noise'), ...picker.all('noise_speech')];
    this.options = { stretch: 0, tilt: 0, maxSeconds: Infinity, ...options };
  }

  *calls(count: number, seed: number): Generator<LabelledCall> {
    const kinds = CALL_KINDS.filter((kind) => this.parts.possible(kind));
    const total = kinds.reduce((sum, kind) => sum + KIND_WEIGHTS[kind], 0);
    for (let index = 0; index < count; index++) {
      const random = seededRandom(seed * 1_000_003 + index);
      let ticket = random() * total;
      const kind = kinds.find((candidate) => (ticket -= KIND_WEIGHTS[candidate]) < 0) ?? kinds[0]!;
      yield this.build(kind, random);
    }
  }

  /** One call of a kind: what lies on the line is drawn first and the same way for every kind. */
  build(kind: CallKind, random: () => number): LabelledCall {
    const channel = drawChannel(random);
    const drawn = this.drawBackground(channel, random);
    const leadIn = drawLeadIn(random);
    const spoken = this.parts.of(kind, random, channel.snrDb);
    // Who is heard behind nobody is somebody.
    const background = spoken.voice === '' && drawn?.label === 'noise_speech' ? null : drawn?.pcm ?? null;
    const { stretch, tilt, maxSeconds } = this.options;
    const speed = 1 + stretch * (2 * random() - 1);
    const timbre = tilt * (2 * random() - 1);
    const rms = activeRms(spoken.rmsOf);
    const voiced = kind === 'announcement_sit' || kind === 'fax' || spoken.voice === '' ? joined(...spoken.parts) : tilted(resampled(joined(...spoken.parts), speed), timbre);
    const beep = truthOf(kind) === 'machine' ? drawBeep(random, rms) : null;
    const sounding = joined(leadIn, voiced, ...(beep === null ? [] : [silence(0.15 + 0.85 * random()), beep]));
    const whole = joined(sounding, silence(Math.max(2, CALL_SECONDS - sounding.length / 8000)));
    const pcm = whole.length > maxSeconds * 8000 ? whole.subarray(0, maxSeconds * 8000) : whole;
    return {
      kind, truth: truthOf(kind), voice: spoken.voice, lang: spoken.lang, channel,
      pcm: kind === 'digital_silence' ? pcm : throughChannel(pcm, rmsAfter(spoken, voiced, rms), channel, random, background),
      bodyStartMs: leadIn.length / 8, beepEndMs: beep === null ? null : sounding.length / 8,
    };
  }

  /** On some lines something recorded is heard behind: street, people, a radio. Never louder than 12 dB under the speech if it speaks. */
  private drawBackground(channel: Channel, random: () => number): { label: Clip['label']; pcm: Int16Array } | null {
    const ticket = random();
    const place = random();
    const clip = this.background[Math.floor(place * this.background.length)];
    if (ticket > 0.2 || clip === undefined || (clip.label === 'noise_speech' && channel.snrDb < 12)) return null;
    const start = Math.floor(((place * this.background.length) % 1) * 0.5 * clip.pcm.length);
    return { label: clip.label, pcm: clip.pcm.subarray(start) };
  }
}

function drawLeadIn(random: () => number): Int16Array {
  // Some calls are answered in the middle of the ringback's tail.
  return random() < 0.1 ? joined(sine([425], 0.1 + 0.2 * random(), 3000), silence(0.2 + random())) : silence(0.05 + 1.95 * random() ** 2);
}

function drawBeep(random: () => number, rms: number): Int16Array {
  return sine([640 + 800 * random()], 0.2 + 0.6 * random(), 1.4 * rms);
}

/** The tilt changes the level; tones and noises keep theirs. */
const rmsAfter = (spoken: Spoken, voiced: Int16Array, rms: number): number => (spoken.voice === '' ? rms : activeRms(voiced));

/** Linear interpolation: good enough below 3.4 kHz for a change of a few percent. */
function resampled(pcm: Int16Array, speed: number): Int16Array {
  if (speed === 1) return pcm;
  return Int16Array.from({ length: Math.floor((pcm.length - 1) / speed) }, (_, index) => {
    const at = Math.floor(index * speed);
    const share = index * speed - at;
    return pcm[at]! * (1 - share) + pcm[at + 1]! * share;
  });
}

/** y[n] = x[n] + tilt x[n-1]: above 0 duller, below 0 brighter. */
function tilted(pcm: Int16Array, tilt: number): Int16Array {
  if (tilt === 0) return pcm;
  return pcm.map((value, index) => Math.max(-32_768, Math.min(32_767, (value + tilt * (pcm[index - 1] ?? 0)) / (1 + Math.abs(tilt)))));
}
