import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { FrameParter, readingInto } from './frame-reading.ts';

/** ws exports its receiver; its types do not. */
interface Receiver {
  write(bytes: Buffer): void;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): void;
  on(event: 'ping' | 'pong', listener: (data: Buffer) => void): void;
  on(event: 'conclude', listener: (code: number) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
}
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean; maxPayload: number; allowSynchronousEvents: boolean }) => Receiver };
const MAX_BYTES = 600;

/** What a peer would be told of `chunks`: every message in its order, until the first mistake. */
function heard(chunks: readonly Buffer[], parted: boolean): string[] {
  const told: string[] = [];
  let over = false;
  const receiver = new Receiver({ isServer: true, maxPayload: MAX_BYTES, allowSynchronousEvents: true });
  receiver.on('message', (data, isBinary) => told.push(`${isBinary ? 'binary' : 'text'} ${data.toString('hex')}`));
  for (const event of ['ping', 'pong'] as const) receiver.on(event, (data) => told.push(`${event} ${data.toString('hex')}`));
  receiver.on('conclude', (code) => {
    told.push(`closed with ${code}`);
    over = true;
  });
  receiver.on('error', ({ message }) => {
    told.push(message);
    over = true;
  });
  const other = (bytes: Buffer): void => {
    if (!over) receiver.write(Buffer.from(bytes));
  };
  const frames = new FrameParter({
    other,
    binary: (payload) => {
      if (!over) told.push(`binary ${payload.toString('hex')}`);
    },
  }, MAX_BYTES);
  for (const chunk of chunks) {
    if (parted) frames.push(Buffer.from(chunk));
    else other(chunk);
  }
  return told;
}

interface Piece { first: number; masked: boolean; mask: Uint8Array; payload: Uint8Array; lengthBytes: 0 | 2 | 8 }

function frame({ first, masked, mask, payload, lengthBytes }: Piece): Buffer {
  const bytes = lengthBytes === 0 && payload.length > 125 ? 2 : lengthBytes;
  const length = Buffer.alloc(bytes);
  if (bytes === 2) length.writeUInt16BE(payload.length);
  if (bytes === 8) length.writeBigUInt64BE(BigInt(payload.length));
  const flag = masked ? 0x80 : 0;
  const head = Buffer.from([first, flag | (bytes === 0 ? payload.length : bytes === 2 ? 126 : 127)]);
  return Buffer.concat(masked ? [head, length, mask, payload.map((byte, index) => byte ^ mask[index & 3]!)] : [head, length, payload]);
}

const ordinary = fc.constantFrom(0x82, 0x82, 0x82, 0x81, 0x01, 0x02, 0x80, 0x00, 0x89, 0x8a);
const piece = fc.record({
  first: fc.oneof({ weight: 30, arbitrary: ordinary }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) }),
  masked: fc.oneof({ weight: 40, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  mask: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  payload: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 100, maxLength: 140 }), fc.uint8Array({ minLength: MAX_BYTES - 2, maxLength: MAX_BYTES + 2 })),
  lengthBytes: fc.constantFrom<Piece['lengthBytes'][]>(0, 0, 0, 2, 8),
});

/** After a text that is no UTF-8 ws stops at the loop's next turn only: texts here are ASCII. */
const asText = (each: Piece): Piece => ((each.first & 0x0f) < 2 ? { ...each, payload: each.payload.map((byte) => byte & 0x7f) } : each);

function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const end = at + lengths[turn % lengths.length]!;
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 900 })), { minLength: 1, maxLength: 6 });

test('any frames, cut anywhere: what ws alone would tell, in the same order', () => {
  fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), cuts, (pieces, lengths) => {
    const chunks = cut(Buffer.concat(pieces.map(asText).map(frame)), lengths);
    expect(heard(chunks, true)).toEqual(heard(chunks, false));
  }), { numRuns: 3000 });
});

test('any bytes: what ws alone would tell', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes.map((byte, index) => (index === 0 ? byte & 0x8f : index === 1 ? byte | 0x80 : byte))), cuts, (bytes, lengths) => {
    const chunks = cut(Buffer.from(bytes), lengths);
    expect(heard(chunks, true)).toEqual(heard(chunks, false));
  }), { numRuns: 2000 });
});

test('audio in whole frames never comes to ws; a frame that is cut does', () => {
  const audio = frame({ first: 0x82, masked: true, mask: Uint8Array.of(1, 2, 3, 4), payload: new Uint8Array(320).fill(7), lengthBytes: 2 });
  let whole = 0;
  let others = 0;
  const frames = new FrameParter({
    binary: (payload) => {
      expect(payload).toEqual(Buffer.alloc(320, 7));
      whole++;
    },
    other: ({ length }) => {
      others += length;
    },
  }, MAX_BYTES);
  frames.push(Buffer.concat([audio, audio, audio.subarray(0, 50)]));
  frames.push(Buffer.concat([audio.subarray(50), audio]));
  expect([whole, others]).toEqual([3, audio.length]);
});

test('a socket that reads into the shared buffer is told all bytes, can be paused, answers, and sees the end', async () => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const peer = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  const got: Buffer[] = [];
  const socket = readingInto(accepted, (chunk) => got.push(Buffer.from(chunk)));
  expect(socket).not.toBeNull();
  socket!.on('data', () => undefined);
  socket!.pause();
  peer.write('one');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(got).toEqual([]);
  socket!.resume();
  peer.end('two');
  await once(socket!, 'end');
  expect(Buffer.concat(got).toString()).toBe('onetwo');
  socket!.end('three');
  const [answer] = (await once(peer, 'data')) as [Buffer];
  expect(answer.toString()).toBe('three');
  await once(peer, 'close');
  // The accepted socket no longer counts as a connection: the server can close.
  await new Promise((resolve) => server.close(resolve));
});
