import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { Frame } from '../audio/frame.ts';
import { WINDOW_SAMPLES } from '../audio/spectrum.ts';
import { VOICE_BANDS, writeVoiceBands } from '../voice/voice-bands.ts';
import { boost, type Forest, type Rows } from '../train/boost.ts';
import { CallBuilder, type LabelledCall } from './calls.ts';
import { readClips } from './clips.ts';
import { seededRandom } from './signals.ts';

/** What lies before the speech: 300 ms, of which the last 30 are already the clip's own margin. */
const BEFORE_MS = 300;
const INTO_CLIP_MS = 30;
const WINDOWS = 8;
const FEATURES = WINDOWS * (VOICE_BANDS + 1);
const PERSONS = ['human_short', 'human_twice', 'human_long'] as const;
const RECORDINGS = ['machine', 'machine_hello', 'announcement_short', 'announcement'] as const;

/** Level, and bands as the ear hears them, of eight windows over the stretch. */
function heardBefore({ pcm, bodyStartMs }: LabelledCall): Float64Array {
  const frame = new Frame();
  const from = 8 * (bodyStartMs + INTO_CLIP_MS - BEFORE_MS);
  const step = (8 * BEFORE_MS - WINDOW_SAMPLES) / (WINDOWS - 1);
  const out = new Float64Array(FEATURES);
  const bands = new Uint8Array(VOICE_BANDS);
  for (let window = 0; window < WINDOWS; window++) {
    const at = Math.round(from + window * step);
    frame.measure(pcm.subarray(at, at + WINDOW_SAMPLES));
    writeVoiceBands(bands, 0);
    out.set([frame.levelDb, ...bands], window * (VOICE_BANDS + 1));
  }
  return out;
}

interface Example {
  voice: string;
  human: boolean;
  features: Float64Array;
}

function rowsOf(examples: readonly Example[]): Rows {
  const rows: Rows = { count: examples.length, features: FEATURES, x: new Float64Array(examples.length * FEATURES), y: new Uint8Array(examples.length), weight: new Float64Array(examples.length).fill(1) };
  examples.forEach(({ human, features }, row) => {
    rows.x.set(features, row * FEATURES);
    rows.y[row] = human ? 1 : 0;
  });
  return rows;
}

function score(forest: Forest, features: Float64Array): number {
  return forest.roots.reduce((sum, root) => {
    let node = root;
    while (forest.feature[node]! >= 0) node = forest.left[node]! + (features[forest.feature[node]!]! <= forest.threshold[node]! ? 0 : 1);
    return sum + forest.value[node]!;
  }, 0);
}

/** Share of right guesses on voices that were not learnt from, each half of the voices judged by the other. */
function rightShare(examples: readonly Example[]): number {
  const voices = [...new Set(examples.map(({ voice }) => voice))].sort();
  const half = (example: Example): boolean => voices.indexOf(example.voice) % 2 === 0;
  let right = 0;
  for (const side of [true, false]) {
    const forest = boost(rowsOf(examples.filter((example) => half(example) !== side)), { trees: 40, depth: 3, rate: 0.15, minLeafWeight: 4, ridge: 2 });
    for (const example of examples.filter((each) => half(each) === side)) if (score(forest, example.features) > 0 === example.human) right++;
  }
  return right / examples.length;
}

let calls: LabelledCall[];
beforeAll(async () => {
  const builder = new CallBuilder(await readClips(fileURLToPath(new URL('../fixtures', import.meta.url))), { maxSeconds: 3 });
  const random = seededRandom(77);
  const long = ({ bodyStartMs }: LabelledCall): boolean => bodyStartMs >= BEFORE_MS;
  calls = [...PERSONS, ...RECORDINGS].flatMap((kind) => Array.from({ length: PERSONS.includes(kind as 'human_short') ? 200 : 150 }, () => builder.build(kind, random)).filter(long));
}, 120_000);

const examplesOf = (change: (call: LabelledCall) => LabelledCall = (call) => call): Example[] =>
  calls.map((call) => ({ voice: call.voice, human: call.truth === 'human', features: heardBefore(change(call)) }));

describe('the 300 ms before the speech', () => {
  test('tell nothing of who will speak: a classifier given only them does no better than chance', () => {
    expect(calls.length).toBeGreaterThan(500);
    // Three standard errors over a coin's.
    expect(rightShare(examplesOf())).toBeLessThan(0.5 + 3 * Math.sqrt(0.25 / calls.length));
  });

  // The same classifier is not deaf: what it is to guard against it would hear.
  test('would tell, if only persons\' lines had a noise floor', () => {
    const leaking = examplesOf((call) => (call.truth === 'human' ? call : { ...call, pcm: call.pcm.map((value) => value >> 2) }));
    expect(rightShare(leaking)).toBeGreaterThan(0.6);
  });
});
