import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { contactSchema } from '../core/contact.ts';
import type { Contact } from '../core/contact.ts';
import { ObzvonError } from '../core/errors.ts';
import { loadSchema } from '../core/load.ts';
import type { Load } from '../core/load.ts';
import type { ContactSink } from './contact-sinks.ts';

const FLUSH_LENGTH = 256 * 1024;
const BATCH = 500;

/**
 * Where an all-or-nothing load waits until it is known whether it is to be: accepted contacts as lines of JSON, readable by this user alone,
 * on this machine's disk. `<campaign>.<loadId>.partial` while it is written: nothing of it is decided, and the campaign's next load throws it away. `.ready`
 * with the load's manifest in its last line: decided, and finished by the campaign's next load. Renamed only when it is on the disk whole.
 */
export class SpoolSink implements ContactSink {
  readonly #dir: string;
  /** Without its ending. */
  readonly #path: string;
  #file: FileHandle | null = null;
  #pending = '';

  constructor(dir: string, campaignId: string, loadId: string) {
    this.#dir = dir;
    this.#path = join(dir, `${campaignId}.${loadId}`);
  }

  async take(contacts: readonly Contact[]): Promise<void> {
    for (const contact of contacts) this.#pending += `${JSON.stringify(contact)}\n`;
    if (this.#pending.length >= FLUSH_LENGTH) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
  }

  /** From here on the load is to be. @param done its manifest as it will be told once every contact is on the bus */
  async decide(done: Load): Promise<Spooled> {
    this.#pending += `${JSON.stringify({ manifest: done })}\n`;
    await this.#flush();
    await this.#file!.sync();
    await this.#file!.close();
    this.#file = null;
    const path = `${this.#path}.ready`;
    await rename(`${this.#path}.partial`, path);
    const dir = await open(this.#dir, 'r');
    await dir.sync();
    await dir.close();
    return { path, manifest: done };
  }

  async abandon(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
    await rm(`${this.#path}.partial`, { force: true });
  }

  async #flush(): Promise<void> {
    if (this.#file === null) {
      await mkdir(this.#dir, { recursive: true, mode: 0o700 });
      this.#file = await open(`${this.#path}.partial`, 'w', 0o600);
    }
    const text = this.#pending;
    this.#pending = '';
    await this.#file.appendFile(text);
  }
}

/** A decided load on this machine's disk. */
export interface Spooled {
  readonly path: string;
  readonly manifest: Load;
}

const lineSchema = z.union([z.object({ manifest: loadSchema }), contactSchema]);

async function* linesOf(path: string): AsyncGenerator<string> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  try {
    for await (const line of lines) yield line;
  } finally {
    lines.close();
  }
}

/** The contacts of a decided load, in batches. @throws ObzvonError storage if the file is damaged */
export async function* spooledContacts({ path }: Spooled): AsyncGenerator<readonly Contact[]> {
  let batch: Contact[] = [];
  for await (const line of linesOf(path)) {
    const parsed = lineSchema.safeParse(JSON.parse(line));
    if (!parsed.success) throw new ObzvonError('storage', `${path} is damaged; expected the contacts of a load as this version of obzvon keeps them`);
    if ('manifest' in parsed.data) continue;
    batch.push(parsed.data);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Decided loads of a campaign that were broken off, oldest first. What a killed load had not decided is thrown away: one campaign is loaded by one process at a time. */
export async function brokenOffLoads(dir: string, campaignId: string): Promise<Spooled[]> {
  const found: Spooled[] = [];
  for (const name of await namesIn(dir)) {
    const path = join(dir, name);
    // Campaign ids have no dots.
    if (name.split('.')[0] !== campaignId) continue;
    if (name.endsWith('.partial')) await rm(path, { force: true });
    if (!name.endsWith('.ready')) continue;
    let last = '';
    for await (const line of linesOf(path)) last = line;
    const parsed = z.object({ manifest: loadSchema }).safeParse(JSON.parse(last === '' ? '{}' : last));
    if (!parsed.success) throw new ObzvonError('storage', `${path} is damaged; expected a load's manifest in its last line`);
    found.push({ path, manifest: parsed.data.manifest });
  }
  return found;
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
