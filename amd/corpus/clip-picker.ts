import type { Clip } from './clips.ts';

/** A clip's own noise must lie so far under the noise of the line it is put on, or it would be heard to begin and end with the clip. */
const OWN_NOISE_MARGIN_DB = 3;
const TRIES = 60;
/** A voice with more clips is drawn no oftener than one with so many: it is one voice, however much it has said. */
const MOST_CLIPS_OF_A_VOICE = 60;

/** Which clips there are, by label and by voice. */
export class ClipPicker {
  private readonly byLabel = new Map<string, Clip[]>();
  private readonly byVoice = new Map<string, Clip[]>();

  constructor(clips: readonly Clip[]) {
    for (const clip of clips) {
      push(this.byLabel, clip.label, clip);
      push(this.byVoice, `${clip.label} ${clip.voice}`, clip);
    }
  }

  has(label: Clip['label']): boolean {
    return this.byLabel.has(label);
  }

  all(label: Clip['label']): readonly Clip[] {
    return this.byLabel.get(label) ?? [];
  }

  /** A clip of `label` whose length (s) and own noise fit a line of signal to noise `snrDb`; the one with least noise if none does. */
  pick(label: Clip['label'], random: () => number, snrDb: number, maxSeconds: number, minSeconds = 0): Clip {
    const clips = this.byLabel.get(label) ?? [];
    let spare: Clip | undefined;
    for (let tries = 0; tries < TRIES; tries++) {
      const clip = clips[Math.floor(random() * clips.length)]!;
      const seconds = clip.pcm.length / 8000;
      if (seconds > maxSeconds || seconds < minSeconds) continue;
      const ofVoice = this.byVoice.get(`${label} ${clip.voice}`)!.length;
      if (ofVoice > MOST_CLIPS_OF_A_VOICE && random() * ofVoice > MOST_CLIPS_OF_A_VOICE) continue;
      if (clip.snrDb >= snrDb + OWN_NOISE_MARGIN_DB) return clip;
      if (spare === undefined || clip.snrDb > spare.snrDb) spare = clip;
    }
    return spare ?? clips.reduce((shortest, clip) => (clip.pcm.length < shortest.pcm.length ? clip : shortest));
  }

  /** Another clip of the same voice and label; the clip itself if there is none so short. */
  sameVoice(clip: Clip, random: () => number, maxSeconds: number): Clip {
    const clips = (this.byVoice.get(`${clip.label} ${clip.voice}`) ?? []).filter(({ pcm }) => pcm.length <= maxSeconds * 8000);
    return clips[Math.floor(random() * clips.length)] ?? clip;
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
