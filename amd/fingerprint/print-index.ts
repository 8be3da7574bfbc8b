import { bitsApart } from './band-signs.ts';

/** Words compared: 0.8 s. With what the signs need before their first, a recording is known about 1 s after it began. */
export const MATCH_WORDS = 40;
/** Share of bits that differ, at most. Chosen by `evaluate-prints.ts`. */
export const MAX_BITS_APART = 0.31;
/** Over so many words another recording already shows. */
const GLANCE_WORDS = 8;
const GLANCE_APART = 0.43;

/** A word has two keys, its lower and its upper 16 bands: noise and a line's response seldom spoil both. */
const KEY_BITS = 16;
const KEYS = 2 << KEY_BITS;
const HALF = 1 << KEY_BITS;
const lowerKey = (word: number): number => word & (HALF - 1);
const upperKey = (word: number): number => HALF | (word >>> KEY_BITS);

interface Slot {
  id: string;
  words: Uint32Array;
}

export interface PrintMatch {
  id: string;
  /** Share of bits that differ, 0 to `MAX_BITS_APART`. */
  apart: number;
}

/**
 * Prints by the keys of their words. A live word's keys (and those with its least sure bits turned either way) lead to the places where
 * that may be; a place counts if the last `MATCH_WORDS` words before it are alike. Lookups allocate nothing.
 */
export class PrintIndex {
  /** Head of the chain of places per key; 0 is none, else 1 + place. */
  private heads = new Int32Array(KEYS);
  private next = new Int32Array(1024);
  private slotOf = new Int32Array(1024);
  private positionOf = new Int32Array(1024);
  private places = 0;
  private slots: (Slot | null)[] = [];
  private readonly byId = new Map<string, number>();
  private dead = 0;

  get size(): number {
    return this.byId.size;
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  /** Adds a print, or takes its new words; one shorter than a match can never be found and is left out. */
  add(id: string, words: Uint32Array): void {
    this.remove(id);
    if (words.length < MATCH_WORDS) return;
    this.byId.set(id, this.slots.length);
    this.slots.push({ id, words });
    const slot = this.slots.length - 1;
    // Before that many words there is nothing to compare.
    for (let position = MATCH_WORDS - 1; position < words.length; position++) {
      this.place(lowerKey(words[position]!), slot, position);
      this.place(upperKey(words[position]!), slot, position);
    }
  }

  remove(id: string): void {
    const slot = this.byId.get(id);
    if (slot === undefined) return;
    this.byId.delete(id);
    this.slots[slot] = null;
    this.dead++;
    if (this.dead > 64 && this.dead > this.byId.size) this.rebuild();
  }

  /**
   * Looks for a print that ends, so far, as `history` does: a ring whose latest word is at `latest` (mask `history.length - 1`), of which
   * `known` words are filled. `lower` and `upper` are bits (0-15) of each key that may as well be the other way.
   */
  find(history: Uint32Array, latest: number, known: number, lower: Uint8Array, upper: Uint8Array): PrintMatch | null {
    if (known < MATCH_WORDS || this.byId.size === 0) return null;
    const word = history[latest & (history.length - 1)]!;
    return this.findTurned(lowerKey(word), lower, history, latest) ?? this.findTurned(upperKey(word), upper, history, latest);
  }

  /** Every key that differs from `key` in some of the bits `turned`. */
  private findTurned(key: number, turned: Uint8Array, history: Uint32Array, latest: number): PrintMatch | null {
    for (let choice = 0; choice < 1 << turned.length; choice++) {
      let mask = 0;
      for (let index = 0; index < turned.length; index++) if ((choice & (1 << index)) !== 0) mask |= 1 << turned[index]!;
      const match = this.findKey(key ^ mask, history, latest);
      if (match !== null) return match;
    }
    return null;
  }

  private findKey(key: number, history: Uint32Array, latest: number): PrintMatch | null {
    for (let link = this.heads[key]!; link !== 0; link = this.next[link - 1]!) {
      const slot = this.slots[this.slotOf[link - 1]!];
      if (slot === null || slot === undefined) continue;
      const apart = bitsApartBefore(slot.words, this.positionOf[link - 1]!, history, latest);
      if (apart <= MAX_BITS_APART) return { id: slot.id, apart };
    }
    return null;
  }

  private place(key: number, slot: number, position: number): void {
    if (this.places === this.next.length) {
      this.next = grown(this.next);
      this.slotOf = grown(this.slotOf);
      this.positionOf = grown(this.positionOf);
    }
    this.next[this.places] = this.heads[key]!;
    this.slotOf[this.places] = slot;
    this.positionOf[this.places] = position;
    this.places++;
    this.heads[key] = this.places;
  }

  private rebuild(): void {
    const living = this.slots.filter((slot) => slot !== null);
    this.heads.fill(0);
    this.places = 0;
    this.slots = [];
    this.byId.clear();
    this.dead = 0;
    for (const { id, words } of living) this.add(id, words);
  }
}

/** Share of bits apart over the last `MATCH_WORDS` words up to `position` and `latest`; 1 if a glance at the last few says no. */
function bitsApartBefore(words: Uint32Array, position: number, history: Uint32Array, latest: number): number {
  const mask = history.length - 1;
  let bits = 0;
  for (let back = 0; back < GLANCE_WORDS; back++) bits += bitsApart(words[position - back]!, history[(latest - back) & mask]!);
  if (bits > GLANCE_APART * 32 * GLANCE_WORDS) return 1;
  for (let back = GLANCE_WORDS; back < MATCH_WORDS; back++) bits += bitsApart(words[position - back]!, history[(latest - back) & mask]!);
  return bits / (32 * MATCH_WORDS);
}

function grown(list: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(list.length * 2);
  larger.set(list);
  return larger;
}
