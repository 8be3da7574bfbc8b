import { ObzvonError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { openEmbeddedLedger } from './embedded.ts';
import type { Ledger } from './port.ts';
import { openRedisLedger } from './redis/ledger.ts';

/**
 * Opens the ledger that a URL names.
 * @param url `embedded:DIR`, `redis://host:6379`, `redis+sentinel://…` or `redis+cluster://…` (redis/url.ts)
 * @throws ObzvonError `bad_config` if the URL is of no known kind, `storage` if the directory cannot be used, `unreachable` if Redis does not answer
 */
export async function openLedger(url: string, options: { readonly log?: Logger } = {}): Promise<Ledger> {
  const scheme = /^([a-z]+)(?:\+[a-z]+)?:/.exec(url)?.[1];
  if (scheme === 'embedded') {
    const dir = url.slice('embedded:'.length);
    if (dir === '') throw new ObzvonError('bad_config', 'ledger: found "embedded:" without a directory, expected embedded:DIR');
    return openEmbeddedLedger({ dir });
  }
  if (scheme === 'redis' || scheme === 'rediss') return openRedisLedger({ url, ...(options.log === undefined ? {} : { log: options.log }) });
  // The rest of a URL may hold a password: only its scheme is told.
  throw new ObzvonError('bad_config', `ledger: found ${scheme === undefined ? 'no scheme' : `the scheme "${scheme}:"`}, expected embedded:DIR or redis://host:6379`);
}
