import type { LabelledCall } from '../corpus/calls.ts';
import { createDetector } from '../detector.ts';
import { NEVER_STOPS } from '../decision/stopping-policy.ts';
import type { HumanModel } from '../decision/tree-model.ts';
import { FEATURE_COUNT, FEATURE_NAMES } from '../voice/features.ts';
import { SHAPE_SIZE } from '../voice/voice-shape.ts';

/** One call as the model sees it: what is measured at each 100 ms step after the onset of speech, and its frames of voice. */
export interface CallSteps {
  call: Omit<LabelledCall, 'pcm'>;
  fold: number;
  /** Row-major, FEATURE_COUNT a step; `voiceNet` is yet to be filled in. */
  features: Float32Array;
  elapsedMs: number[];
  silenceMs: number[];
  /** Frames of voice heard by each step. */
  framesHeard: number[];
  /** SHAPE_SIZE bytes a frame of voice. */
  shapes: Uint8Array;
  /** Something other than the voice (a tone) said what it is, after the last step. */
  decidedByTone: boolean;
}

const SILENCE = FEATURE_NAMES.indexOf('silenceS');

/** Runs the detector itself over the call with a model that only writes down what it is asked. */
export function stepsOf({ pcm, ...call }: LabelledCall, fold: number, latestDecisionMs: number): CallSteps {
  const rows: Float64Array[] = [];
  const elapsedMs: number[] = [];
  const framesHeard: number[] = [];
  let frames: Uint8Array[] = [];
  const recorder: HumanModel = {
    policy: NEVER_STOPS,
    ear() {
      // The speech began anew: what was taken for one before was a tone.
      frames = [];
      rows.length = 0;
      elapsedMs.length = 0;
      framesHeard.length = 0;
      return { logOdds: 0, hear: (shape) => void frames.push(Uint8Array.from(shape)) };
    },
    humanProbability(features, ms) {
      rows.push(Float64Array.from(features));
      elapsedMs.push(ms);
      framesHeard.push(frames.length);
      return 0.5;
    },
  };
  const detector = createDetector({ sampleRate: 8000, latestDecisionMs, model: recorder });
  detector.push(pcm);
  const first = detector.next();
  const features = new Float32Array(rows.length * FEATURE_COUNT);
  rows.forEach((row, index) => features.set(row, index * FEATURE_COUNT));
  const shapes = new Uint8Array(frames.length * SHAPE_SIZE);
  frames.forEach((shape, index) => shapes.set(shape, index * SHAPE_SIZE));
  return {
    call, fold, features, elapsedMs, silenceMs: rows.map((row) => Math.round(1000 * row[SILENCE]!)), framesHeard, shapes,
    decidedByTone: first?.type === 'verdict' && first.audioMs < latestDecisionMs,
  };
}
