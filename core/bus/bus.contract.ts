import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { Batch, Bus, Message, OutgoingMessage, Topic } from './port.ts';
import { deadLettersTopic } from './topics.ts';

/** A place where buses share one log. */
export interface BusHouse {
  /** Another connection to the same log. */
  open(): Promise<Bus>;
  /** Removes the log and everything opened. */
  demolish(): Promise<void>;
}

const BAD = 'unreadable';

/** A topic of plain texts; the text `unreadable` is refused. */
export function textTopic(name: string, partitions: number): Topic<string> {
  return {
    name,
    partitions,
    encode: (value) => value,
    decode: (text) => (text.startsWith(BAD) ? { kind: 'refused', found: 'a text that is refused' } : { kind: 'ok', value: text }),
  };
}

const numbered = (from: number, to: number, key = (i: number) => `key-${i}`): OutgoingMessage<string>[] =>
  Array.from({ length: to - from }, (_, i) => ({ key: key(from + i), value: `${from + i}` }));

const values = (messages: readonly Message<string>[]): string[] => messages.map((message) => message.value);
const sorted = (texts: readonly string[]): string[] => [...texts].sort((a, b) => Number(a) - Number(b));

async function scanned(bus: Bus, topic: Topic<string>): Promise<Message<string>[]> {
  const messages: Message<string>[] = [];
  for await (const message of bus.scan(topic)) messages.push(message);
  return messages;
}

