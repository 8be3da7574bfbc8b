import { beforeAll, expect, test } from 'vitest';
import { ensureBuilt, Workspace } from './testing/command-line.ts';

beforeAll(ensureBuilt, 180_000);

/** Nothing listens on port 1 of this machine. */
const AWAY = '127.0.0.1:1';

test.concurrent.each([
  ['dial', 'bus', { bus: { url: `kafka://user:secret@${AWAY}?sasl=plain` } }, 'no Kafka broker answers at 127.0.0.1:1'],
  ['dial', 'ledger', { ledger: { url: `redis://:secret@${AWAY}` } }, 'Redis at redis://127.0.0.1:1 does not answer'],
  ['dial', 'switch', { switch: { url: [`drachtio://:secret@${AWAY}`, 'freeswitch://:secret@127.0.0.1:2'] } }, 'drachtio 127.0.0.1:1'],
  ['sink', 'analytics', { analytics: { url: `http://user:secret@${AWAY}` } }, 'analytics at http://127.0.0.1:1'],
] as const)('%s does not start without its %s, and says where it looked', { timeout: 120_000 }, async (command, _engine, config, words) => {
  const space = new Workspace();
  try {
    space.write('obzvon.yaml', { data: { dir: space.at('data') }, ...config });
    const { code, stdout, stderr } = await space.run(command);
    expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('secret');
    expect(stderr).not.toMatch(/\n\s+at /);
  } finally {
    space.remove();
  }
});
