import { Frame } from '../audio/frame.ts';
import { eachHop } from '../audio/hop-window.ts';
import { activeRms, drawChannel, throughChannel, WIRED_CODECS, type Channel } from '../corpus/channel.ts';
import type { Clip } from '../corpus/clips.ts';
import { joined, seededRandom, silence } from '../corpus/signals.ts';
import { createDetector } from '../detector.ts';
import { SpeechStats } from '../voice/speech-stats.ts';
import { VoiceActivity } from '../voice/voice-activity.ts';
import { PrintIndex } from './print-index.ts';
import { PrintListener } from './print-listener.ts';

export interface PrintMatches {
  /** What was matched, and when, ms from the start. */
  matches: { id: string; timeMs: number }[];
  onsetMs: number;
  words: Uint32Array | null;
}

/** Hears `pcm` (8 kHz) through to its end; after each match it listens anew. */
export function printsIn(pcm: Int16Array, index: PrintIndex): PrintMatches {
  const frame = new Frame();
  const activity = new VoiceActivity();
  const stats = new SpeechStats();
  let listener = new PrintListener(index);
  const matches: PrintMatches['matches'] = [];
  eachHop(pcm, (window, timeMs) => {
    frame.measure(window);
    activity.push(frame, false);
    stats.push(frame, activity, timeMs);
    // A listener gives up some seconds after the first speech; here all of it counts.
    const onsetMs = stats.onsetMs < 0 ? -1 : Math.max(stats.onsetMs, timeMs - 4000);
    if (!listener.push(frame.power, timeMs, onsetMs, stats.speechMs) || listener.match === null) return;
    matches.push({ id: listener.match.id, timeMs });
    listener = new PrintListener(index);
  });
  return { matches, onsetMs: stats.onsetMs, words: listener.print(stats.silenceMs) };
}

export interface PrintEvaluation {
  prints: number;
  /** Announcements long enough to have a print, heard again through other channels. */
  known: { tried: number; found: number; wrong: number; afterOnsetMs: { p50: number; p95: number } }[];
  /** The detector's verdict on the short ones of them, 1 to 2 s, with their prints confirmed. */
  short: { tried: number; announcement: number; human: number; other: number };
  falseMatches: { hours: number; matches: number; in: string[] };
}

/** Signal to noise, dB, in which prints are looked for: the line's own range in thirds. */
const RANGES: readonly (readonly [number, number])[] = [[5, 10], [10, 20], [20, 30]];

/**
 * Learns a print of every announcement among `clips` from one pass through a line, then listens for them through other lines, and in all
 * other speech. Pure; the same figures for the same seed.
 */
export function evaluatePrints(clips: readonly Clip[], { seed = 1, rounds = 3, falseRounds = 1 }: { seed?: number; rounds?: number; falseRounds?: number } = {}): PrintEvaluation {
  const random = seededRandom(seed);
  const index = new PrintIndex();
  const empty = new PrintIndex();
  const learnt = new Map<string, Clip>();
  const pass = (clip: Clip, channel: Channel): Int16Array =>
    throughChannel(joined(silence(0.2 + 0.8 * random()), clip.pcm.subarray(Math.floor(80 * random())), silence(1)), activeRms(clip.pcm), channel, random);
  for (const [number, clip] of clips.filter(({ label }) => label === 'announcement').entries()) {
    const { words } = printsIn(pass(clip, { ...drawChannel(random, WIRED_CODECS), snrDb: 15 + 15 * random() }), empty);
    if (words === null) continue;
    index.add(String(number), words);
    learnt.set(String(number), clip);
  }
  const known: PrintEvaluation['known'] = [];
  for (const [low, high] of RANGES) {
    const tally = { tried: 0, found: 0, wrong: 0, afterOnsetMs: { p50: 0, p95: 0 } };
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const [id, clip] of learnt) {
        const { matches, onsetMs } = printsIn(pass(clip, { ...drawChannel(random, WIRED_CODECS), snrDb: low + (high - low) * random() }), index);
        tally.tried++;
        const first = matches[0];
        if (first === undefined) continue;
        tally.found++;
        times.push(first.timeMs - onsetMs);
        // Some clips are one recording cut twice: another id for the same sound is no mistake of the print's.
        if (first.id !== id && learnt.get(first.id)?.voice !== clip.voice) tally.wrong++;
      }
    }
    times.sort((a, b) => a - b);
    tally.afterOnsetMs = { p50: times[times.length >> 1] ?? 0, p95: times[Math.floor(0.95 * times.length)] ?? 0 };
    known.push(tally);
  }
  const short = { tried: 0, announcement: 0, human: 0, other: 0 };
  const prints = { index, meaningOf: () => ({ means: 'announcement' as const, name: 'of the test' }) };
  for (let round = 0; round < rounds; round++) {
    for (const clip of learnt.values()) {
      if (clip.pcm.length > 2 * 8000) continue;
      const detector = createDetector({ sampleRate: 8000, latestDecisionMs: 4000, prints });
      detector.push(joined(pass(clip, { ...drawChannel(random, WIRED_CODECS), snrDb: 10 + 20 * random() }), silence(5)));
      const event = detector.next();
      short.tried++;
      if (event?.type === 'verdict' && event.verdict === 'announcement') short.announcement++;
      else if (event?.type === 'verdict' && event.verdict === 'human') short.human++;
      else short.other++;
    }
  }
  return { prints: learnt.size, known, short, falseMatches: falseMatches(clips, index, falseRounds, random, pass) };
}

function falseMatches(clips: readonly Clip[], index: PrintIndex, rounds: number, random: () => number, pass: (clip: Clip, channel: Channel) => Int16Array): PrintEvaluation['falseMatches'] {
  const found: PrintEvaluation['falseMatches'] = { hours: 0, matches: 0, in: [] };
  for (let round = 0; round < rounds; round++) {
    for (const clip of clips) {
      if (clip.label === 'announcement' || clip.label === 'sit_announcement' || clip.label.startsWith('tone')) continue;
      found.hours += clip.pcm.length / 8000 / 3600;
      const { matches } = printsIn(pass(clip, drawChannel(random, WIRED_CODECS)), index);
      found.matches += matches.length;
      for (const { id, timeMs } of matches) found.in.push(`${clip.label} ${clip.voice} at ${timeMs} ms taken for print ${id}`);
    }
  }
  return found;
}
