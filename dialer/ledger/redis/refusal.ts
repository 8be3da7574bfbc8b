import { Redis } from 'ioredis';
import { tlsRefusal } from '../../../core/tls.ts';
import { ServerConnector } from './connectors.ts';
import type { RedisTarget } from './url.ts';

const REFUSED = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password|ERR DB index|ERR Client sent AUTH)/;
const PROBE_MS = 2000;

/** Why Redis will not let us in however often it is tried; null if the error says nothing of the kind. */
export function refusalOf(error: unknown): string | null {
  const message = error instanceof Error ? error.message : String(error);
  return REFUSED.test(message) ? `it refuses us: ${message}` : tlsRefusal(error);
}

/** The same of sentinels or the nodes of a cluster, asked one by one: of them ioredis says only that no connection came about. Null if one lets us in, or none refuses. */
export async function refusalOfAll(target: RedisTarget): Promise<string | null> {
  const said = await Promise.all(target.hosts.map((host) => probe(target, host)));
  return said.includes('answers') ? null : (said.find((answer) => answer !== null) ?? null);
}

async function probe(target: RedisTarget, { host, port }: RedisTarget['hosts'][number]): Promise<string | null> {
  const [username, password] = target.kind === 'sentinel' ? [target.sentinelUsername, target.sentinelPassword] : [target.username, target.password];
  const client = new Redis({
    host, port, ...(username === null ? {} : { username }), ...(password === null ? {} : { password }), ...(target.tls === null ? {} : { tls: { ...target.tls } }),
    Connector: ServerConnector, lazyConnect: true, enableReadyCheck: false, connectTimeout: PROBE_MS, commandTimeout: PROBE_MS, retryStrategy: () => null,
  });
  const refusals: string[] = [];
  client.on('error', (error: Error) => {
    const refusal = refusalOf(error);
    if (refusal !== null) refusals.push(refusal);
  });
  try {
    await client.connect();
    await client.ping();
    // What the client must know of a cluster before it sends anything.
    if (target.kind === 'cluster') {
      await client.cluster('SLOTS');
      await client.cluster('INFO');
    }
    return 'answers';
  } catch (error) {
    return refusals[0] ?? refusalOf(error);
  } finally {
    client.disconnect();
  }
}
