import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeWhole } from './whole-file.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-whole-file-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test('a file is written whole or not at all', async () => {
  const path = join(dir, 'report.csv');
  await writeFile(path, 'the former');
  async function* breaks(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('half of'));
    throw new Error('the store went away');
  }
  await expect(writeWhole(path, breaks())).rejects.toMatchObject({ code: 'storage', message: expect.stringContaining('the store went away') as string });
  expect(await readFile(path, 'utf8')).toBe('the former');
  expect(await writeWhole(path, 'the new one')).toBe(11);
  expect(await readFile(path, 'utf8')).toBe('the new one');
  expect((await readdir(dir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  await expect(writeWhole(join(dir, 'no', 'such', 'x.csv'), '')).rejects.toMatchObject({ code: 'storage' });
});
