import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ObzvonError } from '../../core/errors.ts';

const run = promisify(execFile);
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const INSTALL_TIMEOUT_MS = 300_000;

/**
 * A Chromium for tests of pages: from PATH, else installed from Debian where this process is root.
 * @throws ObzvonError `unreachable` if it can be had in neither way
 */
export async function chromiumProgram(): Promise<string> {
  const found = onPath();
  if (found !== null) return found;
  const why = 'install chromium (Debian: apt-get install chromium) so that it is on PATH';
  if (process.getuid?.() !== 0) throw new ObzvonError('unreachable', `no Chromium is on PATH; ${why}`);
  try {
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { timeout: INSTALL_TIMEOUT_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  } catch (error) {
    throw new ObzvonError('unreachable', `no Chromium is on PATH and apt-get cannot install it; ${why}`, { cause: error });
  }
  const installed = onPath();
  if (installed === null) throw new ObzvonError('unreachable', `apt-get installed no Chromium on PATH; ${why}`);
  return installed;
}

function onPath(): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of NAMES) if (folder !== '' && existsSync(join(folder, name))) return join(folder, name);
  }
  return null;
}
