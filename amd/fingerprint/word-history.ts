import { bitsApart } from './band-signs.ts';

export interface MatchWindow {
  /** Words compared, 20 ms each. */
  readonly words: number;
  /** Share of the compared bits that differ, at most. */
  readonly maxApart: number;
}

export interface Likeness {
  /** Ascending; one of them is enough. */
  readonly windows: readonly MatchWindow[];
  /** Over the last few words most other recordings already show. */
  readonly glance: MatchWindow;
}

/** A power of two; a match needs less. */
export const HISTORY_WORDS = 64;
const PLACE = HISTORY_WORDS - 1;

/** The last words of a call. `back` counts from the latest, 0. */
export class WordHistory {
  private readonly words = new Uint32Array(HISTORY_WORDS);
  private readonly sure = new Uint32Array(HISTORY_WORDS);
  private readonly sureCounts = new Uint8Array(HISTORY_WORDS);
  private readonly unsure = new Uint32Array(HISTORY_WORDS);
  private latest = -1;

  /** `sure`: bits to compare by; `unsure`: bits that may as well be the other way, as `BandSigns.rank` gives them. */
  push(word: number, sure: number, unsure: number): void {
    this.latest++;
    const place = this.latest & PLACE;
    this.words[place] = word;
    this.sure[place] = sure;
    this.sureCounts[place] = bitsApart(sure, 0);
    this.unsure[place] = unsure;
  }

  /** How many words are remembered. */
  get known(): number {
    return Math.min(HISTORY_WORDS, this.latest + 1);
  }

  word(back: number): number {
    return this.words[(this.latest - back) & PLACE]!;
  }

  unsureOf(back: number): number {
    return this.unsure[(this.latest - back) & PLACE]!;
  }

  /** True if the words up to `position` in `words` and up to the latest here are alike over one of the rule's windows, by the sure bits of those here. */
  isAlike(words: Uint32Array, position: number, { windows, glance }: Likeness): boolean {
    const most = Math.min(this.known, position + 1);
    let bits = 0;
    let compared = 0;
    let window = 0;
    for (let back = 0; back < most; back++) {
      const place = (this.latest - back) & PLACE;
      bits += bitsApart((words[position - back]! & this.sure[place]!) >>> 0, (this.words[place]! & this.sure[place]!) >>> 0);
      compared += this.sureCounts[place]!;
      if (back + 1 === glance.words && bits > glance.maxApart * compared) return false;
      if (back + 1 < windows[window]!.words) continue;
      if (bits <= windows[window]!.maxApart * compared) return true;
      window++;
      if (window === windows.length) return false;
    }
    return false;
  }
}
