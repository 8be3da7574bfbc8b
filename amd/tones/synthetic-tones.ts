import { joined, silence } from '../corpus/signals.ts';

const RATE = 8000;

/** One segment: sines of one level together, Hz; none is silence. */
export interface ToneSegment {
  hz: readonly number[];
  seconds: number;
}

export const TONE_SAMPLE_KINDS = ['sit', 'cng', 'ced', 'ansam', 'v21', 'beep', 'dual_beep', 'step_beep'] as const;
export type ToneSampleKind = (typeof TONE_SAMPLE_KINDS)[number];

export interface ToneSample {
  kind: ToneSampleKind;
  pcm: Int16Array;
  /** Where the tone begins and ends in `pcm`, ms. */
  startMs: number;
  endMs: number;
  /** Where the third segment of a SIT begins. */
  thirdMs: number;
  name: string;
}

/** The tones of `segments` one after another, 5 ms of rise and fall each. `amplitude` is of full scale 32767. */
export function tones(segments: readonly ToneSegment[], amplitude: number, phase = 0): Int16Array {
  return joined(...segments.map(({ hz, seconds }) => shaped(Math.round(seconds * RATE), amplitude, (time) =>
    hz.reduce((sum, each) => sum + Math.sin(2 * Math.PI * each * time + phase * each) / hz.length, 0))));
}

const RAMP = 40;

function shaped(samples: number, amplitude: number, wave: (seconds: number) => number): Int16Array {
  return Int16Array.from({ length: samples }, (_, index) =>
    amplitude * Math.min(1, (index + 1) / RAMP, (samples - index) / RAMP) * wave(index / RATE));
}

/** ITU-T V.8: 2100 Hz, 20 % amplitude modulation of 15 Hz, the phase turned by 180 degrees every 450 ms. */
export function ansam(seconds: number, amplitude: number, hz = 2100): Int16Array {
  return shaped(Math.round(seconds * RATE), amplitude, (time) =>
    (Math.floor(time / 0.45) % 2 === 0 ? 1 : -1) * (1 + 0.2 * Math.sin(2 * Math.PI * 15 * time)) / 1.2 * Math.sin(2 * Math.PI * hz * time));
}

/** ITU-T T.30 preamble: HDLC flags (01111110) at 300 bit/s in V.21 channel 2 (1 is 1650 Hz, 0 is 1850 Hz), phase continuous. */
export function v21Preamble(seconds: number, amplitude: number, offsetHz = 0): Int16Array {
  const FLAG = [0, 1, 1, 1, 1, 1, 1, 0];
  let phase = 0;
  return Int16Array.from({ length: Math.round(seconds * RATE) }, (_, index) => {
    const bit = FLAG[Math.floor((index * 300) / RATE) % 8]!;
    phase += (2 * Math.PI * ((bit === 1 ? 1650 : 1850) + offsetHz)) / RATE;
    return amplitude * Math.sin(phase);
  });
}

const between = (random: () => number, low: number, high: number): number => low + (high - low) * random();

/**
 * Draws a tone as networks, facsimile machines and voicemails send them, within the tolerance of its standard: SIT by ITU-T E.180
 * (gaps up to 30 ms), CNG and CED by T.30, ANSam by V.8; beeps of 400-2100 Hz and 0.1-1.2 s. `lead` precedes it.
 */
export function drawTone(kind: ToneSampleKind, random: () => number, amplitude: number, lead: Int16Array): ToneSample {
  const startMs = lead.length / 8;
  const of = (body: Int16Array, name: string, thirdMs = 0, tail = silence(0.6)): ToneSample =>
    ({ kind, pcm: joined(lead, body, tail), startMs, endMs: startMs + body.length / 8, thirdMs, name });
  switch (kind) {
    case 'sit': {
      const gap = silence(random() < 0.5 ? 0 : 0.03 * random());
      const itu = random() < 0.6;
      const hz = itu
        ? [between(random, 900, 1000), between(random, 1350, 1450), between(random, 1750, 1850)]
        : [random() < 0.5 ? 913.8 : 985.2, random() < 0.5 ? 1370.6 : 1428.5, 1776.7];
      const seconds = hz.map((_, index) => (itu ? between(random, 0.26, 0.4) : index < 2 && random() < 0.5 ? 0.274 : 0.38));
      const parts = hz.map((each, index) => tones([{ hz: [each], seconds: seconds[index]! }], amplitude));
      const body = joined(parts[0]!, gap, parts[1]!, gap, parts[2]!);
      return of(body, hz.map((each) => each.toFixed(0)).join('/'), startMs + (body.length - parts[2]!.length) / 8);
    }
    case 'cng': {
      const burst = tones([{ hz: [between(random, 1062, 1138)], seconds: between(random, 0.425, 0.575) }], amplitude);
      return of(burst, 'CNG');
    }
    case 'ced': return of(tones([{ hz: [between(random, 2085, 2115)], seconds: between(random, 2.6, 4) }], amplitude), 'CED');
    case 'ansam': return of(ansam(between(random, 2.6, 4), amplitude, between(random, 2099, 2101)), 'ANSam');
    case 'v21': return of(v21Preamble(between(random, 0.85, 1.15), amplitude, between(random, -6, 6)), 'V.21 preamble');
    case 'beep': {
      const hz = beepHz(random);
      const seconds = between(random, 0.1, 1.2);
      return of(tones([{ hz: [hz], seconds }], amplitude), `${hz.toFixed(0)} Hz ${seconds.toFixed(2)} s`);
    }
    case 'dual_beep': {
      let hz: number;
      let second: number;
      do {
        hz = between(random, 500, 1300);
        second = hz * between(random, 1.25, 2);
        // A key of a telephone (ITU-T Q.23) is no beep.
      } while (hz < 960 && second > 1180 && second < 1670);
      const seconds = between(random, 0.15, 1);
      return of(tones([{ hz: [hz, second], seconds }], amplitude), `${hz.toFixed(0)} + ${second.toFixed(0)} Hz ${seconds.toFixed(2)} s`);
    }
    case 'step_beep': {
      const first = between(random, 430, 1000);
      const steps = random() < 0.5 ? [first, 2 * first] : [2 * first, first];
      const seconds = between(random, 0.1, 0.25);
      return of(tones(steps.map((hz) => ({ hz: [hz], seconds })), amplitude), `${steps.map((hz) => hz.toFixed(0)).join(' then ')} Hz`);
    }
  }
}

/** Anything a voicemail may beep at but 400, 420 and 425 Hz +-14, where networks' ringback and busy tones are. */
function beepHz(random: () => number): number {
  for (;;) {
    const hz = between(random, 385, 2060);
    if (hz < 385.5 || hz > 439.5) return hz;
  }
}
