import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { redisForTests } from '../deploy/local/engines-for-tests.ts';
import { startRedis } from '../deploy/local/redis.ts';
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

test('a dialer whose ledger is away still hears SIGTERM: it waits out the drain, says what it could not do, and ends', { timeout: 180_000 }, async ({ skip }) => {
  // Asked only whether it can be had (a failure under CI): this one is killed, so it is its own.
  if ((await redisForTests()) === null) skip('Redis cannot be had here');
  const redis = await startRedis({});
  const space = new Workspace();
  try {
    space.write('obzvon.yaml', { data: { dir: space.at('data') }, ledger: { url: redis.url }, switch: { url: ['simulator:'] }, dialer: { drainSeconds: 0 }, metrics: { listen: '127.0.0.1:0' } });
    const dialing = space.start('dial');
    let stderr = '';
    dialing.child.stderr?.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
    while (!stderr.includes('serving /metrics') && dialing.child.exitCode === null) await sleep(50);
    await redis.kill();
    // Long enough for the dialer to have asked its ledger something.
    await sleep(1000);
    dialing.child.kill('SIGTERM');
    const ended = await dialing.ended;
    expect(ended.code, ended.stderr).toBe(1);
    expect(ended.stderr).toContain('draining: bus or ledger did not take everything');
  } finally {
    await redis.stop();
    space.remove();
  }
});
