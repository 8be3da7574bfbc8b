/** drachtio-fsmrf 4.1 ships no types; this is the part obzvon uses, written from its source. */
declare module 'drachtio-fsmrf' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';
  import type Srf from 'drachtio-srf';
  import type { Dialog } from 'drachtio-srf';

  /** An event of the event socket (drachtio-modesl `Event`). */
  export interface EslEvent {
    getHeader(name: string): string | undefined;
    getBody(): string;
  }

  /** One event-socket connection (drachtio-modesl `Connection`); `socket` is null once it is closed. */
  export interface EslConnection extends EventEmitter {
    readonly socket: Socket | null;
    connected(): boolean;
    api(command: string, args: string | string[], callback: (response: EslEvent) => void): void;
    execute(application: string, argument: string, callback: (complete: EslEvent) => void): string;
    disconnect(): void;
  }

  export interface PlayResult {
    /** Decimal strings as FreeSWITCH sent them. Of a play that was stopped, `playbackMilliseconds` counts what was read ahead, too. */
    readonly playbackSeconds: string | undefined;
    readonly playbackMilliseconds: string | undefined;
    /** Samples played, 8 per ms. */
    readonly playbackLastOffsetPos: string | undefined;
  }

  export interface ForkAudioOptions {
    wsUrl: string;
    mixType?: 'mono' | 'mixed' | 'stereo';
    sampling?: string;
    bugname?: string;
    metadata?: string | Record<string, unknown>;
    bidirectionalAudio?: { enabled?: 'true' | 'false'; streaming?: 'true' | 'false'; sampleRate?: string };
  }

  export interface EndpointSide {
    readonly sdp: string;
    readonly mediaIp: string;
    readonly mediaPort: string;
  }

  /**
   * A FreeSWITCH channel. Events: `dtmf` ({ dtmf, duration, source }), `playback-start`, `playback-stop` ({ file }),
   * `channelCallState` ({ state }), `destroy` (the media server ended it, or its event socket closed) and the custom events
   * that were asked for (parsed body, event).
   */
  export interface Endpoint extends EventEmitter {
    readonly uuid: string;
    readonly local: EndpointSide;
    readonly remote: EndpointSide;
    readonly sip: { readonly callId?: string };
    /** null once the event socket has closed. */
    readonly conn: EslConnection | null;
    readonly dialog: Dialog | null;
    readonly connected: boolean;
    play(file: string | readonly string[]): Promise<PlayResult>;
    /** Sends the other side's SDP (re-INVITE) and reads the channel's variables again. */
    modify(sdp: string): Promise<unknown>;
    api(command: string, args?: string | readonly string[]): Promise<EslEvent>;
    execute(application: string, argument?: string): Promise<EslEvent>;
    /** Resolves before the WebSocket is up; a refusal comes as the event `mod_audio_fork::connect_failed`. */
    forkAudioStart(options: ForkAudioOptions): Promise<void>;
    forkAudioSendText(bugname: string, metadata: string | Record<string, unknown>): Promise<void>;
    forkAudioStop(bugname: string, metadata?: string | Record<string, unknown>): Promise<void>;
    addCustomEventListener(event: string, handler: (body: unknown, event: EslEvent) => void): void;
    removeCustomEventListener(event: string, handler?: (body: unknown, event: EslEvent) => void): void;
    /** Hangs up; resolves on the BYE that FreeSWITCH sends. */
    destroy(): Promise<void>;
  }

  export interface CreateEndpointOptions {
    remoteSdp?: string;
    codecs?: string | string[];
    headers?: Record<string, string>;
  }

  /** Events: `end` (the event socket closed), `error`, `channel::open`, `channel::close`. */
  export interface MediaServer extends EventEmitter {
    readonly address: string;
    readonly conn: EslConnection;
    readonly maxSessions: number;
    readonly currentSessions: number;
    connected(): boolean;
    createEndpoint(options?: CreateEndpointOptions): Promise<Endpoint>;
    api(command: string): Promise<string>;
    disconnect(): void;
  }

  export interface MrfConnectOptions {
    address: string;
    port?: number;
    secret?: string;
    listenAddress?: string;
    listenPort?: number;
    advertisedAddress?: string;
    advertisedPort?: number;
    profile?: string;
  }

  export default class Mrf {
    constructor(srf: Srf, options?: { customEvents?: string[] });
    connect(options: MrfConnectOptions): Promise<MediaServer>;
  }
}
