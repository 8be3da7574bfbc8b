import type { ICustomPartitioner, Message } from 'kafkajs';
import { JsonBytes } from './json-bytes.ts';
import { murmur2 } from './murmur2.ts';

/** Where a block is written before its length is known. */
const draft = new JsonBytes();

/**
 * Rooms used again and again. Left to the garbage collector they would pile up to 64 MB: it takes no hurry with memory outside the heap that has lived
 * for as long as a request.
 */
const ROOM_BYTES = 384 * 1024;
const ROOM_MESSAGES = 1024;
const MOST_SPARE = 16;

interface Room {
  readonly bytes: Buffer;
  /** Where each key, and after it each value, ends. */
  readonly ends: Uint32Array;
}
const spare: Room[] = [];

/** Room for so many messages and bytes; of the common size if they fill a good part of it. */
function roomFor(messages: number, bytes: number): Room {
  if (bytes > ROOM_BYTES || bytes < ROOM_BYTES / 4 || messages > ROOM_MESSAGES) return { bytes: Buffer.allocUnsafeSlow(bytes), ends: new Uint32Array(messages * 2) };
  return spare.pop() ?? { bytes: Buffer.allocUnsafeSlow(ROOM_BYTES), ends: new Uint32Array(ROOM_MESSAGES * 2) };
}

/** Of the block being written. */
const draftEnds = new Uint32Array(ROOM_MESSAGES * 2);

/**
 * Messages that wait to be sent, as bytes in one piece outside the heap: texts that wait would be moved by the garbage collector again and again
 * (a load has some thousands under way).
 */
export class MessageBlock {
  /** At least as long as the messages. */
  readonly bytes: Buffer;
  readonly length: number;
  readonly #ends: Uint32Array;

  private constructor(room: Room, length: number) {
    this.bytes = room.bytes;
    this.#ends = room.ends;
    this.length = length;
  }

  /** @param write adds the text of a message's value */
  static of<T>(messages: readonly { readonly key: string; readonly value: T }[], write: (value: T, into: JsonBytes) => void): MessageBlock {
    const ends = messages.length <= ROOM_MESSAGES ? draftEnds : new Uint32Array(messages.length * 2);
    draft.clear();
    messages.forEach(({ key, value }, index) => {
      draft.addText(key);
      ends[index * 2] = draft.length;
      write(value, draft);
      ends[index * 2 + 1] = draft.length;
    });
    const room = roomFor(messages.length, draft.length);
    draft.copyTo(room.bytes);
    room.ends.set(ends.subarray(0, messages.length * 2));
    return new MessageBlock(room, messages.length);
  }

  /** Nobody reads the block any more: its room is used again. */
  release(): void {
    if (this.bytes.length === ROOM_BYTES && this.#ends.length === ROOM_MESSAGES * 2 && spare.length < MOST_SPARE) spare.push({ bytes: this.bytes, ends: this.#ends });
  }

  keyStart(index: number): number {
    return index === 0 ? 0 : this.#ends[index * 2 - 1]!;
  }

  keyEnd(index: number): number {
    return this.#ends[index * 2]!;
  }

  valueEnd(index: number): number {
    return this.#ends[index * 2 + 1]!;
  }

  /** Bytes of key and value. */
  sizeOf(index: number): number {
    return this.valueEnd(index) - this.keyStart(index);
  }
}

/** Some messages of a block, from (inclusive) and to (exclusive). */
export interface BlockSlice {
  readonly block: MessageBlock;
  readonly from: number;
  readonly to: number;
}

/** How kafkajs asks for a partition; the number of partitions is noted on the message that stands for all. */
interface Probe extends Message {
  partitionCount: number;
}

/**
 * The messages of one request, as kafkajs takes them, but written out beforehand.
 *
 * kafkajs makes an object and a buffer of 512 bytes for every record, reckons its times and the key's hash in BigInt, and copies the list of a
 * partition's messages for each message (measured on contacts of 430 bytes: 20 µs of processor each, of which Kafka's format needs 2). So it is handed an
 * array with one element that stands for all: asked to sort messages into partitions (`reduce`) it gives batches that are written out already, and each
 * of these, asked for its records (`map`), gives them as one element in an array of the right length. Leaders, sequence numbers, retries and errors
 * stay kafkajs's affair. This leans on how kafkajs 2.2.4 goes about it (producer/groupMessagesPerPartition.js, protocol/requests/produce/v3/request.js,
 * protocol/recordBatch/v0); the contract suite of the bus on Kafka, and kafka-records.test.ts, would tell if another release did otherwise.
 */
export class WrittenMessages extends Array<Message> {
  readonly #slices: readonly BlockSlice[];
  readonly #told: (partition: number) => void;
  readonly #room: (bytes: number) => Buffer;

  /**
   * @param told hears which partitions the messages go to
   * @param room gives room for so many bytes; what is written there must stand until the request is answered
   */
  constructor(slices: readonly BlockSlice[], told: (partition: number) => void, room: (bytes: number) => Buffer) {
    super();
    const probe: Probe = { value: '', partitionCount: 0 };
    this.push(probe);
    this.#slices = slices;
    this.#told = told;
    this.#room = room;
  }

