import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';

/** What a command does once configuration, log and terminal stand. */
export type Handler<A extends readonly unknown[]> = (context: Context, ...args: A) => Promise<ExitCode>;

/** Makes a commander action of a handler. */
export type Act = <A extends readonly unknown[]>(handler: Handler<A>, overrides?: Readonly<Record<string, unknown>>) => (...args: A) => Promise<void>;

/** Adds an example to a command's help. */
export function example(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExample:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`);
}
