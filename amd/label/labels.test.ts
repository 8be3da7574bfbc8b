import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Labels, LABELS_FILE } from './labels.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'obzvon-labels-'));
});
afterEach(() => rm(folder, { recursive: true }));

const written = async (): Promise<unknown[]> => (await readFile(join(folder, LABELS_FILE), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as unknown);

test('what else a line says of its recording is kept, of lines that are labelled anew and of the others', async () => {
  const lines = [{ file: 'a.wav', label: 'machine', language: 'uk', speaker: 's1', beepEndMs: 4200 }, { file: 'b.wav', label: 'human', speaker: 's2', atMs: 5 }];
  await writeFile(join(folder, LABELS_FILE), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const labels = await Labels.open(folder);
  expect(labels.get('a.wav')).toBe('machine');
  await labels.set('b.wav', 'unsure', 9);
  await labels.set('c.wav', 'fax', 10);
  expect(await written()).toEqual([lines[0], { ...lines[1], label: 'unsure', atMs: 9 }, { file: 'c.wav', label: 'fax', atMs: 10 }]);
  await labels.set('a.wav', null, 11);
  expect(await written()).toHaveLength(2);
  await labels.set('a.wav', 'human', 12);
  expect(await written()).toContainEqual({ ...lines[0], label: 'human', atMs: 12 });
});
