// A ClickHouse for tests, started as a process: node chdb-http-main.js --path DIR [--port N] [--user NAME --password TEXT]
// Listens on loopback, says where on stdout, and ends at SIGTERM or SIGINT, or with the process that forked it.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startChdbHttpServer } from './chdb-http-server.ts';
import type { FromChild } from './chdb-http-process.ts';

const { values } = parseArgs({ options: { path: { type: 'string' }, port: { type: 'string', default: '0' }, user: { type: 'string' }, password: { type: 'string' } } });
if (values.path === undefined) throw new Error('found no --path, expected --path DIR of the data');

const misbehaviourSchema = z.intersection(
  z.object({ times: z.number().int().positive().exactOptional(), only: z.literal('inserts').exactOptional() }),
  z.discriminatedUnion('kind', [
    z.object({ kind: z.enum(['none', 'hang', 'cut', 'reset']) }),
    z.object({ kind: z.literal('refuse'), status: z.number() }),
    z.object({ kind: z.literal('fail'), code: z.number(), type: z.string() }),
  ]),
);

const server = await startChdbHttpServer({
  path: values.path,
  port: Number(values.port),
  ...(values.user === undefined ? {} : { user: values.user }),
  ...(values.password === undefined ? {} : { password: values.password }),
});
const tell = (message: FromChild): void => {
  if (process.connected) process.send?.(message);
};
let ending = false;
const end = (): void => {
  if (ending) return;
  ending = true;
  // A statement that hangs must not keep the process.
  server.misbehave({ kind: 'none' });
  void server.close().then(() => process.exit(0));
};
process.on('SIGTERM', end);
process.on('SIGINT', end);
// Not exit(): with statements under way the engine's own threads keep the process from ending.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (raw) => {
  server.misbehave(misbehaviourSchema.parse(raw));
  tell({ kind: 'misbehaving' });
});
process.stdout.write(`listening on http://127.0.0.1:${server.port}\n`);
tell({ kind: 'listening', port: server.port, url: server.url });
