import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ObzvonError } from '../../core/errors.ts';
import { watch } from './child-engine.ts';

const fromSource = import.meta.url.endsWith('.ts');
/** The built command, also for a cluster that runs from source. */
const entry = fileURLToPath(new URL(fromSource ? '../../dist/bin/obzvon.js' : '../../bin/obzvon.js', import.meta.url));

/** How a process ended: an exit code, or the signal that ended it. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Its stderr goes to `<logBase>.stderr`, its stdout to `<logBase>.stdout`; both are appended to. */
  readonly logBase: string;
  readonly cwd: string;
  /** Modules that node loads before it. */
  readonly preload?: readonly string[];
  /** Its stdin is written to with {@link ObzvonProcess.write}; else it is empty. */
  readonly stdin?: boolean;
  /** No file that it writes may grow beyond this, in units of 512 bytes. */
  readonly fileLimitBlocks?: number;
}

/**
 * One `obzvon` command in a process of its own. It ends with this process, however that ends, and does not hear a Ctrl-C
 * meant for it.
 */
export class ObzvonProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #logBase: string;

  constructor(options: ProcessOptions) {
    this.#logBase = options.logBase;
    const stdout = openSync(`${options.logBase}.stdout`, 'a');
    const stderr = openSync(`${options.logBase}.stderr`, 'a');
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OBZVON_')));
    const preload = (options.preload ?? []).flatMap((module) => ['--import', module]);
    const command = [process.execPath, ...preload, entry, ...options.args];
    // POSIX, ulimit -f; the shell becomes the command.
    if (options.fileLimitBlocks !== undefined) command.unshift('/bin/sh', '-c', `ulimit -f ${options.fileLimitBlocks}; exec "$0" "$@"`);
    this.#child = spawn(command[0]!, command.slice(1), {
      cwd: options.cwd, env: { ...env, ...options.env }, stdio: [options.stdin === true ? 'pipe' : 'ignore', stdout, stderr], detached: true,
    });
    closeSync(stdout);
    closeSync(stderr);
    // Killed while it is written to: its end says so.
    this.#child.stdin?.on('error', () => undefined);
    this.pid = this.#child.pid ?? 0;
    const watchdog = watch(this.pid);
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code, signal) => {
        watchdog.kill('SIGKILL');
        resolve({ code, signal });
      });
    });
    this.ended.catch(() => undefined);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends a signal; nothing if it has ended. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  /** Writes to its stdin; `end` closes it. */
  write(text: string, end: boolean): void {
    if (end) this.#child.stdin?.end(text);
    else this.#child.stdin?.write(text);
  }

  /** SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  /** SIGTERM, and waits for its end; after `limitMs` it is killed. */
  async drain(limitMs: number): Promise<ProcessEnd> {
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const impatience = setTimeout(() => this.signal('SIGKILL'), limitMs);
    const end = await this.ended;
    clearTimeout(impatience);
    return end;
  }

  get stdout(): string {
    return readFileSync(`${this.#logBase}.stdout`, 'utf8');
  }

  get stderr(): string {
    return readFileSync(`${this.#logBase}.stderr`, 'utf8');
  }

  get logFile(): string {
    return `${this.#logBase}.stderr`;
  }

  /**
   * Waits until `/readyz` on a port of the loopback says that every engine is up.
   * @throws ObzvonError `unreachable` if the process ends before, or it takes longer than `limitMs`
   */
  async ready(port: number, limitMs: number): Promise<void> {
    const untilMs = performance.now() + limitMs;
    while (!(await isReady(port))) {
      if (!this.running) throw new ObzvonError('unreachable', `${this.#logBase} ended before it was ready: ${lastLines(this.stderr)}`);
      if (performance.now() > untilMs) throw new ObzvonError('unreachable', `${this.#logBase} was not ready after ${Math.round(limitMs / 1000)} s: ${lastLines(this.stderr)}`);
      await sleep(50);
    }
  }
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-4).join('\n');

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/readyz', timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
