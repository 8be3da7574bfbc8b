import { Socket } from 'node:net';
import Srf from 'drachtio-srf';
import { ConnectionLoop, type ConnectResult } from './connection-loop.ts';
import type { HeldCall } from './held-call.ts';
import { gatherWrites } from './gather-writes.ts';
import { MediaLink } from './media-link.ts';
import type { SwitchSettings, TelephonyLog } from './switch-options.ts';

/** The wall's. */
const CONNECT_TIMEOUT_MS = 5000;

/** The library keeps its connections as the keys of a map and gives no other way to them. */
function socketsOf(srf: Srf): Socket[] {
  const { app } = srf as unknown as { app?: { client?: { mapServer?: ReadonlyMap<unknown, unknown> } } };
  return [...(app?.client?.mapServer?.keys() ?? [])].filter((key) => key instanceof Socket);
}

/** drachtio-srf throws instead if it is not connected. */
function disconnect(srf: Srf): void {
  try {
    srf.disconnect();
  } catch {
    // Nothing to disconnect.
  }
}

/**
 * One drachtio-server and, through it, every FreeSWITCH. A lost connection takes all calls with it, so everything begins anew
 * with a fresh Srf; the library's own reconnecting stays off because it never gives up on a wrong secret.
 */
export class SignallingLink {
  readonly calls = new Set<HeldCall>();
  readonly name: string;
  readonly #server: SwitchSettings['drachtio'][number];
  readonly #settings: SwitchSettings;
  readonly #listenPorts: readonly number[];
  readonly #log: TelephonyLog;
  readonly #onChange: () => void;
  readonly #loop: ConnectionLoop;
  #srf: Srf | null = null;
  #media: readonly MediaLink[] = [];
  #closed = false;
  #downReason: string | null = 'not connected yet';

  /** @param listenPorts where each FreeSWITCH's outbound event sockets arrive; 0: any port */
  constructor(server: SwitchSettings['drachtio'][number], settings: SwitchSettings, listenPorts: readonly number[], log: TelephonyLog, onChange: () => void) {
    this.#server = server;
    this.#settings = settings;
    this.#listenPorts = listenPorts;
    this.#log = log;
    this.#onChange = onChange;
    this.name = `${server.host}:${server.port}`;
    this.#loop = new ConnectionLoop(() => this.#connect(), (reason, refused) => {
      this.#downReason = `drachtio ${this.name}: ${reason}`;
      this.#log.warn({ drachtio: this.name, reason, refused }, refused ? 'drachtio refuses us; no further try is made' : 'drachtio cannot be reached; trying again');
      this.#onChange();
    });
  }

  get up(): boolean {
    return this.#srf !== null && this.#media.some((media) => media.up);
  }

  get downReason(): string {
    return this.#downReason ?? this.#media.map((media) => media.downReason).find((reason) => reason !== null) ?? 'no media server';
  }

  get srf(): Srf | null {
    return this.#srf;
  }

  /** The media server with the fewest calls; null if none is up. */
  pickMedia(): MediaLink | null {
    let best: MediaLink | null = null;
    for (const media of this.#media) if (media.up && (!best || media.calls.size < best.calls.size)) best = media;
    return best;
  }

  /** Connects to drachtio and all media servers. @returns refused if either refused the secret */
  async open(): Promise<ConnectResult> {
    return this.#loop.try();
  }

  close(): void {
    this.#closed = true;
    this.#loop.close();
    this.#drop();
    this.#downReason = 'closed';
  }

  async #connect(): Promise<ConnectResult> {
    const srf = new Srf();
    const result = await this.#authenticate(srf);
    if (result.kind !== 'connected' || this.#closed) {
      disconnect(srf);
      return result;
    }
    this.#srf = srf;
    for (const socket of socketsOf(srf)) gatherWrites(socket);
    this.#downReason = null;
    srf.on('close' as 'disconnect', () => {
      if (this.#srf === srf) this.#lost('the connection closed');
    });
    this.#log.info({ drachtio: this.name }, 'drachtio connected');
    const { freeswitch, eventSocketListen } = this.#settings;
    this.#media = freeswitch.map((server, index) => new MediaLink(srf, server, { ...eventSocketListen, port: this.#listenPorts[index] ?? 0 }, this.#log, this.#onChange));
    const results = await Promise.all(this.#media.map((media) => media.open()));
    // One media server is enough to work with; the others are tried again in the background.
    if (this.#srf !== srf) return { kind: 'failed', reason: 'the connection closed' };
    const refused = results.find((media) => media.kind === 'refused');
    if (refused && !this.#media.some((media) => media.up)) {
      this.#drop();
      return { kind: 'refused', reason: `FreeSWITCH ${this.#media[results.indexOf(refused)]?.name ?? ''}: ${refused.reason}` };
    }
    this.#onChange();
    return { kind: 'connected' };
  }

  #authenticate(srf: Srf): Promise<ConnectResult> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve({ kind: 'failed', reason: `no answer within ${CONNECT_TIMEOUT_MS} ms` }), CONNECT_TIMEOUT_MS);
      const done = (result: ConnectResult): void => {
        clearTimeout(timer);
        resolve(result);
      };
      srf.on('connect', (error: Error | null) => done(error ? { kind: 'refused', reason: 'it refused the secret' } : { kind: 'connected' }));
      srf.on('error', (error: Error) => done({ kind: 'failed', reason: error.message }));
      srf.on('close' as 'disconnect', () => done({ kind: 'failed', reason: 'closed the connection' }));
      const { host, port, secret } = this.#server;
      const options = { host, port, secret, reconnect: { maxAttempts: 1 } };
      void srf.connect(options);
    });
  }

  #drop(): void {
    const srf = this.#srf;
    this.#srf = null;
    for (const media of this.#media) media.close();
    if (srf) disconnect(srf);
  }

  #lost(reason: string): void {
    this.#downReason = `drachtio ${this.name}: ${reason}`;
    this.#log.warn({ drachtio: this.name, calls: this.calls.size, reason }, 'drachtio lost; its calls end');
    const calls = [...this.calls];
    this.#srf = null;
    // While the event sockets stand, the calls take their channels down with them.
    for (const call of calls) call.signallingLost(reason);
    this.#drop();
    this.#onChange();
    this.#loop.again();
  }
}
