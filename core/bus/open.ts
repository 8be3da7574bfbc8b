import { ObzvonError } from '../errors.ts';
import { maskUrl } from '../switch-url.ts';
import { openEmbeddedBus } from './embedded.ts';
import type { BusLog } from './kafka-link.ts';
import { openKafkaBus } from './kafka.ts';
import type { Bus } from './port.ts';

export interface BusOptions {
  /** For the times of dead letters. */
  readonly nowMs: () => number;
  /** Told when the engine goes away and comes back. */
  readonly log?: BusLog;
}

/**
 * Opens the bus a URL names: `embedded:DIR`, or `kafka://…` (see {@link openKafkaBus}).
 * @throws ObzvonError bad_config for another URL, storage if DIR cannot be used, unreachable if Kafka does not answer
 */
export async function openBus(url: string, options: BusOptions): Promise<Bus> {
  if (url.startsWith('embedded:') && url.length > 'embedded:'.length) return openEmbeddedBus({ dir: url.slice('embedded:'.length), nowMs: options.nowMs });
  if (url.startsWith('kafka://')) return openKafkaBus({ url, ...options });
  throw new ObzvonError('bad_config', `bus.url: found "${maskUrl(url)}"; expected embedded:DIR or kafka://host:9092`);
}

/** Whether the bus a URL names can rewrite what it has (see {@link Bus.rewrite}). */
export const canRewrite = (url: string): boolean => url.startsWith('embedded:');
