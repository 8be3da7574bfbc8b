import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ObzvonError } from '../../core/errors.ts';

const run = promisify(execFile);

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
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = folders.find((folder) => existsSync(join(folder, 'redis-server')) && existsSync(join(folder, 'redis-cli')));
  if (onPath !== undefined) return { server: join(onPath, 'redis-server'), cli: join(onPath, 'redis-cli'), env: { ...process.env } };
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'obzvon');
  const home = join(cache, `redis-debian-${process.arch}`);
  if (!existsSync(home)) {
    await mkdir(cache, { recursive: true });
    await oneAtATime(join(cache, 'redis.lock'), async () => {
      if (!existsSync(home)) await fetchFromDebian(cache, home);
    });
  }
  return unpacked(home);
}

async function unpacked(home: string): Promise<RedisProgram> {
  const libraries = [join(home, 'usr', 'lib'), join(home, 'lib')];
  for (const folder of [...libraries]) {
    const names = await readdir(folder).catch(() => []);
    libraries.push(...names.filter((name) => name.includes('linux-gnu')).map((name) => join(folder, name)));
  }
  const path = [...libraries, process.env['LD_LIBRARY_PATH']].filter((part) => part !== undefined && part !== '').join(delimiter);
  return { server: join(home, 'usr', 'bin', 'redis-server'), cli: join(home, 'usr', 'bin', 'redis-cli'), env: { ...process.env, LD_LIBRARY_PATH: path } };
}

async function fetchFromDebian(cache: string, home: string): Promise<void> {
  const work = await mkdtemp(join(cache, 'redis-fetch-'));
  try {
    await fetchPackages(work, ['redis-server', 'redis-tools']);
    const program = await unpacked(join(work, 'root'));
    const { stdout } = await run('ldd', [program.server], { env: program.env });
    const missing = [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]!);
    const packages = missing.map((library) => LIBRARIES[library]).filter((name) => name !== undefined);
    if (packages.length > 0) await fetchPackages(work, packages);
    const fetched = await unpacked(join(work, 'root'));
    await run(fetched.server, ['--version'], { env: fetched.env });
    await rename(join(work, 'root'), home);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message.split('\n').slice(0, 3).join(' ') : String(cause);
    throw new ObzvonError('unreachable', `redis-server is not on this machine and could not be fetched from Debian (${detail}); expected: ${HOW_TO_GET_IT}`, { cause });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fetchPackages(work: string, packages: readonly string[]): Promise<void> {
  const download = () => run('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', ...packages], { cwd: work, timeout: 120_000 });
  try {
    await download();
  } catch (error) {
    // Fresh images come without package lists; only root may fetch them.
    if (process.getuid?.() !== 0) throw error;
    await run('apt-get', ['update', '-q'], { timeout: 180_000 });
    await download();
  }
  for (const name of await readdir(work)) {
    if (!name.endsWith('.deb')) continue;
    await run('dpkg-deb', ['-x', join(work, name), join(work, 'root')]);
    await rm(join(work, name));
  }
}

/** Runs `work` while no other process does, by a lock file that names its owner; the lock of a dead owner is taken over. */
async function oneAtATime(lock: string, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(await readFile(lock, 'utf8').catch(() => '0'));
      if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
      else await sleep(100);
    }
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
