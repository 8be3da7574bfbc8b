import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { seededRandom } from '../corpus/signals.ts';
import { VOICE_BANDS } from '../voice/voice-bands.ts';
import { FIRST, FOUND, MOMENT_FRAMES, MOMENT_LOOKAHEAD, SECOND, silentNet, VoiceEar, VoiceNet, type VoiceNetFile } from './voice-net.ts';

function drawnNet(seed: number): VoiceNetFile {
  const random = seededRandom(seed);
  return Object.fromEntries(Object.entries(silentNet()).map(([name, values]) => [name, values.map(() => Math.fround(0.4 * random() - 0.2))])) as VoiceNetFile;
}

interface Heard {
  bands: Uint8Array;
  voice: boolean;
}

/** Words and pauses. */
function drawnCall(frames: number, seed: number, quietFrames = 0): Heard[] {
  const random = seededRandom(seed);
  let voice = false;
  return Array.from({ length: frames }, (_, frame) => {
    if (frame === quietFrames || (frame > quietFrames && random() < 0.05)) voice = !voice;
    return { voice, bands: Uint8Array.from({ length: VOICE_BANDS }, () => (voice ? 100 : 20) + 120 * random()) };
  });
}

function logOdds(net: VoiceNet, call: readonly Heard[]): number {
  const ear = new VoiceEar(net);
  for (const { bands, voice } of call) ear.hear(bands, 0, voice);
  return ear.logOdds;
}

/** The net as a paper would write it: three convolutions over the whole call, means and deviations of the moments with voice. */
function written(net: VoiceNetFile, call: readonly Heard[]): number {
  let loudest = 0;
  const inputs = call.map(({ bands }) => {
    loudest = Math.max(loudest, ...bands);
    return Array.from(bands, (byte) => Math.max(-1, 1 - (loudest - byte) / 80));
  });
  const convolved = (rows: number[][], weights: number[], bias: number[], taps: number, stride: number, before: number, positive: boolean): number[][] => {
    const width = rows[0]!.length;
    const outputs: number[][] = [];
    for (let start = -1; start + taps <= rows.length; start += stride) {
      outputs.push(bias.map((from, channel) => {
        let sum = from;
        for (let tap = 0; tap < taps; tap++) for (let input = 0; input < width; input++) sum += weights[(channel * taps + tap) * width + input]! * (rows[start + tap]?.[input] ?? before);
        return positive ? Math.max(0, sum) : sum;
      }));
    }
    return outputs;
  };
  const first = convolved(inputs, net.first, net.firstBias, 5, 2, -1, true);
  const second = convolved(first, net.second, net.secondBias, 3, 2, 0, true);
  const moments = convolved(second, net.third, net.thirdBias, 3, 1, 0, false)
    .filter((_, moment) => MOMENT_FRAMES * moment + MOMENT_LOOKAHEAD < call.length && call.slice(MOMENT_FRAMES * moment, MOMENT_FRAMES * (moment + 1)).some(({ voice }) => voice));
  let sum = net.headBias[0]!;
  for (let channel = 0; channel < FOUND; channel++) {
    const values = moments.map((found) => found[channel]!);
    const mean = values.reduce((so, value) => so + value, 0) / values.length;
    const variance = values.reduce((so, value) => so + (value - mean) ** 2, 0) / values.length;
    sum += net.head[channel]! * mean + net.head[FOUND + channel]! * Math.sqrt(variance + 1e-4);
  }
  return sum;
}

test.each([1, 2, 3])('a call heard frame by frame gives what the written net gives of the whole (%i)', (seed) => {
  const file = drawnNet(seed);
  const net = new VoiceNet(file);
  for (const frames of [40, 90, 240]) {
    const call = drawnCall(frames, 10 * seed + frames);
    expect(logOdds(net, call)).toBeCloseTo(written(file, call), 3);
  }
});

test.each([4, 8, 12, 70])('nor does it matter when the first voice comes (frame %i)', (quiet) => {
  const file = drawnNet(11);
  const call = drawnCall(160, quiet, quiet);
  expect(logOdds(new VoiceNet(file), call)).toBeCloseTo(written(file, call), 3);
});

test('calls that are heard at the same time do not disturb one another', () => {
  const net = new VoiceNet(drawnNet(4));
  const calls = [drawnCall(150, 5), drawnCall(150, 6)];
  const ears = calls.map(() => new VoiceEar(net));
  for (let frame = 0; frame < 150; frame++) ears.forEach((ear, index) => ear.hear(calls[index]![frame]!.bands, 0, calls[index]![frame]!.voice));
  expect(ears.map((ear) => ear.logOdds)).toEqual(calls.map((call) => logOdds(net, call)));
});

test('how loud the line is says nothing', () => {
  const net = new VoiceNet(drawnNet(7));
  const call = drawnCall(120, 8);
  const quieter = call.map(({ bands, voice }) => ({ bands: bands.map((byte) => byte - 20), voice }));
  expect(logOdds(net, quieter)).toBeCloseTo(logOdds(net, call), 6);
});

test('nothing is said until a moment of voice has been heard', () => {
  const net = new VoiceNet(drawnNet(9));
  const voice = { bands: new Uint8Array(VOICE_BANDS).fill(200), voice: true };
  expect(logOdds(net, new Array<Heard>(MOMENT_LOOKAHEAD).fill(voice))).toBe(0);
  expect(logOdds(net, new Array<Heard>(100).fill({ ...voice, voice: false }))).toBe(0);
  expect(logOdds(net, new Array<Heard>(MOMENT_LOOKAHEAD + 1).fill(voice))).not.toBe(0);
});

test('sizes are those that the training has', () => {
  const text = readFileSync(new URL('../train/voice_net.py', import.meta.url), 'utf8');
  const numbers = (names: string): number[] => new RegExp(`^${names} = ([\\d, ]+)$`, 'm').exec(text)?.[1]?.split(', ').map(Number) ?? [];
  expect(numbers('BANDS, FRAMES, MOMENT')).toEqual([VOICE_BANDS, expect.any(Number), MOMENT_FRAMES]);
  expect(numbers('FIRST, SECOND')).toEqual([FIRST, SECOND]);
  expect(/CHANNELS = \[([\d,\s]+)\]/.exec(text)?.[1]?.match(/\d+/g)).toHaveLength(FOUND);
});
