import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { AMD_SUBPROTOCOL, encodeAmdFrame, type AmdMessage, type AmdStart } from '../core/amd-wire.ts';
import { ObzvonError } from '../core/errors.ts';
import { FrameParter, readingInto } from './frame-reading.ts';
import { AmdStream, parseStart, type PrintBook } from './stream.ts';
import { warmUp } from './warm-up.ts';

/** Takes a stream's audio while it lasts. No call may throw. */
export interface Recording {
  /** Early media is over. */
  answered(): void;
  /** L16 bytes at the stream's rate; only good during the call. */
  audio(bytes: Uint8Array): void;
  end(): void;
}

/** What the server asks of a log; pino's logger is one. Only call ids and reasons are written, never audio or tokens. */
export interface AmdLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface AmdServerLimits {
  maxStreams: number;
  /** L16 bytes; a stream past it is closed with 1009. */
  maxBytesPerStream: number;
  /** Largest single frame, bytes. */
  maxFrameBytes: number;
  /** A stream without a frame for so long, or without metadata, is closed with 1001. */
  idleTimeoutMs: number;
  /** A stream that lasts longer is closed with 1001, however little it sends. */
  maxStreamMs: number;
  /** What may wait for a peer that does not read; then the stream is cut off. */
  maxUnsentBytes: number;
}

export const AMD_SERVER_LIMITS: AmdServerLimits = {
  maxStreams: 2000,
  // Four minutes at 16 kHz: far past any latest decision and any greeting.
  maxBytesPerStream: 8_000_000,
  maxFrameBytes: 1_000_000,
  idleTimeoutMs: 15_000,
  maxStreamMs: 600_000,
  maxUnsentBytes: 64_000,
};

export interface AmdServerOptions {
  host: string;
  /** 0 takes any free port; `url` tells which. */
  port: number;
  token: string;
  /** Default `/amd`. */
  path?: string;
  log: AmdLog;
  limits?: Partial<AmdServerLimits>;
  /** Prints of announcements to match, and to learn. */
  prints?: PrintBook;
  /** Whether and where a stream's audio is kept; null: not this one's. */
  record?: (start: AmdStart) => Recording | null;
  /** What happens, for metrics. */
  tell?: (event: AmdServerEvent) => void;
}

export const REFUSAL_REASONS = ['bad_token', 'bad_metadata', 'bad_control', 'too_many_streams', 'too_many_bytes', 'too_long', 'idle', 'not_reading', 'broken'] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export type AmdServerEvent =
  | { readonly kind: 'streams'; readonly streams: number }
  | { readonly kind: 'message'; readonly message: AmdMessage }
  /** A stream was refused, or broken off by the server. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
  /** `audioMs` of audio were heard; `computeMs` is what that took of this process. */
  | { readonly kind: 'ended'; readonly audioMs: number; readonly computeMs: number };

export interface AmdServer {
  readonly url: string;
  readonly activeStreams: number;
  close(): Promise<void>;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * WebSocket server for mod_audio_fork (subprotocol audio.drachtio.org): first text frame is the metadata, binary frames are L16
 * little-endian mono. A stream's own mistakes cost that stream only. Throws `ObzvonError` (`bad_config`) without a token, and `unreachable` if it cannot listen.
 * Close codes: 1008 metadata or token refused, 1009 too many bytes, 1013 too many streams, 1001 idle or closing.
 */
export async function startAmdServer(options: AmdServerOptions): Promise<AmdServer> {
  if (options.token === '') throw new ObzvonError('bad_config', 'the AMD server needs a token; found none');
  warmUp();
  const limits: AmdServerLimits = { ...AMD_SERVER_LIMITS, ...options.limits };
  const path = options.path ?? '/amd';
  const http = createServer((_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain' }).end('obzvon AMD speaks WebSocket only\n');
  });
  const sockets = new WebSocketServer({
    noServer: true,
    path,
    maxPayload: limits.maxFrameBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(AMD_SUBPROTOCOL) ? AMD_SUBPROTOCOL : false),
  });
  const token = digest(options.token);
  const context: Context = { options, limits, token, sockets };
  http.on('upgrade', (request, socket, head) => connect(request, socket, head, context));
  await new Promise<void>((resolve, reject) => {
    http.on('error', (error) => {
      options.log.warn({ err: error.message }, 'AMD server error');
      reject(new ObzvonError('unreachable', `the AMD server cannot listen on ${options.host}:${options.port}: ${error.message}`, { cause: error }));
    });
    http.listen(options.port, options.host, resolve);
  });
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `ws://${host}:${port}${path}`,
    get activeStreams() {
      return sockets.clients.size;
    },
    async close() {
      for (const socket of sockets.clients) socket.close(1001, 'the AMD server is closing');
      const stragglers = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, 1000);
      await new Promise<void>((resolve) => {
        sockets.close(() => http.close(() => resolve()));
        http.closeIdleConnections();
      });
      clearTimeout(stragglers);
    },
  };
}

interface Context {
  options: AmdServerOptions;
  limits: AmdServerLimits;
  token: Buffer;
  sockets: WebSocketServer;
}

const NOTHING = Buffer.alloc(0);

/** Agrees on WebSocket. Audio in whole frames goes straight to the stream; all else of the protocol is ws's. */
function connect(request: IncomingMessage, accepted: Duplex, head: Buffer, context: Context): void {
  let audio: (frame: Buffer) => void = () => undefined;
  const frames = new FrameParter({
    binary: (payload) => audio(payload),
    // ws keeps what it cannot take at once.
    other: (bytes) => socket?.emit('data', Buffer.from(bytes)),
  }, context.limits.maxFrameBytes);
  const socket = readingInto(accepted, (chunk) => frames.push(chunk));
  if (socket === null) {
    context.sockets.handleUpgrade(request, accepted, head, (webSocket) => serve(webSocket, context));
    return;
  }
  context.sockets.handleUpgrade(request, socket, NOTHING, (webSocket) => {
    audio = serve(webSocket, context);
    frames.push(head);
  });
}

