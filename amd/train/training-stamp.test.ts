import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { holdToTraining } from './training-stamp.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'obzvon-training-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

test('a training goes on in its own cache, and refuses that of another by what differs', async () => {
  await holdToTraining(dir, 12_000);
  await expect(holdToTraining(dir, 12_000)).resolves.toBeUndefined();
  await expect(holdToTraining(dir, 11_000)).rejects.toThrow(/training\.json: found another training \(calls: 12000; expected 11000\)/);
});

test('what another way of learning left is refused, and so is a stamp that is none, or none beside what was learnt', async () => {
  await holdToTraining(dir, 12_000);
  const path = join(dir, 'training.json');
  const stamp = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  for (const key of Object.keys(stamp)) {
    writeFileSync(path, JSON.stringify({ ...stamp, [key]: 'other' }));
    await expect(holdToTraining(dir, 12_000)).rejects.toThrow(`(${key}: other`);
  }
  writeFileSync(path, '{"calls"');
  await expect(holdToTraining(dir, 12_000)).rejects.toThrow(/training\.json: cannot be read/);
  rmSync(path);
  writeFileSync(join(dir, 'net-of-all.json'), '{}');
  await expect(holdToTraining(dir, 12_000)).rejects.toThrow(/found net-of-all\.json/);
});
