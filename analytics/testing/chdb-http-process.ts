import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ObzvonError } from '../../core/errors.ts';
import type { Misbehaviour } from './chdb-http-server.ts';

export interface ChdbHttpProcessOptions {
  /** Directory of the data. */
  readonly dir: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
}

/** A ClickHouse for tests in a process of its own, so that it can die. */
export interface ChdbHttpProcess {
  /** The same over all restarts. */
  readonly url: string;
  readonly pid: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM: running statements end first; resolves when it is gone. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data, ending it first (SIGTERM) if it runs. */
  restart(): Promise<void>;
  misbehave(misbehaviour: Misbehaviour): Promise<void>;
}

export const fromChildSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('listening'), port: z.number(), url: z.string() }),
  z.object({ kind: z.literal('misbehaving') }),
]);
export type FromChild = z.infer<typeof fromChildSchema>;

/**
 * Forks the server of `chdb-http-main.ts` and waits until it listens on loopback. It ends with this process, however that ends.
 * @throws ObzvonError `unreachable` if it ends before it listens
 */
export async function forkChdbHttpServer(options: ChdbHttpProcessOptions): Promise<ChdbHttpProcess> {
  let { child, url, port } = await start(options);
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    url,
    get pid() {
      return child.pid ?? 0;
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async restart() {
      await end('SIGTERM');
      ({ child, url, port } = await start({ ...options, port }));
    },
    async misbehave(misbehaviour) {
      const done = answerOf(child, 'misbehaving');
      child.send(misbehaviour);
      await done;
    },
  };
}

async function start(options: ChdbHttpProcessOptions): Promise<{ child: ChildProcess; url: string; port: number }> {
  // From source it needs the loader that runs TypeScript; from dist it is plain JavaScript.
  const source = import.meta.url.endsWith('.ts');
  const entry = new URL(source ? './chdb-http-main.ts' : './chdb-http-main.js', import.meta.url);
  const execArgv = source ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
  const args = ['--path', options.dir, '--port', String(options.port ?? 0)];
  if (options.user !== undefined) args.push('--user', options.user);
  if (options.password !== undefined) args.push('--password', options.password);
  const child = fork(entry, args, { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const { url, port } = await answerOf(child, 'listening');
  return { child, url, port };
}

function answerOf<K extends FromChild['kind']>(child: ChildProcess, kind: K): Promise<Extract<FromChild, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const onMessage = (raw: unknown): void => {
      const message = fromChildSchema.parse(raw);
      if (message.kind !== kind) return;
      stopListening();
      resolve(message as Extract<FromChild, { kind: K }>);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      stopListening();
      reject(new ObzvonError('unreachable', `the test's ClickHouse ended with ${signal ?? `exit code ${code ?? '?'}`}`));
    };
    const stopListening = (): void => {
      child.off('message', onMessage).off('exit', onExit);
    };
    child.on('message', onMessage).on('exit', onExit);
  });
}
