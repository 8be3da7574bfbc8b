import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { connectAnalytics } from '../client.ts';
import { migrate } from '../migrate.ts';
import { forkChdbHttpServer } from './chdb-http-process.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-clickhouse-'));
  return () => rm(dir, { recursive: true, force: true });
});

test('killed and started again: the rows that were acknowledged are there, the client that waited goes on', async () => {
  const server = await forkChdbHttpServer({ dir, user: 'ann', password: 'secret' });
  try {
    const analytics = await connectAnalytics(server.url);
    await migrate(analytics);
    const [url, first] = [server.url, server.pid];
    await analytics.insertLines('payments', ['payment_id', 'amount_minor'], '["a",1]', { token: 'one' });
    await server.kill();
    await expect(analytics.query('SELECT 1', z.unknown())).rejects.toMatchObject({ code: 'unreachable' });
    await expect(connectAnalytics(url)).rejects.toMatchObject({ code: 'unreachable' });

    await server.restart();
    expect(server.url).toBe(url);
    expect(server.pid).not.toBe(first);
    // Tokens outlive the server too.
    await analytics.insertLines('payments', ['payment_id', 'amount_minor'], '["a",1]', { token: 'one' });
    expect(await analytics.query('SELECT count() AS n FROM payments', z.object({ n: z.number() }))).toEqual([{ n: 1 }]);

    await server.misbehave({ kind: 'refuse', status: 503, times: 1 });
    await expect(analytics.command('SELECT 1')).rejects.toMatchObject({ code: 'unreachable' });
    await analytics.command('SELECT 1');
    await server.misbehave({ kind: 'hang' });
    await analytics.close();
  } finally {
    await server.stop();
  }
});
