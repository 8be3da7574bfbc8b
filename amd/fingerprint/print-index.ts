import { UNSURE_BITS } from './band-signs.ts';
import type { Likeness, WordHistory } from './word-history.ts';

export interface MatchRule extends Likeness {
  /** Least sure bits of a key that are tried the other way as well. */
  readonly turns: 0 | typeof UNSURE_BITS;
  /** How many words ago the words are whose keys lead to places. */
  readonly anchors: readonly number[];
}

/**
 * A live call, by its sure bits: alike at once, or less so for longer. Words said alike by other voices come to 0.15 over 0.6 s, 0.20 over 0.8 s
 * and 0.24 over 1.2 s (1.7 h of speech against 188 prints, twice); the same recording at 10-20 dB is 0.12 apart, in one of twenty cases 0.26.
 */
export const LIVE_RULE: MatchRule = {
  windows: [{ words: 30, maxApart: 0.11 }, { words: 36, maxApart: 0.165 }, { words: 40, maxApart: 0.185 }, { words: 46, maxApart: 0.205 }, { words: 52, maxApart: 0.22 }, { words: 58, maxApart: 0.23 }],
  glance: { words: 8, maxApart: 0.36 }, turns: UNSURE_BITS, anchors: [0, 8, 16, 24],
};
/** Two prints, of which no bit is known to be surer than another, over 0.8 s. */
export const PRINT_RULE: MatchRule = { windows: [{ words: 40, maxApart: 0.31 }], glance: { words: 8, maxApart: 0.43 }, turns: 0, anchors: [0] };
const leastWords = ({ windows }: MatchRule): number => windows[0]!.words;
/** A shorter print is never matched. */
export const MATCH_WORDS = Math.max(leastWords(LIVE_RULE), leastWords(PRINT_RULE));

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
}

/**
 * Prints by the keys of their words. A live word's keys (and those with its least sure bits turned either way) lead to the places where
 * that may be; a place counts if the words before it are alike by the rule. Lookups allocate nothing but a match.
 */
export class PrintIndex {
  /** Head of the chain of places per key; 0 is none, else 1 + place. */
  private heads = new Int32Array(KEYS);
  /** A bit a key: whether its chain has a place. Nearly all keys have none, and the bits stay in the processor's cache. */
  private readonly used = new Uint32Array(KEYS / 32);
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
    // Before so many words there is nothing to compare.
    for (let position = leastWords(LIVE_RULE) - 1 - Math.max(...LIVE_RULE.anchors); position < words.length; position++) {
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

  /** Looks for a print that goes, so far, as `history` does. */
  find(history: WordHistory, rule: MatchRule): PrintMatch | null {
    if (history.known < leastWords(rule) || this.byId.size === 0) return null;
    for (const back of rule.anchors) {
      const word = history.word(back);
      const unsure = history.unsureOf(back);
      const match = this.findTurned(lowerKey(word), unsure, history, back, rule) ?? this.findTurned(upperKey(word), unsure >>> 16, history, back, rule);
      if (match !== null) return match;
    }
    return null;
  }

  /** Every key that differs from `key` in some of the bits `unsure`. */
  private findTurned(key: number, unsure: number, history: WordHistory, back: number, rule: MatchRule): PrintMatch | null {
    for (let choice = 0; choice < 1 << rule.turns; choice++) {
      let mask = 0;
      for (let index = 0; index < rule.turns; index++) if ((choice & (1 << index)) !== 0) mask |= 1 << ((unsure >>> (4 * index)) & 15);
      const match = this.findKey(key ^ mask, history, back, rule);
      if (match !== null) return match;
    }
    return null;
  }

  private findKey(key: number, history: WordHistory, back: number, rule: MatchRule): PrintMatch | null {
    if ((this.used[key >>> 5]! & (1 << (key & 31))) === 0) return null;
    for (let link = this.heads[key]!; link !== 0; link = this.next[link - 1]!) {
      const slot = this.slots[this.slotOf[link - 1]!];
      if (slot === null || slot === undefined) continue;
      const position = this.positionOf[link - 1]! + back;
      if (position < leastWords(rule) - 1 || position >= slot.words.length) continue;
      if (history.isAlike(slot.words, position, rule)) return { id: slot.id };
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
    this.used[key >>> 5]! |= 1 << (key & 31);
  }

  private rebuild(): void {
    const living = this.slots.filter((slot) => slot !== null);
    this.heads.fill(0);
    this.used.fill(0);
    this.places = 0;
    this.slots = [];
    this.byId.clear();
    this.dead = 0;
    for (const { id, words } of living) this.add(id, words);
  }
}

function grown(list: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(list.length * 2);
  larger.set(list);
  return larger;
}
