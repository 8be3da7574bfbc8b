/** Of a UTF-16 code unit, in UTF-8. */
const MOST_BYTES_A_CHARACTER = 3;
/** Room for a number and the signs around it. */
const NUMBER_BYTES = 32;
const FIRST_BYTES = 256 * 1024;
/** What grew larger is not kept. */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;
/** Keys of messages are few; those of a list's further columns may be any. */
const MOST_KEYS = 2000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/**
 * Where texts are written down as UTF-8 one after another: whole texts, or values as their JSON. A value of plain data (what `JSON.parse` gives) becomes the same
 * bytes as `JSON.stringify` and UTF-8 would make of it, in 1.4 µs for a contact in place of 3.6 µs, for there is no text in between.
 */
export class JsonBytes {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #at = 0;
  readonly #keys = new Map<string, Uint8Array>();

  /** Bytes written since the last {@link clear}. */
  get length(): number {
    return this.#at;
  }

  clear(): void {
    this.#at = 0;
    if (this.#bytes.length > MOST_KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  copyTo(target: Uint8Array): void {
    this.#bytes.copy(target, 0, 0, this.#at);
  }

  /** Adds the text as it is. */
  addText(text: string): void {
    this.#makeRoom(text.length * MOST_BYTES_A_CHARACTER);
    this.#at += this.#bytes.write(text, this.#at, 'utf8');
  }

  /** Adds the value as JSON. */
  addJson(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#addString(value);
        return;
      case 'number':
        this.#makeRoom(NUMBER_BYTES);
        if (Number.isInteger(value) && value >= 0 && value < 2 ** 31) this.#addDigits(value);
        else this.addText(Number.isFinite(value) ? String(value) : 'null');
        return;
      case 'object':
        if (value === null) this.addText('null');
        else if (Array.isArray(value)) this.#addArray(value);
        else if (!isPlain(value)) this.addText(JSON.stringify(value));
        else this.#addObject(value as Readonly<Record<string, unknown>>);
        return;
      default:
        // JSON has no word for it, but for true and false.
        this.addText(typeof value === 'boolean' ? String(value) : 'null');
    }
  }

  #addArray(values: readonly unknown[]): void {
    this.#addSign(0x5b);
    for (let index = 0; index < values.length; index += 1) {
      if (index > 0) this.#addSign(COMMA);
      this.addJson(values[index]);
    }
    this.#addSign(0x5d);
  }

  #addObject(object: Readonly<Record<string, unknown>>): void {
    this.#addSign(0x7b);
    let first = true;
    // Twice as quick as by a list of the keys.
    for (const key in object) {
      const value = object[key];
      if (value === undefined || typeof value === 'function' || typeof value === 'symbol') continue;
      if (!first) this.#addSign(COMMA);
      first = false;
      this.#addKey(key);
      this.addJson(value);
    }
    this.#addSign(0x7d);
  }

  #addKey(key: string): void {
    let written = this.#keys.get(key);
    if (written === undefined) {
      written = Buffer.from(`${JSON.stringify(key)}:`);
      if (this.#keys.size >= MOST_KEYS) this.#keys.clear();
      this.#keys.set(key, written);
    }
    this.#makeRoom(written.length);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let from = 0; from < written.length; from += 1) bytes[at++] = written[from]!;
    this.#at = at;
  }

  #addString(text: string): void {
    this.#makeRoom(text.length * MOST_BYTES_A_CHARACTER + 2);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = QUOTE;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code < 0x80) {
        if (code < 0x20 || code === QUOTE || code === BACKSLASH) {
          this.addText(JSON.stringify(text));
          return;
        }
        bytes[at++] = code;
      } else if (code < 0x800) {
        bytes[at++] = 0xc0 | (code >> 6);
        bytes[at++] = 0x80 | (code & 0x3f);
      } else if (code >= 0xd800 && code < 0xe000) {
        // Surrogates: in pairs, or escaped.
        this.addText(JSON.stringify(text));
        return;
      } else {
        bytes[at++] = 0xe0 | (code >> 12);
        bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
        bytes[at++] = 0x80 | (code & 0x3f);
      }
    }
    bytes[at++] = QUOTE;
    this.#at = at;
  }

  /** @param value whole, from 0, below 2^31 */
  #addDigits(value: number): void {
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits += 1;
    let at = this.#at + digits;
    this.#at = at;
    for (let left = value; digits > 0; digits -= 1) {
      const tenth = (left / 10) | 0;
      this.#bytes[--at] = 0x30 + left - tenth * 10;
      left = tenth;
    }
  }

  #addSign(code: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#at++] = code;
  }

  #makeRoom(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + length));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

/** What has nothing but its own keys, and does not say itself what it is in JSON. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return (prototype === Object.prototype || prototype === null) && !('toJSON' in object);
}
