import { Frame } from '../audio/frame.ts';
import { eachHop, HOP_MS } from '../audio/hop-window.ts';
import { activeRms, drawChannel, throughChannel, WIRED_CODECS, type Channel } from '../corpus/channel.ts';
import type { Clip } from '../corpus/clips.ts';
import { joined, seededRandom, silence } from '../corpus/signals.ts';
import { drawTone, TONE_SAMPLE_KINDS, type ToneSample, type ToneSampleKind } from './synthetic-tones.ts';
import { ToneListener } from './tone-listener.ts';


/** What a listener told of one stretch of audio; times in ms from its start. */
export interface ToneEvents {
  beeps: { hz: number; endMs: number; toldMs: number }[];
  sitMs: number | null;
  sitCause: string | null;
  faxMs: number | null;
  /** When three bursts of busy or reorder had been heard. */
  progressMs: number | null;
}

/** Hears `pcm` (8 kHz) through to its end. */
export function tonesIn(pcm: Int16Array, country: string | null = null): ToneEvents {
  const listener = new ToneListener(country);
  const frame = new Frame();
  const events: ToneEvents = { beeps: [], sitMs: null, sitCause: null, faxMs: null, progressMs: null };
  eachHop(pcm, (window, timeMs) => {
    frame.measure(window);
    listener.push(frame, timeMs);
    if (listener.beepHz !== null) events.beeps.push({ hz: listener.beepHz, endMs: listener.beepEndMs, toldMs: timeMs });
    if (listener.sit !== null) {
      events.sitMs ??= timeMs;
      events.sitCause ??= listener.sit.cause;
    }
    if (listener.fax !== null) events.faxMs ??= timeMs;
    if (listener.progress.cycles >= 3) events.progressMs ??= timeMs;
  });
  return events;
}

export interface ToneRecall {
  kind: string;
  tried: number;
  found: number;
  /** What was missed, for whoever mends it: name of the tone and its channel. */
  missed: string[];
}

export interface FalseAlarms {
  hours: number;
  beeps: number;
  sit: number;
  fax: number;
  progress: number;
  /** Beeps, and the upper end of their 95 % interval. */
  perHour: number;
  upperPerHour: number;
  beepsIn: string[];
}

/** Lines without a vocoder, and with one in them: to a vocoder a tone is a voice that it cannot say. */
export interface ToneEvaluation {
  recall: ToneRecall[];
  /** At 10-20 and 20-30 dB. */
  vocodedRecall: ToneRecall[];
  /** Beeps: told end less true end, ms; and how long after the true end it was told. */
  beepEndErrorMs: { p50: number; p95: number; worst: number };
  beepToldAfterMs: { p50: number; p95: number; worst: number };
  /** SIT: told so long after its third segment began, ms. */
  sitIntoThirdMs: { p50: number; p95: number; worst: number };
  falseAlarms: FalseAlarms;
  vocodedFalseAlarms: FalseAlarms;
}

export interface ToneEvaluationOptions {
  seed: number;
  /** Tones of each synthetic kind; each recorded tone is tried a tenth as often. */
  perKind: number;
  /** How often all speech and music is heard, each time through other channels. */
  rounds: number;
  /** Least and most signal to noise, dB, of the tone itself. */
  snrDb: readonly [number, number];
}

export const TONE_EVALUATION_DEFAULTS: ToneEvaluationOptions = { seed: 1, perKind: 1000, rounds: 2, snrDb: [10, 30] };

const SPEECH = new Set(['human_short', 'human_long', 'announcement', 'machine_greeting', 'machine_prompt', 'music', 'noise', 'noise_speech']);
/** What mobile telephones put before the channel's own companding. */
const VOCODERS = ['gsm', 'celp'] as const;
/** Fax does not go through a vocoder. */
const VOCODED_KINDS: readonly ToneSampleKind[] = ['sit', 'beep', 'dual_beep', 'step_beep'];
const VOCODED_SNR_DB = [[10, 20], [20, 30]] as const;
/** A beep is found if its end is told within this: a packet lost right after it is concealed by more of the beep. */
const END_TOLERANCE_MS = 120;

