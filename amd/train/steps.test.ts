import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { CallBuilder } from '../corpus/calls.ts';
import { readClips } from '../corpus/clips.ts';
import { seededRandom } from '../corpus/signals.ts';
import { FEATURE_COUNT } from '../voice/features.ts';
import { HEARD_SIZE, stepsOf, type CallSteps } from './steps.ts';

const HOP_SAMPLES = 80;
let calls: CallSteps[];

beforeAll(async () => {
  const builder = new CallBuilder(await readClips(fileURLToPath(new URL('../fixtures', import.meta.url))), { maxSeconds: 8 });
  calls = (['human_long', 'machine', 'announcement', 'human_twice'] as const).map((kind, index) => stepsOf(builder.build(kind, seededRandom(20 + index)), 0, 8000));
});

/** Pearson's. */
function correlation(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  let both = 0, ofX = 0, ofY = 0;
  x.forEach((value, index) => {
    both += (value - meanX) * (y[index]! - meanY);
    ofX += (value - meanX) ** 2;
    ofY += (y[index]! - meanY) ** 2;
  });
  return both / Math.sqrt(ofX * ofY);
}

describe('the steps of a call', () => {
  test('each has its features, its time and the frames heard by then', () => {
    for (const { features, elapsedMs, framesHeard, heard } of calls) {
      expect(elapsedMs.length).toBeGreaterThan(10);
      expect(features).toHaveLength(elapsedMs.length * FEATURE_COUNT);
      // The last is where time is up.
      const passed = elapsedMs.slice(1).map((ms, step) => ms - elapsedMs[step]!);
      expect(new Set(passed.slice(0, -1))).toEqual(new Set([100]));
      expect(framesHeard.slice(1).map((frames, step) => 10 * (frames - framesHeard[step]!))).toEqual(passed);
      expect(framesHeard.at(-1)).toBeLessThanOrEqual(heard.length / HEARD_SIZE);
    }
  });

  test('the audio that the teacher hears is that of the frames the net hears: a frame sees 32 ms that end with its hop', () => {
    for (const { audio, heard } of calls) {
      const frames = Math.floor(audio.length / HOP_SAMPLES);
      const ofHops = Array.from({ length: frames }, (_, frame) => Math.log(1 + audio.subarray(frame * HOP_SAMPLES, (frame + 1) * HOP_SAMPLES).reduce((sum, sample) => sum + sample * sample, 0)));
      const ofFrames = Array.from({ length: frames }, (_, frame) => heard.subarray(frame * HEARD_SIZE, (frame + 1) * HEARD_SIZE - 1).reduce((loudest, band) => Math.max(loudest, band), 0));
      const lags = Array.from({ length: 21 }, (_, index) => index - 10);
      const found = lags.map((lag) => correlation(ofFrames.slice(10, frames - 10), ofHops.slice(10 - lag, frames - 10 - lag)));
      expect(Math.max(...found)).toBeGreaterThan(0.95);
      // The window's middle lies in the hop before.
      expect(lags[found.indexOf(Math.max(...found))]).toBe(1);
    }
  });
});
