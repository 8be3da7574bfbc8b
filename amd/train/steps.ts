import type { LabelledCall } from '../corpus/calls.ts';
import { createDetector } from '../detector.ts';
import { NEVER_STOPS } from '../decision/stopping-policy.ts';
import type { HumanModel } from '../decision/tree-model.ts';
import { FEATURE_COUNT, FEATURE_NAMES } from '../voice/features.ts';
import { VOICE_BANDS } from '../voice/voice-bands.ts';

/** Bytes of a frame as the net hears it: its bands, and 1 if there is voice in it. */
export const HEARD_SIZE = VOICE_BANDS + 1;
/** So much of the audio is kept: what the net is taught by. */
const KEPT_FRAMES = 560;

/** One call as the model sees it: what is measured at each 100 ms step after the onset of speech, and its frames from shortly before it on. */
export interface CallSteps {
  call: Omit<LabelledCall, 'pcm'>;
  fold: number;
  /** Row-major, FEATURE_COUNT a step; `voiceNet` is yet to be filled in. */
  features: Float32Array;
  elapsedMs: number[];
  silenceMs: number[];
  /** Frames heard by each step. */
  framesHeard: number[];
  /** HEARD_SIZE bytes a frame. */
  heard: Uint8Array;
  /** The audio of the first frames; empty if nobody spoke. */
  audio: Int16Array;
  /** Something other than the voice (a tone) said what it is, after the last step. */
  decidedByTone: boolean;
}

const HOP_SAMPLES = 80;
const SILENCE = FEATURE_NAMES.indexOf('silenceS');

/** Runs the detector itself over the call with a model that only writes down what it is asked. */
export function stepsOf({ pcm, ...call }: LabelledCall, fold: number, latestDecisionMs: number): CallSteps {
  const rows: Float64Array[] = [];
  const elapsedMs: number[] = [];
  const framesHeard: number[] = [];
  let frames: Uint8Array[] = [];
  let firstHop = 0;
  let hop = 0;
  const recorder: HumanModel = {
    policy: NEVER_STOPS,
    ear() {
      // The speech began anew: what was taken for one before was a tone.
      frames = [];
      rows.length = 0;
      elapsedMs.length = 0;
      framesHeard.length = 0;
      return {
        logOdds: 0,
        hear(bands, at, voice) {
          frames.push(Uint8Array.of(...bands.subarray(at, at + VOICE_BANDS), voice ? 1 : 0));
          // Those from before the onset come all at once; the last is this hop's.
          firstHop = hop + 1 - frames.length;
        },
      };
    },
    humanProbability(features, ms) {
      rows.push(Float64Array.from(features));
      elapsedMs.push(ms);
      framesHeard.push(frames.length);
      return 0.5;
    },
  };
  const detector = createDetector({ sampleRate: 8000, latestDecisionMs, model: recorder });
  let first = detector.next();
  // After its verdict the detector may still ask; nothing is decided by the answers.
  for (; first === null && hop * HOP_SAMPLES < pcm.length; hop++) {
    detector.push(pcm.subarray(hop * HOP_SAMPLES, (hop + 1) * HOP_SAMPLES));
    first = detector.next();
  }
  const features = new Float32Array(rows.length * FEATURE_COUNT);
  rows.forEach((row, index) => features.set(row, index * FEATURE_COUNT));
  const heard = new Uint8Array(frames.length * HEARD_SIZE);
  frames.forEach((frame, index) => heard.set(frame, index * HEARD_SIZE));
  const audio = pcm.slice(firstHop * HOP_SAMPLES, (firstHop + Math.min(frames.length, KEPT_FRAMES)) * HOP_SAMPLES);
  return {
    call, fold, features, elapsedMs, silenceMs: rows.map((row) => Math.round(1000 * row[SILENCE]!)), framesHeard, heard, audio,
    decidedByTone: first?.type === 'verdict' && first.audioMs < latestDecisionMs,
  };
}
