import type { AmdMessage, AmdStart } from '../core/amd-wire.ts';
import { joined, mixed, seededRandom, sine, whiteNoise } from './corpus/signals.ts';
import { PrintIndex } from './fingerprint/print-index.ts';
import { FrameParter } from './frame-reading.ts';
import { AmdStream, type PrintBook } from './stream.ts';

const CALLS = 5;
const ROUNDS = 6;
const RATE = 8000;
const FRAME_SAMPLES = 160;
/** Harmonics of a voice that a telephone lets through. */
const HARMONICS = 24;
const RESONANCES_HZ = [500, 1500, 2500];
const BANDWIDTH_HZ = 150;
const START: AmdStart = { type: 'start', token: '-', callId: 'warm-up', sampleRate: 8000, language: 'en', earlyMedia: false, latestDecisionMs: 6000 };
const NO_PRINTS: PrintBook = { index: new PrintIndex(), meaningOf: () => null, heard: () => undefined };

/** Something like a voice: harmonics of a gliding tone about three resonances, four syllables a second. */
function vowels(seconds: number, random: () => number): Int16Array {
  const lowHz = 90 + 120 * random();
  const weights = Array.from({ length: HARMONICS }, (_, index) => RESONANCES_HZ.reduce((sum, hz) => sum + 1 / (1 + (((index + 1) * lowHz - hz) / BANDWIDTH_HZ) ** 2), 0.02) / (index + 1));
  let turns = 0;
  return Int16Array.from({ length: Math.round(seconds * RATE) }, (_, index) => {
    const at = index / RATE;
    turns += (lowHz * (1 + 0.15 * Math.sin(5 * at))) / RATE;
    return 9000 * Math.sin(4 * Math.PI * at) ** 2 * weights.reduce((sum, weight, harmonic) => sum + weight * Math.sin(2 * Math.PI * (harmonic + 1) * turns), 0);
  });
}

/** A greeting, a pause, another sentence, a beep. */
function madeUpCall(random: () => number): Int16Array {
  const pause = (): Int16Array => whiteNoise(0.2 + random(), 60, random);
  const spoken = joined(pause(), vowels(0.4 + random(), random), pause(), vowels(1 + 2 * random(), random), pause(), sine([600 + 600 * random()], 0.4, 8000), pause());
  return mixed(spoken, whiteNoise(spoken.length / RATE, 60, random));
}

/** The call's audio as an audio fork sends it: binary WebSocket frames (RFC 6455, 5.2), masked with zeros. */
function framesOf(pcm: Int16Array): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at + FRAME_SAMPLES <= pcm.length; at += FRAME_SAMPLES) {
    const payload = Buffer.from(pcm.slice(at, at + FRAME_SAMPLES).buffer);
    frames.push(Buffer.concat([Buffer.from([0x82, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]), payload]));
  }
  return frames;
}

/** Lets the detector hear made-up calls. @returns how many messages of each type came of it */
export function hearMadeUpCalls(): Partial<Record<AmdMessage['type'], number>> {
  const random = seededRandom(1);
  const calls = Array.from({ length: CALLS }, () => framesOf(madeUpCall(random)));
  const told: Partial<Record<AmdMessage['type'], number>> = {};
  for (const frames of Array.from({ length: ROUNDS }, () => calls).flat()) {
    const stream = new AmdStream(START, NO_PRINTS);
    const parter = new FrameParter({
      binary: (payload) => { for (const { type } of stream.audio(payload)) told[type] = (told[type] ?? 0) + 1; },
      other: () => undefined,
    }, Infinity);
    for (const frame of frames) parter.push(frame);
    stream.ended();
  }
  return told;
}

let warm = false;

/**
 * Node compiles what has run often. Once a process the detector hears made-up calls before the first real one: else the first calls of a
 * process that starts under load wait for the compiler (half a second of work here, a tenth of a second and more there).
 */
export function warmUp(): void {
  if (warm) return;
  warm = true;
  hearMadeUpCalls();
}
