import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../../core/whole-file.ts';
import { FOLDS } from '../corpus/split.ts';
import { FEATURE_NAMES } from '../voice/features.ts';
import { BENT_CALLS, PLAIN_CALLS } from './gather.ts';
import { HEARD_SIZE } from './steps.ts';

const stampSchema = z.record(z.string(), z.string());

/** How it is learnt: what can be changed without the detector. Of other features, or another detector, the cache knows their names only. */
const SOURCES = ['voice_net.py', 'train.ts', 'boost.ts', 'steps.ts'];

const hashOf = (name: string): string => createHash('sha256').update(readFileSync(new URL(`./${name}`, import.meta.url))).digest('hex');

/** What is in a cache depends on this; of another training nothing in it can be used. */
function stampOf(calls: number): Record<string, string> {
  return {
    ...Object.fromEntries(SOURCES.map((name) => [name, hashOf(name)])),
    calls: String(calls), sets: JSON.stringify([BENT_CALLS, PLAIN_CALLS]), folds: String(FOLDS), bytesHeard: String(HEARD_SIZE), features: FEATURE_NAMES.join(),
  };
}

/** Marks a cache as this training's. Throws if it is another's, naming what differs. */
export async function holdToTraining(cache: string, calls: number): Promise<void> {
  await mkdir(cache, { recursive: true });
  const path = join(cache, 'training.json');
  const stamp = stampOf(calls);
  const found = existsSync(path) ? stampSchema.safeParse(await readFile(path, 'utf8').then(JSON.parse).catch(() => null)) : null;
  if (found?.success === false) throw new Error(`${path}: cannot be read as what a training wrote: use an empty folder`);
  const strange = found === null ? (await readdir(cache)).find((name) => /^(calls|plain|net|judged|forest)-?.*\.json$/.test(name)) : undefined;
  if (strange !== undefined) throw new Error(`${cache}: found ${strange} of a training that left no training.json: use an empty folder`);
  const differs = found === null ? undefined : Object.keys(stamp).find((key) => found.data[key] !== stamp[key]);
  if (differs !== undefined) throw new Error(`${path}: found another training (${differs}: ${found?.data[differs]?.slice(0, 60) ?? 'none'}; expected ${stamp[differs]!.slice(0, 60)}): use an empty folder`);
  if (found === null) await writeWhole(path, JSON.stringify(stamp));
}
