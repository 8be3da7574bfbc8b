import { Server, type Socket } from 'node:net';
import type Srf from 'drachtio-srf';
import Mrf, { type Endpoint, type MediaServer } from 'drachtio-fsmrf';
import { ConnectionLoop, type ConnectResult } from './connection-loop.ts';
import { probeEventSocket } from './event-socket-probe.ts';
import { gatherWrites } from './gather-writes.ts';
import { clientForEndpoints } from './endpoint-dialogs.ts';
import type { HeldCall } from './held-call.ts';
import type { SwitchSettings, TelephonyLog } from './switch-options.ts';

/** Events of the audio fork, asked for in one command with the endpoint's own. */
export const FORK_EVENTS = ['mod_audio_fork::json', 'mod_audio_fork::connect_failed', 'mod_audio_fork::disconnect', 'mod_audio_fork::error'];

/** The wall's, not the simulated clock's: they bound what servers may take. */
const CONNECT_TIMEOUT_MS = 5000;
const ENDPOINT_TIMEOUT_MS = 10_000;

const nothing = (): void => undefined;

/** Lets FreeSWITCH's channel go, however it stands. */
export function discardEndpoint(endpoint: Endpoint): void {
  if (endpoint.connected) endpoint.destroy().catch(nothing);
  else {
    // Its event socket is gone; a BYE still reaches the channel, if there is one.
    try {
      endpoint.dialog?.destroy(undefined, nothing);
    } catch {
      // The signalling is gone, too.
    }
  }
}

/** Settles like `work`, or fails after `timeoutMs`; what comes later is given to `late`. */
function within<T>(timeoutMs: number, work: Promise<T>, late: (value: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      reject(new Error(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    work.then(
      (value) => {
        clearTimeout(timer);
        if (over) late(value);
        else resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/**
 * The outbound event sockets' listener of drachtio-fsmrf. Without TCP_NODELAY each command, which the library sends in several
 * writes, waits some 40 ms for an acknowledgement (measured: 43 ms an `api` call instead of 0.5).
 */
function sendAtOnce(server: MediaServer): void {
  const prepare = (socket: Socket): void => {
    socket.setNoDelay(true);
    gatherWrites(socket);
  };
  if (server.conn.socket) prepare(server.conn.socket);
  const outbound = (server as { _server?: { server?: unknown } })._server?.server;
  if (outbound instanceof Server) outbound.prependListener('connection', prepare);
}

/** One FreeSWITCH as reached through one SIP server: its event socket, and the calls that have an endpoint there. */
export class MediaLink {
  readonly calls = new Set<HeldCall>();
  readonly name: string;
  readonly #server: SwitchSettings['freeswitch'][number];
  readonly #listen: SwitchSettings['eventSocketListen'];
  readonly #srf: Srf;
  readonly #log: TelephonyLog;
  readonly #onChange: () => void;
  readonly #loop: ConnectionLoop;
  #media: MediaServer | null = null;
  #closed = false;
  downReason: string | null = 'not connected yet';

  constructor(srf: Srf, server: SwitchSettings['freeswitch'][number], listen: SwitchSettings['eventSocketListen'], log: TelephonyLog, onChange: () => void) {
    this.#srf = srf;
    this.#server = server;
    this.#listen = listen;
    this.#log = log;
    this.#onChange = onChange;
    this.name = `${server.host}:${server.port}`;
    this.#loop = new ConnectionLoop(() => this.#connect(), (reason, refused) => {
      this.downReason = `FreeSWITCH ${this.name}: ${reason}`;
      this.#log.warn({ freeswitch: this.name, reason, refused }, refused ? 'FreeSWITCH refuses us; no further try is made' : 'FreeSWITCH cannot be reached; trying again');
      this.#onChange();
    });
  }

  get up(): boolean {
    return this.#media !== null;
  }

  open(): Promise<ConnectResult> {
    return this.#loop.try();
  }

  /** A channel in FreeSWITCH, with its SDP. @throws if FreeSWITCH is away, full or too slow */
  createEndpoint(): Promise<Endpoint> {
    if (!this.#media) return Promise.reject(new Error('the event socket is not connected'));
    return within(ENDPOINT_TIMEOUT_MS, this.#media.createEndpoint(), discardEndpoint);
  }

  close(): void {
    this.#closed = true;
    this.#loop.close();
    this.#drop();
    this.downReason = 'closed';
  }

  async #connect(): Promise<ConnectResult> {
    const { host, port, secret, profile } = this.#server;
    const probe = await probeEventSocket({ host, port, secret }, CONNECT_TIMEOUT_MS);
    if (probe.kind !== 'connected') return probe;
    if (this.#isClosed()) return { kind: 'refused', reason: 'closed' };
    const mrf = new Mrf(clientForEndpoints(this.#srf), { customEvents: FORK_EVENTS });
    const { host: listenAddress, port: listenPort, advertisedHost } = this.#listen;
    let media: MediaServer;
    try {
      const connecting = mrf.connect({ address: host, port, secret, profile, listenAddress, listenPort, ...(advertisedHost === undefined ? {} : { advertisedAddress: advertisedHost }) });
      media = await within(CONNECT_TIMEOUT_MS, connecting, (late) => late.disconnect());
    } catch (error) {
      return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
    if (this.#isClosed()) {
      media.disconnect();
      return { kind: 'refused', reason: 'closed' };
    }
    sendAtOnce(media);
    media.on('error', nothing);
    media.on('end', () => {
      if (this.#media !== media) return;
      // The library would reconnect by itself, for ever and with any answer; the loop does it with a probe first.
      this.#drop();
      this.#lost('its event socket closed');
    });
    this.#media = media;
    this.downReason = null;
    this.#log.info({ freeswitch: this.name }, 'FreeSWITCH connected');
    this.#onChange();
    return { kind: 'connected' };
  }

  /** A method: what the compiler knows of a field it keeps over an await. */
  #isClosed(): boolean {
    return this.#closed;
  }

  #drop(): void {
    const media = this.#media;
    this.#media = null;
    if (!media) return;
    // An endpoint still awaited would be given up by the library later, with a rejection that nobody can catch.
    const pending = (media as { pendingConnections?: unknown }).pendingConnections;
    if (pending instanceof Map) for (const { connTimeout } of pending.values() as Iterable<{ connTimeout?: NodeJS.Timeout }>) clearTimeout(connTimeout);
    media.disconnect();
  }

  #lost(reason: string): void {
    this.downReason = `FreeSWITCH ${this.name}: ${reason}`;
    this.#log.warn({ freeswitch: this.name, calls: this.calls.size, reason }, 'FreeSWITCH lost; its calls end');
    for (const call of [...this.calls]) call.mediaLost(reason);
    this.#onChange();
    this.#loop.again();
  }
}
