import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ObzvonError } from '../../core/errors.ts';
import { ChildEngine, freePort } from './child-engine.ts';
import { debianPackages } from './debian-packages.ts';
import { folderWith } from './on-path.ts';

const run = promisify(execFile);

/** A database server on this machine's loopback, without passwords; it ends with the process that started it. */
export interface LocalDatabase {
  /** With a user that may do everything. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Databases refuse to be run by root: then the user `nobody` runs them. */
const NOBODY = 65_534;
const asNobody = (): { uid?: number; gid?: number } => (process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {});
const START_MS = 60_000;

/**
 * Starts a PostgreSQL: this machine's, else Debian's.
 * @throws ObzvonError `unreachable` if it cannot be had or does not start
 */
export async function startPostgres(): Promise<LocalDatabase> {
  const { bin, env } = await had('postgres', 'install postgresql (Debian: apt-get install postgresql)', findPostgres);
  const dir = await folder('postgres');
  const data = join(dir, 'data');
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'obzvon', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], { env, ...asNobody() });
  return started('postgres', dir, env, (port) => [join(bin, 'postgres'), '-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${dir}`, '-c', 'fsync=off'], (port) => `postgres://obzvon@127.0.0.1:${port}/postgres`);
}

/**
 * Starts a MariaDB, which speaks MySQL's protocol: this machine's, else Debian's.
 * @throws ObzvonError `unreachable` if it cannot be had or does not start
 */
export async function startMariadb(): Promise<LocalDatabase> {
  const { bin, env } = await had('mariadb', 'install mariadb-server (Debian: apt-get install mariadb-server)', findMariadb);
  const dir = await folder('mariadb');
  const data = join(dir, 'data');
  await mkdir(data);
  if (process.getuid?.() === 0) await chown(data, NOBODY, NOBODY);
  const share = join(bin, '..', 'share');
  const common = ['--no-defaults', `--datadir=${data}`, `--tmpdir=${dir}`, `--lc-messages-dir=${join(share, 'mysql')}`, `--character-sets-dir=${join(share, 'mysql', 'charsets')}`, '--skip-grant-tables', '--innodb-buffer-pool-size=16M', '--innodb-flush-log-at-trx-commit=0'];
  return started('mariadb', dir, env, (port) => [join(bin, 'mariadbd'), ...common, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(dir, 'socket')}`, `--pid-file=${join(dir, 'pid')}`], (port) => `mysql://root@127.0.0.1:${port}`);
}

interface Programs {
  readonly bin: string;
  readonly env: NodeJS.ProcessEnv;
}

async function had(name: string, how: string, find: () => Promise<Programs>): Promise<Programs> {
  try {
    return await find();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message.split('\n').slice(0, 3).join(' ') : String(cause);
    throw new ObzvonError('unreachable', `${name} is not on this machine and could not be fetched from Debian (${detail}); expected: ${how}`, { cause });
  }
}

async function findPostgres(): Promise<Programs> {
  const installed = '/usr/lib/postgresql';
  const versions = await readdir(installed).catch(() => [] as string[]);
  const found = folderWith(['initdb'], versions.map((version) => join(installed, version, 'bin')));
  if (found !== undefined) return { bin: found, env: { ...process.env } };
  // The name of the package has the version in it: that of this Debian.
  const { stdout } = await run('apt-cache', ['depends', 'postgresql']);
  const server = /Depends: (postgresql-(\d+))/.exec(stdout);
  if (server === null) throw new Error('apt-cache knows no postgresql');
  const [, package_, version] = server as unknown as [string, string, string];
  const bin = `usr/lib/postgresql/${version}/bin`;
  const { root, env } = await debianPackages({
    name: 'postgres',
    packages: [package_, `postgresql-client-${version}`],
    libraries: { 'libpq.so.5': 'libpq5', 'libxml2.so.2': 'libxml2', 'libldap-2.5.so.0': 'libldap-2.5-0', 'liblber-2.5.so.0': 'libldap-2.5-0', 'libsasl2.so.2': 'libsasl2-2', 'libicui18n.so.72': 'libicu72', 'libicuuc.so.72': 'libicu72', 'libgssapi_krb5.so.2': 'libgssapi-krb5-2', 'libkrb5.so.3': 'libkrb5-3', 'libk5crypto.so.3': 'libk5crypto3', 'libkrb5support.so.0': 'libkrb5support0', 'libssl.so.3': 'libssl3', 'libzstd.so.1': 'libzstd1', 'libsystemd.so.0': 'libsystemd0' },
    program: `${bin}/postgres`,
    forEverybody: true,
  });
  return { bin: join(root, bin), env };
}

async function findMariadb(): Promise<Programs> {
  const found = folderWith(['mariadbd'], ['/usr/sbin']);
  if (found !== undefined) return { bin: found, env: { ...process.env } };
  const { root, env } = await debianPackages({
    name: 'mariadb',
    packages: ['mariadb-server-core'],
    libraries: { 'libaio.so.1': 'libaio1', 'libnuma.so.1': 'libnuma1', 'liburing.so.2': 'liburing2', 'libpcre2-8.so.0': 'libpcre2-8-0', 'libssl.so.3': 'libssl3', 'libsystemd.so.0': 'libsystemd0', 'libcrypt.so.1': 'libcrypt1' },
    program: 'usr/sbin/mariadbd',
    forEverybody: true,
  });
  return { bin: join(root, 'usr', 'sbin'), env };
}

/** A folder of its own that `nobody` may write in. */
async function folder(name: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `obzvon-${name}-`));
  await chmod(dir, 0o755);
  if (process.getuid?.() === 0) await chown(dir, NOBODY, NOBODY);
  return dir;
}

async function started(name: string, dir: string, env: NodeJS.ProcessEnv, command: (port: number) => readonly string[], url: (port: number) => string): Promise<LocalDatabase> {
  const port = await freePort();
  const logFile = join(tmpdir(), `${dir.split('/').at(-1)!}.log`);
  const [program, ...args] = command(port);
  const engine = await ChildEngine.start(program!, args, { logFile, env, ...asNobody() });
  const stop = async (): Promise<void> => {
    await engine.end('SIGINT', 10_000);
    await rm(dir, { recursive: true, force: true });
    await rm(logFile, { force: true });
  };
  const deadline = Date.now() + START_MS;
  for (;;) {
    if (await answers(port)) return { url: url(port), stop };
    if (!engine.running || Date.now() > deadline) {
      const log = await readFile(logFile, 'utf8').catch(() => '');
      await stop();
      throw new ObzvonError('unreachable', `${name} did not start; its last words: ${log.trim().split('\n').slice(-5).join(' ')}`);
    }
    await sleep(100);
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
