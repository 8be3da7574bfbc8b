import { DETECTION_DEFAULTS, type AnnouncementCause, type UnsureMeans } from '../core/amd-wire.ts';
import type { Verdict } from '../core/outcome.ts';
import { ObzvonError } from '../core/errors.ts';
import { ringLogOdds, type RingOdds } from '../core/ring-odds.ts';
import { decibels } from './audio/decibels.ts';
import { Decimator } from './audio/decimator.ts';
import { Frame } from './audio/frame.ts';
import { HOP_MS, HopWindow } from './audio/hop-window.ts';
import { lastView } from './audio/last-view.ts';
import { shippedModel } from './decision/model-file.ts';
import type { HumanModel } from './decision/tree-model.ts';
import { VoiceDecision } from './decision/voice-decision.ts';
import { PrintListener, type PrintReader } from './fingerprint/print-listener.ts';
import { GreetingFollower } from './greeting.ts';
import { SIT_MEANING } from './tones/sit.ts';
import { DECIDING_BEEP_MS, ToneListener } from './tones/tone-listener.ts';
import { TurnFollower } from './turn.ts';
import { SpeechStats } from './voice/speech-stats.ts';
import { VoiceActivity } from './voice/voice-activity.ts';

/** Audio times are ms since the answer (since the stream's start while in early media). */
export type DetectorEvent =
  | {
    type: 'verdict';
    verdict: Verdict;
    /** Of `announcement`; null of the others, and of a voice that is none of those named. */
    cause: AnnouncementCause | null;
    confidence: number;
    audioMs: number;
    speechOnsetMs: number | null;
    reason: string;
    earlyMedia: boolean;
    /** The voice still talks. Whoever it is, taken for a person, should not be spoken to before `turn_ended`. */
    talking: boolean;
    /** How long the callee had been quiet; null: nobody has spoken. */
    quietMs: number | null;
    /** The verdict of this call that it takes back; null: it is the first. */
    takesBack: 'human' | 'unsure' | null;
  }
  /** Who was talking when the verdict fell has finished. */
  | { type: 'turn_ended'; audioMs: number }
  /** The verdict, `human` or `unsure`, is no longer doubted: the audio need not be sent any more. */
  | { type: 'settled'; audioMs: number }
  | { type: 'beep'; audioMs: number; frequencyHz: number }
  | { type: 'greeting_ended'; audioMs: number }
  /** The machine speaks on after its beep or its greeting's end: it was neither. At most once. */
  | { type: 'greeting_resumed'; audioMs: number };

