import type { Socket } from 'node:net';
import { frame, FrameReader, FramingError } from './frames.ts';
import { stampOfDay, uuid } from './identifiers.ts';

/** The SIP address of the simulated drachtio-server. Nothing listens there: SIP itself is not simulated. */
export const SERVER_HOST = '127.0.0.1';
export const SERVER_PORT = 5060;
export const SERVER_HOSTPORT = `udp/${SERVER_HOST}:${SERVER_PORT}`;
export const SERVER_VERSION = 'v0.9.9-simulator';

/** One client's connection to the simulated drachtio-server. Messages of one turn of the event loop leave in one write. */
export class Link {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #pending = '';
  authenticated = false;
  closed = false;

  constructor(socket: Socket, onPayload: (payload: string) => void, onClose: () => void) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      try {
        for (const payload of this.#reader.push(chunk)) onPayload(payload);
      } catch (error) {
        if (!(error instanceof FramingError)) throw error;
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.closed = true;
      onClose();
    });
  }

  send(tokens: string, sip?: string): void {
    if (this.closed) return;
    const payload = sip === undefined ? `${uuid()}|${tokens}` : `${uuid()}|${tokens}\r\n${sip}`;
    if (this.#pending === '') process.nextTick(() => this.#flush());
    this.#pending += frame(payload);
  }

  ok(requestId: string, tokens: string): void {
    this.send(tokens === '' ? `response|${requestId}|OK` : `response|${requestId}|OK|${tokens}`);
  }

  refuse(requestId: string, reason: string): void {
    this.send(`response|${requestId}|NOK|${reason}`);
  }

  /** Tells the client what its request looked like when it went out. `size` 0 where the server sent nothing yet. */
  echoRequest(requestId: string, transactionId: string, sip: string, size = Buffer.byteLength(sip)): void {
    this.send(
      `response|${requestId}|OK|application|${size}|udp|${SERVER_HOST}|${SERVER_PORT}|${stampOfDay()}|${transactionId}|Msg sent:|`,
      sip,
    );
  }

  /** The same of a response of the client's; the protocol is empty there, as in the real one. */
  echoResponse(requestId: string, transactionId: string, to: { host: string; port: number }, sip: string): void {
    this.send(
      `response|${requestId}|OK|application|${Buffer.byteLength(sip)}||${to.host}|${to.port}|${stampOfDay()}|${transactionId}|||Msg sent:|`,
      sip,
    );
  }

  /** A SIP message that came from the network. */
  network(from: { host: string; port: number }, transactionId: string, dialogId: string, sip: string): void {
    this.send(`sip|network|${Buffer.byteLength(sip)}|udp|${from.host}|${from.port}|${stampOfDay()}|${transactionId}|${dialogId}|`, sip);
  }

  /** A final response that the server made itself, without any answer from the network. */
  local(transactionId: string, dialogId: string, sip: string): void {
    this.send(`sip|network|0|udp||0|${stampOfDay()}|${transactionId}|${dialogId}|`, sip);
  }

  /** Sends what is pending and closes; `drop` breaks off at once. */
  end(): void {
    this.#flush();
    this.#socket.end();
  }

  drop(): void {
    this.#pending = '';
    this.#socket.destroy();
  }

  #flush(): void {
    if (this.#pending === '') return;
    const out = this.#pending;
    this.#pending = '';
    if (!this.closed) this.#socket.write(out);
  }
}
