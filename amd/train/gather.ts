import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../core/whole-file.ts';
import { CallBuilder } from '../corpus/calls.ts';
import type { Clip } from '../corpus/clips.ts';
import { foldOf, inSplit } from '../corpus/split.ts';
import { FEATURE_COUNT } from '../voice/features.ts';
import { HEARD_SIZE, stepsOf, type CallSteps } from './steps.ts';

/** A set of calls of the training voices. */
export interface CallSet {
  /** Of its files in the cache. */
  name: string;
  firstSeed: number;
  /** Voices are played up to so much faster or slower, which changes pitch and timbre. */
  stretch: number;
  /** Timbres are tilted by up to so much, as by another microphone. */
  tilt: number;
  /** Whether the audio is kept as well: what the teacher hears. */
  taught: boolean;
}
/** What is learnt from: there are few studio voices, so that they are made into more. */
export const BENT_CALLS: CallSet = { name: 'calls', firstSeed: 11, stretch: 0.16, tilt: 0.25, taught: true };
/** What limits are chosen on: voices as they are, for those that are played faster are harder to tell. */
export const PLAIN_CALLS: CallSet = { name: 'plain', firstSeed: 511, stretch: 0, tilt: 0, taught: false };
/** Longer than any decision takes. */
const CALL_SECONDS = 8.2;
const TRAINING_DECISION_MS = 8000;
const CHUNK_CALLS = 1000;

/** A call without its audio. */
export type GatheredCall = Omit<CallSteps, 'audio'>;

/**
 * Builds some `count` calls of a set (whole thousands, fax left out) and what the detector measures of them, a thousand at a time; what is in folder `cache` (there, holdToTraining) already is read
 * from there. The audio of what is taught stays there, for voice_net.py. `say` is told of each thousand.
 */
export async function gather(set: CallSet, clips: () => Promise<Clip[]>, count: number, cache: string, say: (line: string) => void): Promise<GatheredCall[]> {
  let builder: CallBuilder | undefined;
  const gathered: GatheredCall[] = [];
  for (let chunk = 0; chunk * CHUNK_CALLS < count; chunk++) {
    const name = join(cache, `${set.name}-${chunk}`);
    if (existsSync(`${name}.json`)) {
      gathered.push(...await readChunk(name));
      continue;
    }
    builder ??= trainingBuilder(await clips(), set);
    const calls = buildChunk(builder, set.firstSeed + chunk);
    await writeChunk(name, calls, set.taught);
    gathered.push(...calls.map(({ audio: _, ...call }) => call));
    say(`${gathered.length} calls built (${set.name})`);
  }
  return gathered;
}

function trainingBuilder(clips: readonly Clip[], { stretch, tilt }: CallSet): CallBuilder {
  return new CallBuilder(clips.filter((clip) => inSplit(clip, 'train')), { stretch, tilt, maxSeconds: CALL_SECONDS });
}

/** The calls of one thousand. */
function buildChunk(builder: CallBuilder, seed: number): CallSteps[] {
  const calls: CallSteps[] = [];
  for (const call of builder.calls(CHUNK_CALLS, seed)) {
    if (call.truth !== 'fax') calls.push(stepsOf(call, foldOf(call.voice, calls.length), TRAINING_DECISION_MS));
  }
  return calls;
}

async function writeChunk(name: string, calls: readonly CallSteps[], withAudio: boolean): Promise<void> {
  await writeFile(`${name}.f32`, Buffer.concat(calls.map(({ features }) => Buffer.from(features.buffer))));
  await writeFile(`${name}.u8`, Buffer.concat(calls.map(({ heard }) => heard)));
  if (withAudio) await writeFile(`${name}.i16`, Buffer.concat(calls.map(({ audio }) => Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength))));
  // Last: a chunk with it is whole.
  await writeWhole(`${name}.json`, JSON.stringify({ calls: calls.map(({ features: _, heard, audio, ...rest }) => ({ ...rest, frames: heard.length / HEARD_SIZE, samples: audio.length })) }));
}

async function readChunk(name: string): Promise<GatheredCall[]> {
  // Written by writeChunk, for this training (training-stamp.ts).
  const { calls } = JSON.parse(await readFile(`${name}.json`, 'utf8')) as { calls: (Omit<CallSteps, 'features' | 'heard' | 'audio'> & { frames: number; samples: number })[] };
  const bytes = await readFile(`${name}.f32`);
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const heard = Uint8Array.from(await readFile(`${name}.u8`));
  let row = 0;
  let frame = 0;
  return calls.map(({ frames, samples: _, ...call }) => {
    const fromRow = row;
    const fromFrame = frame;
    row += call.elapsedMs.length;
    frame += frames;
    return { ...call, features: all.subarray(fromRow * FEATURE_COUNT, row * FEATURE_COUNT), heard: heard.subarray(fromFrame * HEARD_SIZE, frame * HEARD_SIZE) };
  });
}
