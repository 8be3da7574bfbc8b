import { expect, test } from 'vitest';
import { seededRandom } from '../corpus/signals.ts';
import { INPUTS, VoiceEar, type VoiceNetWeights } from '../decision/voice-net.ts';
import { trainVoiceNet, type VoiceExample } from './voice-net-training.ts';

/** Voices that differ in how their bands move, not in their means: persons' shake from frame to frame, recordings' glide. */
function voices(count: number, seed: number): VoiceExample[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const human = index % 2 === 0;
    const shapes = new Uint8Array((60 + Math.floor(60 * random())) * INPUTS);
    for (let at = 0; at < shapes.length; at++) {
      const frame = Math.floor(at / INPUTS);
      shapes[at] = 50 + (human ? 60 * (random() - 0.5) : 30 * Math.sin(frame / 6 + at));
    }
    return { shapes, human, weight: 1 };
  });
}

function logOdds(weights: VoiceNetWeights, { shapes }: VoiceExample): number {
  const ear = new VoiceEar(weights);
  for (let at = 0; at < shapes.length; at += INPUTS) ear.hear(shapes.subarray(at, at + INPUTS));
  return ear.logOdds;
}

test('learns what tells the voices, and the ear that is run says it of voices that it did not learn from', () => {
  const weights = trainVoiceNet(voices(160, 1), { epochs: 6, rate: 0.005, seed: 1 });
  const fresh = voices(60, 2);
  expect(fresh.filter((example) => logOdds(weights, example) > 0 === example.human).length).toBeGreaterThan(54);
});

test('the same voices and seed give the same weights', () => {
  const options = { epochs: 1, rate: 0.005, seed: 1 };
  expect(trainVoiceNet(voices(40, 3), options)).toEqual(trainVoiceNet(voices(40, 3), options));
});

test('too little voice says nothing', () => {
  const weights = trainVoiceNet(voices(40, 3), { epochs: 1, rate: 0.005, seed: 1 });
  const [example] = voices(1, 4);
  expect(logOdds(weights, { ...example!, shapes: example!.shapes.subarray(0, 8 * INPUTS) })).toBe(0);
});
