import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { MessageBlock, WrittenMessages, writtenPartitioner } from './kafka-records.ts';
import { murmur2 } from './murmur2.ts';

const partitionMetadata = Array.from({ length: 8 }, (_, partitionId) => ({ partitionId, partitionErrorCode: 0, leader: 1, replicas: [1], isr: [1] }));

/* What kafkajs makes of messages, by its own modules: the format's reference. */
const require = createRequire(import.meta.url);
type Encoded = { readonly buffer: Buffer };
const group = require('kafkajs/src/producer/groupMessagesPerPartition.js') as (parts: unknown) => Record<number, unknown[]>;
const request = require('kafkajs/src/protocol/requests/produce/v3/request.js') as (parts: unknown) => { encode(): Promise<Encoded> };

/** A whole Produce request for the messages, times set to 0 (they stand in each batch twice, after 4 of its first 27 bytes). */
async function requestOf(messages: unknown, partitioner: (args: never) => number): Promise<Buffer> {
  const byPartition = group({ topic: 't', partitionMetadata, messages, partitioner });
  const partitions = Object.keys(byPartition).map((partition) => ({ partition: Number(partition), messages: byPartition[Number(partition)]!, firstSequence: 0 }));
  return (await request({ acks: -1, timeout: 1000, compression: 0, topicData: [{ topic: 't', partitions }] }).encode()).buffer;
}

test('a key belongs where Kafka’s own clients put it', () => {
  const theirs = Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (key, partitions) => {
      const bytes = Buffer.from(key);
      const metadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, partitionErrorCode: 0, leader: 1, replicas: [1], isr: [1] }));
      expect((murmur2(bytes, 0, bytes.length) & 0x7fffffff) % partitions).toBe(theirs({ topic: 't', partitionMetadata: metadata, message: { key, value: '' } }));
    }),
    { numRuns: 500 },
  );
});

test('messages written out beforehand make the same request, byte by byte, as kafkajs makes of them', async () => {
  const now = Date.now;
  Date.now = () => 1_763_000_000_000;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ key: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.constant('ї'.repeat(400))), value: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.constant('x'.repeat(20_000))) }), { minLength: 1, maxLength: 150 }), async (messages) => {
        const told: number[] = [];
        const theirs = await requestOf(messages, Partitioners.DefaultPartitioner());
        const half = messages.length >> 1;
        const block = MessageBlock.of(messages, (value, into) => into.addText(value));
        const slices = [{ block, from: 0, to: half }, { block, from: half, to: messages.length }];
        const ours = await requestOf(new WrittenMessages(slices, (partition) => told.push(partition), (bytes) => Buffer.alloc(bytes)), writtenPartitioner());
        expect(ours.equals(theirs)).toBe(true);
        expect(new Set(told).size).toBe(told.length);
      }),
      { numRuns: 60 },
    );
  } finally {
    Date.now = now;
  }
});
