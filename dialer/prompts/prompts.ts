import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { Language } from '../../core/contact.ts';
import { ObzvonError } from '../../core/errors.ts';
import type { SpeechPart } from '../call/template.ts';
import { level } from './loudness.ts';
import { resample } from './resample.ts';
import type { Speech } from './speech.ts';
import { decodeWav, durationOfFile, encodeWav, TELEPHONE_RATE_HZ } from './wav.ts';

/** A prompt ready to be played, one file after the other. */
export interface Prompt {
  /** Paths as the switch sees them. */
  readonly files: string[];
  readonly durationMs: number;
}

export interface PromptsOptions {
  /** Where the recordings are kept; made with mode 0700, for they tell names and debts. */
  readonly dir: string;
  /** The same directory as the switch sees it (a volume mounted elsewhere). Default: `dir`. */
  readonly switchDir?: string;
  readonly speech: Speech;
  /** Recordings whose length is kept in memory. */
  readonly maxIndexed?: number;
  /** The wall's time, for the files' age. */
  readonly nowMs?: () => number;
}

export interface Prompts {
  /** Speaks every part, or finds it spoken before. @throws ObzvonError */
  prepare(parts: readonly SpeechPart[], language: Language): Promise<Prompt>;
  /** Takes in a recorded WAV file (16-bit PCM, any rate): converted once to what the telephone carries. @throws ObzvonError */
  prepareRecording(file: string): Promise<Prompt>;
  /** Removes recordings that tell of a debtor and were not used for `maxAgeMs`, and what a crash left half written. @returns how many */
  sweep(maxAgeMs: number): Promise<number>;
  /** How many sentences were synthesised and how many were found. */
  readonly counts: { readonly synthesized: number; readonly found: number };
  close(): Promise<void>;
}

interface Indexed {
  readonly durationMs: number;
  /** When the file's own time was last set: its last use, to within {@link TOUCH_EVERY_MS}. */
  readonly touchedMs: number;
}

/** Shared sentences stay; personal ones are swept. */
type Keep = 'shared' | 'personal';
const KEEPS: readonly Keep[] = ['shared', 'personal'];

/** A recording in use is marked so at most this often; `sweep` never takes one used more recently than twice this. */
const TOUCH_EVERY_MS = 10 * 60_000;
const PAUSE_MS = 200;

/**
 * Recordings by sentence. A sentence's file is named by the hash of the engine, voice and text, so nothing of the text
 * reaches a path, a sentence without variables is spoken once for all contacts, and two dialers on one directory agree.
 * Files appear whole (written aside, then renamed). Requests for one sentence at once share one synthesis.
 */
