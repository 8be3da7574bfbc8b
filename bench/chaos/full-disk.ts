import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A disk that can be filled to the last byte, and emptied again. */
export interface SmallDisk {
  readonly dir: string;
  fill(): void;
  empty(): void;
  remove(): void;
}

const SIZE_MB = 512;
const STEPS = [1 << 20, 4096, 1];

/** A file system in memory, mounted at `dir`; null where this user may not mount. */
export function mountSmallDisk(dir: string): SmallDisk | null {
  mkdirSync(dir, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m,mode=0700`, 'obzvon-chaos', dir], { stdio: 'ignore' });
  } catch {
    return null;
  }
  const ballast = join(dir, 'ballast');
  return {
    dir,
    fill() {
      const file = openSync(ballast, 'w');
      for (const step of STEPS) {
        const bytes = Buffer.alloc(step, 1);
        while (wrote(file, bytes));
      }
      closeSync(file);
    },
    empty: () => rmSync(ballast, { force: true }),
    // Lazily: a process that was killed a moment ago may still be let go by the kernel.
    remove: () => void execFileSync('umount', ['-l', dir], { stdio: 'ignore' }),
  };
}

/** False once there is no room for them. */
function wrote(file: number, bytes: Buffer): boolean {
  try {
    const written = writeSync(file, bytes);
    fsyncSync(file);
    return written === bytes.length;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}
