import { CompactTable } from './compact-table.ts';

/** Largest value that is kept. */
const MOST = 0xffff;
const TWO_32 = 2 ** 32;
/** Of a key's 53 bits, those above the lowest 32; in an entry the value stands above them. */
const UPPER_BITS = 21;
/** Largest value that stands in an entry; one that does not is looked up beside. */
const MOST_INSIDE = 2 ** (32 - UPPER_BITS) - 2;
const BESIDE = MOST_INSIDE + 1;

/**
 * Small whole numbers (0 to 65,535) by positive whole number below 2^53 (phones as digits) in a {@link CompactTable}, where a `Map` takes about
 * 60 bytes. What is not there is 0.
 */
export class NumberMap {
  readonly #table: CompactTable;
  /** Values too large for an entry. */
  readonly #large = new Map<number, number>();

  /** @param expected once it is more than small there is room for so many keys */
  constructor(expected = 0) {
    this.#table = new CompactTable(expected, 2 ** UPPER_BITS - 1);
  }

  /** Keys ever set. */
  get size(): number {
    return this.#table.size;
  }

  get(key: number): number {
    const upper = Math.floor(key / TWO_32);
    const word = this.#table.get(spread(key % TWO_32, upper), upper);
    if (word === -1) return 0;
    const value = word >>> UPPER_BITS;
    return value === BESIDE ? this.#large.get(key)! : value;
  }

  /** A value above 65,535 is held there. */
  set(key: number, value: number): void {
    const upper = Math.floor(key / TWO_32);
    if (value > MOST_INSIDE) this.#large.set(key, Math.min(value, MOST));
    this.#table.set(spread(key % TWO_32, upper), upper | (Math.min(value, BESIDE) << UPPER_BITS));
  }
}

/** One to one for each `upper` (an odd factor has an inverse): numbers in a row come to lie far apart (Fibonacci hashing; Knuth, TAOCP 6.4). */
function spread(lower: number, upper: number): number {
  return Math.imul(lower ^ Math.imul(upper, 0x85ebca6b), 0x9e3779b1);
}
