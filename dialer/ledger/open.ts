import { ObzvonError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { openEmbeddedLedger } from './embedded.ts';
import type { Ledger } from './port.ts';

/**
 * Opens the ledger that a URL names.
 * @param url `embedded:DIR`
 * @throws ObzvonError `bad_config` if the URL is of no known kind, `storage` if the directory cannot be used
 */
export async function openLedger(url: string, _options: { readonly log?: Logger } = {}): Promise<Ledger> {
  const scheme = /^([a-z]+):/.exec(url)?.[1];
  if (scheme === 'embedded') {
    const dir = url.slice('embedded:'.length);
    if (dir === '') throw new ObzvonError('bad_config', 'ledger: found "embedded:" without a directory, expected embedded:DIR');
    return openEmbeddedLedger({ dir });
  }
  // The rest of a URL may hold a password: only its scheme is told.
  if (scheme === 'redis' || scheme === 'rediss') throw new ObzvonError('unsupported', `ledger: found a ${scheme}: URL, expected embedded:DIR (this version has no ledger on Redis)`);
  throw new ObzvonError('bad_config', `ledger: found ${scheme === undefined ? 'no scheme' : `the scheme "${scheme}:"`}, expected embedded:DIR`);
}