/**
 * One socket, from its metadata to its end. Nothing it sends can throw past here.
 * @returns what takes binary frames that did not come through `socket`
 */
function serve(socket: WebSocket, { options, limits, token, sockets }: Context): (frame: Buffer) => void {
  let stream: AmdStream | null = null;
  let recording: Recording | null = null;
  let bytes = 0;
  let computeMs = 0;
  let closing = false;
  let heardAtMs = performance.now();
  const tell = (event: AmdServerEvent): void => options.tell?.(event);

  const send = (message: AmdMessage): void => {
    tell({ kind: 'message', message });
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > limits.maxUnsentBytes) {
      cut('not_reading', `more than ${limits.maxUnsentBytes} bytes wait for a peer that does not read`);
      return;
    }
    socket.send(encodeAmdFrame(message));
  };
  /** Ends a stream with which nothing can be agreed any more. */
  const cut = (reason: RefusalReason, told: string): void => {
    if (closing) return;
    closing = true;
    options.log.warn({ callId: stream?.start.callId ?? 'unknown', reason }, `AMD stream cut off: ${told}`);
    tell({ kind: 'refused', reason });
    socket.terminate();
  };
  const refuse = (reason: RefusalReason, code: number, told: string, callId = stream?.start.callId ?? 'unknown'): void => {
    if (closing) return;
    closing = true;
    options.log.warn({ callId, reason }, `AMD stream refused: ${told}`);
    tell({ kind: 'refused', reason });
    if (socket.readyState === socket.OPEN) socket.send(encodeAmdFrame({ type: 'error', callId, reason: told }));
    socket.close(code, told.slice(0, 120));
  };
  const begin = (text: string): void => {
    const start = parseStart(text);
    if ('fault' in start) {
      refuse('bad_metadata', 1008, `the start metadata, which the first frame must be: ${start.fault}`, start.callId);
    } else if (!timingSafeEqual(digest(start.token), token)) {
      refuse('bad_token', 1008, 'the token in the start metadata is not this server\'s');
    } else {
      stream = new AmdStream(start, options.prints);
      recording = options.record?.(start) ?? null;
    }
  };
  const hear = (to: AmdStream, frame: Buffer): void => {
    recording?.audio(frame);
    if (to.done) return;
    const messages = to.audio(frame);
    computeMs += performance.now() - heardAtMs;
    messages.forEach(send);
  };
  const receive = (frame: Buffer, isBinary: boolean): void => {
    if (closing) return;
    heardAtMs = performance.now();
    if (stream === null) {
      begin(isBinary ? '' : frame.toString('utf8'));
      return;
    }
    if (isBinary) {
      bytes += frame.length;
      if (bytes > limits.maxBytesPerStream) refuse('too_many_bytes', 1009, `more than ${limits.maxBytesPerStream} bytes in one stream`);
      else hear(stream, frame);
      return;
    }
    const messages = stream.control(frame.toString('utf8'));
    if (messages === null) {
      options.log.warn({ callId: stream.start.callId }, 'AMD stream: a control frame of no known kind is ignored');
      tell({ kind: 'refused', reason: 'bad_control' });
      send({ type: 'error', callId: stream.start.callId, reason: 'a control frame of no known kind was ignored' });
    } else {
      recording?.answered();
      messages.forEach(send);
    }
  };

  // Looks again when the time could be up, rather than being put off by each of 50 frames a second.
  const watch = (): void => {
    const leftMs = heardAtMs + limits.idleTimeoutMs - performance.now();
    if (leftMs > 0) idle = setTimeout(watch, Math.ceil(leftMs));
    else refuse('idle', 1001, `no frame for ${limits.idleTimeoutMs} ms`);
  };
  let idle = setTimeout(watch, limits.idleTimeoutMs);
  const longest = setTimeout(() => refuse('too_long', 1001, `longer than ${limits.maxStreamMs} ms`), limits.maxStreamMs);
  const take = (frame: Buffer, isBinary: boolean): void => {
    try {
      receive(frame, isBinary);
    } catch (error) {
      // A fault of ours; it ends the one stream, and says so loudly.
      cut('broken', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  };
  socket.on('message', (data, isBinary) => take(toBytes(data), isBinary));
  socket.on('error', (error) => {
    options.log.warn({ callId: stream?.start.callId ?? 'unknown', err: error.message }, 'AMD stream broke');
    if (closing) return;
    closing = true;
    // The library closes with 1009 by itself.
    tell({ kind: 'refused', reason: 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'too_many_bytes' : 'broken' });
  });
  socket.on('close', () => {
    clearTimeout(idle);
    clearTimeout(longest);
    if (stream !== null) {
      stream.ended();
      tell({ kind: 'ended', audioMs: stream.heardMs, computeMs });
    }
    recording?.end();
    tell({ kind: 'streams', streams: sockets.clients.size });
  });
  tell({ kind: 'streams', streams: sockets.clients.size });
  if (sockets.clients.size > limits.maxStreams) refuse('too_many_streams', 1013, `more than ${limits.maxStreams} streams at once`);
  return (frame) => {
    if (socket.readyState === socket.OPEN) take(frame, true);
  };
}

function toBytes(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
