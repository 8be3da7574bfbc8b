import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ObzvonError } from '../../core/errors.ts';

/**
 * Removes the recordings that tell of debtors, whoever's they are: they are a cache and are spoken anew. Those used a moment ago are left, for a call under
 * way may play them.
 * @param usedBeforeMs wall time
 */
export async function removePersonalRecordings(dir: string, usedBeforeMs: number): Promise<{ readonly removed: number; readonly left: number }> {
  let removed = 0;
  let left = 0;
  try {
    for (const entry of await readdir(join(dir, 'personal'), { recursive: true, withFileTypes: true }).catch(nothingThere)) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const facts = await stat(path).catch(() => null);
      if (facts === null) continue;
      if (facts.mtimeMs > usedBeforeMs) left++;
      else {
        await rm(path, { force: true });
        removed++;
      }
    }
  } catch (cause) {
    throw new ObzvonError('storage', `prompts: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return { removed, left };
}

function nothingThere(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
