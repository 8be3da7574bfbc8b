import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer, Socket } from 'node:net';

/** Ports are drawn from here: below those that systems give to outgoing connections, so that a client that keeps trying a dead engine's port never connects to itself. */
const FIRST_PORT = 10_000;
const PORTS = 10_000;

/** A free port of the loopback. Somebody else may take it before it is used. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** An engine's process. It ends with this process, also if this one is killed. */
export class ChildEngine {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    const watchdog = watch(pid);
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => {
        watchdog.kill('SIGKILL');
        resolve();
      });
    });
  }

  /** Starts it with all its output in a file. @throws Error ENOENT if there is no such command */
  static async start(command: string, args: readonly string[], options: { readonly logFile: string; readonly env?: NodeJS.ProcessEnv; readonly uid?: number; readonly gid?: number }): Promise<ChildEngine> {
    const log = await open(options.logFile, 'a');
    try {
      const child = spawn(command, args, { stdio: ['ignore', log.fd, log.fd], env: options.env ?? process.env, ...(options.uid === undefined ? {} : { uid: options.uid }), ...(options.gid === undefined ? {} : { gid: options.gid }) });
      await once(child, 'spawn');
      // Neither keeps this process alive.
      child.unref();
      return new ChildEngine(child, child.pid ?? 0);
    } finally {
      await log.close();
    }
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends the signal and waits for the end; what does not end in time is killed. */
  async end(signal: NodeJS.Signals, graceMs = 20_000): Promise<void> {
    if (!this.running) return;
    this.#child.ref();
    this.#child.kill(signal);
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.#exited;
    clearTimeout(impatience);
  }

  /** Resolves when the process has ended, for whatever reason. */
  get exited(): Promise<void> {
    return this.#exited;
  }
}

/** A shell that reads from us: our end, however it comes, closes the pipe, and it kills the engine. */
export function watch(pid: number): ChildProcess {
  const watchdog = spawn('sh', ['-c', 'read _; kill -9 "$1"', 'watchdog', String(pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watchdog.unref();
  const { stdin } = watchdog;
  if (stdin instanceof Socket) stdin.unref();
  stdin.on('error', () => undefined);
  watchdog.on('error', () => undefined);
  return watchdog;
}