export interface DetectorOptions {
  sampleRate: 8000 | 16000;
  /** Latest audio time after the answer at which a verdict falls. */
  latestDecisionMs: number;
  /** Prints of announcements to know by their recording; absent or null: none. */
  prints?: PrintReader | null;
  /** ISO 3166: whose ringback, busy and reorder tones to expect. Absent or null: those of every country known. */
  country?: string | null;
  /** True if the audio starts before the answer: only `announcement` and `fax` can fall until `answered()`. */
  earlyMedia?: boolean;
  /** How many missed machines one lost human costs. Default 10. */
  lostHumanCost?: number;
  /** What `unsure` is taken for: a machine is followed to its beep and its greeting's end, as after `machine`. Default: a person. */
  unsureMeans?: UnsureMeans;
  /** How long it rang before the answer, ms; absent or null: not known (yet, in early media). */
  ringMs?: number | null;
  /** What the ring time tells. Default: nothing. */
  ringOdds?: RingOdds;
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
  /** The call has been answered after `ringMs` of ringing, if that is known: the clock starts again and persons may be found. */
  answered(ringMs?: number): void;
  /** The next event, or null. Events wait in order until taken. */
  next(): DetectorEvent | null;
  /** Which print was matched, and the call's own for learning; both null without prints, or where too little was heard. */
  readonly heardPrint: { readonly matchId: string | null; readonly words: Uint32Array | null };
  /** True once nothing more can come: further audio is ignored at no cost. */
  readonly done: boolean;
  /** Audio since the answer, ms. */
  readonly audioMs: number;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const EARLY_SPEECH_MS = 2500;
/** Whoever has said nothing so long after the answer, or after the last ring (a call that is passed on is answered twice), will not: a person who picks up speaks within two seconds. */
const SILENCE_MS = 4500;
/** A beep makes a machine at once only after somebody spoke: a phone may chirp when it is picked up. */
const BEEP_AFTER_SPEECH_MS = 300;
/** A fax is silent but for its tones; clicks and breaths come to less. */
const MOST_FAX_SPEECH_MS = 500;
const BUSY_CYCLES = 3;
/** Where nothing is sure a busy tone is an announcement's if it begins so soon after the voice, or too soon after we may be heard for anybody to have hung up on us. */
const BUSY_AFTER_VOICE_MS = 1200;
const BUSY_AFTER_US_MS = 500;
/** After the verdict quiet hops are not measured, once so much before them was quiet: every tone and voice has been ended by then. Quiet is so far over the floor at most. */
const REST_AFTER_MS = 250;
const REST_DB = 3;
/** Mean square of what Frame calls 0 dB: a sine's is half its square, and the bins of a Hann window sum up to 1.5 times the power. */
const FULL_SCALE = 32768 ** 2 / 3;
/** A tone is seen as one up to this much after its first window touched it. */
const TONE_LEAD_MS = 40;
/** After a tone its next burst, or the news that it was a beep, is waited for. */
const TONE_GAP_MS = 600;

const samplesIn = lastView(2, (buffer, length) => new Int16Array(buffer, 0, length));

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
 * States: `listening` (no verdict yet), `doubting` (they are taken for a person, surely or not: the end of what they say is wanted, and the
 * verdict can still be taken back, once, by what only a recording does), `following` (they are taken for a machine: the beep, the end of the
 * greeting and its going on are wanted; if not surely, it can be taken back too), `done` (audio is ignored). `early` is true until the answer; it only narrows what may fall.
 */
class CallDetector implements Detector {
  private mode: 'listening' | 'doubting' | 'following' | 'done' = 'listening';
  private early: boolean;
  private readonly latestDecisionMs: number;
  private readonly greetingEndSilenceMs: number;
  private readonly decimator: Decimator | null;
  private readonly window = new HopWindow();
  private hops = 0;
  private quietMs = 0;
  private pendingByte = -1;
  private readonly frame = new Frame();
  private activity = new VoiceActivity();
  private stats = new SpeechStats();
  private readonly prints: PrintReader | null;
  private print: PrintListener | null;
  private tones: ToneListener;
  private greeting: GreetingFollower;
  /** What was said and may be taken back, and whose turn it is since then; null before. */
  private doubted: 'human' | 'unsure' | null = null;
  private turn: TurnFollower | null = null;
  /** The last voice that was judged, and until when we surely were not heard, ms. */
  private lastVoiceMs = 0;
  private speakableMs = 0;
  /** Quiet at the end of the print's words. */
  private printPauseMs = 0;
  private decision: VoiceDecision;
  private readonly model: HumanModel | null;
  private readonly lostHumanCost: number;
  private readonly unsureMeans: UnsureMeans;
  private readonly ringOdds: RingOdds;
  private ringMs: number | null;
  private readonly events: DetectorEvent[] = [];
  private readonly country: string | null;

  constructor(options: DetectorOptions) {
    this.early = options.earlyMedia ?? false;
    this.latestDecisionMs = options.latestDecisionMs;
    this.greetingEndSilenceMs = options.greetingEndSilenceMs ?? 1500;
    this.country = options.country ?? null;
    this.prints = options.prints ?? null;
    this.print = this.prints === null ? null : new PrintListener(this.prints.index);
    this.tones = new ToneListener(this.country);
    this.greeting = new GreetingFollower(this.greetingEndSilenceMs);
    this.decimator = options.sampleRate === 16000 ? new Decimator() : null;
    this.model = options.model === undefined ? shippedModel() : options.model;
    this.lostHumanCost = options.lostHumanCost ?? DETECTION_DEFAULTS.lostHumanCost;
    this.unsureMeans = options.unsureMeans ?? 'human';
    this.ringOdds = options.ringOdds ?? [];
    this.ringMs = options.ringMs ?? null;
    this.decision = this.newDecision();
  }

