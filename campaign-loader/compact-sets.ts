/** Words of 32 bits kept of a contact id. */
const WORDS = 2;
const ID_LENGTH = 32;
/** A table fuller than this grows: at four fifths a search looks at 3 places on average if the id is there, 13 if not. */
const FULLEST = 0.8;
const SMALLEST = 1024;
/** Value of a lower-case hex digit by its code; 16 for any other character. */
const HEX_VALUE = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return value === -1 ? 16 : value;
});

/**
 * A set of contact ids in 8 bytes each (10 to 20 with the table's free places) instead of the ~100 of a `Set<string>`. It keeps 64 of an id's 128
 * bits: among five million ids some two are taken for one with a chance of 7 in 10 million (n²/2^65). Open addressing; the id is a hash already, so its
 * first word is the place. Ids that are not 32 hex digits go to an ordinary set.
 *
 * Room given for `expected` ids costs nothing until it is used (the system hands out memory page by page), and saves that a table and
 * its double exist at once: so a load's memory does not depend on how long its list is.
 */
export class ContactIdSet {
  #words: Uint32Array;
  readonly #expected: number;
  #capacity: number;
  #count = 0;
  readonly #others = new Set<string>();
  /** The id being looked for. */
  #first = 0;
  #second = 0;

  /** @param expected once it is more than small the table has room for so many ids */
  constructor(expected = 0) {
    this.#expected = expected;
    this.#capacity = SMALLEST;
    this.#words = new Uint32Array(this.#capacity * WORDS);
  }

  get size(): number {
    return this.#count + this.#others.size;
  }

  has(contactId: string): boolean {
    if (!this.#read(contactId)) return this.#others.has(contactId);
    return this.#words[this.#place() + 1] !== 0;
  }

  /** True if it was not there before. */
  add(contactId: string): boolean {
    if (!this.#read(contactId)) {
      if (this.#others.has(contactId)) return false;
      this.#others.add(contactId);
      return true;
    }
    const place = this.#place();
    if (this.#words[place + 1] !== 0) return false;
    this.#words[place] = this.#first;
    this.#words[place + 1] = this.#second;
    this.#count += 1;
    if (this.#count > this.#capacity * FULLEST) this.#grow();
    return true;
  }

  /** Reads the id's first two words; false if it is not 32 hex digits. (A fifth of the time of a pattern and `Buffer.write`.) */
  #read(contactId: string): boolean {
    if (contactId.length !== ID_LENGTH) return false;
    let seen = 0;
    let first = 0;
    let second = 0;
    for (let at = 0; at < 8; at++) {
      const code = contactId.charCodeAt(at);
      const value = code < 128 ? HEX_VALUE[code]! : 16;
      seen |= value;
      first = (first << 4) | (value & 15);
    }
    for (let at = 8; at < 16; at++) {
      const code = contactId.charCodeAt(at);
      const value = code < 128 ? HEX_VALUE[code]! : 16;
      seen |= value;
      second = (second << 4) | (value & 15);
    }
    for (let at = 16; at < ID_LENGTH; at++) {
      const code = contactId.charCodeAt(at);
      seen |= code < 128 ? HEX_VALUE[code]! : 16;
    }
    this.#first = first >>> 0;
    // Never 0, which marks a free place.
    this.#second = second >>> 0 || 1;
    return seen < 16;
  }

  /** Where the id that was read is, or the free place where it would go. */
  #place(): number {
    const words = this.#words;
    const mask = this.#capacity - 1;
    let place = this.#first & mask;
    for (;;) {
      const at = place * WORDS;
      const second = words[at + 1]!;
      if (second === 0 || (second === this.#second && words[at] === this.#first)) return at;
      place = (place + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#words;
    do this.#capacity *= 2;
    while (this.#capacity * FULLEST < this.#expected);
    const mask = this.#capacity - 1;
    const words = (this.#words = new Uint32Array(this.#capacity * WORDS));
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + 1] === 0) continue;
      let place = old[from]! & mask;
      while (words[place * WORDS + 1] !== 0) place = (place + 1) & mask;
      words[place * WORDS] = old[from]!;
      words[place * WORDS + 1] = old[from + 1]!;
    }
  }
}