  // Not derived arrays of this class.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  override reduce<U>(group: (grouped: U, message: Message, index: number, all: Message[]) => U, into?: U): U {
    const probe = this[0] as Probe;
    group({} as U, probe, 0, this);
    // First where each message goes, and how much each partition gets: its records have room of their own, within one piece.
    const writers = new Map<number, RecordWriter>();
    const writerOf: RecordWriter[] = [];
    for (const { block, from, to } of this.#slices) {
      for (let index = from; index < to; index += 1) {
        const start = block.keyStart(index);
        const partition = (murmur2(block.bytes, start, block.keyEnd(index) - start) & 0x7fffffff) % probe.partitionCount;
        let writer = writers.get(partition);
        if (writer === undefined) writers.set(partition, (writer = new RecordWriter()));
        writer.expect(block, index);
        writerOf.push(writer);
      }
    }
    let bytes = 0;
    for (const writer of writers.values()) bytes += writer.mostBytes;
    const room = this.#room(bytes);
    let at = 0;
    for (const writer of writers.values()) writer.begin(room.subarray(at, (at += writer.mostBytes)));
    let message = 0;
    for (const { block, from, to } of this.#slices) for (let index = from; index < to; index += 1) writerOf[message++]!.add(block, index);
    const grouped = (into ?? {}) as Record<number, WrittenRecords>;
    for (const [partition, writer] of writers) {
      grouped[partition] = writer.end();
      this.#told(partition);
    }
    return grouped as U;
  }
}

/** Java's own choice (murmur2 of the key), which {@link WrittenMessages} makes itself: whatever else writes to the topic puts a key into the same partition. */
export const writtenPartitioner: ICustomPartitioner = () => ({ partitionMetadata, message }) => {
  (message as Probe).partitionCount = partitionMetadata.length;
  return 0;
};

/** Records of one partition, written out: an array as long as there are records, with them all in its first place. */
class WrittenRecords extends Array<Message> {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, count: number) {
    super();
    this.length = count;
    this.#bytes = bytes;
  }

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** kafkajs asks twice: for times, of which there are none of our own, and for records. */
  override map<U>(make: (message: Message, index: number, all: Message[]) => U): U[] {
    if (make({ value: '' }, 0, this) === undefined) return [];
    const records = new Array<U>(this.length);
    // What kafkajs looks at of an encoded record.
    records[0] = { buf: this.#bytes, buffer: this.#bytes } as U;
    return records;
  }
}

/**
 * Writes records in the format of Kafka's record batches, version 2 (kafka.apache.org/documentation, "Record"): length, attributes, time delta, offset
 * delta, key, value, no headers; lengths as zigzag varints. The time delta is 0: all have the batch's time.
 */
class RecordWriter {
  /** No record is longer than its key and value and so much, twice its lengths and deltas as varints. */
  static readonly #ENVELOPE = 24;
  mostBytes = 0;
  #bytes: Buffer = NO_BYTES;
  #at = 0;
  #count = 0;

  /** Told of each message before the first is added. */
  expect(block: MessageBlock, index: number): void {
    this.mostBytes += block.sizeOf(index) + RecordWriter.#ENVELOPE;
  }

  begin(room: Buffer): void {
    this.#bytes = room;
  }

  add(block: MessageBlock, index: number): void {
    const keyStart = block.keyStart(index);
    const keyEnd = block.keyEnd(index);
    const keyLength = keyEnd - keyStart;
    const valueLength = block.valueEnd(index) - keyEnd;
    this.#writeVarint(2 + varintLength(this.#count) + varintLength(keyLength) + keyLength + varintLength(valueLength) + valueLength + 1);
    // Attributes and time delta.
    this.#bytes[this.#at++] = 0;
    this.#bytes[this.#at++] = 0;
    this.#writeVarint(this.#count);
    this.#writeVarint(keyLength);
    this.#at += block.bytes.copy(this.#bytes, this.#at, keyStart, keyEnd);
    this.#writeVarint(valueLength);
    this.#at += block.bytes.copy(this.#bytes, this.#at, keyEnd, keyEnd + valueLength);
    // Number of headers.
    this.#bytes[this.#at++] = 0;
    this.#count += 1;
  }

  end(): WrittenRecords {
    return new WrittenRecords(this.#bytes.subarray(0, this.#at), this.#count);
  }

  /** @param value not negative, below 2^30 */
  #writeVarint(value: number): void {
    let left = value << 1;
    while (left > 0x7f) {
      this.#bytes[this.#at++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    this.#bytes[this.#at++] = left;
  }
}

const NO_BYTES = Buffer.alloc(0);

/** Bytes of a number that is not negative, as a zigzag varint. */
function varintLength(value: number): number {
  let length = 1;
  for (let left = value << 1; left > 0x7f; left >>>= 7) length += 1;
  return length;
}
