import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadsOf, refusedPathOf, sourceMarkOf, type LoadReport } from '../campaign-loader/index.ts';
import type { Bus } from '../core/bus/port.ts';
import type { Campaign } from '../core/campaign.ts';
import { ObzvonError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { endOfLoad, loadOne } from './load-one.ts';
import { loadText } from './load-text.ts';
import { openList, type ReadingOptions } from './open-list.ts';

export interface WatchOptions {
  readonly campaign: Campaign;
  readonly reading: ReadingOptions;
  readonly by: string | undefined;
  readonly maxRefusedShare: number | null;
  /** Load what is there and end; false: until stopped. */
  readonly once: boolean;
}

const DONE = 'done';
const FAILED = 'failed';
/** Still being written by whoever puts it there, or no list. */
const PASSED_OVER = /^\.|~$|\.(tmp|part|partial|crdownload|filepart|swp)$/i;
const LOOK_EVERY_MS = 2000;
/** A file that has not grown, nor been touched, for so long is taken for whole. */
const STILL_MS = 3000;

/** What became of one file. */
interface FileEnd {
  readonly file: string;
  readonly end: 'loaded' | 'loaded_before' | 'failed';
  readonly exit: ExitCode;
  readonly report: LoadReport | null;
  readonly reason: string | null;
}

/**
 * Loads each file that appears in a directory, once, and moves it: to `done/` (its refused rows beside it), or to `failed/` with the reason in a text beside it.
 * Files that are being written are left alone: by their name, or while they still change.
 *
 * Killed between a load and the move, it knows the file again by its hash in the load's manifest and only moves it; killed in mid-load, the file is
 * loaded again and who is there already is passed over. A fault that is not the file's (the bus is away, the disk is full) ends the command and leaves
 * the file where it is.
 */
export async function watchFolder(context: Context, bus: Bus, dir: string, options: WatchOptions): Promise<ExitCode> {
  const { terminal, stopAsked } = context;
  for (const name of [DONE, FAILED]) await mkdir(join(dir, name), { recursive: true });
  const ends: FileEnd[] = [];
  const seen = new Map<string, string>();
  for (;;) {
    const files = await filesIn(dir);
    let waiting = 0;
    for (const name of files) {
      if (stopAsked.aborted) break;
      const mark = await stillMark(join(dir, name));
      if (mark === null || (mark.ageMs < STILL_MS && seen.get(name) !== mark.text)) {
        if (mark !== null) seen.set(name, mark.text);
        waiting += 1;
        continue;
      }
      seen.delete(name);
      const end = await takeFile(context, bus, dir, name, options);
      ends.push(end);
      terminal.say(end.report === null ? `${name}: ${end.end.replace('_', ' ')}${end.reason === null ? '' : `: ${end.reason}`}` : loadText(end.report));
    }
    if (stopAsked.aborted || (options.once && waiting === 0)) break;
    await sleep(LOOK_EVERY_MS, undefined, { signal: stopAsked }).catch(() => undefined);
  }
  terminal.result({ files: ends }, () => (ends.length === 0 ? `${dir}: no file to load` : ends.map(({ file, end }) => `${file}: ${end.replace('_', ' ')}`).join('\n')));
  return endOf(ends);
}

function endOf(ends: readonly FileEnd[]): ExitCode {
  if (ends.every(({ exit }) => exit === EXIT.done)) return EXIT.done;
  return ends.every(({ end }) => end === 'failed') ? EXIT.usage : EXIT.partial;
}

/** Plain files, in the order of their names. */
async function filesIn(dir: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(dir, { withFileTypes: true });
  } catch (cause) {
    throw new ObzvonError('not_found', `${dir}: cannot be read; expected a directory with lists`, { cause });
  }
  return entries.filter((entry) => entry.isFile() && !PASSED_OVER.test(entry.name)).map((entry) => entry.name).sort();
}

/** Changes as long as the file is written to; null if it is gone. */
async function stillMark(path: string): Promise<{ text: string; ageMs: number } | null> {
  const stats = await stat(path).catch(() => null);
  return stats === null ? null : { text: `${stats.size} ${stats.mtimeMs}`, ageMs: Date.now() - stats.mtimeMs };
}

async function takeFile(context: Context, bus: Bus, dir: string, name: string, options: WatchOptions): Promise<FileEnd> {
  const path = join(dir, name);
  const { campaign } = options;
  const hash = await hashOf(path);
  if ((await loadsOf(bus, campaign.id)).some((load) => load.state === 'done' && load.contentHash === hash)) {
    await move(path, join(dir, DONE), name, hash);
    return { file: name, end: 'loaded_before', exit: EXIT.done, report: null, reason: null };
  }
  try {
    const list = await openList(context, { kind: 'file', path }, options.reading, 'ask');
    const report = await loadOne(context, bus, context.clock, list, {
      campaign, refusedPath: refusedPathOf(join(dir, DONE, name)), by: options.by, sourceMark: sourceMarkOf(path), sinceMs: null, maxRefusedShare: options.maxRefusedShare,
    });
    const isLoaded = report.end.kind === 'loaded';
    await move(path, join(dir, isLoaded ? DONE : FAILED), name, hash);
    return { file: name, end: isLoaded ? 'loaded' : 'failed', exit: endOfLoad(report), report, reason: null };
  } catch (error) {
    // What another file would meet with too is not this file's fault.
    if (!(error instanceof ObzvonError) || (error.code !== 'bad_input' && error.code !== 'unsupported')) throw error;
    const moved = await move(path, join(dir, FAILED), name, hash);
    await writeFile(`${moved}.reason.txt`, `${error.message}\n`);
    return { file: name, end: 'failed', exit: EXIT.usage, report: null, reason: error.message };
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}

/** Into the directory, under another name if that one is taken. */
async function move(path: string, dir: string, name: string, hash: string): Promise<string> {
  const { name: stem, ext } = parse(name);
  const isTaken = await access(join(dir, name)).then(() => true, () => false);
  const target = join(dir, isTaken ? `${stem}.${hash.slice(0, 8)}${ext}` : name);
  await rename(path, target);
  return target;
}
