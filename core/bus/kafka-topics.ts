import type { Admin } from 'kafkajs';
import type { KafkaLink } from './kafka-link.ts';
import type { Topic } from './port.ts';

/** Copies of a message where there are brokers for it. */
const SENSIBLE_REPLICATION = 3;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** Where one partition begins and ends, and what a group has committed of it (null: nothing). */
export interface PartitionBounds {
  readonly partition: number;
  readonly low: number;
  /** The offset the next message will get. */
  readonly high: number;
}

/** Makes the topics that are not there yet. One that is there is left as its deployer made it, partitions and all. */
export class KafkaTopics {
  readonly #link: KafkaLink;
  readonly #known = new Map<string, Promise<void>>();

  constructor(link: KafkaLink) {
    this.#link = link;
  }

  /** Resolves to its name in the cluster, once it is there. */
  async ensure(topic: Topic<never> | Topic<unknown>): Promise<string> {
    const name = this.#link.named(topic.name);
    let known = this.#known.get(name);
    if (known === undefined) {
      known = this.#link.ask(`making topic "${name}"`, (admin) => this.#make(admin, name, topic.partitions));
      this.#known.set(name, known);
      known.catch(() => this.#known.delete(name));
    }
    await known;
    return name;
  }

  async #make(admin: Admin, name: string, partitions: number): Promise<void> {
    if ((await admin.listTopics()).includes(name)) return;
    const { settings } = this.#link;
    const { brokers } = await admin.describeCluster();
    const replicationFactor = settings.replication ?? Math.min(SENSIBLE_REPLICATION, brokers.length);
    await admin.createTopics({
      topics: [
        {
          topic: name,
          // One partition is a promise of order over the whole topic.
          numPartitions: partitions === 1 ? 1 : (settings.partitions ?? partitions),
          replicationFactor,
          configEntries: Object.entries({
            // With three copies, one broker may be away and everything goes on; acknowledged messages are on two.
            'min.insync.replicas': replicationFactor >= 3 ? 2 : 1,
            // The ledger is rebuilt and the audit made from the bus: it forgets nothing by itself.
            'retention.ms': -1,
            'retention.bytes': -1,
            'max.message.bytes': MAX_BATCH_BYTES,
          }).map(([key, value]) => ({ name: key, value: String(value) })),
        },
      ],
    });
  }
}

/** The group that consumes a topic: one for each topic, as members of a group must all consume the same. */
export function groupId(link: KafkaLink, group: string, topic: Topic<never> | Topic<unknown>): string {
  return link.named(`obzvon.${group}.${topic.name}`);
}

export async function boundsOf(link: KafkaLink, name: string): Promise<PartitionBounds[]> {
  const bounds = await link.ask(`the offsets of topic "${name}"`, (admin) => admin.fetchTopicOffsets(name));
  return bounds.map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) })).sort((a, b) => a.partition - b.partition);
}

/** What the group has committed, by partition: the next offset to deliver. Partitions it has committed nothing of are not in it. */
export async function committedOf(link: KafkaLink, name: string, group: string): Promise<Map<number, number>> {
  const topics = await link.ask(`the offsets of group "${group}"`, (admin) => admin.fetchOffsets({ groupId: group, topics: [name] }));
  const committed = new Map<number, number>();
  for (const { partitions } of topics) for (const { partition, offset } of partitions) if (Number(offset) >= 0) committed.set(partition, Number(offset));
  return committed;
}

/** Whether the group has a member at work, in this process or another. */
export async function hasMembers(link: KafkaLink, group: string): Promise<boolean> {
  const { groups } = await link.ask(`the members of group "${group}"`, (admin) => admin.describeGroups([group]));
  return groups.some(({ members }) => members.length > 0);
}