  get done(): boolean {
    return this.mode === 'done';
  }

  get heardPrint(): { matchId: string | null; words: Uint32Array | null } {
    return { matchId: this.print?.match?.id ?? null, words: this.print?.print(this.printPauseMs) ?? null };
  }

  get audioMs(): number {
    return this.hops * HOP_MS;
  }

  push(pcm: Int16Array): void {
    this.take(pcm, 0, pcm.length);
  }

  pushBytes(bytes: Uint8Array): void {
    let index = 0;
    if (this.pendingByte >= 0 && bytes.length > 0) {
      this.sample(((bytes[0]! << 24) >> 16) | this.pendingByte);
      this.pendingByte = -1;
      index = 1;
    }
    const from = bytes.byteOffset + index;
    if (LITTLE_ENDIAN && from % 2 === 0) {
      const samples = (bytes.length - index) >> 1;
      this.take(samplesIn(bytes.buffer), from / 2, from / 2 + samples);
      index += 2 * samples;
    } else for (; index + 1 < bytes.length && this.mode !== 'done'; index += 2) this.sample(((bytes[index + 1]! << 24) >> 16) | bytes[index]!);
    if (index + 1 === bytes.length) this.pendingByte = bytes[index]!;
  }

  answered(ringMs?: number): void {
    if (!this.early) return;
    this.early = false;
    this.ringMs = ringMs ?? this.ringMs;
    if (this.mode !== 'listening') return;
    this.hops = 0;
    // The floor of the early media is another recording's, not this line's.
    this.activity = new VoiceActivity();
    this.stats = new SpeechStats();
    this.print = this.prints === null ? null : new PrintListener(this.prints.index);
    this.tones = new ToneListener(this.country);
    this.greeting = new GreetingFollower(this.greetingEndSilenceMs);
    this.decision = this.newDecision();
    this.window.clear();
  }

  next(): DetectorEvent | null {
    return this.events.shift() ?? null;
  }

  private newDecision(): VoiceDecision {
    const logOdds = ringLogOdds(this.ringOdds, this.ringMs);
    return new VoiceDecision(this.model, this.lostHumanCost, this.ringMs === null || logOdds === 0 ? null : { ms: this.ringMs, logOdds });
  }

  /** Takes the samples from `from` to before `end`. */
  private take(pcm: Int16Array, from: number, end: number): void {
    if (this.decimator !== null) {
      for (let index = from; index < end && this.mode !== 'done'; index++) this.sample(pcm[index]!);
      return;
    }
    for (let index = from; index < end && this.mode !== 'done';) {
      index = this.window.take(pcm, index, end);
      if (this.window.whole) this.endHop();
    }
  }

  private sample(value: number): void {
    if (this.mode === 'done') return;
    if (this.decimator !== null) {
      value = this.decimator.push(value);
      if (Number.isNaN(value)) return;
    }
    this.window.push(value);
    if (this.window.whole) this.endHop();
  }

  private endHop(): void {
    this.hops++;
    this.step();
    this.window.next();
  }

  private step(): void {
    const timeMs = this.audioMs;
    if (!this.rests()) this.hear(timeMs);
    switch (this.mode) {
      case 'listening':
        this.listen(timeMs);
        break;
      case 'doubting':
        this.doubt(timeMs);
        break;
      case 'following':
        this.follow(timeMs);
        break;
      case 'done':
        break;
    }
  }

  /** No verdict yet, or they talk on after it: what is said now still counts. */
  private get judgesVoice(): boolean {
    return this.mode === 'listening' || (this.mode === 'doubting' && this.turn?.talking === true);
  }

  /** True if nothing can be heard in this hop that is still listened for; what was measured last (no voice, no tone) stands. */
  private rests(): boolean {
    if (this.judgesVoice) return false;
    const quiet = decibels(this.window.newestPower / FULL_SCALE) < this.activity.floorDb + REST_DB;
    this.quietMs = quiet ? this.quietMs + HOP_MS : 0;
    return this.quietMs > REST_AFTER_MS;
  }

