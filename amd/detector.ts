import type { Verdict } from '../core/outcome.ts';
import { ObzvonError } from '../core/errors.ts';
import { Decimator } from './audio/decimator.ts';
import { Frame } from './audio/frame.ts';
import { WINDOW_SAMPLES } from './audio/spectrum.ts';
import { shippedModel } from './decision/model-file.ts';
import type { HumanModel } from './decision/tree-model.ts';
import { VoiceDecision } from './decision/voice-decision.ts';
import { ToneListener } from './tones/tone-listener.ts';
import { SpeechStats } from './voice/speech-stats.ts';
import { VoiceActivity } from './voice/voice-activity.ts';

/** Audio times are ms since the answer (since the stream's start while in early media). */
export type DetectorEvent =
  | {
    type: 'verdict';
    verdict: Verdict;
    confidence: number;
    audioMs: number;
    speechOnsetMs: number | null;
    reason: string;
    earlyMedia: boolean;
  }
  | { type: 'beep'; audioMs: number; frequencyHz: number }
  | { type: 'greeting_ended'; audioMs: number };

export interface DetectorOptions {
  sampleRate: 8000 | 16000;
  /** Latest audio time after the answer at which a verdict falls. */
  latestDecisionMs: number;
  /** True if the audio starts before the answer: only `announcement` and `fax` can fall until `answered()`. */
  earlyMedia?: boolean;
  /** Silence after a machine's speech that ends its greeting. Greetings pause; a beep usually comes within a second. */
  greetingEndSilenceMs?: number;
  /** Null decides by timing alone. Default: the model that ships with obzvon. */
  model?: HumanModel | null;
}

export interface Detector {
  /** Takes PCM of any length, at the stream's rate. */
  push(pcm: Int16Array): void;
  /** The same for L16 little-endian bytes as they come off a socket; an odd byte waits for its other half. */
  pushBytes(bytes: Uint8Array): void;
  /** The call has been answered: the clock starts again and persons may be found. */
  answered(): void;
  /** The next event, or null. Events wait in order until taken. */
  next(): DetectorEvent | null;
  /** True once nothing more can come: further audio is ignored at no cost. */
  readonly done: boolean;
  /** Audio since the answer, ms. */
  readonly audioMs: number;
}

const HOP_MS = 10;
const HOP_SAMPLES = 80;
const EARLY_SPEECH_MS = 2500;
/** A beep makes a machine only after somebody spoke: a phone may chirp when it is picked up. */
const BEEP_AFTER_SPEECH_MS = 300;
const BUSY_CYCLES = 3;
/** A tone is seen as one up to this much after its first window touched it. */
const TONE_LEAD_MS = 40;

/**
 * Builds one call's detector. Pure: no clock, no I/O (the shipped model is read once a process). The same samples give the
 * same events however they are cut into chunks. Throws `ObzvonError` on a rate other than 8000 or 16000.
 */
export function createDetector(options: DetectorOptions): Detector {
  const rate: number = options.sampleRate;
  if (rate !== 8000 && rate !== 16000) {
    throw new ObzvonError('unsupported', `AMD takes audio at 8000 or 16000 Hz; found ${String(rate)}`);
  }
  if (!(options.latestDecisionMs > 0)) {
    throw new ObzvonError('bad_config', `AMD latestDecisionMs must be above 0; found ${String(options.latestDecisionMs)}`);
  }
  return new CallDetector(options);
}

/**
 * States: `listening` (no verdict yet), `following` (the verdict was machine; the beep and the end of the greeting are
 * still wanted), `done` (audio is ignored). `early` is true until the answer; it only narrows what may fall.
 */
class CallDetector implements Detector {
  private mode: 'listening' | 'following' | 'done' = 'listening';
  private early: boolean;
  private readonly latestDecisionMs: number;
  private readonly greetingEndSilenceMs: number;
  private readonly decimator: Decimator | null;
  private readonly window = new Float64Array(WINDOW_SAMPLES);
  private readonly hop = new Float64Array(HOP_SAMPLES);
  private hopFill = 0;
  private hops = 0;
  private pendingByte = -1;
  private readonly frame = new Frame();
  private activity = new VoiceActivity();
  private stats = new SpeechStats();
  private tones = new ToneListener();
  private decision: VoiceDecision;
  private readonly model: HumanModel | null;
  private readonly events: DetectorEvent[] = [];
  private greetingEnded = false;
  private quietMs = 0;

  constructor(options: DetectorOptions) {
    this.early = options.earlyMedia ?? false;
    this.latestDecisionMs = options.latestDecisionMs;
    this.greetingEndSilenceMs = options.greetingEndSilenceMs ?? 1500;
    this.decimator = options.sampleRate === 16000 ? new Decimator() : null;
    this.model = options.model === undefined ? shippedModel() : options.model;
    this.decision = new VoiceDecision(this.model);
  }

  get done(): boolean {
    return this.mode === 'done';
  }

  get audioMs(): number {
    return this.hops * HOP_MS;
  }

  push(pcm: Int16Array): void {
    for (let index = 0; index < pcm.length && this.mode !== 'done'; index++) this.sample(pcm[index]!);
  }

