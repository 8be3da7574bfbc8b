import { createHash } from 'node:crypto';

/** Counts and hashes the raw bytes of a source as they are read. */
export class Meter {
  readonly #hash = createHash('sha256');
  bytes = 0;

  take(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#hash.update(bytes);
  }

  /** Hashes without counting: bytes whose reading is counted in another way. */
  hashOnly(bytes: Uint8Array | string): void {
    this.#hash.update(bytes);
  }

  /** SHA-256 in hex of what was taken so far. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
