/** A table fuller than this grows: at four fifths a search looks at 3 places on average if the entry is there, 13 if not. */
const FULLEST = 0.8;
const SMALLEST_BITS = 10;
/** An entry stands at most so many places behind its own; its steps (1: none) take 7 bits. One that finds no place there is kept apart. */
const MOST_STEPS = 127;
const STEPS_BITS = 7;
/** From so many places on, steps and what is left of the first word fit 16 bits. */
const NARROW_FROM_BITS = 32 - (16 - STEPS_BITS);

/**
 * Entries of two words of 32 bits in 6 bytes each (7.5 to 15 with the free places) once there are millions of them, in 8 before that. The first word must be
 * spread evenly: its upper bits are the place, and the entry holds only the lower ones, beside how far behind its place it stands (Cleary 1984,
 * "Compact hash tables using bidirectional linear probing"). So nothing of an entry is lost, and none is ever taken for another.
 *
 * Room given for `expected` entries costs nothing until it is used (the system hands out memory page by page), and saves that a table and
 * its double exist at once: so a load's memory does not depend on how long its list is.
 */
export class CompactTable {
  #bits = SMALLEST_BITS;
  /** Of each place: 1 + steps, and above them the lower bits of the first word; 0: free. */
  #upper: Uint16Array | Uint32Array = new Uint32Array(1 << SMALLEST_BITS);
  /** Of each place: the second word. */
  #lower = new Uint32Array(1 << SMALLEST_BITS);
  readonly #expected: number;
  readonly #keyMask: number;
  #placed = 0;
  /** Second words by the entry's key in text, of the few that found no place near their own: none at all in practice, unless somebody makes them up. */
  readonly #crowded = new Map<string, number>();

  /**
   * @param expected once it is more than small the table has room for so many entries
   * @param keyMask which bits of the second word tell entries apart; the others are the entry's value
   */
  constructor(expected: number, keyMask: number) {
    this.#expected = expected;
    this.#keyMask = keyMask;
  }

  get size(): number {
    return this.#placed + this.#crowded.size;
  }

  /** The second word of the entry, value and all, as a number without sign; -1 if it is not there. Words may have a sign. */
  get(first: number, second: number): number {
    const mask = this.#upper.length - 1;
    const rest = this.#restOf(first);
    let place = first >>> (32 - this.#bits);
    for (let steps = 1; steps <= MOST_STEPS; steps += 1) {
      const upper = this.#upper[place]!;
      if (upper === 0) return -1;
      if (upper === (rest | steps) && ((this.#lower[place]! ^ second) & this.#keyMask) === 0) return this.#lower[place]!;
      place = (place + 1) & mask;
    }
    return this.#crowded.get(this.#nameOf(first, second)) ?? -1;
  }

  /** Puts the entry there, or puts its value in place of the former. */
  set(first: number, second: number): void {
    const mask = this.#upper.length - 1;
    const rest = this.#restOf(first);
    let place = first >>> (32 - this.#bits);
    for (let steps = 1; steps <= MOST_STEPS; steps += 1) {
      const upper = this.#upper[place]!;
      if (upper === (rest | steps) && ((this.#lower[place]! ^ second) & this.#keyMask) === 0) {
        this.#lower[place] = second;
        return;
      }
      if (upper === 0) {
        this.#upper[place] = rest | steps;
        this.#lower[place] = second;
        this.#placed += 1;
        if (this.#placed > this.#upper.length * FULLEST) this.#grow();
        return;
      }
      place = (place + 1) & mask;
    }
    this.#crowded.set(this.#nameOf(first, second), second >>> 0);
  }

  /** The bits of the first word that its place does not tell, where they stand in an entry. */
  #restOf(first: number): number {
    return (first & (0xffffffff >>> this.#bits)) << STEPS_BITS;
  }

  #nameOf(first: number, second: number): string {
    return `${first >>> 0} ${(second & this.#keyMask) >>> 0}`;
  }

  #grow(): void {
    const [upper, lower, bits] = [this.#upper, this.#lower, this.#bits];
    const crowded = [...this.#crowded];
    this.#crowded.clear();
    this.#placed = 0;
    do this.#bits += 1;
    while (2 ** this.#bits * FULLEST < this.#expected);
    this.#upper = this.#bits >= NARROW_FROM_BITS ? new Uint16Array(2 ** this.#bits) : new Uint32Array(2 ** this.#bits);
    this.#lower = new Uint32Array(2 ** this.#bits);
    for (let place = 0; place < upper.length; place += 1) {
      if (upper[place] === 0) continue;
      const steps = upper[place]! & MOST_STEPS;
      const home = (place - steps + 1) & (upper.length - 1);
      this.set((home << (32 - bits)) | (upper[place]! >>> STEPS_BITS), lower[place]!);
    }
    for (const [name, second] of crowded) this.set(Number(name.split(' ', 1)[0]), second);
  }
}
