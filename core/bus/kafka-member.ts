import type { Consumer as Member, EachBatchPayload } from 'kafkajs';
import { within, type KafkaLink } from './kafka-link.ts';

/** How soon a killed member's partitions go to another. Not below the broker's `group.min.session.timeout.ms`, 6 s. */
const SESSION_TIMEOUT_MS = 10_000;
/** A member with a handler at work hears of a rebalance within this. */
const HEARTBEAT_MS = 500;
/** A member that takes longer over one batch loses its partitions if others come or go meanwhile; it gets others and goes on. */
const REBALANCE_TIMEOUT_MS = 60_000;
/** Partitions that a deployer adds are seen within this. */
const METADATA_MAX_AGE_MS = 60_000;
/** Longest that a fetch waits for something new, which is also how long an idle member takes to stop. */
const MAX_WAIT_MS = 200;
/** Packed: some 6,000 contacts of a partition, which is what a member holds in memory of each. Measured: a quarter slower at half of it, no faster at four times. */
const MAX_PARTITION_BYTES = 512 * 1024;
const MAX_FETCH_BYTES = 8 * 1024 * 1024;
/** A member of which nothing is heard for so long, though nobody works for it, is replaced. */
const SILENCE_MS = 90_000;

export interface MemberOptions {
  readonly groupId: string;
  /** As the cluster names it. */
  readonly topic: string;
  /** Batches of so many partitions at once. */
  readonly lanes: number;
  /** Called after each (re)joining, before anything is fetched. */
  readonly joined: (member: Member) => void;
  readonly eachBatch: (member: Member, payload: EachBatchPayload) => Promise<void>;
  readonly ended: Promise<void>;
}

/**
 * One life of a group's member: connects, joins, is handed batches, and leaves when `ended` resolves. Resolves to what it
 * died of, if it ended otherwise: kafkajs gives up on some failures, and the caller then starts another life.
 */
export async function liveAsMember(link: KafkaLink, options: MemberOptions): Promise<Error | null> {
  const member = link.patientKafka.consumer({
    groupId: options.groupId,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    maxWaitTimeInMs: MAX_WAIT_MS,
    maxBytesPerPartition: MAX_PARTITION_BYTES,
    maxBytes: MAX_FETCH_BYTES,
    allowAutoTopicCreation: false,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    retry: { retries: 14, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: () => Promise.resolve(false) },
  });
  let heardAtMs = performance.now();
  let atWork = 0;
  let watch: NodeJS.Timeout | undefined;
  const hear = (): void => {
    heardAtMs = performance.now();
  };
  member.on(member.events.FETCH, hear);
  member.on(member.events.HEARTBEAT, hear);
  member.on(member.events.GROUP_JOIN, () => {
    hear();
    options.joined(member);
  });
  const died = new Promise<Error>((resolve) => {
    member.on(member.events.CRASH, ({ payload }) => resolve(payload.error));
    watch = setInterval(() => {
      if (atWork === 0 && performance.now() - heardAtMs > SILENCE_MS) resolve(new Error(`nothing was heard of the member for ${SILENCE_MS} ms`));
    }, SILENCE_MS / 10);
  });
  const live = async (): Promise<Error> => {
    await member.connect();
    await member.subscribe({ topic: options.topic, fromBeginning: true });
    await member.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.lanes,
      async eachBatch(payload) {
        atWork += 1;
        // A handler may take minutes: heartbeats go on meanwhile. What one of them fails with comes again with the next.
        const beat = setInterval(() => void payload.heartbeat().catch(() => undefined), HEARTBEAT_MS);
        try {
          await options.eachBatch(member, payload);
        } finally {
          clearInterval(beat);
          atWork -= 1;
          hear();
        }
      },
    });
    return died;
  };
  try {
    return await Promise.race([live(), options.ended.then(() => null)]);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearInterval(watch);
    await within(link.closeLimitMs, member.disconnect());
  }
}
