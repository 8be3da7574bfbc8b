import { SAMPLE_BYTES, decoderOf, detectEncoding } from './encoding.ts';
import type { Encoding, PieceDecoder } from './encoding.ts';

/**
 * Bytes to text, piece by piece. While only ASCII comes the encoding is open; from the first other byte on up to 64 KB are held
 * back and looked at. What comes out is the same however the bytes were cut.
 */
export class TextOfBytes {
  #encoding: Encoding | null;
  #sureness = 1;
  #decoder: PieceDecoder | null;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #begun = false;

  /** @param encoding null: find it out */
  constructor(encoding: Encoding | null) {
    this.#encoding = encoding;
    this.#decoder = encoding === null ? null : decoderOf(encoding);
  }

  /** Null while nothing but ASCII came. */
  get encoding(): Encoding | null {
    return this.#encoding;
  }

  /** How sure the encoding is, 0 to 1. */
  get sureness(): number {
    return this.#sureness;
  }

  push(bytes: Uint8Array): string {
    if (this.#decoder !== null) return this.#decoder.push(bytes);
    let open = bytes;
    if (!this.#begun) {
      // The first bytes are looked at together: a byte order mark, or UTF-16, shows in them.
      this.#hold(bytes);
      if (this.#heldBytes < START_BYTES) return '';
      this.#begun = true;
      open = this.#release();
      if (open.subarray(0, START_BYTES).some(isStrange)) {
        this.#hold(open);
        return this.#heldBytes < SAMPLE_BYTES ? '' : this.#decide();
      }
    }
    let plain = '';
    if (this.#heldBytes === 0) {
      const from = firstForeign(open);
      if (from === open.length) return latin(open);
      plain = latin(open.subarray(0, from));
      open = open.subarray(from);
    }
    this.#hold(open);
    return this.#heldBytes < SAMPLE_BYTES ? plain : plain + this.#decide();
  }

  end(): string {
    const held = this.#heldBytes > 0 ? this.#decide() : '';
    return this.#decoder === null ? held : held + this.#decoder.end(new Uint8Array(0));
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #release(): Buffer {
    const held = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return held;
  }

  #decide(): string {
    const held = this.#release();
    if (firstForeign(held) === held.length && !held.some(isStrange)) return latin(held);
    const { encoding, sureness } = detectEncoding(held.subarray(0, SAMPLE_BYTES));
    this.#encoding = encoding;
    this.#sureness = sureness;
    this.#decoder = decoderOf(encoding);
    return this.#decoder.push(held);
  }
}

/** Enough for a byte order mark, and for two characters in UTF-16, of which Latin ones have a NUL and Cyrillic ones a 4. */
const START_BYTES = 4;
const isStrange = (byte: number): boolean => byte >= 0x80 || byte === 0 || byte === 4;

/** Where the first byte beyond ASCII stands; the length if there is none. */
function firstForeign(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at]! >= 0x80) return at;
  return bytes.length;
}

const latin = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
