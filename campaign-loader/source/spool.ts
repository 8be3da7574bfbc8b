import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Meter } from './meter.ts';

/** Temporary files for formats that are not read from front to back; gone with `close`. */
export class Spool {
  #dir: string | null = null;
  #count = 0;

  /** Writes bytes down, readable by this user only, and says where. */
  async keep(bytes: AsyncIterable<Buffer>): Promise<string> {
    const path = await this.fresh();
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const piece of bytes) await file.writeFile(piece);
    } finally {
      await file.close();
    }
    return path;
  }

  /** A path for a file of one's own. */
  async fresh(): Promise<string> {
    this.#dir ??= await mkdtemp(join(tmpdir(), 'obzvon-list-'));
    this.#count += 1;
    return join(this.#dir, String(this.#count));
  }

  async close(): Promise<void> {
    if (this.#dir !== null) await rm(this.#dir, { recursive: true, force: true });
    this.#dir = null;
  }
}

/** Hashes a file that is read out of order. */
export async function hashFile(path: string, meter: Meter): Promise<void> {
  for await (const piece of createReadStream(path)) meter.hashOnly(piece as Buffer);
}
