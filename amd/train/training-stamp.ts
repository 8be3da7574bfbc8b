import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../../core/whole-file.ts';
import { FOLDS } from '../corpus/split.ts';
import { FEATURE_NAMES } from '../voice/features.ts';
import { BENT_CALLS, PLAIN_CALLS } from './gather.ts';
import { HEARD_SIZE } from './steps.ts';

const stampSchema = z.record(z.string(), z.string());

/** What everything in a cache depends on; of another training nothing in it can be used. */
function stampOf(calls: number): Record<string, string> {
  return {
    calls: String(calls), sets: JSON.stringify([BENT_CALLS, PLAIN_CALLS]), folds: String(FOLDS), bytesHeard: String(HEARD_SIZE), features: FEATURE_NAMES.join(),
    'voice_net.py': createHash('sha256').update(readFileSync(new URL('./voice_net.py', import.meta.url))).digest('hex'),
  };
}

/** Marks a cache as this training's. Throws if it is another's, naming what differs. */
export async function holdToTraining(cache: string, calls: number): Promise<void> {
  await mkdir(cache, { recursive: true });
  const path = join(cache, 'training.json');
  const stamp = stampOf(calls);
  const found = await readFile(path, 'utf8').then((text) => stampSchema.parse(JSON.parse(text)), () => null);
  const differs = found === null ? undefined : Object.keys(stamp).find((key) => found[key] !== stamp[key]);
  if (differs !== undefined) throw new Error(`${path}: found another training (${differs}: ${found?.[differs]?.slice(0, 60) ?? 'none'}; expected ${stamp[differs]!.slice(0, 60)}): use an empty folder`);
  if (found === null) await writeWhole(path, JSON.stringify(stamp));
}
