import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBus } from './open.ts';
import { loadsTopic } from './topics.ts';

const options = { nowMs: () => 0 };

test('embedded:DIR opens the log in that directory', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-open-'));
  try {
    const bus = await openBus(`embedded:${join(dir, 'made', 'on.demand')}`, options);
    expect(await bus.lag(loadsTopic, 'g')).toBe(0);
    await bus.close();
  } finally {
    await rm(dir, { recursive: true });
  }
});

test.each([
  ['kafka://127.0.0.1:9092/a b', 'bad_config', 'found "a b" as the prefix'],
  ['embedded:', 'bad_config', 'expected embedded:DIR'],
  ['redis://user:secret@host', 'bad_config', 'found "redis://***@host"'],
])('%s is refused as %s', async (url, code, text) => {
  await expect(openBus(url, options)).rejects.toMatchObject({ code, message: expect.stringContaining(text) as string });
});
