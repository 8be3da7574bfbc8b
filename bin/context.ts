import { once } from 'node:events';
import type { Clock } from '../core/clock.ts';
import type { Config, LoadedConfig } from '../core/config.ts';
import type { Logger } from '../core/log.ts';
import type { Releases } from './releases.ts';
import type { Terminal } from './terminal.ts';

/** What every command is given. */
export interface Context {
  readonly config: Config;
  readonly loaded: LoadedConfig;
  readonly log: Logger;
  /** The time as `clock.url` has it, for what needs no ledger. */
  readonly clock: Clock;
  readonly terminal: Terminal;
  /** Things the command starts are added here and released when it ends, in reverse order. */
  readonly releases: Releases;
  /** Aborted by the first SIGINT or SIGTERM; the second ends the process at once. */
  readonly stopAsked: AbortSignal;
}

/** Resolves when the command was asked to stop. */
export async function stopAskedOf({ stopAsked }: Context): Promise<void> {
  if (!stopAsked.aborted) await once(stopAsked, 'abort');
}
