import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EndedEntry } from './callee-call.ts';
import { readJournal } from './journal-file.ts';
import { simulatorOptionsSchema } from './options.ts';
import { forkSimulator, type SimulatorProcess } from './process.ts';
import { CALLEE_URI, callOptions, connectSrf } from './testing/real-clients.ts';

const START_MS = Date.parse('2026-11-23T10:00:00Z');
let dir: string;
let running: SimulatorProcess | null = null;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'obzvon-simulator-'));
});
afterEach(async () => {
  await running?.close();
  running = null;
  rmSync(dir, { recursive: true });
});

const options = (over: object = {}) => simulatorOptionsSchema.parse({ journal: join(dir, 'journal'), startMs: START_MS, speed: 100, ...over });

test('calls through a forked simulator, ended notices, statistics, a journaled jump', async () => {
  running = await forkSimulator(options({ mix: { ...options().mix, human: 1000 }, answerProbability: 1, media: false }));
  const ended: EndedEntry[] = [];
  const told = new Promise<void>((resolve) => running?.onCallEnded((entry) => ended.push(entry) === 20 && resolve()));
  const srf = await connectSrf(running.drachtio);
  for (let i = 0; i < 20; i++) srf.createUAC(CALLEE_URI.replace('4567', String(4000 + i)), callOptions(undefined, `attempt-${i}`)).catch(() => undefined);
  await told;
  expect(new Set(ended.map((entry) => entry.attemptId)).size).toBe(20);
  expect(await running.stats()).toMatchObject({ invites: 20, ended: 20, concurrent: 0 });
  const to = running.clock.nowMs() + 86_400_000;
  await running.jumpTo(to);
  expect(running.clock.nowMs()).toBeGreaterThanOrEqual(to);
  expect(readJournal(join(dir, 'journal')).at(-1)).toEqual({ kind: 'jump', atMs: to });
  await running.changeSpeed(7);
  expect(running.clock.speed).toBe(7);
  expect(running.clock.nowMs()).toBeGreaterThanOrEqual(to);
  srf.disconnect();
});

test('the next simulator goes on at the time of the last', async () => {
  const first = await forkSimulator(options());
  await first.jumpTo(START_MS + 86_400_000);
  await expect(forkSimulator(options())).rejects.toThrow('another simulator');
  await first.close();
  expect(existsSync(join(dir, 'journal.pid'))).toBe(false);
  running = await forkSimulator(options());
  expect(running.clock.nowMs()).toBeGreaterThanOrEqual(START_MS + 86_400_000);
});

test('it dies with the process that forked it', async () => {
  const entry = pathToFileURL(join(import.meta.dirname, 'process.ts')).href;
  const script = `import(${JSON.stringify(entry)}).then(async ({ forkSimulator }) => process.send((await forkSimulator(${JSON.stringify(options())})).drachtio.port))`;
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const parent = spawn(process.execPath, ['--import', loader, '-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const port = await new Promise<number>((resolve) => parent.once('message', (message) => resolve(Number(message))));
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  parent.kill('SIGKILL');
  await new Promise((resolve) => socket.once('close', resolve));
  // The next one waits until the last has let go of the journal.
  running = await forkSimulator(options());
});

test('a taken port is refused with its number', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)));
  await expect(forkSimulator(options({ drachtioPort: port }))).rejects.toThrow(String(port));
  server.close();
});