/** Registers what every adapter of the bus port must do. */
export function busContract(name: string, build: () => Promise<BusHouse>): void {
  describe(name, () => {
    let house: BusHouse;
    let bus: Bus;
    const topic = textTopic('contract', 4);

    beforeEach(async () => {
      house = await build();
      bus = await house.open();
    });
    afterEach(() => house.demolish());

    const collect = async (from: Bus, group: string, maxBatch = 100) => {
      const batches: Batch<string>[] = [];
      const consumer = await from.consume(topic, { group, maxBatch }, (batch) => {
        batches.push(batch);
        return Promise.resolve();
      });
      return { consumer, batches, messages: () => batches.flatMap((batch) => batch.messages) };
    };

    test('messages are rewritten in their place, or counted where the log cannot be changed', async () => {
      await bus.publish(topic, numbered(0, 50));
      const before = await scanned(bus, topic);
      const told = await bus.rewrite(topic, ({ value }) => (Number(value) % 10 === 3 ? { key: 'nobody', value: `1000${value}` } : null));
      expect(told.changed + told.kept).toBe(5);
      const after = await (await house.open()).rewrite(topic, () => null).then(() => scanned(bus, topic));
      expect(after.map(({ partition, offset }) => [partition, offset])).toEqual(before.map(({ partition, offset }) => [partition, offset]));
      expect(values(after)).toEqual(before.map(({ value }) => (told.changed > 0 && Number(value) % 10 === 3 ? `1000${value}` : value)));
      const { consumer, messages } = await collect(bus, 'readers');
      await consumer.caughtUp();
      expect(sorted(values(messages()))).toEqual(sorted(values(after)));
    });

    test('delivers what was published, each message once, offsets counting up from 0 in each partition', async () => {
      await bus.publish(topic, numbered(0, 500));
      const { consumer, messages } = await collect(bus, 'g');
      await consumer.caughtUp();
      expect(sorted(values(messages()))).toEqual(numbered(0, 500).map((message) => message.value));
      for (let partition = 0; partition < topic.partitions; partition++) {
        const offsets = messages().filter((message) => message.partition === partition).map((message) => message.offset);
        expect(offsets).toEqual(offsets.map((_, i) => i));
        expect(offsets.length).toBeGreaterThan(0);
      }
    });

    test('keeps the order of messages with one key, and keeps them in one partition', async () => {
      const key = (i: number) => `key-${i % 7}`;
      for (let from = 0; from < 300; from += 30) await bus.publish(topic, numbered(from, from + 30, key));
      const { consumer, messages } = await collect(bus, 'g', 9);
      await consumer.caughtUp();
      expect(messages()).toHaveLength(300);
      for (let k = 0; k < 7; k++) {
        const ofKey = messages().filter((message) => message.key === `key-${k}`);
        expect(values(ofKey)).toEqual(sorted(values(ofKey)));
        expect(new Set(ofKey.map((message) => message.partition)).size).toBe(1);
      }
    });

    test('carries keys and texts of any content unchanged', async () => {
      const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((s) => !s.startsWith(BAD));
      await fc.assert(
        fc.asyncProperty(fc.array(fc.record({ key: text, value: text }), { minLength: 1, maxLength: 40 }), async (messages) => {
          const own = textTopic(`content-${Math.random()}`, 1);
          await bus.publish(own, messages);
          expect((await scanned(bus, own)).map(({ key, value }) => ({ key, value }))).toEqual(messages);
        }),
        { numRuns: 20 },
      );
    });

    test('a large message and a publish of many arrive whole', async () => {
      const large = 'ї'.repeat(700_000);
      await bus.publish(topic, [{ key: 'a', value: large }]);
      await bus.publish(topic, numbered(0, 20_000));
      const { consumer, messages } = await collect(bus, 'g', 1000);
      await consumer.caughtUp();
      expect(messages()).toHaveLength(20_001);
      expect(messages().find((message) => message.key === 'a')?.value === large).toBe(true);
    });

    test('no batch is larger than maxBatch, none is empty, and each is of one partition in order', async () => {
      await bus.publish(topic, numbered(0, 1000));
      const { consumer, batches } = await collect(bus, 'g', 17);
      await consumer.caughtUp();
      for (const batch of batches) {
        expect(batch.messages.length).toBeGreaterThan(0);
        expect(batch.messages.length).toBeLessThanOrEqual(17);
        expect(batch.messages.every((message, i) => message.partition === batch.partition && message.offset === batch.messages[0]!.offset + i)).toBe(true);
      }
    });

    test('every group gets every message; a group goes on from its last commit after the bus was closed', async () => {
      await bus.publish(topic, numbered(0, 50));
      const one = await collect(bus, 'one');
      const two = await collect(bus, 'two');
      await Promise.all([one.consumer.caughtUp(), two.consumer.caughtUp()]);
      expect(one.messages()).toHaveLength(50);
      expect(two.messages()).toHaveLength(50);
      await bus.close();
      bus = await house.open();
      await bus.publish(topic, numbered(50, 60));
      const again = await collect(bus, 'one');
      await again.consumer.caughtUp();
      expect(sorted(values(again.messages()))).toEqual(numbered(50, 60).map((message) => message.value));
    });

    test('a running consumer is told of messages published later, by its own bus and by another', async () => {
      const other = await house.open();
      const { consumer, messages } = await collect(bus, 'g');
      await consumer.caughtUp();
      await bus.publish(topic, numbered(0, 5));
      await other.publish(topic, numbered(5, 10));
      await consumer.caughtUp();
      expect(sorted(values(messages()))).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    });

    test('two consumers of one group share the partitions: no message goes to both, no partition is at both at once', async () => {
      await bus.publish(topic, numbered(0, 2000));
      const seen: string[] = [];
      const at = new Map<number, number>();
      let overlaps = 0;
      const served = [0, 0];
      const consumers = await Promise.all(
        [0, 1].map((i) =>
          bus.consume(topic, { group: 'g', maxBatch: 20 }, async (batch) => {
            at.set(batch.partition, (at.get(batch.partition) ?? 0) + 1);
            if (at.get(batch.partition)! > 1) overlaps += 1;
            // Slowly while one is alone, so that the other has the time to join.
            await new Promise((resolve) => setTimeout(resolve, served.includes(0) ? 20 : 1));
            seen.push(...values(batch.messages));
            served[i]! += batch.messages.length;
            at.set(batch.partition, at.get(batch.partition)! - 1);
          }),
        ),
      );
      await Promise.all(consumers.map((consumer) => consumer.caughtUp()));
      expect(sorted(seen)).toEqual(numbered(0, 2000).map((message) => message.value));
      expect(overlaps).toBe(0);
      expect(served.every((count) => count > 0)).toBe(true);
    });

    test('when one of two consumers stops, the other serves all partitions', async () => {
      const one = await collect(bus, 'g');
      const two = await collect(bus, 'g');
      await one.consumer.stop();
      await bus.publish(topic, numbered(0, 100));
      await two.consumer.caughtUp();
      expect(two.messages()).toHaveLength(100);
      expect(one.messages()).toHaveLength(0);
    });

    test('a handler that throws fails the consumer; its batch is not committed and comes again', async () => {
      await bus.publish(topic, numbered(0, 10, () => 'one-key'));
      const broken = await bus.consume(topic, { group: 'g', maxBatch: 4 }, (batch) => (batch.messages[0]!.offset >= 4 ? Promise.reject(new Error('handler broke')) : Promise.resolve()));
      await expect(broken.failed).rejects.toThrow('handler broke');
      await expect(broken.caughtUp()).rejects.toThrow('handler broke');
      await broken.stop();
      expect(await bus.lag(topic, 'g')).toBe(6);
      const { consumer, messages } = await collect(bus, 'g');
      await consumer.caughtUp();
      expect(values(messages())).toEqual(['4', '5', '6', '7', '8', '9']);
    });

    test('stop waits for the handler at work and commits what it handled', async () => {
      await bus.publish(topic, numbered(0, 3, () => 'one-key'));
      let entered: () => void = () => undefined;
      const inHandler = new Promise<void>((resolve) => (entered = resolve));
      let finished = false;
      const consumer = await bus.consume(topic, { group: 'g', maxBatch: 3 }, async () => {
        entered();
        await new Promise((resolve) => setTimeout(resolve, 30));
        finished = true;
      });
      await inHandler;
      await consumer.stop();
      expect(finished).toBe(true);
      expect(await bus.lag(topic, 'g')).toBe(0);
    });

    test('a message that cannot be read goes to the dead letters with its origin, once, and consuming goes on', async () => {
      await bus.publish(topic, [{ key: 'k', value: 'before' }, { key: 'k', value: `${BAD} 1` }, { key: 'k', value: 'after' }, { key: 'k', value: `${BAD} 2` }]);
      for (const group of ['g', 'g']) {
        const { consumer } = await collect(bus, group);
        await consumer.caughtUp();
        await consumer.stop();
      }
      const { consumer, messages } = await collect(bus, 'other');
      await consumer.caughtUp();
      expect(values(messages())).toEqual(['before', 'after']);
      const letters = [];
      for await (const letter of bus.scan(deadLettersTopic)) letters.push(letter.value);
      const partition = messages()[0]!.partition;
      const origin = { topic: topic.name, partition, key: 'k', reason: 'a text that is refused' };
      expect(letters.slice(0, 2)).toMatchObject([{ ...origin, offset: 1, text: `${BAD} 1` }, { ...origin, offset: 3, text: `${BAD} 2` }]);
      // Two groups read it, so it is there twice; the group that came back did not tell again.
      expect(letters).toHaveLength(4);
    });

    test('lanes: so many partitions are with the handler at once, each of them once; a failing lane ends the consumer', async () => {
      await bus.publish(topic, numbered(0, 400));
      const at = new Set<number>();
      let most = 0;
      let overlaps = 0;
      const seen: string[] = [];
      const consumer = await bus.consume(topic, { group: 'g', maxBatch: 10, lanes: 3 }, async (batch) => {
        if (at.has(batch.partition)) overlaps += 1;
        at.add(batch.partition);
        most = Math.max(most, at.size);
        await new Promise((resolve) => setTimeout(resolve, 5));
        at.delete(batch.partition);
        seen.push(...values(batch.messages));
      });
      await consumer.caughtUp();
      await consumer.stop();
      expect(sorted(seen)).toEqual(numbered(0, 400).map((message) => message.value));
      expect({ overlaps, most }).toEqual({ overlaps: 0, most: 3 });

      const broken = await bus.consume(topic, { group: 'broken', maxBatch: 1000, lanes: 4 }, (batch) => (batch.partition === 2 ? Promise.reject(new Error('lane broke')) : Promise.resolve()));
      await expect(broken.failed).rejects.toThrow('lane broke');
      await broken.stop();
      expect(await bus.lag(topic, 'broken')).toBeGreaterThan(0);
    });

    test('a group has committed once something of the topic was handled, and not before', async () => {
      await bus.publish(topic, numbered(0, 3, () => 'one-key'));
      expect(await bus.hasCommitted(topic, 'g')).toBe(false);
      const { consumer } = await collect(bus, 'g');
      await consumer.caughtUp();
      expect(await bus.hasCommitted(topic, 'g')).toBe(true);
      expect(await bus.hasCommitted(topic, 'other')).toBe(false);
      expect(await bus.hasCommitted(textTopic('never-touched', 2), 'g')).toBe(false);
    });

    test('an open bus is up', () => {
      expect(bus.health()).toEqual({ kind: 'up' });
    });

    test('lag counts what a group has not committed; a new group lags by everything', async () => {
      expect(await bus.lag(topic, 'g')).toBe(0);
      await bus.publish(topic, numbered(0, 40));
      expect(await bus.lag(topic, 'g')).toBe(40);
      const { consumer } = await collect(bus, 'g');
      await consumer.caughtUp();
      expect(await bus.lag(topic, 'g')).toBe(0);
      expect(await bus.lag(topic, 'new')).toBe(40);
    });

    test('scan gives everything published before it, commits nothing and ends', async () => {
      await bus.publish(topic, numbered(0, 30));
      const seen: string[] = [];
      for await (const message of bus.scan(topic)) {
        if (seen.length === 0) await bus.publish(topic, numbered(30, 60));
        seen.push(message.value);
      }
      expect(sorted(seen)).toEqual(numbered(0, 30).map((message) => message.value));
      expect(await bus.lag(topic, 'g')).toBe(60);
      expect(await scanned(bus, textTopic('never-published', 3))).toEqual([]);
    });

    test('publishes at the same time from several buses lose nothing and share no offset', async () => {
      const buses = await Promise.all([house.open(), house.open(), house.open()]);
      await Promise.all(buses.flatMap((each, b) => Array.from({ length: 20 }, (_, i) => each.publish(topic, numbered(b * 1000 + i * 10, b * 1000 + i * 10 + 10)))));
      const messages = await scanned(bus, topic);
      expect(new Set(values(messages)).size).toBe(600);
      expect(new Set(messages.map((message) => `${message.partition}/${message.offset}`)).size).toBe(600);
    });

    test('publishing nothing is nothing; a closed bus refuses', async () => {
      await bus.publish(topic, []);
      expect(await scanned(bus, topic)).toEqual([]);
      await bus.close();
      await bus.close();
      await expect(bus.publish(topic, numbered(0, 1))).rejects.toThrow('is closed');
    });
  });
}
