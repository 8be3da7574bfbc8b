import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Spool } from '../../source/spool.ts';

/** What is kept in memory before the rest goes to disk. */
const MEMORY_BYTES = 32 * 1024 * 1024;
const BLOCK_BYTES = 256 * 1024;
/** Strings are used nearly in the order in which they stand, so that few blocks are asked for again. */
const MAX_BLOCKS = 128;

/**
 * The texts that the cells of a workbook share, by number. A sheet of a million rows has millions of them: they are packed as UTF-8, and
 * beyond 32 MB written to a temporary file and read back in blocks.
 */
export class SharedStrings {
  readonly #spool: Spool;
  #ends = new Float64Array(1024);
  #count = 0;
  #length = 0;
  #block = Buffer.allocUnsafe(BLOCK_BYTES);
  #filled = 0;
  /** Whole blocks in memory: all of them, or once there is a file those read last. */
  readonly #blocks = new Map<number, Buffer>();
  #written = 0;
  #file: number | null = null;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  get count(): number {
    return this.#count;
  }

  async add(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(this.#block, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled === BLOCK_BYTES) await this.#store();
    }
    this.#length += bytes.length;
    if (this.#count === this.#ends.length) {
      const wider = new Float64Array(this.#ends.length * 2);
      wider.set(this.#ends);
      this.#ends = wider;
    }
    this.#ends[this.#count] = this.#length;
    this.#count += 1;
  }

  /** Null if there is none of that number. */
  get(index: number): string | null {
    if (!Number.isInteger(index) || index < 0 || index >= this.#count) return null;
    const start = index === 0 ? 0 : this.#ends[index - 1]!;
    const end = this.#ends[index]!;
    const first = Math.floor(start / BLOCK_BYTES);
    const offset = start - first * BLOCK_BYTES;
    if (offset + end - start <= BLOCK_BYTES) return this.#blockAt(first).toString('utf8', offset, offset + end - start);
    const parts: Buffer[] = [];
    for (let at = start; at < end; ) {
      const number = Math.floor(at / BLOCK_BYTES);
      const from = at - number * BLOCK_BYTES;
      const length = Math.min(end - at, BLOCK_BYTES - from);
      parts.push(this.#blockAt(number).subarray(from, from + length));
      at += length;
    }
    return Buffer.concat(parts).toString('utf8');
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#blocks.clear();
  }

  async #store(): Promise<void> {
    const block = this.#block;
    this.#block = Buffer.allocUnsafe(BLOCK_BYTES);
    this.#filled = 0;
    if (this.#file === null && (this.#written + 1) * BLOCK_BYTES > MEMORY_BYTES) {
      this.#file = openSync(await this.#spool.fresh(), 'wx+', 0o600);
      for (const [number, kept] of this.#blocks) writeSync(this.#file, kept, 0, BLOCK_BYTES, number * BLOCK_BYTES);
    }
    if (this.#file === null) this.#blocks.set(this.#written, block);
    else writeSync(this.#file, block, 0, BLOCK_BYTES, this.#written * BLOCK_BYTES);
    this.#written += 1;
  }

  #blockAt(number: number): Buffer {
    if (number === this.#written) return this.#block;
    let block = this.#blocks.get(number);
    if (block === undefined) {
      block = Buffer.allocUnsafe(BLOCK_BYTES);
      readSync(this.#file!, block, 0, BLOCK_BYTES, number * BLOCK_BYTES);
      if (this.#blocks.size >= MAX_BLOCKS) this.#blocks.delete(this.#blocks.keys().next().value!);
      this.#blocks.set(number, block);
    }
    return block;
  }
}
