import { SentinelConnector } from 'ioredis';
import { StandaloneConnector } from 'ioredis/built/connectors/index.js';

type Stream = Awaited<ReturnType<StandaloneConnector['connect']>>;

/**
 * A socket whose every error is listened to. ioredis listens once, but a TLS socket can say two: after its own (a certificate that is not
 * trusted) comes the server's alert about the handshake that was broken off, and an error nobody listens to ends the process.
 */
function listenedTo(stream: Stream): Stream {
  return stream.on('error', () => undefined);
}

/** ioredis's way to a server, for `Connector` in its options. */
export class ServerConnector extends StandaloneConnector {
  constructor(options: unknown) {
    // What ioredis hands over are its own options.
    super(options as ConstructorParameters<typeof StandaloneConnector>[0]);
  }

  override async connect(emit: Parameters<StandaloneConnector['connect']>[0]): Promise<Stream> {
    return listenedTo(await super.connect(emit));
  }
}

/** The same by way of sentinels, whom it asks through clients of its own. */
export class MasterConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as ConstructorParameters<typeof SentinelConnector>[0]);
    // Private to ioredis, which has no other place to say how a sentinel is connected to.
    const ask: unknown = Reflect.get(this, 'connectToSentinel');
    if (typeof ask !== 'function') throw new Error('ioredis connects to sentinels in another way than this was written for');
    Reflect.set(this, 'connectToSentinel', (sentinel: unknown, more: object = {}) => Reflect.apply(ask, this, [sentinel, { ...more, Connector: ServerConnector }]) as unknown);
  }

  override async connect(emit: Parameters<SentinelConnector['connect']>[0]): Promise<Stream> {
    return listenedTo(await super.connect(emit));
  }
}
