import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { z } from 'zod';
import { startKafka } from './kafka.ts';
import { startRedis } from './redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    enginesSocket: string;
  }
}

const answerSchema = z.discriminatedUnion('kind', [z.object({ kind: z.literal('running'), url: z.string() }), z.object({ kind: z.literal('missing'), why: z.string() })]);
type Answer = z.infer<typeof answerSchema>;

interface Engine {
  readonly url: string;
  stop(): Promise<void>;
}
const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = { kafka: () => startKafka(), redis: () => startRedis() };

/**
 * vitest's global setup: nothing is started here, but the first test file that asks for an engine gets it started, in
 * the process that runs the whole suite; the others share it. A file talks to this process over a Unix socket.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-engines-'));
  const running = new Map<string, Promise<{ readonly answer: Answer; readonly engine: Engine | null }>>();
  const start = async (name: string): Promise<{ answer: Answer; engine: Engine | null }> => {
    try {
      const engine = await ENGINES[name]!();
      return { answer: { kind: 'running', url: engine.url }, engine };
    } catch (error) {
      return { answer: { kind: 'missing', why: error instanceof Error ? error.message : String(error) }, engine: null };
    }
  };
  const server = createServer((asked, response) => {
    const name = (asked.url ?? '').slice(1);
    if (!(name in ENGINES)) {
      response.writeHead(404).end();
      return;
    }
    const known = running.get(name) ?? start(name);
    running.set(name, known);
    void known.then(({ answer }) => response.end(JSON.stringify(answer)));
  });
  const socket = join(dir, 'engines.sock');
  server.listen(socket);
  await once(server, 'listening');
  project.provide('enginesSocket', socket);
  return async () => {
    server.close();
    for (const started of running.values()) await (await started).engine?.stop();
    await rm(dir, { recursive: true, force: true });
  };
}

/**
 * The URL of a Kafka that this run's test files share: give each suite a prefix of its own in the URL's path, and never
 * stop it. null where Kafka cannot be had: report the suite as skipped, by name. @throws Error under CI instead of null
 */
export function kafkaForTests(): Promise<string | null> {
  return engineForTests('kafka');
}

/** As {@link kafkaForTests}, for one Redis: keep to keys of the suite's own. */
export function redisForTests(): Promise<string | null> {
  return engineForTests('redis');
}

async function engineForTests(name: 'kafka' | 'redis'): Promise<string | null> {
  const asked = request({ socketPath: inject('enginesSocket'), path: `/${name}` }).end();
  const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
  let text = '';
  for await (const chunk of response) text += chunk.toString();
  const answer = answerSchema.parse(JSON.parse(text));
  if (answer.kind === 'running') return answer.url;
  if (process.env.CI !== undefined && process.env.CI !== '') throw new Error(`${name} is needed under CI, and cannot be had here: ${answer.why}`);
  process.stderr.write(`${name} cannot be had here, its suites are skipped: ${answer.why}\n`);
  return null;
}
