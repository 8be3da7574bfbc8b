import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CallBuilder } from '../corpus/calls.ts';
import type { Clip } from '../corpus/clips.ts';
import { foldOf, inSplit } from '../corpus/split.ts';
import { FEATURE_COUNT, FEATURE_NAMES } from '../voice/features.ts';
import { HEARD_SIZE, stepsOf, type CallSteps } from './steps.ts';

/** Voices are played up to so much faster or slower, which changes pitch and timbre: there are few studio voices to learn from. */
export const VOICE_STRETCH = 0.16;
/** Timbres are tilted by up to so much, as by another microphone. */
export const VOICE_TILT = 0.25;
/** Longer than any decision takes. */
const CALL_SECONDS = 8.2;
const TRAINING_DECISION_MS = 8000;
const CHUNK_CALLS = 1000;
const FIRST_SEED = 11;

/** A call without its audio. */
export type GatheredCall = Omit<CallSteps, 'audio'>;

/**
 * Builds `count` calls of the training voices and what the detector measures of them, a thousand at a time; what is in folder `cache` already is read
 * from there. The audio stays there, for voice_net.py. `say` is told of each thousand.
 */
export async function gather(clips: () => Promise<Clip[]>, count: number, cache: string, say: (line: string) => void): Promise<GatheredCall[]> {
  await mkdir(cache, { recursive: true });
  let builder: CallBuilder | undefined;
  const gathered: GatheredCall[] = [];
  for (let chunk = 0; chunk * CHUNK_CALLS < count; chunk++) {
    const name = join(cache, `calls-${chunk}`);
    if (existsSync(`${name}.json`)) {
      gathered.push(...await readChunk(name));
      continue;
    }
    builder ??= trainingBuilder(await clips());
    const calls = buildChunk(builder, chunk);
    await writeChunk(name, calls);
    gathered.push(...calls.map(({ audio: _, ...call }) => call));
    say(`${gathered.length} calls built`);
  }
  return gathered;
}

function trainingBuilder(clips: readonly Clip[]): CallBuilder {
  return new CallBuilder(clips.filter((clip) => inSplit(clip, 'train')), { stretch: VOICE_STRETCH, tilt: VOICE_TILT, maxSeconds: CALL_SECONDS });
}

/** The calls of one thousand; each has its own seed. */
function buildChunk(builder: CallBuilder, chunk: number): CallSteps[] {
  const calls: CallSteps[] = [];
  for (const call of builder.calls(CHUNK_CALLS, FIRST_SEED + chunk)) {
    if (call.truth !== 'fax') calls.push(stepsOf(call, foldOf(call.voice, calls.length), TRAINING_DECISION_MS));
  }
  return calls;
}

async function writeChunk(name: string, calls: readonly CallSteps[]): Promise<void> {
  await writeFile(`${name}.f32`, Buffer.concat(calls.map(({ features }) => Buffer.from(features.buffer))));
  await writeFile(`${name}.u8`, Buffer.concat(calls.map(({ heard }) => heard)));
  await writeFile(`${name}.i16`, Buffer.concat(calls.map(({ audio }) => Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength))));
  await writeFile(`${name}.json`, JSON.stringify({ features: FEATURE_NAMES, calls: calls.map(({ features: _, heard, audio, ...rest }) => ({ ...rest, frames: heard.length / HEARD_SIZE, samples: audio.length })) }));
}

async function readChunk(name: string): Promise<GatheredCall[]> {
  // Written by writeChunk; only features of another detector would make it stale.
  const { features, calls } = JSON.parse(await readFile(`${name}.json`, 'utf8')) as { features: string[]; calls: (Omit<CallSteps, 'features' | 'heard' | 'audio'> & { frames: number; samples: number })[] };
  if (features.join() !== FEATURE_NAMES.join()) throw new Error(`${name} holds other features than this detector computes: empty the cache`);
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
