import { ObzvonError } from '../errors.ts';
import { openEmbeddedBus } from './embedded.ts';
import type { Logger } from '../log.ts';
import type { Bus } from './port.ts';

/**
 * Opens the bus a URL names: `embedded:DIR`.
 * @throws ObzvonError bad_config for another URL, unsupported for an engine not built yet, storage if DIR cannot be used
 */
export async function openBus(url: string, options: { readonly nowMs: () => number; readonly log?: Logger }): Promise<Bus> {
  if (url.startsWith('embedded:') && url.length > 'embedded:'.length) return openEmbeddedBus({ dir: url.slice('embedded:'.length), nowMs: options.nowMs });
  if (url.startsWith('kafka://')) throw new ObzvonError('unsupported', `bus.url names Kafka, which is not built yet (issue 3); expected embedded:DIR`);
  throw new ObzvonError('bad_config', `bus.url: found "${url.replace(/\/\/[^@/]*@/, '//***@')}"; expected embedded:DIR`);
}
