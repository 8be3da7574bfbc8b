import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const fromSource = import.meta.url.endsWith('.ts');
const root = fileURLToPath(new URL('../../', import.meta.url));
const entry = fileURLToPath(new URL(fromSource ? '../../dist/bin/obzvon.js' : '../obzvon.js', import.meta.url));

/** Folders that the build compiles. */
const PARTS = ['core', 'campaign-loader', 'dialer', 'amd', 'analytics', 'bin', 'bench', 'deploy'];
const LOCK_POLL_MS = 200;
/** A lock that is older was left by a process that was killed. */
const LOCK_STALE_MS = 180_000;

function newestSourceMs(): number {
  let newest = 0;
  for (const part of PARTS) {
    for (const name of readdirSync(join(root, part), { recursive: true, encoding: 'utf8' })) {
      if (/\.(ts|sql|json|lua|xml)$/.test(name) && !/\.(test|contract)\.ts$/.test(name)) newest = Math.max(newest, statSync(join(root, part, name)).mtimeMs);
    }
  }
  return newest;
}

function isBuilt(): boolean {
  try {
    return statSync(entry).mtimeMs >= newestSourceMs();
  } catch {
    return false;
  }
}

/** Compiles obzvon if what is in dist/ is missing or older than the source; test files that run at once do it once. */
export async function ensureBuilt(): Promise<void> {
  if (!fromSource || isBuilt()) return;
  const lock = join(root, 'node_modules', '.obzvon-build.lock');
  for (;;) {
    try {
      closeSync(openSync(lock, 'wx'));
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > LOCK_STALE_MS) rmSync(lock, { force: true });
      else await sleep(LOCK_POLL_MS);
    }
  }
  try {
    if (!isBuilt()) execFileSync(process.execPath, [join(root, 'tools', 'build.mjs')], { cwd: root, stdio: 'pipe' });
  } finally {
    rmSync(lock, { force: true });
  }
}

/** How a command ended. `code`: null if a signal ended it. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has written to stderr so far. */
  stderr(): string;
}

/** Starts the built command in `cwd`, with nothing of obzvon in its environment. */
export function startObzvon(args: readonly string[], cwd: string, input?: string | Uint8Array): Running {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OBZVON_')));
  const child = spawn(process.execPath, [entry, ...args], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input ?? '');
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended, stderr: () => stderr };
}

export function obzvon(args: readonly string[], cwd: string, input?: string | Uint8Array): Promise<Ended> {
  return startObzvon(args, cwd, input).ended;
}

/** A folder of its own for one test, with the campaign, the configuration and the list written into it. */
export class Workspace {
  readonly dir = mkdtempSync(join(tmpdir(), 'obzvon-'));

  at(name: string): string {
    return join(this.dir, name);
  }

  /** A value that is not a text is written as JSON, which is YAML too. */
  write(name: string, content: unknown): string {
    writeFileSync(this.at(name), typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content, null, 1));
    return name;
  }

  makeDir(name: string): void {
    mkdirSync(this.at(name), { recursive: true });
  }

  get journal(): string {
    return this.at('.obzvon/simulator/journal.ndjson');
  }

  start(...args: string[]): Running {
    return startObzvon(args, this.dir);
  }

  run(...args: string[]): Promise<Ended> {
    return obzvon(args, this.dir);
  }

  /** The same with something on its stdin. */
  feed(input: string | Uint8Array, ...args: string[]): Promise<Ended> {
    return obzvon(args, this.dir, input);
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
