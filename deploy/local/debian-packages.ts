import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Programs of Debian packages to be unpacked into the cache: nothing is installed, nobody needs to be root. */
export interface WantedPackages {
  /** Names them in the cache. */
  readonly name: string;
  readonly packages: readonly string[];
  /** Libraries the programs are linked against, beyond what every system has, by the package that has them; only what is missing is fetched. */
  readonly libraries: Readonly<Record<string, string>>;
  /** Below the unpacked root; looked at for missing libraries. */
  readonly program: string;
  /** Run by another user than root: kept where every user may read. */
  readonly forEverybody?: boolean;
}

/** Where they were unpacked, and the environment they need: libraries that came with them. */
export interface UnpackedPackages {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Debian's packages, from the cache or fetched into it.
 * @throws Error if they cannot be had
 */
export async function debianPackages(wanted: WantedPackages): Promise<UnpackedPackages> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? (wanted.forEverybody === true && process.getuid?.() === 0 ? '/var/cache' : join(homedir(), '.cache')), 'obzvon');
  const home = join(cache, `${wanted.name}-debian-${process.arch}`);
  if (!existsSync(home)) {
    await mkdir(cache, { recursive: true });
    await oneAtATime(join(cache, `${wanted.name}.lock`), async () => {
      if (!existsSync(home)) await fetchFromDebian(cache, home, wanted);
    });
  }
  return unpacked(home);
}

async function unpacked(root: string): Promise<UnpackedPackages> {
  const libraries = [join(root, 'usr', 'lib'), join(root, 'lib')];
  for (const folder of [...libraries]) {
    const names = await readdir(folder).catch(() => []);
    libraries.push(...names.filter((name) => name.includes('linux-gnu')).map((name) => join(folder, name)));
  }
  const path = [...libraries, process.env['LD_LIBRARY_PATH']].filter((part) => part !== undefined && part !== '').join(delimiter);
  return { root, env: { ...process.env, LD_LIBRARY_PATH: path } };
}

async function fetchFromDebian(cache: string, home: string, { name, packages, libraries, program }: WantedPackages): Promise<void> {
  const work = await mkdtemp(join(cache, `${name}-fetch-`));
  try {
    await fetchPackages(work, packages);
    const root = join(work, 'root');
    // A library that was missing may want others.
    for (let round = 0; round < 3; round += 1) {
      const { stdout } = await run('ldd', [join(root, program)], { env: (await unpacked(root)).env });
      const missing = [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]!);
      const more = [...new Set(missing.map((library) => libraries[library]).filter((package_) => package_ !== undefined))];
      if (more.length === 0) break;
      await fetchPackages(work, more);
    }
    await run(join(root, program), ['--version'], { env: (await unpacked(root)).env });
    await rename(root, home);
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