  private hear(timeMs: number): void {
    this.frame.measure(this.window.window);
    this.tones.push(this.frame, timeMs);
    this.activity.push(this.frame, this.tones.sounding);
    // Speech that began with a tone was the tone: it is known for one only after some frames.
    if (this.tones.sounding && this.stats.onsetMs >= 0 && this.stats.onsetMs >= this.tones.soundingSinceMs - TONE_LEAD_MS) {
      this.stats = new SpeechStats();
      this.decision = this.newDecision();
    }
    this.stats.push(this.frame, this.activity, timeMs);
    // What is heard of a person's phone once we speak is our own voice.
    if (this.mode !== 'doubting' || this.judgesVoice) this.greeting.hear(this.frame, this.activity);
    if (!this.judgesVoice) return;
    if (this.activity.voice) this.lastVoiceMs = timeMs;
    this.speakableMs = timeMs;
    this.printPauseMs = this.stats.silenceMs;
    // It may decide.
    this.hearPrint(timeMs);
  }

  /** A recording that an operator has named decides; one that nobody has named decides nothing, whatever it may be. */
  private hearPrint(timeMs: number): void {
    const { print, prints, stats } = this;
    if (print === null || prints === null || !print.push(this.frame.power, timeMs, stats.onsetMs, stats.speechMs) || print.match === null) return;
    const meaning = prints.meaningOf(print.match.id);
    if (meaning === null || (this.early && meaning.means === 'machine')) return;
    this.say(meaning.means, 0.98, `a known recording: ${meaning.name}`, timeMs, meaning.means === 'announcement' ? 'known_recording' : null);
  }

  private listen(timeMs: number): void {
    if (this.hearSit(timeMs) || this.hearFax(timeMs)) return;
    if (this.early) this.listenEarly(timeMs);
    else if (!this.hearTones(timeMs)) this.listenToVoice(timeMs);
  }

  private hearSit(timeMs: number): boolean {
    const { sit } = this.tones;
    if (sit === null) return false;
    this.say('announcement', 0.99, `special information tone: ${SIT_MEANING[sit.cause]}`, timeMs, sit.cause);
    return true;
  }

  /** A fax says nothing; what sounds like one after a voice is a beep. */
  private hearFax(timeMs: number): boolean {
    const { fax } = this.tones;
    if (fax === null || this.stats.speechMs >= MOST_FAX_SPEECH_MS) return false;
    this.say('fax', 0.98, `fax tone: ${fax}`, timeMs);
    return true;
  }

  /** Tones that only a machine or a switch makes of an answered call; true if they decided. */
  private hearTones(timeMs: number): boolean {
    const { tones, stats } = this;
    const answers = this.doubted === null ? stats.speechMs >= BEEP_AFTER_SPEECH_MS : this.judgesVoice || !this.greeting.isEcho(tones.beepLevelDb);
    if (tones.beepHz !== null && tones.beepLengthMs >= DECIDING_BEEP_MS && answers) {
      this.say('machine', 0.97, `a beep of ${Math.round(tones.beepHz)} Hz after ${(stats.speechMs / 1000).toFixed(1)} s of speech`, timeMs);
      this.beep(tones.beepHz, tones.beepEndMs);
      return true;
    }
    if (tones.progress.cycles < BUSY_CYCLES) return false;
    // A network plays it as well once a person has hung up.
    const { beganMs } = tones.progress;
    if (this.mode === 'doubting' && (this.doubted === 'human' || beganMs > Math.max(this.lastVoiceMs + BUSY_AFTER_VOICE_MS, this.speakableMs + BUSY_AFTER_US_MS))) return false;
    const signal = tones.progress.signal ?? 'busy';
    this.say('announcement', 0.9, `${signal} tone after the answer`, timeMs, `${signal}_tone`);
    return true;
  }

