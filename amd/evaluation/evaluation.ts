import type { ForcedFigures, ReliabilityBin } from './forced.ts';
import type { FalseTones } from './false-tones.ts';
import type { Share } from './interval.ts';
import type { SystemFigures } from './system-figures.ts';

/** What calls built from clips are. */
export const SIMULATED = 'simulated channel, proxy languages';
/** What recorded calls are. */
export const RECORDED = 'recorded calls, as labelled: what was said and over what line is not known';

export interface BeepFigures {
  /** Calls with a beep that was still listened for when it came. */
  expected: number;
  found: number;
  /** Beeps told where none was within 300 ms, and the audio listened to for them. */
  falseBeeps: number;
  hours: number;
  recall: Share;
  /** Of the beeps told, those that were one. */
  precision: Share;
  endErrorP50Ms: number;
  endErrorP95Ms: number;
}

export interface Evaluation {
  /** What the audio is, to be said beside every figure. */
  of: string;
  /** How many were heard; `stopped`: before all were. */
  calls: number;
  stopped: boolean;
  latestDecisionMs: number;
  lostHumanCost: number;
  country: string | null;
  systems: SystemFigures[];
  beeps: BeepFigures;
  falseTones: FalseTones;
  forced: ForcedFigures[];
  reliability: ReliabilityBin[];
  text: string;
}
