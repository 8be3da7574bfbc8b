/** Largest value: fits 16 bits. */
const MOST = 0xffff;
/** A table fuller than this grows. */
const FULLEST = 0.8;
const SMALLEST = 1024;

/**
 * Small whole numbers (0 to 65,535) by positive whole number below 2^53 (phones as digits) in 10 bytes each, 12 to 25 with the free places, where a
 * `Map` takes about 60. Open addressing; what is not there is 0.
 */
export class NumberMap {
  #keys: Float64Array;
  #values: Uint16Array;
  readonly #expected: number;
  #capacity = SMALLEST;
  #count = 0;

  /** @param expected once it is more than small the table has room for so many keys; room costs nothing until it is used */
  constructor(expected = 0) {
    this.#expected = expected;
    this.#keys = new Float64Array(this.#capacity);
    this.#values = new Uint16Array(this.#capacity);
  }

  /** Keys ever set. */
  get size(): number {
    return this.#count;
  }

  get(key: number): number {
    return this.#values[this.#placeOf(key)]!;
  }

  /** A value above 65,535 is held there. */
  set(key: number, value: number): void {
    const place = this.#placeOf(key);
    this.#values[place] = Math.min(value, MOST);
    if (this.#keys[place] === key) return;
    this.#keys[place] = key;
    this.#count += 1;
    if (this.#count > this.#capacity * FULLEST) this.#grow();
  }

  #placeOf(key: number): number {
    // Fibonacci hashing of the low and high halves (Knuth, TAOCP 6.4).
    let place = (Math.imul(key % 4294967296, 0x9e3779b1) ^ Math.imul(key / 4294967296, 0x85ebca6b)) >>> 0;
    place = (place ^ (place >>> 15)) & (this.#capacity - 1);
    while (this.#keys[place] !== 0 && this.#keys[place] !== key) place = (place + 1) & (this.#capacity - 1);
    return place;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    do this.#capacity *= 2;
    while (this.#capacity * FULLEST < this.#expected);
    this.#keys = new Float64Array(this.#capacity);
    this.#values = new Uint16Array(this.#capacity);
    for (let at = 0; at < keys.length; at += 1) {
      if (keys[at] === 0) continue;
      const place = this.#placeOf(keys[at]!);
      this.#keys[place] = keys[at]!;
      this.#values[place] = values[at]!;
    }
  }
}
