import { existsSync } from 'node:fs';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { startRedis, startRedisCluster, startRedisSentinel } from './redis.ts';

test('a local Redis keeps what it acknowledged through SIGKILL, on the same port and files', async () => {
  const server = await startRedis();
  const client = new Redis(server.url, { maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  await client.set('word', 'kept');
  await server.kill();
  await server.restart();
  expect(await client.get('word')).toBe('kept');
  client.disconnect();
  const { dir, pid } = server;
  await server.stop();
  expect(existsSync(dir)).toBe(false);
  expect(() => process.kill(pid, 0)).toThrow();
});

test('a cluster serves every slot; a sentinel names its master', async () => {
  const cluster = await startRedisCluster();
  const one = new Redis(cluster.servers[0]!.url);
  expect(await one.cluster('INFO')).toContain('cluster_slots_ok:16384');
  one.disconnect();
  await cluster.stop();
  const group = await startRedisSentinel();
  const sentinel = new Redis(group.servers[2]!.url);
  expect(await sentinel.call('SENTINEL', 'get-master-addr-by-name', 'mymaster')).toEqual(['127.0.0.1', String(group.servers[0]!.port)]);
  sentinel.disconnect();
  await group.stop();
});
