import { beforeAll, expect, test } from 'vitest';
import { ensureBuilt } from './testing/command-line.ts';
import { crashRun } from './testing/crash-run.ts';

beforeAll(ensureBuilt, 180_000);

test('a run killed again and again ends as one that was left alone: nobody lost, nobody called twice', { timeout: 180_000 }, async () => {
  // Another seed gives other moments; this one kills while loading, while dialling and between rounds.
  const seed = process.env.CRASH_SEED ?? 'november';
  const outcome = await crashRun({ contacts: 120, kills: 4, seed });
  process.stdout.write(`crash seed ${seed}: ${outcome.kills.map((kill) => `${kill.moment} (${kill.open} calls under way)`).join('; ')}\n`);
  expect(outcome.last, outcome.last.stderr).toMatchObject({ code: 0 });
  expect(outcome.audit, outcome.audit.stdout + outcome.audit.stderr).toMatchObject({ code: 0 });
  expect(outcome.offences).toEqual([]);
  expect(outcome.kills).toHaveLength(4);
  expect(outcome.calls).toBeGreaterThan(120);
});
