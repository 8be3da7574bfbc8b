import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaForTests } from '../../deploy/local/engines-for-tests.ts';
import { freePort } from '../../deploy/local/child-engine.ts';
import { startKafka, type LocalKafka } from '../../deploy/local/kafka.ts';
import { textTopic } from './bus.contract.ts';
import { openKafkaBus } from './kafka.ts';
import type { Bus, OutgoingMessage } from './port.ts';

const shared = await kafkaForTests();
const topic = textTopic('faults', 4);
const nowMs = () => 0;
const numbered = (from: number, to: number): OutgoingMessage<string>[] => Array.from({ length: to - from }, (_, i) => ({ key: `key-${from + i}`, value: `${from + i}` }));
const ordered = (values: Iterable<string>): number[] => [...values].map(Number).sort((a, b) => a - b);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(20);
}

async function withBuses(url: string, work: (open: () => Promise<Bus>, url: string) => Promise<void>): Promise<void> {
  const opened: Bus[] = [];
  const own = `${url}/f${randomUUID().slice(0, 8)}`;
  try {
    await work(async () => {
      const bus = await openKafkaBus({ url: own, nowMs });
      opened.push(bus);
      return bus;
    }, own);
  } finally {
    await Promise.all(opened.map((bus) => bus.close()));
  }
}

test('a broker that does not answer is refused in time, by its address', async () => {
  const port = await freePort();
  await expect(openKafkaBus({ url: `kafka://u:hunter2@127.0.0.1:${port}`, nowMs, waits: { openMs: 500 } })).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(new RegExp(`^bus.url: no Kafka broker answers at 127.0.0.1:${port}: (?!.*hunter2)`)) as string,
  });
});

// Side by side: each of them mostly waits for the time of a session, 10 s.
describe.skipIf(shared === null).concurrent('members of a group on Kafka', () => {
  test('a member killed between handling and commit: another is handed its messages', async () => {
    await withBuses(shared!, async (open, url) => {
      const bus = await open();
      await bus.publish(topic, numbered(0, 400));
      const child = memberProcess(url);
      try {
        const [, , last = []] = await child.threeBatches;
        const seen = new Set<string>();
        const consumer = await bus.consume(topic, { group: 'g', maxBatch: 50 }, ({ messages }) => {
          for (const { value } of messages) seen.add(value);
          return Promise.resolve();
        });
        await bus.publish(topic, numbered(400, 450));
        await consumer.caughtUp();
        // What the dead one had handled before may have been committed; its last batch was not.
        const [one = [], two = []] = await child.threeBatches;
        expect([...seen]).toEqual(expect.arrayContaining(last));
        expect(ordered(new Set([...seen, ...one, ...two]))).toEqual(upTo(450));
      } finally {
        child.process.kill('SIGKILL');
      }
    });
  });

  test('a member that stops in mid-batch commits what it handled, and the other goes on from there', async () => {
    await withBuses(shared!, async (open) => {
      const bus = await open();
      await bus.publish(topic, numbered(0, 600));
      const seen: string[] = [];
      let batches = 0;
      const first = await bus.consume(topic, { group: 'g', maxBatch: 20 }, async ({ messages }) => {
        batches += 1;
        await pause(5);
        seen.push(...messages.map(({ value }) => value));
      });
      const second = await (await open()).consume(topic, { group: 'g', maxBatch: 20, lanes: 2 }, async ({ messages }) => {
        await pause(5);
        seen.push(...messages.map(({ value }) => value));
      });
      await until(() => batches > 3);
      await first.stop();
      await second.caughtUp();
      expect(ordered(seen)).toEqual(upTo(600));
    });
  });

  test('a handler slower than the session keeps its partitions', async () => {
    await withBuses(shared!, async (open) => {
      const bus = await open();
      await bus.publish(topic, numbered(0, 8));
      const seen: string[] = [];
      let slow = true;
      const consumer = await bus.consume(topic, { group: 'g', maxBatch: 100 }, async ({ messages }) => {
        if (slow) await pause(12_000);
        slow = false;
        seen.push(...messages.map(({ value }) => value));
      });
      await consumer.caughtUp();
      // Were it thrown out, its first batch would have come again.
      expect(ordered(seen)).toEqual(upTo(8));
    });
  });
});

