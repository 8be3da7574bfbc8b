import { closeSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { ObzvonError } from '../../core/errors.ts';
import { journalEntrySchema, type JournalEntry } from './journal.ts';

type InviteEntry = Extract<JournalEntry, { kind: 'invite' }>;

export interface JournalHistory {
  /** Simulated time of the last entry, ms since the epoch; null if there is none. */
  readonly lastMs: number | null;
  /** Calls that were under way when the simulator died. */
  readonly open: readonly { readonly invite: InviteEntry; readonly answered: boolean }[];
  /** How often each phone has been called. */
  readonly callsTo: ReadonlyMap<string, number>;
}

/**
 * The simulator's record on disk. Every entry is in the file (in the page cache: safe from kill -9, not from a power
 * cut) when `write` returns, so nothing is answered that is not written down.
 */
export class JournalFile {
  readonly #file: number | null;

  /** A last line that a kill cut short is taken off: the next entry must not grow onto it. */
  constructor(path: string | undefined) {
    if (path !== undefined) {
      const bytes = readIfThere(path);
      const whole = bytes.lastIndexOf(0x0a) + 1;
      if (whole < bytes.length) truncateSync(path, whole);
    }
    this.#file = path === undefined ? null : openSync(path, 'a');
  }

  write(entry: JournalEntry): void {
    if (this.#file !== null) writeSync(this.#file, `${JSON.stringify(entry)}\n`);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
  }
}

/**
 * What a journal tells of the time before.
 * @throws ObzvonError `bad_input` for a line that is no entry; a last line cut short by a kill is passed over.
 */
export function readHistory(path: string | undefined): JournalHistory {
  const open = new Map<string, { invite: InviteEntry; answered: boolean }>();
  const callsTo = new Map<string, number>();
  let lastMs: number | null = null;
  for (const entry of readJournal(path)) {
    lastMs = Math.max(lastMs ?? 0, entry.atMs);
    if (entry.kind === 'invite') {
      open.set(entry.attemptId, { invite: entry, answered: false });
      callsTo.set(entry.phone, (callsTo.get(entry.phone) ?? 0) + 1);
    } else if (entry.kind === 'answered') {
      const call = open.get(entry.attemptId);
      if (call) call.answered = true;
    } else if (entry.kind === 'ended') open.delete(entry.attemptId);
  }
  return { lastMs, open: [...open.values()], callsTo };
}

/** Every entry of a journal, in order; none if there is no file. Same errors as {@link readHistory}. */
export function readJournal(path: string | undefined): JournalEntry[] {
  if (path === undefined) return [];
  const lines = readIfThere(path).toString('utf8').split('\n');
  const entries: JournalEntry[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const parsed = parseLine(line);
    if (parsed) entries.push(parsed);
    else if (index < lines.length - 1) {
      throw new ObzvonError('bad_input', `${path}, line ${index + 1}: expected an entry of the simulator's journal`);
    }
  }
  return entries;
}

function parseLine(line: string): JournalEntry | null {
  try {
    const parsed = journalEntrySchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

const POLL_MS = 20;
const LONGEST_WAIT_MS = 5000;

/**
 * Waits until the process that last kept this journal has ended: when its parent is killed it still writes down how
 * its calls ended, and two hands must not do that. Returns what gives the journal free again.
 * @throws ObzvonError `locked` if the other process goes on living.
 */
export async function holdJournal(path: string): Promise<() => void> {
  const holder = `${path}.pid`;
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const pid = Number(readIfThere(holder).toString('utf8'));
    if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid || !isSimulator(pid)) break;
    if (waitedMs >= LONGEST_WAIT_MS) throw new ObzvonError('locked', `${path} is kept by another simulator, process ${pid}: expected it to have ended`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  writeFileSync(holder, String(process.pid));
  return () => rmSync(holder, { force: true });
}

/** A process of that number lives and, where the system tells (Linux), is a simulator and not a later user of the number. */
function isSimulator(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const commandLine = readIfThere(`/proc/${pid}/cmdline`).toString('utf8');
  return commandLine === '' || commandLine.includes('process-child');
}
