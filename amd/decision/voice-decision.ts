import type { SpeechStats } from '../voice/speech-stats.ts';
import { FEATURE_COUNT, writeFeatures } from '../voice/features.ts';
import { VOICE_BANDS, writeVoiceBands } from '../voice/voice-bands.ts';
import { StoppingPolicy, TALKING_SILENCE_MS } from './stopping-policy.ts';
import { judgeByTiming } from './timing-decision.ts';
import type { Ear, HumanModel } from './tree-model.ts';

const MODEL_STEP_MS = 100;
/** No verdict on a voice before so much of it has been heard, nor before so much time since it began. */
const MIN_SPEECH_MS = 120;
const MIN_ELAPSED_MS = 300;
/** Notes that stand still this much of the time are music, whatever the timing says; voices reach 0.3. */
const MUSIC_STILL_SHARE = 0.4;
/** The level of a voice moves by more than this (deviation); under heavy noise one in sixty does not. */
const STEADY_DB = 1.2;
const NO_VOICE_MIN_FRAMES = 8;

export interface VoiceVerdict {
  verdict: 'human' | 'machine' | 'unsure';
  confidence: number;
  reason: string;
}

/** When speech is known for speech so many frames are heard at once, the present one among them: its first sounds, and what the line was like before them. */
const FRAMES_BEFORE = 24;

/** How long it rang before the answer, and what that says of a person against a recording. */
export interface Rang {
  readonly ms: number;
  readonly logOdds: number;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Decides between a person and a machine from the speech alone; tones and silence are decided before. */
export class VoiceDecision {
  private readonly features = new Float64Array(FEATURE_COUNT);
  private readonly model: HumanModel | null;
  private readonly policy: StoppingPolicy | null;
  private readonly ear: Ear | null;
  /** The last frames before the onset, and which have voice; how many came since the ear heard one. */
  private readonly before = new Uint8Array(FRAMES_BEFORE * VOICE_BANDS);
  private readonly voiceBefore = new Uint8Array(FRAMES_BEFORE);
  private unheard = 0;
  private readonly rang: Rang | null;

  /** `costRatio`: how many missed machines one lost human costs. `rang`: null where it tells nothing. */
  constructor(model: HumanModel | null, costRatio: number, rang: Rang | null = null) {
    this.model = model;
    this.rang = rang;
    this.ear = model === null ? null : model.ear();
    this.policy = model === null ? null : new StoppingPolicy(model.policy, costRatio);
  }

  /** Every frame, once it is measured and before `step`: the voice itself is heard. `begun` from the onset of speech on. */
  hear(voice: boolean, begun: boolean): void {
    const { ear, before, voiceBefore } = this;
    if (ear === null) return;
    const newest = this.unheard++ % FRAMES_BEFORE;
    writeVoiceBands(before, newest * VOICE_BANDS);
    voiceBefore[newest] = voice ? 1 : 0;
    if (!begun) return;
    for (let frame = Math.max(0, this.unheard - FRAMES_BEFORE); frame < this.unheard; frame++) {
      const place = frame % FRAMES_BEFORE;
      ear.hear(before, place * VOICE_BANDS, voiceBefore[place] === 1);
    }
    this.unheard = 0;
  }

  /** True if what was taken for speech is music, or as steady as no voice is: a tone through a vocoder, a fan. */
  static isNoVoice(stats: SpeechStats): boolean {
    const { voiceFrames: frames, levelSum, levelSquares } = stats;
    if (frames < NO_VOICE_MIN_FRAMES) return false;
    return stats.stillFrames > MUSIC_STILL_SHARE * frames || levelSquares / frames - (levelSum / frames) ** 2 < STEADY_DB ** 2;
  }

  /** A verdict as soon as listening on is not worth its price, else null. Call on every frame after the onset. */
  step(stats: SpeechStats): VoiceVerdict | null {
    if (stats.speechMs < MIN_SPEECH_MS || stats.elapsedMs < MIN_ELAPSED_MS || VoiceDecision.isNoVoice(stats)) return null;
    if (this.model === null || this.policy === null) {
      const judgement = judgeByTiming(stats);
      return judgement === 'wait' ? null : this.told(judgement, 0.8, stats);
    }
    if (stats.elapsedMs % MODEL_STEP_MS !== 0) return null;
    const probability = this.estimate(this.model, stats);
    const decided = this.policy.decide(probability, stats.elapsedMs, stats.silenceMs);
    return decided === 'wait' ? null : this.weighed(decided, probability, stats);
  }

  /** The verdict when time is up. */
  force(stats: SpeechStats): VoiceVerdict {
    if (VoiceDecision.isNoVoice(stats)) return { verdict: 'unsure', confidence: 0.5, reason: `music or a steady sound rather than a voice, for ${seconds(stats.speechMs)}` };
    if (stats.speechMs < MIN_SPEECH_MS || stats.elapsedMs < MIN_ELAPSED_MS) return { verdict: 'unsure', confidence: 0.5, reason: `only ${seconds(stats.speechMs)} of voice before the limit` };
    if (this.model === null || this.policy === null) {
      return this.told(stats.speechMs > 2500 || stats.silenceMs < 400 && stats.speechMs > 1600 ? 'machine' : 'human', 0.6, stats);
    }
    const probability = this.estimate(this.model, stats);
    return this.weighed(this.policy.force(probability), probability, stats);
  }

  private estimate(model: HumanModel, stats: SpeechStats): number {
    writeFeatures(stats, this.ear?.logOdds ?? 0, this.features);
    const probability = model.humanProbability(this.features, stats.elapsedMs);
    // Bayes: ring time and voice are taken to tell of who answers independently.
    return this.rang === null ? probability : probability / (probability + (1 - probability) * Math.exp(-this.rang.logOdds));
  }

  /** The costs decided; the word says how sure it is. Too dear to hang up on, yet not surely a person: `unsure`. */
  private weighed(decided: 'human' | 'machine', probability: number, stats: SpeechStats): VoiceVerdict {
    if (decided === 'human' && probability < (this.policy?.sureHuman ?? 0.5)) {
      return {
        verdict: 'unsure', confidence: Math.max(probability, 1 - probability),
        reason: `${this.said(stats)}: a recording at ${Math.round(100 - 100 * probability)} %, which is too little to risk a person and too much to call it one`,
      };
    }
    return this.told(decided, decided === 'human' ? probability : 1 - probability, stats);
  }

  private told(verdict: 'human' | 'machine', confidence: number, stats: SpeechStats): VoiceVerdict {
    const manner = stats.silenceMs < TALKING_SILENCE_MS ? TALKING_MANNER[verdict] : verdict === 'machine' ? ', in the manner of a recording' : `, then ${seconds(stats.silenceMs)} of silence: somebody spoke and waits`;
    return { verdict, confidence: Math.min(1, Math.max(0, confidence)), reason: `${this.said(stats)}${manner}` };
  }

  private said({ speechMs }: SpeechStats): string {
    return `${seconds(speechMs)} of speech${this.rang === null ? '' : ` after ringing for ${seconds(this.rang.ms)}`}`;
  }
}

const TALKING_MANNER = { human: ' and still talking, in the manner of a person', machine: ' and still talking, as a recording does' } as const;