/** A process that consumes for group `g`, and dies of SIGKILL with its third batch handled and uncommitted. */
function memberProcess(url: string): { process: ChildProcess; threeBatches: Promise<string[][]> } {
  const code = `
    import { writeSync } from 'node:fs';
    import { openKafkaBus } from ${JSON.stringify(new URL('./kafka.ts', import.meta.url).href)};
    const topic = { name: 'faults', partitions: 4, encode: (value) => value, decode: (text) => ({ kind: 'ok', value: text }) };
    const bus = await openKafkaBus({ url: process.argv[1], nowMs: () => 0 });
    let batches = 0;
    await bus.consume(topic, { group: 'g', maxBatch: 10 }, async ({ messages }) => {
      writeSync(1, JSON.stringify(messages.map(({ value }) => value)) + '\\n');
      if (++batches === 3) process.kill(process.pid, 'SIGKILL');
    });
  `;
  const child = spawn(process.execPath, ['--import', createRequire(import.meta.url).resolve('tsx'), '--input-type=module', '-e', code, url], { stdio: ['ignore', 'pipe', 'inherit'] });
  const batches: string[][] = [];
  createInterface({ input: child.stdout }).on('line', (line) => batches.push(JSON.parse(line) as string[]));
  return { process: child, threeBatches: once(child, 'close').then(() => batches) };
}

describe.skipIf(shared === null)('a Kafka broker that comes and goes', () => {
  let kafka: LocalKafka;
  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterAll(() => kafka.stop());

  test('killed and started again in the middle of publishing and consuming: nothing is lost, health tells', async () => {
    await withBuses(kafka.url, async (open) => {
      const bus = await open();
      const seen = new Set<string>();
      const consumer = await (await open()).consume(topic, { group: 'g', maxBatch: 50, lanes: 2 }, async ({ messages }) => {
        await pause(2);
        for (const { value } of messages) seen.add(value);
      });
      let published = 0;
      const stop = new AbortController();
      const publishing = (async () => {
        while (!stop.signal.aborted) {
          await bus.publish(topic, numbered(published, published + 25));
          published += 25;
          await pause(1);
        }
      })();
      await until(() => seen.size > 200);
      await kafka.kill();
      await until(() => bus.health().kind === 'down');
      expect(bus.health()).toMatchObject({ reason: expect.stringContaining(`127.0.0.1:${kafka.port}`) as string });
      const before = published;
      await kafka.restart();
      await until(() => published > before + 200);
      await until(() => bus.health().kind === 'up');
      stop.abort();
      await publishing;
      await consumer.caughtUp();
      expect(ordered(seen)).toEqual(upTo(published));
      const scanned = new Set<string>();
      for await (const { value } of bus.scan(topic)) scanned.add(value);
      expect(ordered(scanned)).toEqual(upTo(published));
    });
  });

  test('while it is away a bus ends all the same, and says what it could not send', async () => {
    const bus = await openKafkaBus({ url: `${kafka.url}/away`, nowMs, waits: { closeMs: 500 } });
    let entered: () => void = () => undefined;
    const inHandler = new Promise<void>((resolve) => (entered = resolve));
    let finished = false;
    await bus.publish(topic, numbered(0, 4));
    const consumer = await bus.consume(topic, { group: 'g', maxBatch: 10 }, async () => {
      entered();
      await pause(500);
      finished = true;
    });
    await inHandler;
    await kafka.kill();
    const unsent = bus.publish(topic, numbered(4, 8));
    const refusal = expect(unsent).rejects.toThrow('is closed; the message may not be stored');
    await consumer.stop();
    expect(finished).toBe(true);
    await bus.close();
    await refusal;
  });
});
