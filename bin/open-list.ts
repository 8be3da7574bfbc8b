import { createInterface } from 'node:readline/promises';
import { openRows, readMapping, type ListFormat, type ListSource, type OpenRows, type ReadOptions } from '../campaign-loader/index.ts';
import { ObzvonError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { listSource } from './list-source.ts';
import { understandingText, unsureColumns } from './understanding-text.ts';

/** How a list is to be read, as the command line says it. */
export interface ReadingOptions {
  format?: ListFormat;
  encoding?: string;
  sheet?: string;
  map?: string;
  query?: string;
  /** Load although a heading is unsure. */
  yes?: boolean;
}

export async function readOptionsOf(context: Context, options: ReadingOptions): Promise<ReadOptions> {
  return {
    ...(options.format === undefined ? {} : { format: options.format }),
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    ...(options.sheet === undefined ? {} : { sheet: options.sheet }),
    ...(options.map === undefined ? {} : { mapping: await readMapping(options.map) }),
    onTrouble: (text) => context.terminal.say(text),
  };
}

/**
 * Opens a list and shows how it is understood. Nothing of it is read further, and nobody loaded, before that.
 * @param settle what is to be done about unsure headings: `ask` a person at the terminal (refused where there is none), or only `show` them
 * @throws ObzvonError bad_input if a heading is unsure and nobody said yes
 */
export async function openList(context: Context, list: string | ListSource, options: ReadingOptions, settle: 'ask' | 'show'): Promise<OpenRows> {
  const { terminal } = context;
  const source = typeof list === 'string' ? listSource(list, options.query) : list;
  const rows = await openRows(source, await readOptionsOf(context, options));
  const unsure = unsureColumns(rows.understood);
  const text = understandingText(rows.understood, terminal.interactive);
  if (text !== '') terminal.say(text);
  if (unsure.length === 0 || settle === 'show' || options.yes === true) return rows;
  const canAsk = terminal.interactive && process.stdin.isTTY && source.kind !== 'stream';
  if (canAsk && (await asked(`Load it like this? [y/N] `))) return rows;
  await rows.close();
  const named = unsure.map((column) => `"${column.heading.trim()}" was taken for ${column.field}`).join(', ');
  throw new ObzvonError('bad_input', `${rows.name}: nothing loaded: ${named}, and that is not sure; expected ${canAsk ? 'a yes, or ' : ''}a mapping file (--map), or --yes to load it as it was understood`);
}

async function asked(question: string): Promise<boolean> {
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(y|yes|д|да|т|так)$/i.test((await line.question(question)).trim());
  } finally {
    line.close();
  }
}
