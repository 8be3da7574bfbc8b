import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ObzvonError } from './errors.ts';

/**
 * Writes a file whole or not at all: aside, to the disk, then renamed. Whoever reads `path` sees the former file or the new one.
 * @param mode its permissions; its owner and their group, unless said
 * @returns its length in bytes
 * @throws ObzvonError `storage`
 */
export async function writeWhole(path: string, content: string | AsyncIterable<Uint8Array>, mode = 0o640): Promise<number> {
  const aside = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  let length = 0;
  try {
    const file = await open(aside, 'wx', mode);
    try {
      for await (const chunk of typeof content === 'string' ? [Buffer.from(content)] : content) {
        await file.writeFile(chunk);
        length += chunk.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
    return length;
  } catch (error) {
    await rm(aside, { force: true });
    if (error instanceof ObzvonError) throw error;
    throw new ObzvonError('storage', `${path}: cannot be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
