import { CommanderError } from 'commander';
import { ObzvonError } from '../core/errors.ts';

/** What every command ends with: 0 done, 1 failed, 2 wrong usage or bad input, 3 done in part. */
export const EXIT = { done: 0, failed: 1, usage: 2, partial: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What an error that ended a command means for its exit code and its last words; a bug shows its stack. */
export function explainFailure(error: unknown): { readonly code: ExitCode; readonly message: string } {
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? EXIT.done : EXIT.usage, message: '' };
  if (error instanceof ObzvonError) return { code: error.exitCode, message: error.message };
  if (error instanceof Error) return { code: EXIT.failed, message: error.stack ?? error.message };
  return { code: EXIT.failed, message: String(error) };
}
