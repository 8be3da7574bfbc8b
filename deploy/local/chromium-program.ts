import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ObzvonError } from '../../core/errors.ts';
import { folderWith } from './on-path.ts';

const run = promisify(execFile);

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** For a browser that looks at one file and talks to nobody. */
export const CHROMIUM_ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

let found: Promise<string> | null = null;

/**
 * Where Chromium is: on PATH, else installed from Debian if this process may (as root, in a container). Unlike redis-server it is not unpacked
 * beside the system: it needs some eighty libraries.
 * @throws ObzvonError `unreachable` if it can be had in neither way
 */
export function chromiumProgram(): Promise<string> {
  found ??= find().catch((error: unknown) => {
    found = null;
    throw error;
  });
  return found;
}

function onPath(): string | undefined {
  return NAMES.flatMap((name) => {
    const folder = folderWith([name]);
    return folder === undefined ? [] : [join(folder, name)];
  })[0];
}

async function find(): Promise<string> {
  const there = onPath();
  if (there !== undefined) return there;
  try {
    if (process.getuid?.() !== 0) throw new Error('only root may install it');
    const install = () => run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], { timeout: 300_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    await install().catch(async () => {
      // Fresh images come without package lists.
      await run('apt-get', ['update', '-q'], { timeout: 180_000 });
      await install();
    });
    const installed = onPath();
    if (installed === undefined) throw new Error('it was installed, but is not on PATH');
    return installed;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message.split('\n').slice(0, 2).join(' ') : String(cause);
    throw new ObzvonError('unreachable', `chromium is not on this machine and could not be installed (${detail}); expected: apt-get install chromium, so that it is on PATH`, { cause });
  }
}

/** As {@link chromiumProgram}; null where it cannot be had: report the suite as skipped, by name. @throws Error under CI instead of null */
export async function chromiumForTests(): Promise<string | null> {
  try {
    return await chromiumProgram();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (process.env['CI'] !== undefined && process.env['CI'] !== '') throw new Error(`chromium is needed under CI, and cannot be had here: ${why}`, { cause: error });
    process.stderr.write(`chromium cannot be had here, its suite is skipped: ${why}\n`);
    return null;
  }
}
