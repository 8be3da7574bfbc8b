import { Kafka, logLevel } from 'kafkajs';
import { openBus } from '../core/bus/open.ts';
import type { Bus } from '../core/bus/port.ts';
import { contactsTopic } from '../core/bus/topics.ts';
import { systemClock } from '../core/clock.ts';
import { startKafka } from '../deploy/local/kafka.ts';
import { startRedis } from '../deploy/local/redis.ts';
import { startIntake } from '../dialer/engine/intake.ts';
import { openLedger } from '../dialer/ledger/open.ts';
import { benchContact, openCampaign } from './dialing-rig.ts';
import { median, runIfMain, type BenchResult } from './result.ts';

/**
 * Contacts per second from Kafka into the ledger on Redis, by the dialer's own intake, against a bare kafkajs consumer of the same topic
 * that only counts what it is handed: nothing decoded, nothing stored, kafkajs's own settings. Both are timed from having joined their
 * group until the last contact has been dealt with, in turn, each round as a new group; Kafka and Redis are processes of their own, and
 * Redis syncs its append-only file at every write. `kafka.js`; BENCH_KAFKA_CONTACTS, default 50,000.
 */
const CONTACTS = Number(process.env['BENCH_KAFKA_CONTACTS'] ?? 50_000);
const ROUNDS = 5;
const TARGET = 0.5;
const PUBLISHED_AT_ONCE = 5000;

export async function benchKafka(): Promise<BenchResult> {
  const kafka = await startKafka();
  try {
    const bus = await openBus(kafka.url, { nowMs: Date.now });
    try {
      const startMs = Date.now();
      for (let first = 0; first < CONTACTS; first += PUBLISHED_AT_ONCE) {
        const people = Array.from({ length: Math.min(PUBLISHED_AT_ONCE, CONTACTS - first) }, (_, i) => benchContact('bench', first + i, startMs));
        await bus.publish(contactsTopic, people.map((value) => ({ key: value.contactId, value })));
      }
      const ours: number[] = [];
      const peer: number[] = [];
      // One round of each uncounted: both are compiled while they run.
      for (let round = 0; round <= ROUNDS; round++) {
        const bare = await bareConsumer(`127.0.0.1:${kafka.port}`, `bare-${round}`);
        const own = await intoLedger(bus, `round${round}`, startMs);
        if (round === 0) continue;
        peer.push(bare);
        ours.push(own);
      }
      return {
        name: 'contacts from Kafka into the ledger', unit: 'contacts/s', ours: Math.round(median(ours)), peer: Math.round(median(peer)),
        peerName: 'a bare kafkajs consumer of the topic', ratio: median(ours.map((rate, round) => rate / peer[round]!)), target: TARGET,
        detail: `${CONTACTS} contacts in ${contactsTopic.partitions} partitions, every write of Redis synced, median of ${ROUNDS} rounds after one uncounted, ratio by rounds; ours ${ours.map(Math.round).join(', ')}; bare ${peer.map(Math.round).join(', ')}`,
      };
    } finally {
      await bus.close();
    }
  } finally {
    await kafka.stop();
  }
}

/** Counts up to {@link CONTACTS}, and says how fast that went. */
function counter(): { readonly begin: () => void; readonly add: (contacts: number) => void; readonly perSecond: Promise<number> } {
  let startedMs = performance.now();
  let left = CONTACTS;
  let finish: (rate: number) => void;
  const perSecond = new Promise<number>((resolve) => { finish = resolve; });
  return {
    begin: () => { startedMs = performance.now(); },
    add(contacts) {
      left -= contacts;
      if (left <= 0) finish((CONTACTS / (performance.now() - startedMs)) * 1000);
    },
    perSecond,
  };
}

async function bareConsumer(broker: string, groupId: string): Promise<number> {
  const consumer = new Kafka({ clientId: 'bare', brokers: [broker], logLevel: logLevel.NOTHING }).consumer({ groupId });
  const count = counter();
  consumer.on(consumer.events.GROUP_JOIN, count.begin);
  await consumer.connect();
  await consumer.subscribe({ topic: contactsTopic.name, fromBeginning: true });
  await consumer.run({
    eachBatch({ batch }) {
      count.add(batch.messages.length);
      return Promise.resolve();
    },
  });
  const rate = await count.perSecond;
  await consumer.disconnect();
  return rate;
}

/** The intake on an empty Redis. Its groups are given names of their own, so that it reads the topic from the beginning. */
async function intoLedger(bus: Bus, groups: string, nowMs: number): Promise<number> {
  const redis = await startRedis({ appendfsync: 'always' });
  try {
    const ledger = await openLedger(redis.url);
    try {
      await ledger.startRebuild(60_000);
      await ledger.finishRebuild(0);
      await ledger.defineCampaign(openCampaign(nowMs, { maxCallsPerSecond: 5000, maxChannels: 100_000 }));
      const count = counter();
      const counted: Bus = {
        publish: (topic, messages) => bus.publish(topic, messages),
        scan: (topic) => bus.scan(topic),
        rewrite: (topic, change) => bus.rewrite(topic, change),
        lag: (topic, group) => bus.lag(topic, group),
        hasCommitted: (topic, group) => bus.hasCommitted(topic, group),
        health: () => bus.health(),
        close: () => bus.close(),
        async consume(topic, options, handle) {
          const isContacts = topic.name === contactsTopic.name;
          const consumer = await bus.consume(topic, { ...options, group: `${options.group}-${groups}` }, async (batch) => {
            await handle(batch);
            if (isContacts) count.add(batch.messages.length);
          });
          // It resolves as the group is joined.
          if (isContacts) count.begin();
          return consumer;
        },
      };
      const intake = await startIntake({ bus: counted, ledger, clock: systemClock, onStop: () => undefined, onChange: () => undefined });
      const rate = await Promise.race([count.perSecond, intake.failed]);
      await intake.stop();
      const { contacts } = await ledger.counts('bench', nowMs);
      if (contacts !== CONTACTS) throw new Error(`the ledger has ${contacts} contacts; expected ${CONTACTS}`);
      return rate;
    } finally {
      await ledger.close();
    }
  } finally {
    await redis.stop();
  }
}

await runIfMain(import.meta.url, benchKafka);