  /** Once our own message may be heard, its echo is no voice to be judged: only tones count then, as loud as they were. */
  private doubt(timeMs: number): void {
    if (this.hearSit(timeMs) || this.hearFax(timeMs) || this.hearTones(timeMs)) return;
    if (this.judgesVoice) {
      this.decision.hear(this.activity.voice, true);
      const voice = this.decision.step(this.stats);
      if (voice?.verdict === 'machine') {
        this.say('machine', voice.confidence, voice.reason, timeMs);
        return;
      }
    }
    const type = this.turn?.push(this.activity.voice || this.tones.sounding) ?? null;
    if (type !== null) this.events.push({ type, audioMs: timeMs });
    if (type === 'settled') this.mode = 'done';
  }

  private listenToVoice(timeMs: number): void {
    const { stats } = this;
    const late = timeMs >= this.latestDecisionMs;
    this.decision.hear(this.activity.voice, stats.onsetMs >= 0);
    if (stats.onsetMs >= 0) {
      const voice = this.decision.step(stats) ?? (late ? this.decision.force(stats) : null);
      if (voice !== null) this.say(voice.verdict, voice.confidence, voice.reason, timeMs);
    } else if (!late && (timeMs < this.tones.progress.ringbackEndMs + SILENCE_MS || this.activity.voice || timeMs < this.tones.releaseUntilMs + TONE_GAP_MS)) return;
    else if (this.tones.longestBeepMs >= DECIDING_BEEP_MS) this.say('machine', 0.7, 'a beep and no voice', timeMs);
    else if (this.activity.faint) this.say('unsure', 0.5, `perhaps a voice, too faint in the noise to be judged, in ${(timeMs / 1000).toFixed(1)} s`, timeMs);
    else this.say('silence', 0.95, `no voice in ${(timeMs / 1000).toFixed(1)} s`, timeMs);
  }

  /** Before the answer a long unbroken voice is the network's; music and ringback are not voice. */
  private listenEarly(timeMs: number): void {
    const { stats } = this;
    if (stats.speechMs < EARLY_SPEECH_MS || stats.words < 4 || stats.steadyFrames > 0.25 * stats.voiceFrames) return;
    const syllablesPerSecond = (1000 * stats.syllables) / stats.speechMs;
    if (syllablesPerSecond < 2 || syllablesPerSecond > 9) return;
    this.say('announcement', 0.85, `${(stats.speechMs / 1000).toFixed(1)} s of speech before any answer`, timeMs, 'before_answer');
  }

  private follow(timeMs: number): void {
    if (this.doubted !== null && (this.hearSit(timeMs) || this.hearTones(timeMs))) return;
    if (this.tones.beepHz !== null) {
      this.beep(this.tones.beepHz, this.tones.beepEndMs);
      return;
    }
    const type = this.greeting.push(this.frame, this.activity, this.tones.sounding);
    if (type !== null) this.events.push({ type, audioMs: timeMs });
    if (this.greeting.settled) this.mode = 'done';
  }

  private beep(frequencyHz: number, endMs: number): void {
    this.events.push({ type: 'beep', audioMs: endMs, frequencyHz: Math.round(frequencyHz) });
    this.greeting.beep();
    if (this.greeting.settled) this.mode = 'done';
  }

  private say(verdict: Verdict, confidence: number, reason: string, timeMs: number, cause: AnnouncementCause | null = null): void {
    const { onsetMs, silenceMs } = this.stats;
    const takesBack = this.doubted;
    const quietMs = onsetMs < 0 ? null : silenceMs;
    const means = verdict === 'unsure' ? this.unsureMeans : verdict;
    this.doubted = verdict === 'human' || verdict === 'unsure' ? verdict : null;
    this.turn = means === 'human' ? new TurnFollower(quietMs ?? Infinity, this.latestDecisionMs - timeMs) : null;
    this.events.push({
      type: 'verdict', verdict, cause, confidence, audioMs: timeMs, speechOnsetMs: onsetMs < 0 ? null : onsetMs,
      reason: takesBack === null ? reason : `${reason}; ${takesBack === 'human' ? 'it was taken for a person' : 'nothing was sure'} before`,
      earlyMedia: this.early, talking: this.turn?.talking ?? false, quietMs, takesBack,
    });
    this.mode = means === 'machine' ? 'following' : means === 'human' ? 'doubting' : 'done';
    this.greeting.begin(silenceMs);
  }
}
