import { z } from 'zod';
import { ObzvonError } from '../../../core/errors.ts';
import { readTlsFiles, type TlsFiles } from '../../../core/tls.ts';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Which Redis holds a ledger, from its URL. */
export interface RedisTarget {
  readonly kind: 'one' | 'sentinel' | 'cluster';
  /** The server, the sentinels, or some nodes of the cluster. */
  readonly hosts: readonly RedisAddress[];
  /** The name under which the sentinels know the master. */
  readonly master: string;
  readonly db: number;
  readonly username: string | null;
  readonly password: string | null;
  /** What the sentinels ask for, if they ask for anything; they have users of their own. */
  readonly sentinelUsername: string | null;
  readonly sentinelPassword: string | null;
  /** For the servers and the sentinels alike; null: without TLS. */
  readonly tls: TlsFiles | null;
  /** Every key of the ledger begins with it, in braces: it is the hash tag. */
  readonly prefix: string;
  /** Every change waits until so many replicas have it. */
  readonly replicas: number;
  /** The URL as it may be shown: without user, password and query. */
  readonly shown: string;
}

const EXPECTED =
  'expected redis://[user:password@]host[:6379][/db], redis+sentinel://sentinel:26379,sentinel2:26379/master or redis+cluster://host:7000,host2:7000 (rediss… for TLS), with ?prefix=obzvon&replicas=0&ca=FILE&cert=FILE&key=FILE&sentinelUser=…&sentinelPassword=… if need be';

const PARTS = /^(redis|rediss)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/?@]+)(?:\/([^?]*))?(?:\?(.*))?$/;
const querySchema = z.strictObject({
  prefix: z.string().regex(/^[\w.-]{1,64}$/, 'letters, digits, dots and hyphens').default('obzvon'),
  replicas: z.coerce.number().int().min(0).max(9).default(0),
  ca: z.string().min(1).optional(),
  cert: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
  sentinelUser: z.string().min(1).optional(),
  sentinelPassword: z.string().min(1).optional(),
});

/**
 * Reads the URL, and with rediss:// the PEM files of its TLS: `ca` (whom to trust instead of the system's authorities), `cert` and `key`
 * (mutual TLS). User and password are those of Redis's ACL, percent-encoded; a password alone (`:password@`) is the default user's.
 * Sentinels are asked without a password unless `sentinelPassword` is there, with `sentinelUser` if it is not their default user's.
 * @throws ObzvonError `bad_config`, without what may be a secret
 */
export function parseRedisUrl(url: string): RedisTarget {
  const parts = PARTS.exec(url);
  const refuse = (found: string): never => {
    throw new ObzvonError('bad_config', `ledger: found ${found}, ${EXPECTED}`);
  };
  if (parts === null) return refuse('a Redis URL that cannot be read');
  const [, scheme, kindText, userInfo, hostList = '', path = '', query = ''] = parts;
  const kind = kindText === undefined ? 'one' : (kindText as 'sentinel' | 'cluster');
  const hosts = hostList.split(',').map((text) => {
    const host = /^(\[[0-9a-fA-F:]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text);
    if (host === null) return refuse(`the host "${text}"`);
    return { host: host[1]!.replace(/^\[|\]$/g, ''), port: host[2] === undefined ? (kind === 'sentinel' ? 26_379 : 6379) : Number(host[2]) };
  });
  if (kind === 'one' && hosts.length > 1) refuse('several hosts without +sentinel or +cluster');
  if (kind === 'one' && !/^\d{0,4}$/.test(path)) refuse(`the database "${path}"`);
  if (kind === 'sentinel' && path === '') refuse('sentinels without the name of a master');
  if (kind === 'cluster' && path !== '') refuse('a path after the hosts of a cluster');
  const parsed = querySchema.safeParse(Object.fromEntries(new URLSearchParams(query)));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse(`a query that does not fit (${issue?.code === 'unrecognized_keys' ? `${issue.keys.join(', ')} is not known` : `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`})`);
  }
  if (kind === 'cluster' && parsed.data.replicas > 0) refuse('replicas= for a cluster, where it cannot be asked for');
  const { prefix, replicas, sentinelUser = null, sentinelPassword = null, ...paths } = parsed.data;
  const named = Object.entries(paths).find(([, path]) => path !== undefined);
  if (scheme === 'redis' && named !== undefined) refuse(`${named[0]}= without TLS`);
  if (kind !== 'sentinel' && (sentinelUser ?? sentinelPassword) !== null) refuse('sentinelUser= or sentinelPassword= without sentinels');
  if (sentinelUser !== null && sentinelPassword === null) refuse('sentinelUser= without sentinelPassword=');
  const [user, password] = userInfo === undefined ? [] : /^([^:]*)(?::(.*))?$/.exec(userInfo)!.slice(1);
  const decoded = (text: string | undefined): string | null => {
    try {
      return text === undefined || text === '' ? null : decodeURIComponent(text);
    } catch {
      return refuse('a user or password that is not percent-encoded');
    }
  };
  return {
    kind, hosts, master: kind === 'sentinel' ? path : '', db: kind === 'one' && path !== '' ? Number(path) : 0,
    username: decoded(user), password: decoded(password), prefix, replicas, sentinelUsername: sentinelUser, sentinelPassword,
    tls: scheme === 'rediss' ? readTlsFiles({ ca: paths.ca, cert: paths.cert, key: paths.key }, (what) => new ObzvonError('bad_config', `ledger: ${what}; ${EXPECTED}`)) : null,
    shown: `${scheme ?? ''}${kind === 'one' ? '' : `+${kind}`}://${hostList}${path === '' ? '' : `/${path}`}`,
  };
}