  pushBytes(bytes: Uint8Array): void {
    let index = 0;
    if (this.pendingByte >= 0 && bytes.length > 0) {
      this.sample(((bytes[0]! << 24) >> 16) | this.pendingByte);
      this.pendingByte = -1;
      index = 1;
    }
    for (; index + 1 < bytes.length && this.mode !== 'done'; index += 2) this.sample(((bytes[index + 1]! << 24) >> 16) | bytes[index]!);
    if (index + 1 === bytes.length) this.pendingByte = bytes[index]!;
  }

  answered(): void {
    if (!this.early) return;
    this.early = false;
    if (this.mode !== 'listening') return;
    this.hops = 0;
    this.hopFill = 0;
    // The floor of the early media is another recording's, not this line's.
    this.activity = new VoiceActivity();
    this.stats = new SpeechStats();
    this.tones = new ToneListener();
    this.decision = new VoiceDecision(this.model);
    this.window.fill(0);
  }

  next(): DetectorEvent | null {
    return this.events.shift() ?? null;
  }

  private sample(value: number): void {
    if (this.mode === 'done') return;
    if (this.decimator !== null) {
      value = this.decimator.push(value);
      if (Number.isNaN(value)) return;
    }
    this.hop[this.hopFill++] = value;
    if (this.hopFill < HOP_SAMPLES) return;
    this.hopFill = 0;
    this.window.copyWithin(0, HOP_SAMPLES);
    this.window.set(this.hop, WINDOW_SAMPLES - HOP_SAMPLES);
    this.hops++;
    this.step();
  }

  private step(): void {
    const timeMs = this.audioMs;
    this.frame.measure(this.window, 0);
    this.tones.push(this.frame, timeMs);
    this.activity.push(this.frame, this.tones.sounding);
    // Speech that began with a tone was the tone: it is known for one only after some frames.
    if (this.tones.sounding && this.stats.onsetMs >= 0 && this.stats.onsetMs >= this.tones.soundingSinceMs - TONE_LEAD_MS) this.stats = new SpeechStats();
    this.stats.push(this.frame, this.activity, timeMs);
    if (this.mode === 'listening') this.listen(timeMs);
    else this.follow(timeMs);
  }

  private listen(timeMs: number): void {
    const { tones, stats } = this;
    if (tones.sit) this.say('announcement', 0.99, 'special information tone: the network says the number cannot be reached', timeMs);
    else if (tones.fax !== null && stats.speechMs < 500) this.say('fax', 0.98, `fax tone of ${Math.round(tones.fax)} Hz`, timeMs);
    else if (this.early) this.listenEarly(timeMs);
    else if (tones.beepHz !== null && stats.speechMs >= BEEP_AFTER_SPEECH_MS) {
      this.say('machine', 0.97, `a beep of ${Math.round(tones.beepHz)} Hz after ${(stats.speechMs / 1000).toFixed(1)} s of speech`, timeMs);
      this.beep(tones.beepHz, tones.beepEndMs);
    } else if (tones.busyCycles >= BUSY_CYCLES) this.say('announcement', 0.9, 'busy or reorder tone after the answer', timeMs);
    else this.listenToVoice(timeMs);
  }

  private listenToVoice(timeMs: number): void {
    const { stats } = this;
    const late = timeMs >= this.latestDecisionMs;
    if (stats.onsetMs >= 0) {
      const voice = this.decision.step(stats) ?? (late ? this.decision.force(stats) : null);
      if (voice !== null) this.say(voice.verdict, voice.confidence, voice.reason, timeMs);
    } else if (late && this.tones.anyBeep) this.say('machine', 0.7, 'a beep and no voice', timeMs);
    else if (late) this.say('silence', 0.95, `no voice in ${(timeMs / 1000).toFixed(1)} s`, timeMs);
  }

  /** Before the answer a long unbroken voice is the network's; music and ringback are not voice. */
  private listenEarly(timeMs: number): void {
    const { stats } = this;
    if (stats.speechMs < EARLY_SPEECH_MS || stats.words < 4 || stats.steadyFrames > 0.25 * stats.voiceFrames) return;
    const syllablesPerSecond = (1000 * stats.syllables) / stats.speechMs;
    if (syllablesPerSecond < 2 || syllablesPerSecond > 9) return;
    this.say('announcement', 0.85, `${(stats.speechMs / 1000).toFixed(1)} s of speech before any answer`, timeMs);
  }

  private follow(timeMs: number): void {
    if (this.tones.beepHz !== null) {
      this.beep(this.tones.beepHz, this.tones.beepEndMs);
      return;
    }
    this.quietMs = this.activity.voice || this.tones.sounding ? 0 : this.quietMs + HOP_MS;
    if (this.greetingEnded || this.quietMs < this.greetingEndSilenceMs) return;
    this.greetingEnded = true;
    this.events.push({ type: 'greeting_ended', audioMs: timeMs });
  }

  private beep(frequencyHz: number, endMs: number): void {
    this.events.push({ type: 'beep', audioMs: endMs, frequencyHz: Math.round(frequencyHz) });
    this.mode = 'done';
  }

  private say(verdict: Verdict, confidence: number, reason: string, timeMs: number): void {
    const { onsetMs } = this.stats;
    this.events.push({
      type: 'verdict', verdict, confidence, audioMs: timeMs, speechOnsetMs: onsetMs < 0 ? null : onsetMs, reason, earlyMedia: this.early,
    });
    this.mode = verdict === 'machine' ? 'following' : 'done';
    this.quietMs = this.stats.silenceMs;
  }
}
