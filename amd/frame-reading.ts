import { Socket, type SocketConstructorOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { lastView } from './audio/last-view.ts';

/** All sockets read into this one: what is in it is judged before the next read. */
const READ_BYTES = 65_536;
const shared = Buffer.allocUnsafeSlow(READ_BYTES);
/** What was read last, in `shared`. */
let lastRead = shared;

/** FIN and opcode 2: an unfragmented binary message; the bits of extensions are not set (RFC 6455, 5.2). */
const WHOLE_BINARY = 0x82;
const FIN = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;
const RESERVED = 0x70;
const CONTINUATION = 0;
const LAST_DATA = 2;
const CONTROL = 0x08;
const PING = 9;
const PONG = 10;
const MAX_CONTROL_BYTES = 125;

export interface FrameTaker {
  /** The payload of one whole binary message; only good during the call. */
  binary(payload: Buffer): void;
  /** Anything else of the stream, in order, cut anywhere; only good during the call. */
  other(bytes: Buffer): void;
}

/**
 * Parts a client's WebSocket stream: whole masked binary messages that lie in one chunk are unmasked where they are and handed over;
 * everything else (text, control frames, fragments, frames cut by the chunk's end, mistakes) is left to a complete receiver, which thus
 * sees a stream without those messages. That keeps RFC 6455 with the receiver, and nearly all audio off it: a frame costs no object but its
 * view. After a frame that ends the stream (a close, a mistake) nothing more is handed over. States: at a frame's start (`left` 0, `headFill`
 * 0), in a head, or in a payload of `left` bytes that are not ours (infinite: the stream's end).
 */
export class FrameParter {
  private readonly head = new Uint8Array(10);
  private headFill = 0;
  private headBytes = 2;
  private left = 0;
  /** The other receiver holds the first part of a message. */
  private fragmented = false;
  /** Length of those parts. */
  private messageBytes = 0;
  private readonly taker: FrameTaker;
  private readonly maxBytes: number;

  /** `maxBytes`: a longer message is left to the receiver, which knows how to refuse it. */
  constructor(taker: FrameTaker, maxBytes: number) {
    this.taker = taker;
    this.maxBytes = maxBytes;
  }

  /** Takes the next chunk; writes over what is masked in it. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.left === 0 && this.headFill === 0 && !this.fragmented) {
        const next = this.takeWhole(chunk, at);
        if (next > at) {
          at = next;
          continue;
        }
      }
      const end = this.left > 0 ? Math.min(chunk.length, at + this.left) : this.headEnd(chunk, at);
      if (this.left > 0) this.left -= end - at;
      else this.measureHead();
      this.taker.other(chunk.subarray(at, end));
      at = end;
    }
  }

  /** @returns where the message that begins at `at` ends, if it was one to hand over; else `at` */
  private takeWhole(chunk: Buffer, at: number): number {
    if (at + 6 > chunk.length || chunk[at] !== WHOLE_BINARY) return at;
    const second = chunk[at + 1]!;
    let length = second & 0x7f;
    let from = at + 2;
    if ((second & MASKED) === 0 || length === 127) return at;
    if (length === 126) {
      length = (chunk[at + 2]! << 8) | chunk[at + 3]!;
      from += 2;
    }
    const payload = from + MASK_BYTES;
    const end = payload + length;
    if (end > chunk.length || length > this.maxBytes) return at;
    unmask(chunk, from, payload, end);
    this.taker.binary(sameView(chunk, payload, end));
    return end;
  }

  /** Takes bytes of a head until it is whole or the chunk is at its end. */
  private headEnd(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && this.headFill < this.headBytes) {
      this.head[this.headFill++] = chunk[at++]!;
      if (this.headFill !== 2) continue;
      const length = this.head[1]! & 0x7f;
      this.headBytes = length === 127 ? 10 : length === 126 ? 4 : 2;
    }
    return at;
  }

  private measureHead(): void {
    const { head } = this;
    if (this.headFill < this.headBytes) return;
    let length = head[1]! & 0x7f;
    if (this.headBytes > 2) {
      length = 0;
      for (let index = 2; index < this.headBytes; index++) length = length * 256 + head[index]!;
    }
    this.left = this.endsStream(length) ? Number.POSITIVE_INFINITY : length + MASK_BYTES;
    if ((head[0]! & CONTROL) === 0) {
      this.fragmented = (head[0]! & FIN) === 0;
      this.messageBytes = this.fragmented ? this.messageBytes + length : 0;
    }
    this.headFill = 0;
    this.headBytes = 2;
  }

  private endsStream(length: number): boolean {
    const [first = 0, second = 0] = this.head;
    const opcode = first & 0x0f;
    if ((first & RESERVED) !== 0 || (second & MASKED) === 0) return true;
    if ((opcode & CONTROL) !== 0) return (opcode !== PING && opcode !== PONG) || (first & FIN) === 0 || (second & 0x7f) > MAX_CONTROL_BYTES;
    return opcode > LAST_DATA || this.messageBytes + length > this.maxBytes || (opcode === CONTINUATION) !== this.fragmented;
  }
}

