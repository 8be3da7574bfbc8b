import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { MasterConnector, ServerConnector } from './connectors.ts';

test('an error that a socket says after its first ends no process', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stream = await new ServerConnector({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }).connect(() => undefined);
  stream.destroy(new Error('certificate is not trusted'));
  await new Promise((resolve) => stream.once('close', resolve));
  expect(() => stream.emit('error', new Error('tlsv1 alert decode error'))).not.toThrow();
  server.close();
});

test('sentinels are asked in the same way', () => {
  const ask: unknown = Reflect.get(new MasterConnector({ sentinels: [{ host: '127.0.0.1', port: 1 }], name: 'mymaster' }), 'connectToSentinel');
  const client: unknown = Reflect.apply(ask as () => unknown, null, [{ host: '127.0.0.1', port: 1 }, { lazyConnect: true }]);
  expect(client).toBeInstanceOf(Redis);
  expect((client as Redis).options.Connector).toBe(ServerConnector);
  (client as Redis).disconnect();
});
