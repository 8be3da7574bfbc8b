import { PUBLIC_SAMPLE_RATE } from '../public-port.ts';

/** One component of a sound: a frequency for a time; 0 Hz is silence. Up to three frequencies sound together. */
export interface ToneStep {
  readonly hz: readonly number[];
  readonly ms: number;
}

const PEAK = 8000;
const EDGE_SAMPLES = 24;

/**
 * Renders steps one after the other, with 3 ms edges around silence only: tone follows tone without a break in phase, as a modem
 * sends it. Peak -12 dBFS.
 */
export function renderTones(steps: readonly ToneStep[]): Int16Array {
  const ends: number[] = [];
  let totalMs = 0;
  for (const step of steps) ends.push(Math.round(((totalMs += step.ms) * PUBLIC_SAMPLE_RATE) / 1000));
  const samples = new Int16Array(ends.at(-1) ?? 0);
  const phases = [0, 0, 0];
  let from = 0;
  steps.forEach((step, index) => {
    const to = ends[index]!;
    const fadeIn = (steps[index - 1]?.hz.length ?? 0) === 0;
    const fadeOut = (steps[index + 1]?.hz.length ?? 0) === 0;
    for (let i = from; i < to; i++) {
      const edge = Math.min(1, fadeIn ? (i - from + 1) / EDGE_SAMPLES : 1, fadeOut ? (to - i) / EDGE_SAMPLES : 1);
      let value = 0;
      step.hz.forEach((hz, tone) => {
        value += Math.sin(phases[tone]!);
        phases[tone] = phases[tone]! + (2 * Math.PI * hz) / PUBLIC_SAMPLE_RATE;
      });
      samples[i] = Math.round((PEAK * edge * value) / Math.max(1, step.hz.length));
    }
    from = to;
  });
  return samples;
}

/** Special information tone: three rising tones (ITU-T E.180/Q.35); `northAmerican` has the lower first tone of Bell's plan. */
export function specialInformationTone(northAmerican: boolean): readonly ToneStep[] {
  return northAmerican
    ? [{ hz: [913.8], ms: 274 }, { hz: [1370.6], ms: 274 }, { hz: [1776.7], ms: 380 }]
    : [{ hz: [950], ms: 330 }, { hz: [1400], ms: 330 }, { hz: [1800], ms: 330 }];
}

/** What a fax that is called sends: CED 2100 Hz (ITU-T T.30), then the flags of V.21 as alternating 1650/1850 Hz at 300 Bd. */
export function faxAnswer(cedMs: number): readonly ToneStep[] {
  const flag: ToneStep[] = [];
  for (let bit = 0; bit < 300; bit++) flag.push({ hz: [bit % 8 === 0 || bit % 8 === 7 ? 1850 : 1650], ms: 1000 / 300 });
  return [{ hz: [2100], ms: cedMs }, { hz: [], ms: 75 }, ...flag];
}

/** What a fax that calls sends: CNG 1100 Hz, 0.5 s on, 3 s off (ITU-T T.30). */
export function faxCalling(times: number): readonly ToneStep[] {
  return Array.from({ length: times }, () => [{ hz: [1100], ms: 500 }, { hz: [], ms: 3000 }]).flat();
}

/** Ringback of 425 Hz, 0.8 s on, 3.2 s off, as heard in Ukraine and Russia. */
export function ringback(times: number): readonly ToneStep[] {
  return Array.from({ length: times }, () => [{ hz: [425], ms: 800 }, { hz: [], ms: 3200 }]).flat();
}