let viewed: Buffer = shared;
let viewedFrom = 0;
let view: Buffer = shared;
/** As `bytes.subarray(from, end)`; the last one made is given again for the same: nearly every read is one frame of the same length. */
function sameView(bytes: Buffer, from: number, end: number): Buffer {
  if (bytes !== viewed || from !== viewedFrom || view.length !== end - from) {
    viewed = bytes;
    viewedFrom = from;
    view = bytes.subarray(from, end);
  }
  return view;
}

const wordsIn = lastView(4, (buffer, length) => new Int32Array(buffer, 0, length));
/** A mask as a word, in the machine's order. */
const maskBytes = new Uint8Array(4);
const maskWord = new Int32Array(maskBytes.buffer);

/** Turns bytes `from` to before `end` by the mask at `mask` (RFC 6455, 5.3), four at a time from a word's place on. */
function unmask(bytes: Buffer, mask: number, from: number, end: number): void {
  const aligned = Math.min(end, from + (-(bytes.byteOffset + from) & 3));
  for (let at = from; at < aligned; at++) bytes[at]! ^= bytes[mask + at - from]!;
  for (let index = 0; index < 4; index++) maskBytes[index] = bytes[mask + ((aligned - from + index) & 3)]!;
  const words = wordsIn(bytes.buffer);
  const word = maskWord[0]!;
  const first = (bytes.byteOffset + aligned) >> 2;
  const past = first + ((end - aligned) >> 2);
  for (let place = first; place < past; place++) words[place]! ^= word;
  for (let at = aligned + 4 * (past - first); at < end; at++) bytes[at]! ^= bytes[mask + ((at - from) & 3)]!;
}

/**
 * The connection of an accepted `socket` as a new socket that reads into the shared buffer and tells `take` (`onread` of node:net, which a
 * server cannot ask for). Without it each read makes a buffer of its own: at 50,000 reads a second the collector's pauses were what verdicts
 * waited for. `socket` must have nothing unread and is of no use any more. Null where node has no such handle: then `socket` is as it was.
 */
export function readingInto(socket: Duplex, take: (chunk: Buffer) => void): Socket | null {
  const accepted = socket as Duplex & { _handle?: { useUserBuffer?: unknown } | null };
  const handle = accepted._handle;
  if (typeof handle?.useUserBuffer !== 'function') return null;
  accepted._handle = null;
  const onread = {
    buffer: shared,
    callback(bytes: number): boolean {
      if (bytes !== lastRead.length) lastRead = shared.subarray(0, bytes);
      take(lastRead);
      return true;
    },
  };
  const reading = new Socket({ handle, onread, allowHalfOpen: socket.allowHalfOpen } as SocketConstructorOpts);
  socket.destroy();
  return reading;
}