/**
 * Recall of tones at 10 dB signal to noise and more through the corpus's channels (recorded tones among `clips`, and drawn ones), and false
 * alarms in all speech and music among them. The same figures for the same seed. Pure.
 */
export function evaluateTones(clips: readonly Clip[], options: Partial<ToneEvaluationOptions> = {}): ToneEvaluation {
  const wanted = { ...TONE_EVALUATION_DEFAULTS, ...options };
  const random = seededRandom(wanted.seed);
  const speech = clips.filter(({ label, pcm }) => (label === 'machine_prompt' || label === 'human_long') && pcm.length < 40_000);
  const errors: number[] = [];
  const told: number[] = [];
  const third: number[] = [];
  const recall: ToneRecall[] = [];
  const tryOne = (tally: ToneRecall, sample: ToneSample, codecs: readonly Channel['codec'][] = WIRED_CODECS, [low, high] = wanted.snrDb): void => {
    const channel = { ...drawChannel(random, codecs), snrDb: low + (high - low) * random() };
    const tone = sample.pcm.subarray(Math.round(sample.startMs * 8), Math.round(sample.endMs * 8));
    const events = tonesIn(throughChannel(sample.pcm, activeRms(tone), channel, random));
    tally.tried++;
    if (isFound(sample, events, errors, told, third)) tally.found++;
    else tally.missed.push(`${sample.name}, ${toldOf(channel)}`);
  };
  for (const kind of TONE_SAMPLE_KINDS) {
    const tally: ToneRecall = { kind, tried: 0, found: 0, missed: [] };
    for (let turn = 0; turn < wanted.perKind; turn++) tryOne(tally, drawTone(kind, random, 8000, leadOf(kind, speech, random)));
    recall.push(tally);
  }
  for (const clip of clips.filter(({ label }) => label === 'tone_beep' || label === 'tone_sit' || label === 'sit_announcement')) {
    const tally: ToneRecall = { kind: `${clip.label} ${clip.source}, ${(clip.pcm.length / 8000).toFixed(2)} s`, tried: 0, found: 0, missed: [] };
    for (let turn = 0; turn < Math.max(1, wanted.perKind / 10); turn++) tryOne(tally, recorded(clip, speech, random));
    recall.push(tally);
  }
  const spoken = clips.filter(({ label }) => SPEECH.has(label));
  const wired = {
    recall, beepEndErrorMs: spread(errors), beepToldAfterMs: spread(told), sitIntoThirdMs: spread(third),
    falseAlarms: falseAlarms(spoken, wanted.rounds, random, WIRED_CODECS),
  };
  const vocodedRecall: ToneRecall[] = [];
  for (const codec of VOCODERS) {
    for (const kind of VOCODED_KINDS) {
      for (const [low, high] of VOCODED_SNR_DB) {
        const tally: ToneRecall = { kind: `${kind}, ${codec}, ${low}-${high} dB`, tried: 0, found: 0, missed: [] };
        for (let turn = 0; turn < Math.ceil(wanted.perKind / 5); turn++) tryOne(tally, drawTone(kind, random, 8000, leadOf(kind, speech, random)), [codec], [low, high]);
        vocodedRecall.push(tally);
      }
    }
  }
  return { ...wired, vocodedRecall, vocodedFalseAlarms: falseAlarms(spoken, wanted.rounds, random, VOCODERS) };
}

const toldOf = ({ codec, snrDb, lossShare, noiseColour }: Channel): string =>
  `${codec} ${snrDb.toFixed(0)} dB, loss ${(100 * lossShare).toFixed(1)} %, noise ${noiseColour.toFixed(1)}`;

