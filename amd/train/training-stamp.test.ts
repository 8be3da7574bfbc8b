import { mkdtempSync, rmSync } from 'node:fs';
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
