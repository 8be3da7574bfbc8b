import { join } from 'node:path';
import { ObzvonError } from '../../core/errors.ts';
import { debianPackages } from './debian-packages.ts';
import { folderWith } from './on-path.ts';

/** Where Redis's programs are on this machine. */
export interface RedisProgram {
  readonly server: string;
  readonly cli: string;
  /** The environment they need: libraries that came with them. */
  readonly env: NodeJS.ProcessEnv;
}

/** What Debian's redis-server is linked against beyond what every system has; only what is missing is fetched. */
const LIBRARIES: Readonly<Record<string, string>> = {
  'libjemalloc.so.2': 'libjemalloc2',
  'liblzf.so.1': 'liblzf1',
  'libatomic.so.1': 'libatomic1',
  'liblua5.1.so.0': 'liblua5.1-0',
  'liblua5.1-cjson.so.0': 'lua-cjson',
  'liblua5.1-bitop.so.0': 'lua-bitop',
  'libhiredis.so.0.14': 'libhiredis0.14',
  'libhiredis.so.1.1.0': 'libhiredis1.1.0',
  'libsystemd.so.0': 'libsystemd0',
  'libssl.so.3': 'libssl3',
};

const HOW_TO_GET_IT = 'install redis-server (Debian: apt-get install redis-server) so that it is on PATH';

let found: Promise<RedisProgram> | null = null;

/**
 * Redis's programs: from PATH, else from the cache, else fetched from Debian without being root (packages are unpacked
 * into the cache, nothing is installed).
 * @throws ObzvonError `unreachable` if it can be had in none of these ways
 */
export function redisProgram(): Promise<RedisProgram> {
  found ??= find().catch((error: unknown) => {
    found = null;
    throw error;
  });
  return found;
}

async function find(): Promise<RedisProgram> {
  const onPath = folderWith(['redis-server', 'redis-cli']);
  if (onPath !== undefined) return { server: join(onPath, 'redis-server'), cli: join(onPath, 'redis-cli'), env: { ...process.env } };
  try {
    const { root, env } = await debianPackages({ name: 'redis', packages: ['redis-server', 'redis-tools'], libraries: LIBRARIES, program: 'usr/bin/redis-server' });
    return { server: join(root, 'usr', 'bin', 'redis-server'), cli: join(root, 'usr', 'bin', 'redis-cli'), env };
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message.split('\n').slice(0, 3).join(' ') : String(cause);
    throw new ObzvonError('unreachable', `redis-server is not on this machine and could not be fetched from Debian (${detail}); expected: ${HOW_TO_GET_IT}`, { cause });
  }
}