function leadOf(kind: ToneSampleKind, speech: readonly Clip[], random: () => number): Int16Array {
  const quiet = silence(0.15 + 0.85 * random());
  if (!kind.endsWith('beep') || speech.length === 0) return quiet;
  return joined(atRms(speech[Math.floor(random() * speech.length)]!.pcm, 8000 / Math.SQRT2 / (0.7 + 0.8 * random())), quiet);
}

function atRms(pcm: Int16Array, wanted: number): Int16Array {
  const gain = wanted / Math.max(1, activeRms(pcm));
  return pcm.map((sample) => Math.max(-32_768, Math.min(32_767, sample * gain)));
}

function recorded(clip: Clip, speech: readonly Clip[], random: () => number): ToneSample {
  const kind = clip.label === 'tone_beep' ? 'beep' : 'sit';
  const lead = leadOf(kind, speech, random);
  const startMs = lead.length / 8;
  return {
    kind, pcm: joined(lead, clip.pcm, silence(0.6)), startMs, endMs: startMs + clip.pcm.length / 8,
    thirdMs: startMs + 560, name: `${clip.label} of ${clip.source}`,
  };
}

function isFound(sample: ToneSample, events: ToneEvents, errors: number[], told: number[], third: number[]): boolean {
  switch (sample.kind) {
    case 'sit':
      // A clip may go on after the tone; then its own end says nothing.
      if (events.sitMs === null || events.sitMs > Math.min(sample.endMs, sample.thirdMs + 400) + HOP_MS) return false;
      third.push(events.sitMs - sample.thirdMs);
      return true;
    case 'cng': case 'ced': case 'ansam': case 'v21':
      return events.faxMs !== null && events.faxMs <= sample.endMs + 150;
    case 'beep': case 'dual_beep': case 'step_beep': {
      const beep = events.beeps.find(({ endMs }) => Math.abs(endMs - sample.endMs) <= END_TOLERANCE_MS);
      if (beep === undefined) return false;
      errors.push(beep.endMs - sample.endMs);
      told.push(beep.toldMs - sample.endMs);
      return true;
    }
  }
}

function falseAlarms(clips: readonly Clip[], rounds: number, random: () => number, codecs: readonly Channel['codec'][]): FalseAlarms {
  const found = { hours: 0, beeps: 0, sit: 0, fax: 0, progress: 0, perHour: 0, upperPerHour: 0, beepsIn: [] as string[] };
  for (let round = 0; round < rounds; round++) {
    for (const clip of clips) {
      const channel = drawChannel(random, codecs);
      const events = tonesIn(throughChannel(joined(silence(0.3), clip.pcm, silence(0.4)), activeRms(clip.pcm), channel, random));
      found.hours += clip.pcm.length / 8000 / 3600;
      found.beeps += events.beeps.length;
      for (const { hz, endMs } of events.beeps) found.beepsIn.push(`${clip.label} ${clip.voice}: ${hz.toFixed(0)} Hz at ${(endMs / 1000).toFixed(2)} s of ${(clip.pcm.length / 8000).toFixed(1)} s, ${toldOf(channel)}`);
      if (events.sitMs !== null) found.sit++;
      if (events.faxMs !== null) found.fax++;
      if (events.progressMs !== null) found.progress++;
    }
  }
  const perHour = found.hours > 0 ? 1 / found.hours : 0;
  return { ...found, perHour: found.beeps * perHour, upperPerHour: poissonUpper(found.beeps) * perHour };
}

/** Upper end of the 95 % interval of a Poisson mean of which `count` were seen (Byar's approximation; Breslow and Day 1987, 2.13). */
function poissonUpper(count: number): number {
  const next = count + 1;
  return next * (1 - 1 / (9 * next) + 1.96 / (3 * Math.sqrt(next))) ** 3;
}

function spread(values: number[]): { p50: number; p95: number; worst: number } {
  const sorted = values.map((value) => Math.abs(value)).sort((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return { p50: at(0.5), p95: at(0.95), worst: at(1) };
}