export function createPrompts(options: PromptsOptions): Prompts {
  const { dir, speech, switchDir = dir, maxIndexed = 50_000, nowMs = Date.now } = options;
  const index = new Map<string, Indexed>();
  const making = new Map<string, Promise<number>>();
  /** Folders that were made, at most 512. */
  const folders = new Set<string>();
  const counts = { synthesized: 0, found: 0 };

  const remember = (name: string, entry: Indexed): number => {
    index.delete(name);
    index.set(name, entry);
    if (index.size > maxIndexed) for (const oldest of index.keys()) {
      index.delete(oldest);
      break;
    }
    return entry.durationMs;
  };

  /** Length of the recording `name` if it is there; a file too short to be one was cut by a crash and does not count. */
  const find = async (name: string): Promise<number | null> => {
    const known = index.get(name);
    const now = nowMs();
    if (known !== undefined && now - known.touchedMs < TOUCH_EVERY_MS) return remember(name, known);
    try {
      const { size } = await stat(join(dir, name));
      if (durationOfFile(size) <= 0) return null;
      await utimes(join(dir, name), now / 1000, now / 1000);
      return remember(name, { durationMs: durationOfFile(size), touchedMs: now });
    } catch (error) {
      if (isMissing(error)) return null;
      throw storageError(error);
    }
  };

  const write = async (name: string, wav: Uint8Array): Promise<number> => {
    const path = join(dir, name);
    const aside = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
    try {
      const folder = dirname(path);
      if (!folders.has(folder)) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        folders.add(folder);
      }
      await writeFile(aside, wav, { mode: 0o600 });
      await rename(aside, path);
    } catch (error) {
      folders.delete(dirname(path));
      await rm(aside, { force: true });
      throw storageError(error);
    }
    return remember(name, { durationMs: durationOfFile(wav.length), touchedMs: nowMs() });
  };

  const obtain = (name: string, make: () => Promise<Uint8Array>): Promise<number> => {
    const underWay = making.get(name);
    if (underWay !== undefined) return underWay;
    const begun = (async () => {
      const found = await find(name);
      if (found !== null) {
        counts.found++;
        return found;
      }
      const wav = await make();
      counts.synthesized++;
      return await write(name, wav);
    })().finally(() => making.delete(name));
    making.set(name, begun);
    return begun;
  };

  const asPrompt = async (wanted: readonly { name: string; make: () => Promise<Uint8Array> }[]): Promise<Prompt> => {
    const durations = await Promise.all(wanted.map(({ name, make }) => obtain(name, make)));
    return { files: wanted.map(({ name }) => posix.join(switchDir, name)), durationMs: durations.reduce((total, ms) => total + ms, 0) };
  };

  return {
    counts,
    async prepare(parts, language) {
      const wanted = parts.map(({ text, personal }) => ({
        name: fileName(personal ? 'personal' : 'shared', [speech.identity(language), language, text]),
        make: () => speech.synthesize(text, language),
      }));
      // A step that has nothing to say to this contact is a short pause.
      if (wanted.length === 0) wanted.push({ name: fileName('shared', ['pause', String(PAUSE_MS)]), make: () => Promise.resolve(pause()) });
      return await asPrompt(wanted);
    },
    async prepareRecording(file) {
      const content = await readFile(file).catch((error: unknown) => {
        throw isMissing(error) ? new ObzvonError('not_found', `${file}: no such recording`) : storageError(error);
      });
      const hash = createHash('sha256').update(content).digest('hex');
      return await asPrompt([{ name: fileName('shared', ['recording/1', hash]), make: () => Promise.resolve(forTelephone(content, file)) }]);
    },
    async sweep(maxAgeMs) {
      const olderThanMs = nowMs() - Math.max(maxAgeMs, 2 * TOUCH_EVERY_MS);
      let removed = 0;
      for (const keep of KEEPS) {
        for (const folder of await list(join(dir, keep))) {
          for (const file of await list(join(dir, keep, folder))) {
            if (keep === 'shared' && !file.endsWith('.tmp')) continue;
            const name = posix.join(keep, folder, file);
            const facts = await stat(join(dir, name)).catch(() => null);
            if (facts === null || facts.mtimeMs > olderThanMs) continue;
            index.delete(name);
            await rm(join(dir, name), { force: true });
            removed++;
          }
        }
      }
      return removed;
    },
    close: () => speech.close(),
  };
}

function fileName(keep: Keep, parts: readonly string[]): string {
  const hash = createHash('sha256').update(parts.join('\0')).digest('hex');
  return posix.join(keep, hash.slice(0, 2), `${hash}.wav`);
}

function pause(): Buffer {
  return encodeWav({ samples: new Float64Array((TELEPHONE_RATE_HZ * PAUSE_MS) / 1000), sampleRate: TELEPHONE_RATE_HZ });
}

function forTelephone(content: Buffer, file: string): Buffer {
  const { samples, sampleRate } = decodeWav(content, file);
  return encodeWav({ samples: level(resample(samples, sampleRate, TELEPHONE_RATE_HZ), TELEPHONE_RATE_HZ), sampleRate: TELEPHONE_RATE_HZ });
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw storageError(error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** The path is a hash: it may be told. */
function storageError(error: unknown): ObzvonError {
  return new ObzvonError('storage', `prompts: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
